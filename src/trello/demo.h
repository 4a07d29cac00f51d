#ifndef TRELLO_DEMO_H
#define TRELLO_DEMO_H

struct err;
struct remote;

/**
 * Add the sample board that is part of the program (demo.json) to a stand-in
 * account (trello/local.h).  Returns as local_remote_add_json() does.
 */
int demo_add(struct remote *remote, struct err *err);

#endif
