#include "push_help.h"

#include "unit.h"

#include "store/spool.h"
#include "store/store.h"
#include "util/timeutil.h"

#include <string.h>
#include <unistd.h>

/* What src/fs/attach.c makes of a file that was closed. */
const char *
do_file(struct push_world *world, const char *card, const char *name,
    const char *data)
{
	static char ids[32][MODEL_ID_SIZE];
	static unsigned turn;
	struct card_change change = {.kind = CHANGE_FILE_ADD,
	    .new_text = (char *)name,
	    .new_bytes = (int64_t)strlen(data),
	    .new_ms = time_wall_ms(),
	    .new_pos = 65536};
	struct node node = {.kind = NODE_UPLOAD, .parent = 1023};
	struct spool spool;
	struct entries entries = {0};
	struct tx *tx;
	char *id = ids[turn++ % 32];
	int fd;

	assert_int_equal(store_write(world->store, &tx), 0);
	assert_int_equal(journal_new_id(tx, id), 0);
	memcpy(node.id, id, MODEL_ID_SIZE);
	memcpy(node.name, id, MODEL_ID_SIZE);
	memcpy(change.id, id, MODEL_ID_SIZE);
	assert_int_equal(node_add_local(tx, &node), 0);
	assert_int_equal(spool_make(tx, &node, 0), 0);
	assert_int_equal(spool_open_by(tx, node.ino, &fd), 0);
	assert_int_equal(write(fd, data, strlen(data)), (ssize_t)strlen(data));
	assert_int_equal(close(fd), 0);
	assert_int_equal(store_commit(tx), 0);
	world_change(world, card, &change);
	assert_int_equal(store_write(world->store, &tx), 0);
	assert_int_equal(journal_of(tx, card, &entries), 0);
	assert_int_equal(spool_by_id(tx, id, &spool), 0);
	spool.state = SPOOL_QUEUED;
	spool.seq = entries.list.v[entries.list.n - 1].seq;
	assert_int_equal(spool_update(tx, &spool), 0);
	assert_int_equal(store_commit(tx), 0);
	entries_fini(&entries);
	return id;
}
