#ifndef STORE_SPOOL_FOLDER_H
#define STORE_SPOOL_FOLDER_H

#include <stdint.h>

/**
 * Where the bytes of spooled files are: in a folder, whose name is that of the
 * database with `.uploads` for its `.db`, and which is made when it is needed;
 * or in memory.  Any thread.
 */
struct spool_folder;

/** path: of the database, or NULL: in memory.  NULL: no memory. */
struct spool_folder *spool_folder_new(const char *path);
void spool_folder_free(struct spool_folder *folder);

/** The database is set aside, under this name: so is the folder, since its files
 * are named by numbers that are given again. */
void spool_folder_set_aside(struct spool_folder *folder, const char *aside);

/** Whether it is in memory. */
int spool_folder_in_memory(const struct spool_folder *folder);

/** Make an empty file, open it, remove it.  0 or -errno. */
int spool_folder_make(struct spool_folder *folder, uint64_t number);
int spool_folder_open(
    struct spool_folder *folder, uint64_t number, int *ret_fd);
int spool_folder_remove(struct spool_folder *folder, uint64_t number);

#endif
