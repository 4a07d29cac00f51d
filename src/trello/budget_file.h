#ifndef TRELLO_BUDGET_FILE_H
#define TRELLO_BUDGET_FILE_H

#include <stdbool.h>
#include <stddef.h>

/**
 * A small file of one size that programs of one user share: one at a time
 * reads and writes it, and each has a seat that is free again however it ends.
 * Locks are those of the open file (F_OFD_SETLK in fcntl(2)): they go with
 * the descriptor, so also with a process that is killed, and two of one
 * process exclude each other, too.  Nothing is mapped: what others cut off, or
 * a disk that is full, gives an error and no signal.
 */

struct err;

struct budget_file {
	char *path;
	size_t size;
	int fd; /* -1: it is not open */
};

/**
 * Open the file, or make it, of zeros, with room on the disk for all of it;
 * mode 0600.  Returns 0, or with the reason in err: -EPERM (it is another
 * user's, or no file), -ENOMEM, -errno; then *ret_file is not open.
 */
int budget_file_open(const char *path, size_t size,
    struct budget_file *ret_file, struct err *err);
void budget_file_close(struct budget_file *file);

/** Keep all others out, for moments.  0; -ETIMEDOUT: somebody does not let go;
 * -errno. */
int budget_file_lock(const struct budget_file *file);
void budget_file_unlock(const struct budget_file *file);

/** All of it.  0; -ESTALE: the name is gone, or another file's; -ENODATA: it
 * is too short; -errno. */
int budget_file_read(const struct budget_file *file, void *ret_data);
int budget_file_write(const struct budget_file *file, const void *data);

/** Take one of so many seats.  0, -EBUSY: there is none, -errno. */
int budget_file_sit(
    const struct budget_file *file, unsigned seats, unsigned *ret_seat);

/** Whether somebody else has the seat. */
bool budget_file_is_taken(const struct budget_file *file, unsigned seat);

/** How many seats others have. */
unsigned budget_file_others(const struct budget_file *file, unsigned seats);

/** Remove the files beside it whose names begin as its own up to the first
 * '-', and that nobody has written to for so long. */
void budget_file_sweep(const struct budget_file *file, long age_s);

#endif
