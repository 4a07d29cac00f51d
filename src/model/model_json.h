#ifndef MODEL_MODEL_JSON_H
#define MODEL_MODEL_JSON_H

#include "model/model.h"

struct buf;
struct json_reader;

/**
 * Readers of Trello's JSON.  Each gives a json_reader (json/json_reader.h)
 * that fills *target, which the caller has initialised and later frees with
 * its _fini, also after an error (a half-read object is consistent, not
 * complete).  Feed it bytes as they arrive and end with json_reader_finish().
 * Unknown keys are skipped; absent and null are the same; ids that are not
 * strings of at most MODEL_ID_SIZE - 1 bytes are -EBADMSG; elements of arrays
 * without an id and actions that are no comments are left out; a date that
 * cannot be read is none, a pos that is no number (top, bottom) is 0; bad UTF-8
 * and NUL become U+FFFD.  What was read is in the order of the reply until
 * board_gather() or card_gather() settle it.  The caller frees the reader; NULL
 * when out of memory.
 */
struct json_reader *board_reader_new(struct board *target);
struct json_reader *boards_reader_new(struct boards *target); /* an array */
struct json_reader *card_reader_new(struct card *target);
/* Arrays that the fallback requests give; each adds to the board. */
struct json_reader *lists_reader_new(struct board *target);
struct json_reader *cards_reader_new(struct board *target);
struct json_reader *checklists_reader_new(struct board *target);
struct json_reader *labels_reader_new(struct board *target);
struct json_reader *members_reader_new(struct board *target);
struct json_reader *fields_reader_new(struct board *target);
struct json_reader *comments_reader_new(struct board *target);
struct json_reader *memberships_reader_new(struct board *target);
/* The array that GET /cards/{id}/actions gives; it adds to the card. */
struct json_reader *card_comments_reader_new(struct card *target);
/* Likewise, with the changes of its description only; others are dropped. */
struct json_reader *desc_changes_reader_new(struct desc_changes *target);
/* Plain ids, as POST /cards/{id}/idLabels gives them. */
struct json_reader *ids_reader_new(model_ids *target);
/* The items of GET /batch: one for each, also for what failed. */
struct json_reader *batch_items_reader_new(struct batch_items *target);
/* Single objects, as writes and GET /members/me, /tokens/T give them. */
struct json_reader *list_reader_new(struct list *target);
struct json_reader *checklist_reader_new(struct checklist *target);
struct json_reader *check_item_reader_new(struct check_item *target);
struct json_reader *comment_reader_new(struct comment *target);
struct json_reader *attachment_reader_new(struct attachment *target);
struct json_reader *field_value_reader_new(struct field_value *target);
struct json_reader *label_reader_new(struct label *target);
struct json_reader *member_reader_new(struct member *target);
struct json_reader *token_reader_new(struct token_info *target);

/**
 * Canonical JSON: what this program knows of an object, in Trello's own shape
 * and a fixed order, so that equal objects give equal bytes and the readers
 * above read it back as it was (a property test).  A card carries its
 * checklists, attachments, customFieldItems (the value always as text) and
 * actions (comments) nested; pos is printed so that it reads back as the same
 * double.  What card_gather() would hand on is not written: settle first.
 * Each appends to out and returns out->err.
 */
int card_write(const struct card *card, struct buf *out);
int list_write(const struct list *list, struct buf *out);
/* Everything of a board except its lists and cards: name, desc, labels,
 * members, memberships, custom fields, dateLastActivity. */
int board_write_head(const struct board *board, struct buf *out);
/* With lists and cards, checklists and comments nested in the cards. */
int board_write(const struct board *board, struct buf *out);

#endif
