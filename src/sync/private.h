#ifndef SYNC_PRIVATE_H
#define SYNC_PRIVATE_H

#include "model/model.h"
#include "store/base.h"
#include "store/observed.h"
#include "sync/confirm.h"
#include "sync/look.h"
#include "sync/orders.h"
#include "sync/sync.h"
#include "sync/written.h"
#include "trello/remote.h"
#include "util/err.h"
#include "util/vec.h"

#include <pthread.h>
#include <stdatomic.h>

/*
 * The state behind sync.h.  Everything is the sync thread's (before
 * sync_start() the caller's), except what stands below `lock`.
 */

/*
 * A board's content:
 *
 *	idle -> loading -> idle			nothing is missing
 *		loading -> confirming -> idle	something may be gone
 *
 * and back to idle, with retry_at_ms in the future, when it failed.
 */
enum task_state {
	TASK_IDLE,
	TASK_LOADING,
	TASK_CONFIRMING,
};

struct board_task {
	struct sync *sync;
	char id[MODEL_ID_SIZE];
	uint64_t ino;
	int64_t listed_ms; /* activity in the last list of boards */
	int64_t looked_ms; /* likewise, when we last looked */
	int64_t asked_ms;  /* listed_ms when the present look began */
	int64_t began_ms;  /* monotonic; the present look, if there is one */
	bool loaded;
	bool whole; /* the present look takes in all of it */
	bool shown_as_now;
	bool wanted; /* somebody waits */
	enum task_state state;
	struct look *look;	 /* TASK_LOADING */
	int64_t whole_at_ms;	 /* monotonic; to be looked at as a whole */
	struct board board;	 /* TASK_CONFIRMING: what has come */
	struct confirm *confirm; /* likewise */
	model_ids keep;		 /* what it lacks and is there */
	bool again;		 /* it is older than a change of ours */
	bool once_more;		 /* so was the one before */
	unsigned failures;	 /* in a row */
	int64_t failed_ms;	 /* monotonic; of the last failure */
	int64_t retry_at_ms;
	int error; /* of the last failure */
};

/* The list of boards. */
struct poll {
	int64_t next_ms; /* monotonic; when to ask again */
	bool running;
	bool again;	  /* this answer is too old: ask once more at once */
	int64_t began_ms; /* monotonic */
	int64_t slept_ms; /* time_slept_ms() when it was last looked at */
	unsigned failures;
	struct remote_request *request;
	struct json_reader *reader;
	struct boards boards;
	model_ids missing; /* those still to be asked for by id */
	struct board head; /* the answer about missing.v[n - 1] */
};

/* Who we are. */
struct identity {
	bool checked; /* the account behind the credentials is the store's */
	bool foreign; /* it is not */
	bool running;
	bool token_asked;
	unsigned failures;   /* in a row */
	int64_t retry_at_ms; /* monotonic */
	struct err err;	     /* what our own side could not do, code 0: none */
	struct remote_request *request;
	struct json_reader *reader;
	struct member member;
	struct token_info token;
};

/* The index of words (store/index.h). */
struct indexing {
	uint64_t commits; /* that were known of; each begins the wait anew */
	int64_t due_ms;	  /* monotonic; INT64_MAX: until the next one */
};

/* What status says, copied there under the lock. */
struct sync_view {
	bool online;
	bool asked; /* anything at all */
	char reason[400];
	/* Why a change was put off, by what Trello said of it: "" since one
	 * was accepted. */
	char put_off[320];
	int64_t since_ms; /* wall clock: online or offline since */
	int64_t news_ms;  /* wall clock: the last list of boards */
	bool read_only;
	bool rights_known;
	int64_t expires_ms;
};

struct sync {
	struct store *store;
	struct remote *remote;
	struct downloads *downloads; /* NULL: there are none */
	const struct zone *zone;
	char shown_as[BASE_SHOWN_AS_SIZE];
	int refresh_s;
	int64_t lost_wait_ms;
	char *api_url;
	char *fingerprint;
	char *profile;
	void (*invalidated)(void *cookie, struct invalidations *invalidations);
	void (*rights_turned)(void *cookie);
	void *cookie;
	void (*refused)(void *cookie);
	void *refused_cookie;

	VEC(struct board_task *) tasks; /* newest activity first */
	struct poll poll;
	struct identity identity;
	/* Monotonic, if the credentials were called wrong: no request before,
	 * then one, and the others when that was answered: 0. */
	int64_t account_gate_ms;
	int64_t warn_at_ms;  /* monotonic; the next warning that a token ends */
	int64_t offline_ms;  /* monotonic; the last failure, 0: online */
	int64_t answered_ms; /* monotonic; the last good answer */
	struct push *push;   /* push.h */
	VEC(struct fetch *) fetches; /* fetch.h */
	struct written written;
	struct indexing indexing;
	struct locating *located; /* locate.h */
	/* The journal has changed since it was looked at: any thread. */
	atomic_bool changed;
	pthread_t thread;
	bool started;

