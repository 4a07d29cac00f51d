#ifndef TRELLO_PAGE_H
#define TRELLO_PAGE_H

#include "trello/remote.h"

#include <stdbool.h>
#include <stddef.h>

/**
 * One call that is read into a board of its own, page by page where Trello
 * gives pages: the newest objects first, the next page by "before" an id.
 * Trello compares times of creation, perhaps by whole seconds only, so pages
 * overlap by the oldest second of the last one; who collects the pages drops
 * what came twice.
 */

struct json_reader;
struct page;

typedef struct json_reader *page_reader_fn(struct board *target);

/**
 * The answer was read into *got, which the receiver empties or not
 * (verdict->err is 0), or it was not.  May call any function here for the
 * page, page_free() too.
 */
typedef void page_fn(void *cookie, struct page *page,
    const struct remote_verdict *verdict, struct board *got);

struct page_args {
	struct remote *remote;
	enum remote_call call;
	const char *id; /* must live as long as the page */
	const char *filter;
	unsigned limit; /* 0: the call has no pages */
	enum remote_priority priority;
	page_reader_fn *reader;
	page_fn *done;
	void *cookie;
};

/** Nothing is sent yet.  NULL when out of memory. */
struct page *page_new(const struct page_args *args);

/** Cancels what is under way.  NULL does nothing. */
void page_free(struct page *page);

/** Send the request for the present page.  0, -EINVAL or -ENOMEM. */
int page_submit(struct page *page);

/** Raise the priority, of what is under way too. */
void page_hurry(struct page *page, enum remote_priority priority);

/**
 * Turn to the page behind these objects, which are what the last request gave
 * (n of them, in any order).  False if there is nothing behind them.
 */
bool page_turn_cards(struct page *page, const struct card *cards, size_t n);
bool page_turn_comments(
    struct page *page, const struct comment *comments, size_t n);

/** Ask for fewer at once; false if that would be too few. */
bool page_shrink(struct page *page);

#endif
