#ifndef CLI_RUN_H
#define CLI_RUN_H

struct err;
struct settings;

/** Mounts what settings say; returns 0 or -errno with err. */
typedef int run_mount_fn(struct settings *settings, struct err *err);

/**
 * The program: does what the command line asks for, with `mount` for a mount.
 * Returns the exit status: 0; 1 after a failure, told in one line on standard
 * error; 2 for what is no use of the program.
 */
int run(int argc, char *const argv[], run_mount_fn *mount);

#endif
