#include "card.h"

#include "text/card_change.h"
#include "text/card_text.h"
#include "text/merge.h"
#include "text/text_error.h"
#include "util/buf.h"
#include "util/timeutil.h"
#include "util/utf8.h"
#include "util/zone.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Whatever bytes are saved as a card's text: they are refused with a reason,
 * or mean changes that lead to the card that they describe, whose own text
 * means no change at all.
 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_error(int err, const struct text_error *error)
{
	require(err == -EINVAL || err == -EFBIG);
	require(error->code == err);
	require(error->what[0] != '\0');
	require(utf8_valid(error->what, strlen(error->what)));
	require(utf8_valid(error->why, strlen(error->why)));
	require(utf8_valid(error->remedy, strlen(error->remedy)));
	require(error->why[0] != '\0' && error->remedy[0] != '\0');
	require(strpbrk(error->what, "\r\n") == NULL);
}

static void
check_changes(const struct card_text_context *context, struct card_edit *edit)
{
	struct card_changes changes, none;
	struct card copy;
	unsigned n = 0;
	struct id_source ids = {fuzz_next_id, &n};
	bool conflict = false;

	require(card_diff(context->card, &edit->card, &ids, &changes) == 0);
	require(card_copy(context->card, &copy) == 0);
	require(
	    card_changes_apply(&copy, &changes, context->me, &conflict) == 0);
	require(!conflict);
	require(card_diff(&copy, &edit->card, &ids, &none) == 0);
	require(none.n == 0);
	card_changes_fini(&changes);
	card_changes_fini(&none);
	card_fini(&copy);
}

static void
check_text(
    const struct card_text_context *context, const char *text, size_t size)
{
	struct card_text_head head;
	struct card_edit edit;
	struct text_error error;
	int err;

	card_text_head(text, size, &head);
	err = card_text_parse(text, size, context, &edit, &error);
	if (err != 0) {
		check_error(err, &error);
		return;
	}
	require(edit.tail == SIZE_MAX || edit.tail < edit.card.comments.n);
	for (size_t i = 0; i < edit.plain.n; i++)
		require(edit.plain.v[i] < edit.card.comments.n);
	if (context->card != NULL) {
		check_changes(context, &edit);
		fuzz_card_check(context, &edit.card);
	}
	card_edit_fini(&edit);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int offset_s = 3600;
	struct zone zone;
	struct board board;
	struct card card;
	size_t appended = size / 2;
	char ids[2 * MODEL_ID_SIZE];
	struct card_text_context context = {
	    .file_name = "Card.md", .zone = &zone, .now_ms = 1800000000000};
	/* A copy that ends in no NUL. */
	char *text = malloc(size > 0 ? size : 1);

	require(text != NULL);
	if (size > 0)
		memcpy(text, data, size);
	zone_init_fixed(&zone, &offset_s);
	fuzz_card_make(&board, &card);
	context.board = &board;
	check_text(&context, text, size);
	context.card = &card;
	check_text(&context, text, size);
	context.rev_known = true;
	context.me = &board.members.v[0];
	check_text(&context, text, size);
	context.tail_ids = card.comments.v[1].id;
	context.appended_at = &appended;
	context.n_appended = 1;
	check_text(&context, text, size);
	(void)snprintf(ids, sizeof ids, "%s %s", card.comments.v[0].id,
	    card.comments.v[1].id);
	context.tail_ids = ids;
	check_text(&context, text, size);
	card_fini(&card);
	board_fini(&board);
	free(text);
	return 0;
}
