#include "trello/page.h"

#include "json/json_reader.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Fewer than this at once would take more requests than it is worth. */
#define LIMIT_MIN 50

/* The digits of an id that are its second. */
#define SECOND_DIGITS 8

struct page {
	struct page_args args;
	struct remote_request *request; /* while one is under way */
	struct json_reader *reader;
	struct board got;
	char before[MODEL_ID_SIZE]; /* "": the first page */
	char limit_text[16];
	struct remote_param params[2];
};

/* page_turn() finds the ids by the size of the objects. */
static_assert(offsetof(struct card, id) == 0, "the id comes first");
static_assert(offsetof(struct comment, id) == 0, "the id comes first");

struct page *
page_new(const struct page_args *args)
{
	struct page *page = calloc(1, sizeof *page);

	if (page == NULL)
		return NULL;
	page->args = *args;
	board_init(&page->got);
	return page;
}

static void
forget_answer(struct page *page)
{
	json_reader_free(page->reader);
	page->reader = NULL;
	board_fini(&page->got);
	board_init(&page->got);
}

void
page_free(struct page *page)
{
	if (page == NULL)
		return;
	if (page->request != NULL)
		remote_cancel(page->args.remote, page->request);
	json_reader_free(page->reader);
	board_fini(&page->got);
	free(page);
}

static struct json_reader *
on_restart(void *cookie)
{
	struct page *page = cookie;

	forget_answer(page);
	return page->reader = page->args.reader(&page->got);
}

static void
on_done(void *cookie, const struct remote_verdict *verdict)
{
	struct page *page = cookie;

	page->request = NULL;
	/* Nothing after this: the page may be gone. */
	page->args.done(page->args.cookie, page, verdict, &page->got);
}

int
page_submit(struct page *page)
{
	struct remote_args args = {
	    .call = page->args.call,
	    .priority = page->args.priority,
	    .id = page->args.id,
	    .filter = page->args.filter,
	    .params = page->params,
	    .restart = on_restart,
	    .done = on_done,
	    .cookie = page,
	};

	assert(page->request == NULL);
	if (page->args.limit > 0) {
		(void)snprintf(page->limit_text, sizeof page->limit_text, "%u",
		    page->args.limit);
		page->params[args.n_params++] =
		    (struct remote_param){"limit", page->limit_text};
	}
	if (page->before[0] != '\0')
		page->params[args.n_params++] =
		    (struct remote_param){"before", page->before};
	args.reader = on_restart(page);
	if (args.reader == NULL)
		return -ENOMEM;
	return remote_submit(page->args.remote, &args, &page->request);
}

void
page_hurry(struct page *page, enum remote_priority priority)
{
	if (priority >= page->args.priority)
		return;
	page->args.priority = priority;
	if (page->request != NULL)
		remote_hurry(page->args.remote, page->request, priority);
}

/* The smallest id that is not of the second of `not_of` (NULL: of all). */
static const char *
smallest_id(const char *objects, size_t n, size_t size, const char *not_of)
{
	const char *smallest = NULL;

	for (size_t i = 0; i < n; i++) {
		const char *id = objects + i * size;

		if (not_of != NULL && strncmp(id, not_of, SECOND_DIGITS) == 0)
			continue;
		if (smallest == NULL || strcmp(id, smallest) < 0)
			smallest = id;
	}
	return smallest;
}

static bool
page_turn(struct page *page, const void *objects, size_t n, size_t size)
{
	const char *oldest = smallest_id(objects, n, size, NULL);
	const char *before;

	/* A page that lacks a few is taken for full: the reader drops what
	 * has no card. */
	if (oldest == NULL || n + n / 8 < page->args.limit)
		return false;
	before = smallest_id(objects, n, size, oldest);
	if (before == NULL ||
	    (page->before[0] != '\0' && strcmp(before, page->before) >= 0))
		before = oldest;
	if (page->before[0] != '\0' && strcmp(before, page->before) >= 0)
		return false;
	memmove(page->before, before, strlen(before) + 1);
	return true;
}

bool
page_turn_cards(struct page *page, const struct card *cards, size_t n)
{
	return page_turn(page, cards, n, sizeof *cards);
}

bool
page_turn_comments(struct page *page, const struct comment *comments, size_t n)
{
	return page_turn(page, comments, n, sizeof *comments);
}

bool
page_shrink(struct page *page)
{
	if (page->args.limit / 4 < LIMIT_MIN)
		return false;
	page->args.limit /= 4;
	return true;
}
