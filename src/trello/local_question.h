#ifndef TRELLO_LOCAL_QUESTION_H
#define TRELLO_LOCAL_QUESTION_H

#include "model/model.h"
#include "trello/remote.h"
#include "json/json_writer.h"

#include <stdbool.h>
#include <stdint.h>

/**
 * One call on its way to an answer of the stand-in account, and the tables
 * of who answers which.
 */

struct local_account;
struct local_places;

struct question {
	struct local_account *account;
	const struct remote_args *args;
	const char *filter;
	int64_t now_ms; /* wall clock */
	/* What the route's {id} names, and the board on which it is. */
	struct board *board;
	struct list *list;
	struct card *card;
	struct json_writer writer; /* to the body */
};

/** What a call's {id} is; it has been found before answer is called. */
enum local_names {
	NAMES_NOTHING,
	NAMES_BOARD,
	NAMES_LIST,
	NAMES_CARD,
	NAMES_OTHER, /* a long id; answer looks for it */
};

/** What a parameter may be. */
enum local_kind {
	KIND_TEXT, /* checked by who uses it */
	KIND_BOOL,
	KIND_ID,
	KIND_IDS, /* with commas */
	KIND_POS,
	KIND_DATE,
	KIND_STATE, /* of an item */
};
struct local_key {
	const char *key;
	enum local_kind kind;
};

/** Writes the body of a 200 and returns 200, or question_fail() or -ENOMEM
 * without having changed anything. */
typedef int local_answer_fn(struct question *q);

struct local_handler {
	enum remote_call call;
	enum local_names names;
	local_answer_fn *answer;
	struct local_key keys[12]; /* of a write: ends with a NULL key */
};

/* Each ends with a NULL answer. */
extern const struct local_handler local_read_handlers[];
extern const struct local_handler local_cards_handlers[];
extern const struct local_handler local_items_handlers[];
extern const struct local_handler local_labels_handlers[];
extern const struct local_handler local_lists_handlers[];
extern const struct local_handler local_parts_handlers[];

/** The value of a parameter, the call's own too, or NULL; it is of its kind. */
const char *question_param(const struct question *q, const char *key);

/* The same, by kind; otherwise if it is not there. */
bool question_bool(const struct question *q, const char *key, bool otherwise);
int64_t question_date(
    const struct question *q, const char *key, int64_t otherwise);
/** A place among these, "bottom" if none is given.  0 or -ENOMEM. */
int question_pos(const struct question *q, const struct local_places *places,
    double *ret_pos);
/** Append the ids, each once.  0 or -ENOMEM. */
int question_ids(const struct question *q, const char *key, model_ids *ids);

/**
 * A parameter as a name or a long text, *ret_value (NULL if it is not there)
 * is the caller's.  0, -ENOMEM, or the status of an error that was written:
 * "invalid value for ...".
 */
int question_title(
    struct question *q, const char *key, size_t least, char **ret_value);
int question_text(
    struct question *q, const char *key, size_t least, char **ret_value);

/** Something happened: the dates of last activity.  card may be NULL. */
void question_touch(
    const struct question *q, struct board *board, struct card *card);

/** Say what is wrong; returns the status. */
int question_fail(struct question *q, int status, const char *text);
int question_bad(struct question *q, const char *key);
int question_not_found(struct question *q);
int question_too_many(struct question *q, const char *what);

/** {"limits":{}}, {"_value":null}; returns 200. */
int question_deleted(struct question *q);
int question_null(struct question *q);

#endif
