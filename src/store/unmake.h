#ifndef STORE_UNMAKE_H
#define STORE_UNMAKE_H

struct folder_changes;

/**
 * What was made here and is not wanted, before Trello has heard of it: its
 * entries and those by which something was to go there, its problem, what was
 * written to it, and its place.  Nothing is in it: what was has gone on since.
 * 0 or -errno.
 */
int unmake(struct folder_changes *changes, const char *id);

#endif
