#ifndef SEARCH_QUERY_H
#define SEARCH_QUERY_H

#include "util/vec.h"

#include <stdbool.h>

struct err;

/**
 * What somebody asks for, in the words of Trello's own search
 * (https://support.atlassian.com/trello/docs/searching-for-cards-all-boards/):
 * terms between white space, all of which a card has to match.
 *
 *	word  "some words"           anywhere in the card
 *	name: description: checklist: comment:    there
 *	@name member:  #name label:  board:  list:
 *	has:  is:  due:  created:  edited:
 *	-term                        not that
 *	sort:created  sort:-due
 *
 * A word also stands for longer ones that begin with it, what is in quotes
 * only for itself.  Letters' case never counts.
 */
enum query_kind {
	QUERY_WORDS, /* in, text */
	QUERY_MEMBER,
	QUERY_LABEL,
	QUERY_BOARD,
	QUERY_LIST,
	QUERY_HAS, /* value */
	QUERY_IS,
	QUERY_DUE,     /* value; QUERY_DAYS: from now on, days */
	QUERY_CREATED, /* days: until now */
	QUERY_EDITED,
	QUERY_SORT, /* never in a term */
};

enum query_in {
	QUERY_ANYWHERE,
	QUERY_NAME,
	QUERY_DESCRIPTION,
	QUERY_CHECKLIST,
	QUERY_COMMENT,
};

enum query_value {
	QUERY_UNKNOWN, /* Trello's, but nothing here says it */
	QUERY_DAYS,
	QUERY_OVERDUE,
	QUERY_COMPLETE,
	QUERY_INCOMPLETE,
	QUERY_ATTACHMENTS,
	QUERY_A_DESCRIPTION,
	QUERY_MEMBERS,
	QUERY_OPEN,
	QUERY_ARCHIVED,
};

struct query_term {
	enum query_kind kind;
	bool negated;
	bool exact; /* it was in quotes */
	enum query_in in;
	enum query_value value;
	int days;
	char *text; /* owned; NULL where a value says it all */
};

enum query_sort {
	QUERY_BY_EDITED, /* the newest first */
	QUERY_BY_CREATED,
	QUERY_BY_DUE, /* the next first, without a date last */
};

struct query {
	VEC(struct query_term) terms; /* none: every card */
	enum query_sort sort;
	bool reverse; /* the other way round, but for cards without a date */
	bool timed;   /* what matches depends on what time it is */
};

/**
 * Read a query.  0, -ENOMEM, or -EINVAL with the reason: which word is wrong,
 * where, what it could be.  query_fini() only after 0.
 */
int query_parse(const char *text, struct query *ret_query, struct err *err);
void query_fini(struct query *query);

#endif
