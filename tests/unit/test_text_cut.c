#include "unit.h"

#include "text/card_change.h"
#include "text/card_text.h"
#include "text/heading.h"
#include "text/text_error.h"
#include "text_cards.h"
#include "util/zone.h"

/* Texts that end too early: a copy of the beginning, a writer that died, a
 * card that became longer while it was read. */

static int paris_s = 3600;
static struct zone zone;

static void
next_id(void *cookie, char id[MODEL_ID_SIZE])
{
	unsigned *n = cookie;

	make_id(id, 'n', (*n)++);
}

/* What differs.  Between two comments who takes the last ones out ends, too. */
static size_t
find_changes(const struct card *from, struct card *to, bool in_line,
    struct card_changes *ret_changes)
{
	unsigned n = 0;
	struct id_source ids = {next_id, &n};
	size_t kept = 0;

	assert_int_equal(card_diff(from, to, &ids, ret_changes), 0);
	for (size_t i = 0; i < ret_changes->n; i++) {
		struct card_change *change = &ret_changes->v[i];

		if (!in_line && change->kind == CHANGE_COMMENT_REMOVE)
			card_change_fini(change);
		else
			ret_changes->v[kept++] = *change;
	}
	ret_changes->n = kept;
	return kept;
}

/* A line that says something else now: nobody can tell. */
static bool
became_a_heading(const struct buf *text, size_t len)
{
	size_t at = len;
	enum heading heading;

	while (at > 0 && text->data[at - 1] != '\n')
		at--;
	heading = heading_of(text->data + at, len - at);
	return heading != HEADING_NONE &&
	       heading != heading_of(text->data + at,
			      line_len(text->data + at, text->len - at));
}

/* desc: what the text says of the description, NULL: what the card has. */
static void
check_cut(const struct card *card, const struct board *board,
    const struct buf *text, size_t len, const char *desc)
{
	struct card_text_context context = {.card = card,
	    .board = board,
	    .file_name = "Card.md",
	    .zone = &zone,
	    .me = &board->members.v[0],
	    .now_ms = 1800000000000,
	    .rev_known = true};
	bool in_line = text->data[len - 1] != '\n' && text->data[len] != '\n';
	struct card_changes changes;
	struct card_edit edit;
	struct text_error error;
	bool good;

	if (became_a_heading(text, len))
		return;
	if (card_text_parse(text->data, len, &context, &edit, &error) != 0)
		fail_msg("%s: %s:\n%.*s|\n%s", error.what, error.why, (int)len,
		    text->data, text->data + len);
	good =
	    find_changes(card, &edit.card, in_line, &changes) == (desc != NULL);
	if (good && desc != NULL)
		good = changes.v[0].kind == CHANGE_DESC &&
		       strcmp(changes.v[0].new_text, desc) == 0;
	if (!good)
		fail_msg("%zu changes, %s:\n%.*s|\n%s", changes.n,
		    changes.n > 0 ? card_change_kind_name(changes.v[0].kind)
				  : "none",
		    (int)len, text->data, text->data + len);
	card_changes_fini(&changes);
	card_edit_fini(&edit);
}

/* The same text with a line more at the beginning of the description. */
static void
check_edited(
    const struct card *card, const struct board *board, const struct buf *text)
{
	static const char line[] = "A line of somebody's.\n";
	struct buf edited = BUF_INIT, desc = BUF_INIT;
	struct card_text_head head;
	size_t body;

	card_text_head(text->data, text->len, &head);
	(void)buf_add(&edited, text->data, head.body_at);
	(void)buf_add_str(&edited, line);
	body = edited.len;
	(void)buf_add(
	    &edited, text->data + head.body_at, text->len - head.body_at);
	/* With no line of the old one there it is a new description. */
	while (edited.data[body] == '\n')
		body++;
	body += line_len(edited.data + body, edited.len - body) + 1;
	(void)buf_add(&desc, line, sizeof line - 2);
	if (*model_str(card->desc) != '\0')
		(void)buf_printf(&desc, "\n%s", card->desc);
	for (size_t len = body; len <= edited.len; len++)
		check_cut(card, board, &edited, len, buf_str(&desc));
	buf_free(&edited);
	buf_free(&desc);
}

static void
a_cut_text_changes_nothing_but_what_it_says(void **state)
{
	struct buf text = BUF_INIT;

	(void)state;
	zone_init_fixed(&zone, &paris_s);
	for (text_seed = 0; text_seed < rounds(200); text_seed++) {
		uint32_t round = text_seed;
		char rev[TEXT_REV_SIZE];
		struct board board;
		struct card card;
		struct card_text_head head;

		nasty_board(&board);
		nasty_card(&card, &board);
		buf_clear(&text);
		assert_int_equal(card_text_format(&card, &board, "Card.md",
				     &zone, &text, rev),
		    0);
		card_text_head(text.data, text.len, &head);
		for (size_t len = head.body_at; len <= text.len; len++)
			check_cut(&card, &board, &text, len, NULL);
		check_edited(&card, &board, &text);
		card_fini(&card);
		board_fini(&board);
		text_seed = round;
	}
	buf_free(&text);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_cut_text_changes_nothing_but_what_it_says),
};

UNIT_MAIN(tests)
