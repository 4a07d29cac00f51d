#include "store_help.h"
#include "unit.h"

#include "search/query.h"
#include "store/base.h"
#include "store/find.h"
#include "store/store.h"
#include "store/tx.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/timeutil.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/*
 * Random queries over random cards that keep changing, beside an evaluation
 * that looks at each card as it is and knows of no index.
 */
#define DAY_MS ((int64_t)24 * 3600 * 1000)
#define CREATED_MS ((int64_t)0x5e000000 * 1000)
#define NOW_MS (CREATED_MS + 10 * DAY_MS)
#define N_BOARDS 2
#define N_CARDS 12 /* of each board */
#define ROUNDS 40
#define QUERIES 40 /* of a round */

static const char *const vocabulary[] = {"fix", "fixed", "Log", "login", "café",
    "CAFE", "tag", "done", "bug", "Ünder"};
static const char *const folded[] = {"fix", "fixed", "log", "login", "cafe",
    "cafe", "tag", "done", "bug", "under"};
#define N_WORDS (sizeof vocabulary / sizeof vocabulary[0])
static const char *const label_names[] = {"bug", "done", "to do", "todo later"};
static const char *const member_names[] = {"alice", "bob"};
static const char *const list_names[] = {"Doing", "Done now"};

static size_t
pick(size_t n)
{
	return (size_t)rand() % n;
}

/* Up to three words with spaces between; also none, if it may be. */
static char *
some_words(size_t least)
{
	struct buf out = BUF_INIT;

	for (size_t n = least + pick(3); n > 0; n--)
		(void)buf_printf(&out, "%s%s", out.len > 0 ? " " : "",
		    vocabulary[pick(N_WORDS)]);
	return buf_steal(&out);
}

static const char *
tail_of(char kind, size_t board, size_t i)
{
	static char tails[8][8];
	static unsigned turn;
	char *tail = tails[turn++ % 8];

	(void)snprintf(tail, 8, "%c%zx%zx", kind, board, i);
	return tail;
}

static void
add_id(model_ids *ids, const char *id)
{
	struct model_id *slot = VEC_ADD(ids);

	assert_non_null(slot);
	memcpy(slot->s, id, MODEL_ID_SIZE);
}

static void
fill_card(struct card *card, const struct board *board)
{
	struct checklist *list;
	struct check_item *item;
	struct comment *comment;

	card->desc = some_words(0);
	list = VEC_ADD(&card->checklists);
	memcpy(list->id, card->id, MODEL_ID_SIZE);
	list->name = some_words(1);
	list->pos = 1;
	item = VEC_ADD(&list->items);
	memcpy(item->id, card->id, MODEL_ID_SIZE);
	item->name = some_words(1);
	item->pos = 1;
	comment = VEC_ADD(&card->comments);
	comment_init(comment);
	memcpy(comment->id, card->id, MODEL_ID_SIZE);
	comment->text = some_words(1);
	comment->date_ms = CREATED_MS;
	for (size_t i = 0; i < board->labels.n; i++)
		if (pick(3) == 0)
			add_id(&card->id_labels, board->labels.v[i].id);
	for (size_t i = 0; i < board->members.n; i++)
		if (pick(3) == 0)
			add_id(&card->id_members, board->members.v[i].id);
	if (pick(4) != 0)
		card->due_ms =
		    NOW_MS + ((int64_t)pick(60) - 30) * DAY_MS + DAY_MS / 2;
	card->due_complete = pick(3) == 0;
	/* It never goes back. */
	card->activity_ms =
	    NOW_MS - card->id[23] * 7 % 40 * DAY_MS + DAY_MS / 2;
	card->closed = pick(10) == 0;
}

static void
make_board(struct board *board, size_t n)
{
	static const char *const names[N_BOARDS] = {"Fix board", "Bug"};

	board_make(board, tail_of('b', n, 0), names[n]);
	for (size_t i = 0; i < 2; i++)
		(void)board_add_list(
		    board, tail_of('a', n, i), list_names[i], 1 + (double)i);
	for (size_t i = 0; i < 4; i++)
		(void)board_add_label(
		    board, tail_of('d', n, i), label_names[i]);
	for (size_t i = 0; i < 2; i++) {
		struct member *member = VEC_ADD(&board->members);

		assert_non_null(member);
		memcpy(member->id, id_of(tail_of('e', 0, i)), MODEL_ID_SIZE);
		member->username = strdup(member_names[i]);
		member->full_name = strdup("Somebody");
	}
	for (size_t i = 0; i < N_CARDS; i++) {
		char *name = some_words(1);

		fill_card(board_add_card(board, tail_of('c', n, i),
			      tail_of('a', n, pick(2)), name, 1 + (double)i),
		    board);
		free(name);
	}
}

