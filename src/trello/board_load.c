#include "trello/board_load.h"

#include "model/model_json.h"
#include "trello/calls.h"
#include "trello/page.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/*
 * What is asked for.  A board begins with PART_WHOLE, which is followed by
 * PART_COMMENTS if not all of them came along; if the whole is too much at
 * once, all the parts of `split` are asked for together.  A card begins with
 * PART_CARD, followed by PART_CARD_COMMENTS.  What is archived on a board are
 * the parts of `archive`, and where there are archived lists PART_LEFT_CARDS,
 * among which are the cards in them.
 */
enum part {
	PART_WHOLE,
	PART_HEAD,
	PART_LISTS,
	PART_CARDS,
	PART_CHECKLISTS,
	PART_COMMENTS,
	PART_CARD,
	PART_CARD_COMMENTS,
	PART_OLD_LISTS,
	PART_OLD_CARDS,
	PART_LEFT_CARDS,
	PART_COUNT
};

static const enum part split[] = {
    PART_HEAD, PART_LISTS, PART_CARDS, PART_CHECKLISTS, PART_COMMENTS};

static const enum part archive[] = {
    PART_HEAD, PART_OLD_LISTS, PART_OLD_CARDS, PART_CHECKLISTS, PART_COMMENTS};

struct load {
	struct remote *remote;
	char *id;
	enum remote_priority priority;
	struct board board; /* what has come so far */
	struct page *pages[PART_COUNT];
	unsigned running; /* parts that are not complete */
	/* Frees the load. verdict->err 0: the board is complete. */
	void (*finish)(struct load *load, const struct remote_verdict *verdict);
	void *cookie;
};

struct board_load {
	struct load load;
	board_load_fn *done;
};

struct card_load {
	struct load load;
	card_load_fn *done;
};

/* A card by itself is the only one of a board that has nothing else. */
static struct json_reader *
only_card_reader_new(struct board *target)
{
	struct card *card = VEC_ADD(&target->cards);

	if (card == NULL)
		return NULL;
	card_init(card);
	return card_reader_new(card);
}

static const struct {
	enum remote_call call;
	unsigned limit;
	page_reader_fn *reader;
	const char *filter;
} parts[PART_COUNT] = {
    [PART_WHOLE] = {CALL_BOARD, 0, board_reader_new, NULL},
    [PART_HEAD] = {CALL_BOARD_HEAD, 0, board_reader_new, NULL},
    [PART_LISTS] = {CALL_BOARD_LISTS, 0, lists_reader_new, NULL},
    [PART_CARDS] = {CALL_BOARD_CARDS, CALL_PAGE_MAX, cards_reader_new, NULL},
    [PART_CHECKLISTS] = {CALL_BOARD_CHECKLISTS, 0, checklists_reader_new, NULL},
    [PART_COMMENTS] = {CALL_BOARD_COMMENTS, CALL_PAGE_MAX, comments_reader_new,
	NULL},
    [PART_CARD] = {CALL_CARD, 0, only_card_reader_new, NULL},
    [PART_CARD_COMMENTS] = {CALL_CARD_COMMENTS, CALL_PAGE_MAX,
	comments_reader_new, NULL},
    [PART_OLD_LISTS] = {CALL_BOARD_LISTS, 0, lists_reader_new, "closed"},
    [PART_OLD_CARDS] = {CALL_BOARD_CARDS, CALL_PAGE_MAX, cards_reader_new,
	"closed"},
    [PART_LEFT_CARDS] = {CALL_BOARD_CARDS, CALL_PAGE_MAX, cards_reader_new,
	"open"},
};

/* Append the elements of one array to another of its type.  What has been
 * moved is left zeroed. */
#define MOVE_ALL(to, from)                                             \
	do {                                                           \
		for (size_t i_ = 0; i_ < (from)->n; i_++) {            \
			void *new_ = VEC_ADD(to);                      \
                                                                       \
			if (new_ == NULL)                              \
				return -ENOMEM;                        \
			memcpy(new_, &(from)->v[i_], sizeof *(to)->v); \
			memset(&(from)->v[i_], 0, sizeof *(to)->v);    \
		}                                                      \
		(from)->n = 0;                                         \
	} while (0)

static void
swap_text(char **a, char **b)
{
	char *old = *a;

	*a = *b;
	*b = old;
}

