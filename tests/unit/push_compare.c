#include "push_help.h"

#include "unit.h"

#include "model/model_json.h"
#include "store/base.h"
#include "util/timeutil.h"
#include "json/json_reader.h"

#include <stdlib.h>
#include <string.h>

static int
compare_ids(const void *a, const void *b)
{
	return strcmp(
	    ((const struct model_id *)a)->s, ((const struct model_id *)b)->s);
}

/* Their order stays. */
static void
drop_places(struct board *board)
{
	for (size_t i = 0; i < board->cards.n; i++) {
		struct card *card = &board->cards.v[i];

		for (size_t j = 0; j < card->checklists.n; j++) {
			struct checklist *list = &card->checklists.v[j];

			list->pos = 0;
			for (size_t k = 0; k < list->items.n; k++)
				list->items.v[k].pos = 0;
		}
	}
}

static char *
without_dates(struct board *board, bool places)
{
	struct buf json = BUF_INIT;

	board->activity_ms = TIME_NONE;
	for (size_t i = 0; i < board->members.n; i++)
		set_text(&board->members.v[i].full_name, "");
	VEC_FREE(&board->memberships);
	for (size_t i = 0; i < board->cards.n; i++) {
		struct card *card = &board->cards.v[i];

		card->activity_ms = TIME_NONE;
		if (card->id_labels.n > 1)
			qsort(card->id_labels.v, card->id_labels.n,
			    sizeof card->id_labels.v[0], compare_ids);
		for (size_t j = 0; j < card->attachments.n; j++)
			card->attachments.v[j].date_ms = TIME_NONE;
		for (size_t j = 0; j < card->comments.n; j++) {
			card->comments.v[j].date_ms = 0;
			card->comments.v[j].edited_ms = TIME_NONE;
		}
	}
	assert_int_equal(board_gather(board), 0);
	if (!places)
		drop_places(board);
	assert_int_equal(board_write(board, &json), 0);
	board_fini(board);
	return buf_steal(&json);
}

/* By (pos, id), as far as the order says nothing. */
static int
compare_cards(const void *a, const void *b)
{
	return strcmp(
	    ((const struct card *)a)->id, ((const struct card *)b)->id);
}

static void
sort_cards(struct board *board)
{
	if (board->cards.n > 1)
		qsort(board->cards.v, board->cards.n, sizeof board->cards.v[0],
		    compare_cards);
}

static void
read_there(struct push_world *world, const char *id, struct board *board)
{
	struct remote_args args = {.call = CALL_BOARD, .id = id};

	board_init(board);
	args.reader = board_reader_new(board);
	assert_non_null(args.reader);
	push_account_ask(&world->account, &args);
	json_reader_free(args.reader);
	assert_int_equal(board_gather(board), 0);
}

void
world_news(struct push_world *world, const char *id)
{
	struct board board;

	read_there(world, id, &board);
	board.activity_ms = time_wall_ms();
	assert_int_equal(
	    try_apply(world->store, &board, NULL, &world->said), 0);
	board_fini(&board);
}

char *
there(struct push_world *world, const char *id)
{
	struct board board;

	read_there(world, id, &board);
	sort_cards(&board);
	return without_dates(&board, true);
}

static int
compare_names(const void *a, const void *b)
{
	const struct card *left = a, *right = b;

	return strcmp(model_str(left->name), model_str(right->name));
}

static size_t
id_len(const char *s)
{
	return strspn(s, "0123456789abcdef");
}

char *
there_without_ids(struct push_world *world, const char *id)
{
	struct board board;
	struct buf out = BUF_INIT;
	VEC(struct model_id) ids = {0};
	char *text, *at;
	size_t i, len;

	read_there(world, id, &board);
	for (i = 0; i < board.cards.n; i++) {
		board.cards.v[i].id_short = 0;
		set_text(&board.cards.v[i].short_link, "");
	}
	if (board.cards.n > 1)
		qsort(board.cards.v, board.cards.n, sizeof board.cards.v[0],
		    compare_names);
	text = without_dates(&board, false);
	for (at = text; *at != '\0'; at += len) {
		len = id_len(at);
		if (len != 24) {
			len = len > 0 ? len : 1;
			(void)buf_add(&out, at, len);
			continue;
		}
		for (i = 0; i < ids.n; i++)
			if (strncmp(ids.v[i].s, at, 24) == 0)
				break;
		if (i == ids.n) {
			struct model_id *slot = VEC_ADD(&ids);

			assert_non_null(slot);
			memcpy(slot->s, at, 24);
		}
		(void)buf_printf(&out, "#%zu", i + 1);
	}
	free(text);
	VEC_FREE(&ids);
	return buf_steal(&out);
}

static bool
is_trellos(const char *line)
{
	return strncmp(line, "url: ", 5) == 0 ||
	       strncmp(line, "rev: ", 5) == 0 || strncmp(line, "> @", 3) == 0;
}

char *
shown(struct push_world *world)
{
	char *tree = tree_text(world->store), *rest = tree, *path;
	struct buf out = BUF_INIT;

	while ((path = strsep(&rest, "\n")) != NULL) {
		char *text, *lines, *line;

		(void)buf_printf(&out, "== %s\n", path);
		if (strlen(path) < 3 ||
		    strcmp(path + strlen(path) - 3, ".md") != 0)
			continue;
		lines = text = text_at(world->store, path);
		while ((line = strsep(&lines, "\n")) != NULL)
			if (!is_trellos(line))
				(void)buf_printf(&out, "%s\n", line);
		free(text);
	}
	free(tree);
	return buf_steal(&out);
}

char *
here(struct push_world *world, const char *id)
{
	struct board board;

	assert_int_equal(base_read_board(world->store, id, &board), 0);
	sort_cards(&board);
	return without_dates(&board, true);
}

void
assert_same(const char *a, const char *b)
{
	size_t same = 0, from;

	while (a[same] != '\0' && a[same] == b[same])
		same++;
	from = same > 150 ? same - 150 : 0;
	if (a[same] != b[same])
		fail_msg("...%.300s\n  is not  ...%.300s", a + from, b + from);
}

void
assert_in_step(struct push_world *world, const char *board)
{
	char *theirs = there(world, board), *ours = here(world, board);

	assert_same(ours, theirs);
	assert_sound(world->store);
	free(theirs);
	free(ours);
}
