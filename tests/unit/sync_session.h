#ifndef UNIT_SYNC_SESSION_H
#define UNIT_SYNC_SESSION_H

/* A sync with a store and three boards at Trello, for tests that step through
 * a session in virtual time. */

#include "model/model.h"
#include "store/invalidate.h"
#include "sync/sync.h"
#include "sync_help.h"

#define MINUTE 60000

#define TREE_A              \
	"A/\n"              \
	"A/Todo/\n"         \
	"A/Todo/One.md\n"   \
	"A/Todo/Two.md\n"   \
	"A/Todo/Three.md\n" \
	"A/Done/\n"         \
	"A/Done/Four.md\n"
#define TREE_B "B/\nB/Inbox/\nB/Inbox/Mail.md\n"
#define TREE_C "C/\nC/Inbox/\nC/Inbox/Mail.md\n"
#define TREE_BC TREE_B TREE_C

struct fixture {
	struct store *store;
	struct fake *fake;
	struct sync *sync;
	/* World 0 has all three; 1 has B and C, for a changed A to be added;
	 * 2 is empty. */
	struct board a, b, c;
	struct invalidations said;
	unsigned turned, refused; /* so often the sync has said so */
	int refresh_s;
	const char *api_url, *fingerprint;
};

/* For cmocka: *state is the fixture, with a sync that has done nothing yet. */
int setup(void **state);
int teardown(void **state);

/* Another sync for the same store, with the fixture's options. */
void new_sync(struct fixture *fixture);

/* Let it run for so long. */
void run_ms(struct fixture *fixture, int64_t ms);

/* sync_prepare() must succeed; and all content is loaded. */
void prepare(struct fixture *fixture);
void load_all(struct fixture *fixture);

unsigned count(struct fixture *fixture, enum remote_call call);

#endif
