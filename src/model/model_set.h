#ifndef MODEL_MODEL_SET_H
#define MODEL_MODEL_SET_H

#include <stddef.h>

/**
 * What the tables of model_json.c do with single scalars: each is a
 * json_set_fn (json/json_reader.h), named after what it stores.
 */

/* int64_t: milliseconds; TIME_NONE for what is no date. */
int model_set_date(void *member, const char *text, size_t len);

/* double: 0 for what is no number. */
int model_set_pos(void *member, const char *text, size_t len);

/* label.color, membership.type: a word, cut where it is too long. */
int model_set_color(void *member, const char *text, size_t len);
int model_set_membership_type(void *member, const char *text, size_t len);

/* enum field_type */
int model_set_field_type(void *member, const char *text, size_t len);

/* bool: the state is "complete", the model is "Board". */
int model_set_complete(void *member, const char *text, size_t len);
int model_set_is_board(void *member, const char *text, size_t len);

/* char *: the short link in a URL of a card or board, if none is known. */
int model_set_link_from_url(void *member, const char *text, size_t len);

/* Nothing: elements that are not complete, no comments or no changes of a card
 * are dropped. */
int model_set_only_complete(void *member, const char *text, size_t len);
int model_set_only_comment(void *member, const char *text, size_t len);
int model_set_only_update(void *member, const char *text, size_t len);

#endif
