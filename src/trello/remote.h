#ifndef TRELLO_REMOTE_H
#define TRELLO_REMOTE_H

#include "model/model.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * Trello as the sync thread sees it: calls that are submitted, run, and end
 * in a callback.  Two implementations: the network (trello/http.h) and the
 * stand-in account in memory (trello/local.h).  All functions but
 * remote_wakeup() and the readers of statistics belong to one thread; `done`
 * callbacks run inside remote_run() only, never inside remote_submit().  They
 * may submit, cancel and hurry requests, but not run or free the remote.
 */

struct buf;
struct credentials;
struct json_reader;
struct remote;
struct remote_request;

/* What to ask: trello/calls.c has the table of methods and routes. */
enum remote_call {
	CALL_ME,	 /* GET /members/me -> member */
	CALL_TOKEN,	 /* GET /tokens/{token}: the http layer fills it in */
	CALL_BOARDS,	 /* GET /members/me/boards -> boards */
	CALL_BOARD,	 /* GET /boards/{id}, with all that is open in it */
	CALL_BOARD_NEWS, /* GET /boards/{id}: likewise, of each card its date */
	CALL_BOARD_HEAD, /* GET /boards/{id} without lists and cards */
	CALL_BOARD_LISTS,	/* GET /boards/{id}/lists */
	CALL_BOARD_CARDS,	/* GET /boards/{id}/cards/{filter} */
	CALL_BOARD_CHECKLISTS,	/* GET /boards/{id}/checklists */
	CALL_BOARD_LABELS,	/* GET /boards/{id}/labels */
	CALL_BOARD_MEMBERS,	/* GET /boards/{id}/members */
	CALL_BOARD_FIELDS,	/* GET /boards/{id}/customFields */
	CALL_BOARD_COMMENTS,	/* GET /boards/{id}/actions, comments only */
	CALL_CARD,		/* GET /cards/{id}, with all that is in it */
	CALL_CARD_BRIEF,	/* GET /cards/{id}: id, closed, board, list */
	CALL_CARD_COMMENTS,	/* GET /cards/{id}/actions, comments only */
	CALL_CARD_DESC_ACTIONS, /* likewise, changes of the description only */
	CALL_CHECKLIST,		/* GET /checklists/{id}, with its items */
	CALL_LIST,		/* GET /lists/{id} */
	CALL_LIST_CARDS, /* GET /lists/{id}/cards/{filter}, each in brief */
	/* GET /cards/{id}/attachments/{id2}/download/{filter}: where the
	 * file itself is -> location */
	CALL_ATTACHMENT_FILE,
	CALL_BATCH, /* GET /batch: see trello/batch.h */

	/* Writes: route, its params (those in brackets may be left out; see
	 * Trello's reference for all), and what the reply holds. */

	/* POST /cards: idList name [desc pos due start dueComplete idLabels
	 * idMembers], pos "bottom" -> card */
	CALL_CARD_CREATE,
	/* PUT /cards/{id}: [name desc closed idBoard idList pos due start
	 * dueComplete] -> card */
	CALL_CARD_UPDATE,
	/* DELETE /cards/{id} */
	CALL_CARD_DELETE,
	/* POST /cards/{id}/idLabels: value -> ids */
	CALL_CARD_LABEL_ADD,
	/* DELETE /cards/{id}/idLabels/{id2} */
	CALL_CARD_LABEL_REMOVE,
	/* POST /cards/{id}/idMembers: value -> members */
	CALL_CARD_MEMBER_ADD,
	/* DELETE /cards/{id}/idMembers/{id2} -> members */
	CALL_CARD_MEMBER_REMOVE,
	/* PUT /cards/{id}/customField/{id2}/item, json: call_field_json()
	 * -> field value; {} if it was cleared */
	CALL_CARD_FIELD_SET,
	/* POST /checklists: idCard [name pos], pos "bottom" -> checklist */
	CALL_CHECKLIST_CREATE,
	/* PUT /checklists/{id}: [name pos] -> checklist */
	CALL_CHECKLIST_UPDATE,
	/* DELETE /checklists/{id} */
	CALL_CHECKLIST_DELETE,
	/* POST /checklists/{id}/checkItems: name [pos checked], pos "bottom"
	 * -> item */
	CALL_ITEM_CREATE,
	/* PUT /cards/{id}/checkItem/{id2}: [name state pos idChecklist]
	 * -> item */
	CALL_ITEM_UPDATE,
	/* DELETE /checklists/{id}/checkItems/{id2} */
	CALL_ITEM_DELETE,
	/* POST /cards/{id}/actions/comments: text -> comment */
	CALL_COMMENT_CREATE,
	/* PUT /actions/{id}: text -> comment */
	CALL_COMMENT_UPDATE,
	/* DELETE /actions/{id} */
	CALL_COMMENT_DELETE,
	/* POST /cards/{id}/attachments: url [name] -> attachment */
	CALL_LINK_CREATE,
	/* The same, multipart: file [name] -> attachment */
	CALL_FILE_CREATE,
	/* DELETE /cards/{id}/attachments/{id2} */
	CALL_ATTACHMENT_DELETE,
	/* POST /lists: name idBoard [pos], pos "top" -> list */
	CALL_LIST_CREATE,
	/* PUT /lists/{id}: [name closed pos] -> list */
	CALL_LIST_UPDATE,
	/* PUT /lists/{id}/idBoard: value [pos] -> list */
	CALL_LIST_MOVE,
	/* POST /lists/{id}/archiveAllCards */
	CALL_LIST_ARCHIVE_CARDS,
	/* POST /boards/: name [desc] -> board, without lists and labels */
	CALL_BOARD_CREATE,
	/* PUT /boards/{id}: [name desc closed] -> board */
	CALL_BOARD_UPDATE,
	/* POST /labels: name color idBoard -> label */
	CALL_LABEL_CREATE,
	/* PUT /labels/{id}: [name color] -> label */
	CALL_LABEL_UPDATE,
	/* DELETE /labels/{id} */
	CALL_LABEL_DELETE,
	/* DELETE /tokens/{token}: our own, which is worth nothing then */
	CALL_TOKEN_REVOKE,
	CALL_COUNT
};