/* A text as the words that it consists of, folded: " fix log ". */
static void
fold(const char *text, struct buf *out)
{
	char *copy = strdup(text), *save = NULL;

	assert_non_null(copy);
	(void)buf_add_char(out, ' ');
	for (char *word = strtok_r(copy, " ", &save); word != NULL;
	     word = strtok_r(NULL, " ", &save)) {
		const char *plain = NULL;

		for (size_t i = 0; i < N_WORDS; i++)
			if (strcmp(word, vocabulary[i]) == 0)
				plain = folded[i];
		for (const char *s = plain != NULL ? plain : word; *s; s++)
			(void)buf_add_char(
			    out, *s >= 'A' && *s <= 'Z' ? (char)(*s + 32) : *s);
		(void)buf_add_char(out, ' ');
	}
	free(copy);
}

static bool
says(const char *text, const struct query_term *term)
{
	struct buf in = BUF_INIT, words = BUF_INIT;
	bool found;

	fold(model_str(text), &in);
	fold(term->text, &words);
	if (!term->exact)
		words.data[words.len - 1] = '\0';
	found = strstr(buf_str(&in), buf_str(&words)) != NULL;
	buf_free(&in);
	buf_free(&words);
	return found;
}

static bool
is_named(const char *name, const struct query_term *term)
{
	struct buf a = BUF_INIT, b = BUF_INIT;
	bool same;

	if (!term->exact && term->kind != QUERY_MEMBER)
		return says(name, term);
	fold(name, &a);
	fold(term->text, &b);
	same = strcmp(buf_str(&a), buf_str(&b)) == 0;
	buf_free(&a);
	buf_free(&b);
	return same;
}

static bool
has_words(const struct card *card, const struct query_term *term)
{
	const struct checklist *list = &card->checklists.v[0];
	const char *texts[] = {card->name, card->desc, list->name,
	    list->items.v[0].name, card->comments.v[0].text};
	static const enum query_in places[] = {QUERY_NAME, QUERY_DESCRIPTION,
	    QUERY_CHECKLIST, QUERY_CHECKLIST, QUERY_COMMENT};

	for (size_t i = 0; i < 5; i++)
		if ((term->in == QUERY_ANYWHERE || term->in == places[i]) &&
		    says(texts[i], term))
			return true;
	return false;
}

static bool
has_tag(const struct board *board, const struct card *card,
    const struct query_term *term)
{
	for (size_t i = 0; i < card->id_labels.n && term->kind == QUERY_LABEL;
	     i++)
		if (is_named(
			board_label(board, card->id_labels.v[i].s)->name, term))
			return true;
	for (size_t i = 0; i < card->id_members.n && term->kind == QUERY_MEMBER;
	     i++)
		if (is_named(
			board_member(board, card->id_members.v[i].s)->username,
			term))
			return true;
	return false;
}

static bool
is_due(const struct card *card, const struct query_term *term)
{
	int64_t due = card->due_ms;

	if (due == TIME_NONE)
		return false;
	switch (term->value) {
	case QUERY_DAYS:
		return due >= NOW_MS && due <= NOW_MS + term->days * DAY_MS;
	case QUERY_OVERDUE:
		return due < NOW_MS && !card->due_complete;
	case QUERY_COMPLETE:
		return card->due_complete;
	default:
		return !card->due_complete;
	}
}

static bool
matches(const struct board *board, const struct card *card,
    const struct query_term *term)
{
	switch (term->kind) {
	case QUERY_WORDS:
		return has_words(card, term);
	case QUERY_MEMBER:
	case QUERY_LABEL:
		return has_tag(board, card, term);
	case QUERY_BOARD:
		return is_named(board->name, term);
	case QUERY_LIST:
		return is_named(board_list(board, card->id_list)->name, term);
	case QUERY_DUE:
		return is_due(card, term);
	case QUERY_EDITED:
		return card->activity_ms >= NOW_MS - term->days * DAY_MS;
	default:
		break;
	}
	switch (term->value) {
	case QUERY_A_DESCRIPTION:
		return card->desc[0] != '\0';
	case QUERY_MEMBERS:
		return card->id_members.n > 0;
	case QUERY_OPEN:
		return true;
	default:
		return card->due_complete == (term->value == QUERY_COMPLETE);
	}
}

