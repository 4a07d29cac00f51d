#ifndef FS_WATCH_H
#define FS_WATCH_H

#include <stdbool.h>
#include <stdint.h>

/**
 * The end of saves.  No request of the kernel says that a file was closed,
 * but inotify on the folders of the mount itself does: its events are queued
 * before close(2) returns, so what has come before a request can be known
 * when that is served.
 */

struct fs;
struct watch;

/** 0 or -errno; without inotify saves end by time alone. */
int watch_new(struct fs *fs, struct watch **ret_watch);

/** Start the thread, when the mount answers.  0 or -errno. */
int watch_start(struct watch *watch, const char *mountpoint);

/** End the thread and the watches, before the unmount. */
void watch_stop(struct watch *watch);
void watch_free(struct watch *watch);

/** Somebody looks into the folder of a list: watch it soon.  Any thread. */
void watch_folder(struct watch *watch, uint64_t ino);

/** The same, and call fn when it is watched, or known that it cannot be: at
 * once, or from the watching thread.  Holds nothing. */
typedef void watch_ready_fn(void *cookie);
void watch_ready(
    struct watch *watch, uint64_t ino, watch_ready_fn *fn, void *cookie);

/** Whether the card was closed, as far as the kernel has told until now,
 * after it was written, and nobody has settled it.  Forgets it. */
bool watch_take_closed(struct watch *watch, uint64_t ino);

/** Settle what has been closed, as far as the kernel has told, and what
 * nobody would tell of.  From a FUSE thread. */
void watch_settle_now(struct watch *watch);

/** It was closed, but could not be settled, as on a full disk: that is tried
 * once more with the next of them, in a while. */
void watch_again(struct watch *watch, uint64_t ino);

/** A request told that the file was closed (RELEASE). */
void watch_closed(struct watch *watch, uint64_t ino);

#endif