struct remote_param {
	const char *key;
	const char *value;
};

/** A file to be uploaded: so many bytes from the descriptor's beginning, which
 * are read where they stand while the request runs. */
struct remote_file {
	const char *name;
	int fd;
	int64_t bytes;
	_Atomic int64_t *sent; /* so many of them have gone out, or NULL */
};

/* Who waits: a lower number is served first. */
enum remote_priority {
	PRIORITY_WRITE,	     /* the user's own changes */
	PRIORITY_WAITING,    /* somebody waits for this read */
	PRIORITY_NEWS,	     /* the poll */
	PRIORITY_BACKGROUND, /* boards nobody has asked for yet */
	PRIORITY_COUNT
};

/* Whom an answer concerns, and what now: from one table, trello/verdict.c. */
enum remote_scope {
	SCOPE_NONE,    /* all is well */
	SCOPE_OBJECT,  /* this change, this card, this board */
	SCOPE_ACCOUNT, /* the credentials */
	SCOPE_NETWORK, /* nobody could be reached, or what answers is not Trello */
};
enum remote_when {
	WHEN_NOW,   /* nothing is wrong, or trying again at once may do */
	WHEN_LATER, /* wait: the network, a limit, a server in trouble */
	WHEN_NEVER, /* not in this form */
};

struct remote_verdict {
	int err; /* 0 or -errno */
	enum remote_scope scope;
	enum remote_when when;
	bool too_big;	/* the board has to be asked for in parts */
	bool unknown;	/* a write that may have been done: look, WHEN_LATER */
	int status;	/* HTTP status, 0 if there was no reply */
	char text[256]; /* for a person: what was said, cleaned, no secrets */
	int64_t began_ms; /* monotonic; the last try; 0: not known */
};

/** Whether an answer says that the object is not there, or not for us; any
 * other failure says nothing of that. */
static inline bool
remote_says_gone(const struct remote_verdict *verdict)
{
	return verdict->scope == SCOPE_OBJECT &&
	       (verdict->err == -ENOENT || verdict->err == -EACCES);
}

/**
 * One call.  The pointers belong to the caller and must live until done is
 * called or the request is cancelled.
 *
 * The reply to a 2xx is fed to `reader` as it arrives and ended with
 * json_reader_finish(), so a verdict without an error means a whole reply; the
 * reader stays the caller's.  A GET that is tried again gets a fresh one from
 * `restart`, which must undo what the first one read (NULL: no retry once
 * bytes have been fed) and gives NULL when out of memory.
 *
 * The params of a POST and a PUT travel as a form in the body, never in the
 * URL; only what is given is sent, and an empty value is a value: of dates it
 * is none.  A call that takes json has no params.  A DELETE has neither.  The
 * params of a call that takes a file are parts of the same body.
 *
 * A PUT or DELETE may be sent several times (what is tried again may find
 * that it was done: 404), a POST reaches the server at most once.  When it is
 * not certain that it did not get there, the verdict is `unknown`.
 */
