#ifndef TRELLO_LOCAL_H
#define TRELLO_LOCAL_H

#include <stddef.h>

/**
 * A stand-in account in memory: a struct remote (trello/remote.h) that
 * answers every call from boards it holds, in Trello's own JSON, so that what
 * reads answers cannot tell the difference.  Nothing is ever sent: its
 * statistics and records stay empty.
 */

struct err;
struct remote;

/* Who one is in it: GET /members/me. */
#define LOCAL_MEMBER_ID "5f0000000000000000000001"
#define LOCAL_MEMBER_NAME "you"

/* No export of Trello's comes near this. */
#define LOCAL_EXPORT_MAX_BYTES ((size_t)512 << 20)

/** An account without boards.  0, -ENOMEM or -errno of eventfd(2). */
int local_remote_new(struct remote **ret_remote);

/**
 * Add the board that a file holds, as Trello's "Export as JSON" writes it.
 * The file may be a pipe.  To be called before the account is used by
 * others.  Returns 0, or -errno with one line in err that names the file:
 * what open(2) and read(2) give, -EISDIR, -EFBIG over LOCAL_EXPORT_MAX_BYTES
 * or another bound, -EBADMSG if it is no board export, -EEXIST if that board
 * is there already (both files are named), -ENOMEM.
 */
int local_remote_add_export(
    struct remote *remote, const char *path, struct err *err);

/** The same from memory; name stands where the path would. */
int local_remote_add_json(struct remote *remote, const char *name,
    const void *json, size_t len, struct err *err);

#endif
