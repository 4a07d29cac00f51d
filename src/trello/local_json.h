#ifndef TRELLO_LOCAL_JSON_H
#define TRELLO_LOCAL_JSON_H

#include "model/model.h"

struct json_writer;

/**
 * Trello's JSON of what the writers of model/model_json.h have only inside a
 * board or a card.  Each writes one object.
 */
void local_write_board_brief(
    struct json_writer *writer, const struct board *board);
/* As replies to writes have it: neither lists nor cards nor labels. */
void local_write_board(struct json_writer *writer, const struct board *board);
void local_write_card_brief(
    struct json_writer *writer, const struct card *card);
void local_write_attachment(
    struct json_writer *writer, const struct attachment *attachment);
void local_write_checklist(
    struct json_writer *writer, const struct checklist *checklist);
void local_write_comment(struct json_writer *writer,
    const struct comment *comment, const struct card *card);
void local_write_desc_change(struct json_writer *writer,
    const struct desc_change *change, const char *id_card);
void local_write_field_value(struct json_writer *writer,
    const struct field_value *value, enum field_type type);
void local_write_item(struct json_writer *writer,
    const struct checklist *checklist, const struct check_item *item);
void local_write_field(struct json_writer *writer, const struct field *field);
void local_write_label(struct json_writer *writer, const struct label *label);
void local_write_member(
    struct json_writer *writer, const struct member *member);
void local_write_token(struct json_writer *writer);

#endif
