#ifndef SYNC_PUSH_REQUEST_H
#define SYNC_PUSH_REQUEST_H

#include "sync/push_step.h"
#include "trello/remote.h"
#include "util/buf.h"

#include <stdbool.h>

struct tx;

/* The most parameters that a change has. */
#define PUSH_PARAMS_MAX 12

/** What is sent for a step, with all that it points to. */
struct push_request {
	enum remote_call call;
	char id[MODEL_ID_SIZE];	 /* of the route, or "" */
	char id2[MODEL_ID_SIZE]; /* likewise */
	const char *filter;
	struct remote_param params[PUSH_PARAMS_MAX];
	size_t n_params;
	struct buf json;
	struct remote_file file; /* of an upload: the descriptor is ours */
	bool has_file;
	/* Of a description: what we think it is now, and what it will be. */
	char *old_desc;
	char *new_desc;
};
void push_request_fini(struct push_request *request);

/**
 * Make the request of a step.  Only what the step's entries say is in it.
 * 0; -ESTALE: the description was changed at Trello in the same lines;
 * -EINVAL: it cannot be said, Trello would refuse it; -errno.
 */
int push_request_make(
    struct tx *tx, const struct step *step, struct push_request *ret_request);

/** Open the file that a change uploads; it is closed with the request.  0,
 * -EINVAL if it is gone, or -errno. */
int push_request_file(struct tx *tx, const struct card_change *change,
    struct push_request *request);
void push_request_file_fini(struct push_request *request);

/** The request that tells whether a step that makes something was done. */
int push_request_find(
    const struct step *step, struct push_request *ret_request);

/** Fill in what a request sends; the pointers are the request's. */
void push_request_args(
    const struct push_request *request, struct remote_args *args);

#endif
