#include "store/events.h"

#include "model/model.h"
#include "store/accept.h"
#include "store/base.h"
#include "text/card_change.h"
#include "util/buf.h"
#include "util/timeutil.h"
#include "json/json_writer.h"

#include <errno.h>
#include <stdbool.h>

static void
begin(struct json_writer *writer, const char *event, const struct node *node)
{
	static const char *const kinds[] = {
	    [NODE_BOARD] = "board", [NODE_LIST] = "list", [NODE_CARD] = "card"};
	char time[TIME_ISO_SIZE];

	time_format_iso(time_wall_ms(), time);
	json_object_begin(writer, NULL);
	json_string(writer, "time", time);
	json_string(writer, "event", event);
	json_string(writer, "kind", kinds[node->kind]);
	json_string(writer, "id", node->id);
}

static int
add_path(struct json_writer *writer, struct tx *tx, const struct node *node)
{
	struct buf path = BUF_INIT;
	int r = node_path(tx, node, &path);

	if (r == 0)
		json_string(writer, "path", buf_str(&path));
	buf_free(&path);
	return r;
}

static int
end(struct json_writer *writer, int r)
{
	json_object_end(writer);
	(void)buf_add_char(writer->out, '\n');
	return r != 0 ? r : writer->out->err;
}

static int
tell(struct folder_changes *changes, const char *event, const struct node *node,
    const char *from)
{
	struct json_writer writer = {.out = &changes->out.events};
	int r;

	if (changes->quiet)
		return 0;
	begin(&writer, event, node);
	r = add_path(&writer, changes->tx, node);
	if (from != NULL)
		json_string(&writer, "from", from);
	return end(&writer, r);
}

int
event_created(struct folder_changes *changes, const struct node *node)
{
	return tell(changes, "created", node, NULL);
}

int
event_moved(
    struct folder_changes *changes, const struct node *node, const char *from)
{
	int r = accept_touched(changes->tx, node->id);

	return r == 0 ? tell(changes, "moved", node, from) : r;
}

int
event_gone(struct folder_changes *changes, const struct node *node)
{
	return tell(changes, "gone", node, NULL);
}

/* What Trello made has its ids. */
static void
no_id(void *cookie, char id[MODEL_ID_SIZE])
{
	(void)cookie;
	id[0] = '\0';
}

/* Of a comment that is new the difference says that it was edited from
 * nothing. */
static enum card_change_kind
kind_of(const struct card_change *change)
{
	if (change->kind == CHANGE_COMMENT_EDIT && change->old_text == NULL)
		return CHANGE_COMMENT_ADD;
	return change->kind;
}

static void
add_words(struct json_writer *writer, const struct card_changes *all)
{
	bool said[CHANGE_KINDS] = {false};

	json_array_begin(writer, "what");
	for (size_t i = 0; i < all->n; i++) {
		enum card_change_kind kind = kind_of(&all->v[i]);

		if (!said[kind])
			json_string(writer, NULL, card_change_kind_name(kind));
		said[kind] = true;
	}
	json_array_end(writer);
}

/* The difference moves positions in the card that it looks at. */
static int
differences(struct tx *tx, const struct card *now, struct card_changes *out)
{
	struct id_source ids = {.next = no_id};
	struct card old, copy;
	int r = base_card(tx, now->id, &old);

	if (r != 0)
		return r;
	r = card_copy(now, &copy);
	if (r == 0) {
		r = card_diff(&old, &copy, &ids, out);
		card_fini(&copy);
	}
	card_fini(&old);
	return r;
}

int
event_changed(struct folder_changes *changes, const struct node *node,
    const struct card *now)
{
	struct json_writer writer = {.out = &changes->out.events};
	struct card_changes all = {0};
	int r;

	if (changes->quiet)
		return 0;
	r = differences(changes->tx, now, &all);
	if (r != 0 || all.n == 0)
		return r == -ENOENT ? 0 : r;
	begin(&writer, "changed", node);
	r = accept_touched(changes->tx, node->id);
	if (r == 0)
		r = add_path(&writer, changes->tx, node);
	add_words(&writer, &all);
	card_changes_fini(&all);
	return end(&writer, r);
}
