#include "sync/elsewhere.h"

#include "store/former.h"
#include "store/journal.h"
#include "store/notes.h"
#include "store/revisions.h"
#include "text/card_text.h"
#include "util/buf.h"

#include <errno.h>

/* Of an archived card only what its author saw can tell what he changed. */
static int
is_known(struct tx *tx, const struct node *card, const char *rev)
{
	struct revision revision = {0};
	int r;

	if (card->parent != 0)
		return 1;
	r = revision_newest(tx, card->id, rev, &revision);
	if (r != 0)
		return r == -ENOENT ? 0 : r;
	revision_fini(&revision);
	return 1;
}

int
elsewhere_find(struct tx *tx, const struct node *made, const char *text,
    size_t len, struct node *ret_card)
{
	struct card_text_head head;
	char id[MODEL_ID_SIZE];
	int r = journal_is_unsent(tx, made->id);

	if (r != 1)
		return r;
	card_text_head(text, len, &head);
	if (head.link[0] == '\0')
		return 0;
	r = former_find(tx, made->parent, made->name, head.link, id);
	if (r == 0)
		r = node_by_id(tx, id, ret_card);
	if (r != 0)
		return r == -ENOENT ? 0 : r;
	return is_known(tx, ret_card, head.rev);
}

int
elsewhere_tell(struct tx *tx, const struct node *made, const struct node *card)
{
	struct buf what = BUF_INIT;
	struct note note = {.ino = made->parent, .name = made->name};
	int r;

	if (card->parent == 0) {
		note.why = "somebody archived it while this text was open";
		r = buf_add_str(&what, "saved to the card, which is archived");
	} else {
		note.why = card->parent == made->parent
			       ? "somebody renamed it while this text was open"
			       : "somebody moved it while this text was open";
		(void)buf_add_str(&what, "saved to the card, which is now ");
		r = node_path(tx, card, &what);
	}
	note.what = buf_str(&what);
	if (r == 0)
		r = note_set(tx, &note);
	buf_free(&what);
	return r;
}
