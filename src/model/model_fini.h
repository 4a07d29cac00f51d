#ifndef MODEL_MODEL_FINI_H
#define MODEL_MODEL_FINI_H

/** The model's _fini functions in the form that arrays of any type take. */
void model_fini_attachment(void *attachment);
void model_fini_batch_item(void *item);
void model_fini_board(void *board);
void model_fini_card(void *card);
void model_fini_check_item(void *item);
void model_fini_checklist(void *checklist);
void model_fini_comment(void *comment);
void model_fini_desc_change(void *change);
void model_fini_field(void *field);
void model_fini_field_option(void *option);
void model_fini_field_value(void *value);
void model_fini_label(void *label);
void model_fini_list(void *list);
void model_fini_member(void *member);

#endif