/* Move what a part brought to the board. */
static int
take(struct board *board, struct board *got)
{
	if (got->id[0] != '\0') {
		strcpy(board->id, got->id);
		strcpy(board->id_organization, got->id_organization);
		board->activity_ms = got->activity_ms;
		board->closed = got->closed;
		swap_text(&board->name, &got->name);
		swap_text(&board->desc, &got->desc);
		swap_text(&board->short_link, &got->short_link);
	}
	MOVE_ALL(&board->lists, &got->lists);
	MOVE_ALL(&board->cards, &got->cards);
	MOVE_ALL(&board->labels, &got->labels);
	MOVE_ALL(&board->members, &got->members);
	MOVE_ALL(&board->memberships, &got->memberships);
	MOVE_ALL(&board->fields, &got->fields);
	MOVE_ALL(&board->checklists, &got->checklists);
	MOVE_ALL(&board->comments, &got->comments);
	return 0;
}

static void
load_fini(struct load *load)
{
	for (int i = 0; i < PART_COUNT; i++)
		page_free(load->pages[i]);
	board_fini(&load->board);
	free(load->id);
}

static void
fail(struct load *load, int r)
{
	struct remote_verdict verdict = {
	    .err = r,
	    .scope = SCOPE_OBJECT,
	    .when = WHEN_LATER,
	    .text = "out of memory",
	};

	if (r == -EBADMSG)
		strcpy(verdict.text, "the answer lacks the id");
	load->finish(load, &verdict);
}

static void on_page(void *cookie, struct page *page,
    const struct remote_verdict *verdict, struct board *got);

/* Prepare a part; page_submit() sends it. */
static int
add_part(struct load *load, enum part part)
{
	struct page_args args = {
	    .remote = load->remote,
	    .call = parts[part].call,
	    .id = load->id,
	    .filter = parts[part].filter,
	    .limit = parts[part].limit,
	    .priority = load->priority,
	    .reader = parts[part].reader,
	    .done = on_page,
	    .cookie = load,
	};

	assert(load->pages[part] == NULL);
	load->pages[part] = page_new(&args);
	if (load->pages[part] == NULL)
		return -ENOMEM;
	load->running++;
	return 0;
}

static int
start_part(struct load *load, enum part part)
{
	int r = add_part(load, part);

	return r != 0 ? r : page_submit(load->pages[part]);
}

static int
start_parts(struct load *load, const enum part *v, size_t n)
{
	int r = 0;

	for (size_t i = 0; i < n && r == 0; i++)
		r = start_part(load, v[i]);
	return r;
}

static int
start_split(struct load *load)
{
	int r = start_parts(load, split, sizeof split / sizeof *split);

	if (r == 0)
		load->running--; /* the whole */
	return r;
}

static bool
is_cards(enum part part)
{
	return part == PART_CARDS || part == PART_OLD_CARDS ||
	       part == PART_LEFT_CARDS;
}

/* Ask for the comments behind those that came along with a board or card. */
static int
start_comments(
    struct load *load, enum part part, const struct comment *comments, size_t n)
{
	int r = add_part(load, part);

	if (r != 0)
		return r;
	if (!page_turn_comments(load->pages[part], comments, n)) {
		load->running--;
		return 0;
	}
	return page_submit(load->pages[part]);
}

/* 1: the part goes on, 0: it is complete, or -errno. */
static int
go_on(struct load *load, enum part part, const struct board *got)
{
	struct page *page = load->pages[part];
	bool more = false;
	int r = 0;

	if (is_cards(part))
		more = page_turn_cards(page, got->cards.v, got->cards.n);
	else if (part == PART_COMMENTS || part == PART_CARD_COMMENTS)
		more =
		    page_turn_comments(page, got->comments.v, got->comments.n);
	else if (part == PART_OLD_LISTS && got->lists.n > 0)
		r = start_part(load, PART_LEFT_CARDS);
	else if (part == PART_WHOLE)
		r = start_comments(
		    load, PART_COMMENTS, got->comments.v, got->comments.n);
	else if (part == PART_CARD)
		r = start_comments(load, PART_CARD_COMMENTS,
		    got->cards.v[0].comments.v, got->cards.v[0].comments.n);
	return r != 0 ? r : more;
}

static int
on_got(struct load *load, enum part part, struct board *got)
{
	int more = go_on(load, part, got);
	int r;

	if (more < 0)
		return more;
	r = take(&load->board, got);
	if (r != 0)
		return r;
	if (more > 0)
		return page_submit(load->pages[part]);
	load->running--;
	return 0;
}

/* Too much at once: ask for less.  False if that is no remedy. */
static bool
ask_for_less(struct load *load, enum part part, int *ret_r)
{
	if (part == PART_WHOLE)
		*ret_r = start_split(load);
	else if (is_cards(part) && page_shrink(load->pages[part]))
		*ret_r = page_submit(load->pages[part]);
	else
		return false;
	return true;
}