	pthread_mutex_t lock;
	struct sync_wait *waits; /* oldest first */
	struct sync_order *orders;
	struct locating *locatings;	      /* locate.h */
	struct renewal *renewal;	      /* renew.h; NULL: none has come */
	VEC(struct observed_folder) observed; /* sync/observed.h */
	bool stopping;
	/* What is under way when it stops is waited for until then; 0: it is
	 * given up. */
	int64_t answers_by_ms;
	struct buf events; /* the text of .trellofs/events */
	struct sync_view view;
	struct buf search_error;
};

/* sync.c */

/** Do what is due, then I/O until something happened or until_ms. */
void sync_run_once(struct sync *sync, int64_t until_ms);

/** Hand what the kernel must forget to who told us to; empties it. */
void sync_invalidate(struct sync *sync, struct invalidations *invalidations);

/** A verdict has come: keep what status says of the network up to date. */
void sync_note_verdict(struct sync *sync, const struct remote_verdict *verdict);

/** Somebody has waited since since_ms: if nothing at all has come from Trello
 * in that time, that is told as its trouble, and true returned. */
bool sync_note_silence(struct sync *sync, int64_t since_ms);

/** A change is put off, or (NULL) one was accepted. */
void sync_note_put_off(struct sync *sync, const struct remote_verdict *verdict);

/** The time until which nothing that goes wrong again is tried again. */
int64_t sync_backoff_ms(unsigned failures);

/* tasks.c */

/** Read the boards from the store: new tasks, ended ones, new dates. */
int tasks_update(struct sync *sync);
struct board_task *task_by_ino(struct sync *sync, uint64_t ino);

/** Make the texts of one board anew, if there is one whose texts were made by
 * other rules; true if there was. */
bool tasks_show_again(struct sync *sync);

/** What failed for want of a network may be tried at once. */
void tasks_hurry(struct sync *sync);

/** Whether a board is being looked at, or would be now. */
bool tasks_busy(const struct sync *sync, int64_t now_ms);

/** Whether somebody waits for a board. */
bool tasks_wanted(const struct sync *sync);

/** Begin what should begin now; *next_ms falls to when to look again. */
void tasks_run(struct sync *sync, int64_t now_ms, int64_t *next_ms);
void tasks_free(struct sync *sync);

/* indexing.c */
void indexing_run(struct sync *sync, int64_t now_ms, int64_t *next_ms);

/* poll.c */
void poll_run(struct sync *sync, int64_t now_ms, int64_t *next_ms);
void poll_free(struct sync *sync);

/** Ask soon: the network is back. */
void poll_hurry(struct sync *sync);

/** Ask now, again if it is under way: it may be older than what is new. */
void poll_now(struct sync *sync);

/** Whether that has not been answered yet. */
bool poll_busy(const struct sync *sync);

/* identity.c */

/** Ask who we are, then for our rights, as far as that is not known. */
void identity_run(struct sync *sync, int64_t now_ms, int64_t *next_ms);
void identity_free(struct sync *sync);

/** Take the rights that were known when the store was used last. */
void identity_recall_rights(struct sync *sync);

/** Whether the store was last used with these very credentials. 1, 0, -errno */
int identity_known(struct sync *sync);

/* status.c and sync.h have the readers of `view`. */

/* orders.c */

/** Begin what was ordered, answer what is done. */
void orders_run(struct sync *sync, int64_t now_ms, int64_t *next_ms);
void orders_end(struct sync *sync, int err);

/** At the end: the log says how many changes the next mount will send. */
void orders_say_left(struct sync *sync);

/** Whether anybody has ordered anything. */
bool orders_any(struct sync *sync);

/** Whether the object (NULL: everything) is to be sent now, due or not; the
 * objects of which somebody wants that, added. */
bool orders_hurry(struct sync *sync, const char *object);
int orders_objects(struct sync *sync, model_ids *ret_objects);

/** What was called own_id has Trello's id now. */
void orders_rename(struct sync *sync, const char *own_id, const char *id);

/* events.c */

/** Lines (store/events.h) for .trellofs/events. */
void events_add(struct sync *sync, const struct buf *lines);

/* waits.c */

/** Whether a request would fail like the last one, a moment ago. */
bool waits_known_offline(const struct sync *sync, int64_t now_ms);

/** Answer who need not wait any more; mark the tasks of the others. */
void waits_run(struct sync *sync, int64_t now_ms, int64_t *next_ms);
void waits_end(struct sync *sync, int err);

#endif
