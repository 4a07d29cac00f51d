#include "card.h"

#include "text/card_change.h"
#include "text/card_text.h"
#include "text/text_error.h"
#include "util/zone.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/*
 * Two texts of one card, with a NUL between them: what both changed can be
 * made on top of each other, in either order, and comes to a card that has a
 * text.
 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct side {
	struct card_edit edit;
	struct card_changes changes;
};

/* False: this text is refused, or may change nothing. */
static bool
read_side(const struct card_text_context *context, const char *text,
    size_t size, unsigned *n, struct side *side)
{
	struct id_source ids = {fuzz_next_id, n};
	struct text_error error;
	int err = card_text_parse(text, size, context, &side->edit, &error);

	require(err != -ENOMEM);
	if (err != 0)
		return false;
	require(card_diff(context->card, &side->edit.card, &ids,
		    &side->changes) == 0);
	return true;
}

static void
fini_side(struct side *side)
{
	card_edit_fini(&side->edit);
	card_changes_fini(&side->changes);
}

static bool
has(const model_ids *ids, const char *id)
{
	for (size_t i = 0; i < ids->n; i++)
		if (strcmp(ids->v[i].s, id) == 0)
			return true;
	return false;
}

static bool
has_all(const model_ids *some, const model_ids *all)
{
	for (size_t i = 0; i < some->n; i++)
		if (!has(all, some->v[i].s))
			return false;
	return true;
}

static void
check_order(const struct card_text_context *context, const struct side *first,
    const struct side *second, struct card *result)
{
	bool conflict = false;
	char *desc;

	require(card_copy(context->card, result) == 0);
	require(card_changes_apply(
		    result, &first->changes, context->me, &conflict) == 0);
	require(!conflict);
	require(card_changes_apply(
		    result, &second->changes, context->me, &conflict) == 0);
	/* Once more changes nothing but what the same lines came to. */
	desc = result->desc != NULL ? strdup(result->desc) : NULL;
	fuzz_card_check(context, result);
	require(strcmp(model_str(desc), model_str(result->desc)) == 0);
	free(desc);
}

static void
check(const struct card_text_context *context, const struct side *one,
    const struct side *two)
{
	struct card there, back;

	check_order(context, one, two, &there);
	check_order(context, two, one, &back);
	require(has_all(&there.id_labels, &back.id_labels));
	require(has_all(&back.id_labels, &there.id_labels));
	require(has_all(&there.id_members, &back.id_members));
	require(has_all(&back.id_members, &there.id_members));
	require(there.comments.n == back.comments.n);
	require(there.checklists.n == back.checklists.n);
	require(there.attachments.n == back.attachments.n);
	card_fini(&there);
	card_fini(&back);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *middle = size > 0 ? memchr(data, '\0', size) : NULL;
	int offset_s = 3600;
	unsigned n = 0;
	struct zone zone;
	struct board board;
	struct card card;
	struct side one, two;
	struct card_text_context context = {.file_name = "Card.md",
	    .zone = &zone,
	    .now_ms = 1800000000000,
	    .rev_known = true};
	size_t first;

	if (middle == NULL)
		return 0;
	first = (size_t)(middle - data);
	zone_init_fixed(&zone, &offset_s);
	fuzz_card_make(&board, &card);
	context.board = &board;
	context.card = &card;
	context.me = &board.members.v[0];
	if (read_side(&context, (const char *)data, first, &n, &one)) {
		if (read_side(&context, (const char *)middle + 1,
			size - first - 1, &n, &two)) {
			check(&context, &one, &two);
			fini_side(&two);
		}
		fini_side(&one);
	}
	card_fini(&card);
	board_fini(&board);
	return 0;
}