static void
on_page(void *cookie, struct page *page, const struct remote_verdict *verdict,
    struct board *got)
{
	struct load *load = cookie;
	enum part part = 0;
	int r = 0;

	while (load->pages[part] != page)
		part++;
	if (verdict->err == 0)
		r = on_got(load, part, got);
	else if (!verdict->too_big || !ask_for_less(load, part, &r)) {
		load->finish(load, verdict);
		return;
	}
	if (r == 0 && load->running == 0) {
		r = board_gather(&load->board);
		if (r == 0) {
			load->finish(load, verdict);
			return;
		}
	}
	if (r != 0)
		fail(load, r);
}

static int
load_init(struct load *load, struct remote *remote, const char *id,
    enum remote_priority priority)
{
	load->remote = remote;
	load->priority = priority;
	board_init(&load->board);
	load->id = strdup(id);
	return load->id != NULL ? 0 : -ENOMEM;
}

static void
load_hurry(struct load *load, enum remote_priority priority)
{
	if (priority >= load->priority)
		return;
	load->priority = priority;
	for (int i = 0; i < PART_COUNT; i++)
		if (load->pages[i] != NULL)
			page_hurry(load->pages[i], priority);
}

static void
finish_board(struct load *base, const struct remote_verdict *verdict)
{
	struct board_load *load = (struct board_load *)base;

	if (verdict->err == 0 && base->board.id[0] == '\0') {
		fail(base, -EBADMSG);
		return;
	}
	load->done(
	    base->cookie, verdict, verdict->err == 0 ? &base->board : NULL);
	board_load_cancel(load);
}

static int
start_board(struct remote *remote, const char *id,
    enum remote_priority priority, board_load_fn *done, void *cookie,
    struct board_load **ret_load)
{
	struct board_load *load = calloc(1, sizeof *load);

	if (load == NULL)
		return -ENOMEM;
	load->load.finish = finish_board;
	load->load.cookie = cookie;
	load->done = done;
	*ret_load = load;
	return load_init(&load->load, remote, id, priority);
}

static int
started(int r, struct board_load **load)
{
	if (r != 0) {
		board_load_cancel(*load);
		*load = NULL;
	}
	return r;
}

int
board_load_start(struct remote *remote, const char *id,
    enum remote_priority priority, board_load_fn *done, void *cookie,
    struct board_load **ret_load)
{
	struct board_load *load = NULL;
	int r = start_board(remote, id, priority, done, cookie, &load);

	if (r == 0)
		r = start_part(&load->load, PART_WHOLE);
	r = started(r, &load);
	if (r == 0)
		*ret_load = load;
	return r;
}

int
archive_load_start(struct remote *remote, const char *id,
    enum remote_priority priority, board_load_fn *done, void *cookie,
    struct board_load **ret_load)
{
	struct board_load *load = NULL;
	int r = start_board(remote, id, priority, done, cookie, &load);

	if (r == 0)
		r = start_parts(
		    &load->load, archive, sizeof archive / sizeof *archive);
	r = started(r, &load);
	if (r == 0)
		*ret_load = load;
	return r;
}

void
board_load_hurry(struct board_load *load, enum remote_priority priority)
{
	load_hurry(&load->load, priority);
}

void
board_load_cancel(struct board_load *load)
{
	if (load == NULL)
		return;
	load_fini(&load->load);
	free(load);
}

static void
finish_card(struct load *base, const struct remote_verdict *verdict)
{
	struct card_load *load = (struct card_load *)base;
	struct card *card = NULL;

	if (verdict->err == 0) {
		card = &base->board.cards.v[0];
		if (card->id[0] == '\0') {
			fail(base, -EBADMSG);
			return;
		}
	}
	load->done(base->cookie, verdict, card);
	card_load_cancel(load);
}

int
card_load_start(struct remote *remote, const char *id,
    enum remote_priority priority, card_load_fn *done, void *cookie,
    struct card_load **ret_load)
{
	struct card_load *load = calloc(1, sizeof *load);
	int r;

	if (load == NULL)
		return -ENOMEM;
	load->load.finish = finish_card;
	load->load.cookie = cookie;
	load->done = done;
	r = load_init(&load->load, remote, id, priority);
	if (r == 0)
		r = start_part(&load->load, PART_CARD);
	if (r != 0) {
		card_load_cancel(load);
		return r;
	}
	*ret_load = load;
	return 0;
}

void
card_load_hurry(struct card_load *load, enum remote_priority priority)
{
	load_hurry(&load->load, priority);
}

void
card_load_cancel(struct card_load *load)
{
	if (load == NULL)
		return;
	load_fini(&load->load);
	free(load);
}