/* The ids of what matches, each on a line, sorted. */
static char *
look_at_each(const struct board *boards, const struct query *query)
{
	struct buf out = BUF_INIT;

	for (size_t b = 0; b < N_BOARDS; b++) {
		for (size_t i = 0; i < boards[b].cards.n; i++) {
			const struct card *card = &boards[b].cards.v[i];
			bool all = !card->closed;

			for (size_t k = 0; k < query->terms.n && all; k++)
				all = matches(&boards[b], card,
					  &query->terms.v[k]) !=
				      query->terms.v[k].negated;
			if (all)
				(void)buf_printf(&out, "%s\n", card->id);
		}
	}
	return buf_steal(&out);
}

static int
compare_strings(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static char *
ask_store(struct store *store, const struct query *query)
{
	struct buf out = BUF_INIT;
	struct found found;
	struct node *nodes;
	char **ids;
	struct tx *tx;

	assert_int_equal(find_cards(store, query, NOW_MS, &found), 0);
	nodes = calloc(found.cards.n + 1, sizeof *nodes);
	ids = calloc(found.cards.n + 1, sizeof *ids);
	assert_true(nodes != NULL && ids != NULL);
	assert_int_equal(store_read(store, false, &tx), 0);
	for (size_t i = 0; i < found.cards.n; i++) {
		assert_int_equal(
		    node_get(tx, found.cards.v[i].ino, &nodes[i]), 0);
		ids[i] = nodes[i].id;
		if (i > 0)
			assert_true(
			    found_by_name(&found, found_name(&found, i)) == i);
	}
	store_end(tx);
	qsort(ids, found.cards.n, sizeof *ids, compare_strings);
	for (size_t i = 0; i < found.cards.n; i++)
		(void)buf_printf(&out, "%s\n", ids[i]);
	free(nodes);
	free(ids);
	found_fini(&found);
	return buf_steal(&out);
}

static void
add_random_term(struct buf *text)
{
	static const char *const operators[] = {"", "", "",
	    "name:", "description:", "checklist:", "comment:", "label:", "#",
	    "list:", "board:", "@"};
	static const char *const others[] = {"has:description", "has:members",
	    "is:open", "is:complete", "is:incomplete", "due:day", "due:week",
	    "due:month", "due:3", "due:overdue", "due:complete",
	    "due:incomplete", "edited:day", "edited:week", "edited:20",
	    "@alice", "@bob", "label:\"to do\"", "label:to", "list:do",
	    "list:\"Doing\"", "board:\"bug\"", "log", "ca", "\"fix\""};
	char *words = some_words(1);
	bool quoted = pick(3) == 0;

	if (!quoted && strchr(words, ' ') != NULL)
		*strchr(words, ' ') = '\0';
	(void)buf_add_str(text, text->len > 0 ? " " : "");
	(void)buf_add_str(text, pick(3) == 0 ? "-" : "");
	if (pick(2) == 0)
		(void)buf_add_str(
		    text, others[pick(sizeof others / sizeof *others)]);
	else
		(void)buf_printf(text, quoted ? "%s\"%s\"" : "%s%s",
		    operators[pick(sizeof operators / sizeof *operators)],
		    words);
	free(words);
}

static void
compare(struct store *store, const struct board *boards)
{
	struct buf text = BUF_INIT;
	struct query query;
	struct err err = {0};
	char *expected, *found;

	for (size_t n = 1 + pick(3); n > 0; n--)
		add_random_term(&text);
	if (query_parse(buf_str(&text), &query, &err) != 0)
		fail_msg("%s", err.text);
	expected = look_at_each(boards, &query);
	found = ask_store(store, &query);
	if (strcmp(expected, found) != 0)
		fail_msg("%s: found\n%sexpected\n%s", buf_str(&text), found,
		    expected);
	free(expected);
	free(found);
	query_fini(&query);
	buf_free(&text);
}

static void
random_queries(void **state)
{
	struct store *store = open_memory();

	(void)state;
	srand(20);
	for (int i = 0; i < ROUNDS; i++) {
		struct board boards[N_BOARDS];

		for (size_t b = 0; b < N_BOARDS; b++) {
			make_board(&boards[b], b);
			apply(store, &boards[b], NULL);
		}
		for (int k = 0; k < QUERIES; k++)
			compare(store, boards);
		for (size_t b = 0; b < N_BOARDS; b++)
			board_fini(&boards[b]);
	}
	store_close(store);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(random_queries),
};

UNIT_MAIN(tests)
