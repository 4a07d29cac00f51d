#ifndef STORE_NAMING_H
#define STORE_NAMING_H

#include "store/nodes.h"

/**
 * Choose the name of a board or a list with this title in a folder, among
 * all that is there (trellofs-fs, "Names").  0 or -errno.
 */
int naming_folder(struct tx *tx, uint64_t parent, const char *title,
    const char *id, char ret_name[NODE_NAME_MAX + 1]);

#endif
