#ifndef FS_ALIAS_H
#define FS_ALIAS_H

#include <stdint.h>

/**
 * Inode numbers that stand for another one.  RENAME makes the kernel take the
 * inode of the old name for that of the new one until it has been told to
 * look again, and whoever has the file open keeps it for longer; but where a
 * file becomes a card's text, or a card a local file, what has the name is
 * another node.  What is asked of the old inode is then meant for that one.
 */
struct aliases;

/** 0 or -errno. */
int aliases_new(struct aliases **ret_aliases);
void aliases_free(struct aliases *aliases);

/** From now on `from` stands for `to`.  Without memory it does not. */
void alias_add(struct aliases *aliases, uint64_t from, uint64_t to);

/** What the inode stands for: itself, as a rule. */
uint64_t alias_get(struct aliases *aliases, uint64_t ino);

/** It stands for itself again: it has a name, or the kernel has forgotten
 * it. */
void alias_end(struct aliases *aliases, uint64_t ino);

/** Nothing stands for it any more: it is gone. */
void alias_end_target(struct aliases *aliases, uint64_t ino);

#endif
