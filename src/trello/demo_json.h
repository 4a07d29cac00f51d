#ifndef TRELLO_DEMO_JSON_H
#define TRELLO_DEMO_JSON_H

/* demo.json as bytes: demo_json.c is made from it (local.mk). */
extern const unsigned char demo_json[];
extern const unsigned char *const demo_json_end;

#endif
