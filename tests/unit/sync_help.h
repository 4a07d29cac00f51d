#ifndef UNIT_SYNC_HELP_H
#define UNIT_SYNC_HELP_H

/*
 * A Trello for tests of src/sync: accounts in memory behind a struct remote
 * that can be told, for each call, to fail, to say nothing, or to answer from
 * another state of the world.  Linked with --wrap=time_monotonic_ms, time is
 * what the test says while nothing real is waited for.
 */

#include "trello/remote.h"

#include <stdbool.h>
#include <stdint.h>

struct board;
struct fake;

#define FAKE_WORLDS 3

/* Begin with virtual time (real: the test has threads) and empty worlds. */
struct fake *fake_new(bool real_time);
void fake_free(struct fake *fake);
struct remote *fake_remote(struct fake *fake);

/* Add the board to a world, as it is now. */
void fake_add_board(struct fake *fake, int world, const struct board *board);

/* Nothing is in this world any more.  Nobody may be asking it. */
void fake_empty_world(struct fake *fake, int world);

/* From which world a call is answered from now on; CALL_COUNT: all calls. */
void fake_use_world(struct fake *fake, enum remote_call call, int world);

/* A call fails like this from now on (verdict.err 0: no more).  What waits
 * for an answer fails, too.  CALL_COUNT: all calls. */
void fake_fail(struct fake *fake, enum remote_call call,
    const struct remote_verdict *verdict);

/* Nobody answers such calls / they are answered again. */
void fake_hold(struct fake *fake, enum remote_call call, bool hold);

/* How many there were since they were forgotten; CALL_COUNT: of all calls. */
unsigned fake_count(struct fake *fake, enum remote_call call);
void fake_forget_counts(struct fake *fake);

/* The priority of the last request of this kind, hurried or not. */
enum remote_priority fake_priority(struct fake *fake, enum remote_call call);

/* The token of the credentials that were set last, "" for none. */
const char *fake_token(struct fake *fake);

/* What fake_stats and fake_records will say. */
void fake_set_stats(struct fake *fake, const struct remote_stats *stats);
void fake_add_record(struct fake *fake, const struct remote_record *record);

/* Verdicts as the network gives them. */
extern const struct remote_verdict fake_fine, fake_offline, fake_wrong_token,
    fake_not_there, fake_no_right, fake_in_trouble;

/* Let time pass; the clock now. */
void fake_pass_ms(int64_t ms);
int64_t fake_now_ms(void);

#endif