struct remote_args {
	enum remote_call call;
	enum remote_priority priority;
	const char *id;			   /* the {id} of the route, or NULL */
	const char *id2;		   /* the {id2} of the route, or NULL */
	const char *filter;		   /* the {filter} of the route */
	const struct remote_param *params; /* added to the call's own */
	size_t n_params;
	const char *json; /* the body of a call that takes one, or NULL */
	const struct remote_file *file; /* likewise */
	struct json_reader *reader;	/* NULL: the reply is skipped */
	struct json_reader *(*restart)(void *cookie);
	/* Of a call that is answered with a redirect, where to, which is as
	 * good as a password; never followed here. */
	struct buf *location;
	void (*done)(void *cookie, const struct remote_verdict *verdict);
	void *cookie;
};

/* One line of .trellofs/requests. */
struct remote_record {
	int64_t at_ms; /* wall clock */
	char method[8];
	char route[160]; /* path and query, no secrets; never a body */
	int status;	 /* 0: no answer */
	int duration_ms;
	int64_t bytes; /* of the reply, as it came over the wire */
};

struct remote_stats {
	uint64_t requests;  /* sent since the start */
	uint64_t throttled; /* 429s received */
	uint64_t refused;   /* 401 and 403 */
	uint64_t retried;
	uint64_t bytes_in;
	unsigned budget_left; /* requests the limiter would let go now */
	unsigned budget_max;  /* of this many per budget_ms */
	int64_t budget_ms;
	unsigned budget_others; /* so many programs have a part of it */
	char budget_alone[128]; /* why it is not shared with them, or "" */
	int64_t held_ms; /* >0: everything waits this long (a 429's window) */
	unsigned in_flight; /* requests that are under way */
	int64_t heard_ms;   /* monotonic; the last byte of an answer; 0: none */
	int64_t clock_ms; /* what this machine's clock lacks of the server's */
};

struct remote_ops {
	/** Queue a call.  0, or -ENOMEM, -EINVAL; done is called exactly once
	 * after 0 unless the request is cancelled. */
	int (*submit)(struct remote *remote, const struct remote_args *args,
	    struct remote_request **ret_request);
	/** Forget a request that is not done; done is not called. */
	void (*cancel)(struct remote *remote, struct remote_request *request);
	/** Raise a waiting request's priority. */
	void (*hurry)(struct remote *remote, struct remote_request *request,
	    enum remote_priority priority);
	/** Do I/O and call what is done, until timeout_ms passed (0: only
	 * what can be done at once; negative: no limit) or remote_wakeup()
	 * was called, also before, or something was done.  0 or -errno. */
	int (*run)(struct remote *remote, int64_t timeout_ms);
	/** Make run return, from any thread. */
	void (*wakeup)(struct remote *remote);
	/** From any thread. */
	void (*stats)(struct remote *remote, struct remote_stats *ret_stats);
	/** The last records, oldest first; returns how many. Any thread. */
	size_t (*records)(
	    struct remote *remote, struct remote_record *records, size_t max);
	/** Use these from the next try on, also for requests that wait and
	 * for those that are refused because of the ones before.  0, -EINVAL
	 * or -ENOMEM: the old ones stay then.  NULL: there are none. */
	int (*set_credentials)(
	    struct remote *remote, const struct credentials *credentials);
	/** Cancels what is left. */
	void (*free)(struct remote *remote);
};

/** The head of both implementations. */
struct remote {
	const struct remote_ops *ops;
};

/* The same by name.  remote_free(NULL) does nothing. */
static inline int
remote_submit(struct remote *remote, const struct remote_args *args,
    struct remote_request **ret_request)
{
	return remote->ops->submit(remote, args, ret_request);
}

static inline void
remote_cancel(struct remote *remote, struct remote_request *request)
{
	remote->ops->cancel(remote, request);
}

static inline void
remote_hurry(struct remote *remote, struct remote_request *request,
    enum remote_priority priority)
{
	remote->ops->hurry(remote, request, priority);
}

static inline int
remote_run(struct remote *remote, int64_t timeout_ms)
{
	return remote->ops->run(remote, timeout_ms);
}

static inline void
remote_wakeup(struct remote *remote)
{
	remote->ops->wakeup(remote);
}

static inline void
remote_stats(struct remote *remote, struct remote_stats *ret_stats)
{
	remote->ops->stats(remote, ret_stats);
}

static inline size_t
remote_records(struct remote *remote, struct remote_record *records, size_t max)
{
	return remote->ops->records(remote, records, max);
}

static inline int
remote_set_credentials(
    struct remote *remote, const struct credentials *credentials)
{
	if (remote->ops->set_credentials == NULL)
		return -EINVAL;
	return remote->ops->set_credentials(remote, credentials);
}

static inline void
remote_free(struct remote *remote)
{
	if (remote != NULL)
		remote->ops->free(remote);
}

#endif
