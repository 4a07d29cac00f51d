#include "store/naming.h"

#include "text/names.h"
#include "util/buf.h"

#include <errno.h>
#include <string.h>

struct neighbours {
	struct tx *tx;
	uint64_t parent;
	const char *id;
};

static bool
taken(void *cookie, const char *name)
{
	const struct neighbours *neighbours = cookie;
	struct node node;

	return node_by_name(neighbours->tx, neighbours->parent, name, &node) ==
		   0 &&
	       strcmp(node.id, neighbours->id) != 0;
}

int
naming_folder(struct tx *tx, uint64_t parent, const char *title, const char *id,
    char ret_name[NODE_NAME_MAX + 1])
{
	struct neighbours neighbours = {.tx = tx, .parent = parent, .id = id};
	struct buf name = BUF_INIT;
	int r = name_choose(
	    NAME_FOLDER, model_str(title), id, 0, taken, &neighbours, &name);

	if (r == 0 && name.len > NODE_NAME_MAX)
		r = -ENAMETOOLONG;
	if (r == 0)
		memcpy(ret_name, name.data, name.len + 1);
	buf_free(&name);
	return r;
}
