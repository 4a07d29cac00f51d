#include "fs/searches.h"

#include "search/query.h"
#include "store/find.h"
#include "store/nodes.h"
#include "store/store.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/timeutil.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* From a link up to the mount's root. */
#define UP "../../../"

/* What was found before stays for a while: somebody may be reading it. */
#define RESULTS_KEPT 3

/* Cards that are kept in the results of all queries together; those who asked
 * longest ago search again. */
#define CARDS_KEPT ((size_t)1 << 18)

/* What depends on the time of day is as old at most. */
#define TIMED_MS 1000

#define NUMBERS ((uint64_t)1 << (62 - SEARCH_CARD_BITS))

/* An offset in a query's folder: the result that it is in, and how many of
 * its cards stand before. */
#define OFF_BITS 32
#define VERSIONS ((uint32_t)1 << 30)

struct result {
	struct found found;
	uint32_t version; /* from 1; 0: there is none */
};

struct live {
	uint64_t number; /* 0: nobody asks here */
	uint64_t used;	 /* the higher the later */
	char name[NODE_NAME_MAX + 1];
	struct query query;
	struct result results[RESULTS_KEPT]; /* newest first */
	bool fresh;			     /* the newest is of: */
	uint64_t commits;
	int64_t searched_ms; /* monotonic */
	int64_t mtime_ns;    /* when another result was found */
};

struct searches {
	pthread_mutex_t lock; /* of all of it; held while one is searched */
	struct store *store;
	struct live live[SEARCHES_MAX];
	uint64_t numbers; /* that were given */
	uint64_t uses;
	uint32_t versions;
	int64_t mtime_ns;
};

int
searches_new(struct store *store, struct searches **ret_searches)
{
	struct searches *searches = calloc(1, sizeof *searches);

	if (searches == NULL)
		return -ENOMEM;
	(void)pthread_mutex_init(&searches->lock, NULL);
	searches->store = store;
	searches->mtime_ns = time_wall_ns();
	*ret_searches = searches;
	return 0;
}

static void
forget_results(struct live *live)
{
	for (size_t i = 0; i < RESULTS_KEPT; i++) {
		found_fini(&live->results[i].found);
		live->results[i] = (struct result){0};
	}
	live->fresh = false;
}

static void
live_end(struct live *live)
{
	if (live->number == 0)
		return;
	forget_results(live);
	query_fini(&live->query);
	*live = (struct live){0};
}

void
searches_free(struct searches *searches)
{
	if (searches == NULL)
		return;
	for (size_t i = 0; i < SEARCHES_MAX; i++)
		live_end(&searches->live[i]);
	(void)pthread_mutex_destroy(&searches->lock);
	free(searches);
}

static int64_t
later_than(int64_t ns)
{
	int64_t now = time_wall_ns();

	return now > ns ? now : ns + 1;
}

static uint64_t
folder_ino(const struct live *live)
{
	return SEARCH_FIRST | live->number << SEARCH_CARD_BITS;
}

static uint64_t
card_ino(uint64_t ino)
{
	return ino & (((uint64_t)1 << SEARCH_CARD_BITS) - 1);
}

static struct live *
by_number(struct searches *searches, uint64_t number)
{
	for (size_t i = 0; i < SEARCHES_MAX; i++)
		if (number != 0 && searches->live[i].number == number)
			return &searches->live[i];
	return NULL;
}

static struct live *
by_ino(struct searches *searches, uint64_t ino)
{
	return by_number(searches, (ino & ~SEARCH_FIRST) >> SEARCH_CARD_BITS);
}

static struct live *
by_name(struct searches *searches, const char *name)
{
	for (size_t i = 0; i < SEARCHES_MAX; i++)
		if (searches->live[i].number != 0 &&
		    strcmp(searches->live[i].name, name) == 0)
			return &searches->live[i];
	return NULL;
}

/* One that is not used, or was not for the longest time. */
static struct live *
by_age(struct searches *searches)
{
	struct live *oldest = &searches->live[0];

	for (size_t i = 1; i < SEARCHES_MAX; i++)
		if (searches->live[i].used < oldest->used)
			oldest = &searches->live[i];
	return oldest;
}

static size_t
cards_kept(const struct live *live)
{
	size_t n = 0;

	for (size_t i = 0; i < RESULTS_KEPT; i++)
		n += live->results[i].found.cards.n;
	return n;
}

/* Forget results until not too many are kept; never this one's. */
static void
make_room(struct searches *searches, const struct live *keep)
{
	for (;;) {
		struct live *oldest = NULL;
		size_t n = 0;

		for (size_t i = 0; i < SEARCHES_MAX; i++) {
			struct live *live = &searches->live[i];
			size_t cards = cards_kept(live);

			n += cards;
			if (cards > 0 && live != keep &&
			    (oldest == NULL || live->used < oldest->used))
				oldest = live;
		}
		if (n <= CARDS_KEPT || oldest == NULL)
			return;
		forget_results(oldest);
	}
}

/* Take over what was found, if it is something else. */
static void
take(struct searches *searches, struct live *live, struct found *found)
{
	struct result *results = live->results;

	if (results[0].version != 0 && found_equal(&results[0].found, found)) {
		found_fini(found);
		return;
	}
	found_fini(&results[RESULTS_KEPT - 1].found);
	memmove(
	    &results[1], &results[0], (RESULTS_KEPT - 1) * sizeof results[0]);
	searches->versions = (searches->versions + 1) % VERSIONS;
	if (searches->versions == 0)
		searches->versions = 1;
	results[0] = (struct result){*found, searches->versions};
	live->mtime_ns = later_than(live->mtime_ns);
	make_room(searches, live);
}

static bool
is_fresh(const struct live *live, uint64_t commits)
{
	return live->fresh && live->commits == commits &&
	       (!live->query.timed ||
		   time_monotonic_ms() - live->searched_ms < TIMED_MS);
}

/* Bring the result up to date. */
static int
refresh(struct searches *searches, struct live *live)
{
	int64_t now_ms = time_monotonic_ms();
	struct found found;
	int r;

	live->used = ++searches->uses;
	if (is_fresh(live, store_commits(searches->store)))
		return 0;
	r = find_cards(searches->store, &live->query, time_wall_ms(), &found);
	if (r != 0)
		return r;
	live->fresh = true;
	live->commits = found.commits;
	take(searches, live, &found);
	live->searched_ms = now_ms;
	return 0;
}

/* A new query in the place of the one that was not used for the longest. */
static struct live *
begin(struct searches *searches, const char *name, struct query *query)
{
	struct live *live = by_age(searches);
	uint64_t number;

	live_end(live);
	do
		number = ++searches->numbers % NUMBERS;
	while (number == 0 || by_number(searches, number) != NULL);
	live->number = number;
	live->query = *query;
	(void)snprintf(live->name, sizeof live->name, "%s", name);
	searches->mtime_ns = later_than(searches->mtime_ns);
	return live;
}

/* Searches that fail leave nothing. */
static int
open_live(struct searches *searches, const char *name, struct err *err,
    struct live **ret_live)
{
	struct live *live = by_name(searches, name);
	struct query query;
	int r;

	if (live == NULL) {
		r = query_parse(name, &query, err);
		if (r != 0)
			return r == -EINVAL ? -ENOENT : r;
		live = begin(searches, name, &query);
	}
	r = refresh(searches, live);
	if (r == 0)
		*ret_live = live;
	else if (live->results[0].version == 0)
		live_end(live);
	return r;
}

int
searches_open(struct searches *searches, const char *query, uint64_t *ret_ino,
    struct err *err)
{
	struct live *live;
	int r;

	if (query[0] == '.')
		return -ENOENT;
	if (strlen(query) > NODE_NAME_MAX)
		return -ENAMETOOLONG;
	(void)pthread_mutex_lock(&searches->lock);
	r = open_live(searches, query, err, &live);
	if (r == 0)
		*ret_ino = folder_ino(live);
	(void)pthread_mutex_unlock(&searches->lock);
	return r;
}

/* The query of a folder with a result of now; the lock is taken in any case. */
static int
lock_live(struct searches *searches, uint64_t folder, struct live **ret_live)
{
	struct live *live;

	(void)pthread_mutex_lock(&searches->lock);
	live = by_ino(searches, folder);
	if (live == NULL)
		return -ENOENT;
	*ret_live = live;
	return refresh(searches, live);
}

int
searches_find(struct searches *searches, uint64_t folder, const char *name,
    uint64_t *ret_ino)
{
	struct live *live;
	int r = lock_live(searches, folder, &live);

	if (r == 0) {
		const struct found *found = &live->results[0].found;
		size_t i = found_by_name(found, name);

		if (i == SIZE_MAX)
			r = -ENOENT;
		else
			*ret_ino = folder | found->cards.v[i].ino;
	}
	(void)pthread_mutex_unlock(&searches->lock);
	return r;
}

static void
set_times(struct stat *st, int64_t ns)
{
	st->st_mtim.tv_sec = (time_t)(ns / 1000000000);
	st->st_mtim.tv_nsec = (long)(ns % 1000000000);
	if (st->st_mtim.tv_nsec < 0) {
		st->st_mtim.tv_nsec += 1000000000;
		st->st_mtim.tv_sec--;
	}
	st->st_ctim = st->st_atim = st->st_mtim;
}

/* The card of a link, and what the link says. */
static int
read_link(struct searches *searches, uint64_t ino, struct node *ret_card,
    struct buf *target)
{
	struct tx *tx;
	int r = store_read(searches->store, true, &tx);

	if (r != 0)
		return r;
	r = node_get(tx, card_ino(ino), ret_card);
	if (r == 0 && ret_card->parent == 0)
		r = -ENOENT;
	if (r == 0)
		r = buf_add_str(target, UP);
	if (r == 0)
		r = node_path(tx, ret_card, target);
	store_end(tx);
	return r;
}

static int
stat_link(struct searches *searches, uint64_t ino, struct stat *ret_stat)
{
	struct buf target = BUF_INIT;
	struct node card;
	int r = read_link(searches, ino, &card, &target);

	if (r == 0) {
		ret_stat->st_mode = S_IFLNK | 0777;
		ret_stat->st_size = (off_t)target.len;
		set_times(ret_stat, card.mtime_ns);
	}
	buf_free(&target);
	return r;
}

int
searches_stat(struct searches *searches, uint64_t ino, struct stat *ret_stat)
{
	struct live *live;
	int r;

	*ret_stat = (struct stat){.st_ino = ino, .st_nlink = 1};
	if (search_is_link(ino))
		return stat_link(searches, ino, ret_stat);
	r = lock_live(searches, ino, &live);
	if (r == 0) {
		ret_stat->st_mode = S_IFDIR | 0700;
		set_times(ret_stat, live->mtime_ns);
	}
	(void)pthread_mutex_unlock(&searches->lock);
	return r;
}

int64_t
searches_mtime_ns(struct searches *searches)
{
	int64_t ns;

	(void)pthread_mutex_lock(&searches->lock);
	ns = searches->mtime_ns;
	(void)pthread_mutex_unlock(&searches->lock);
	return ns;
}

/* The first one behind a number. */
static const struct live *
next_live(const struct searches *searches, uint64_t number)
{
	const struct live *next = NULL;

	for (size_t i = 0; i < SEARCHES_MAX; i++) {
		const struct live *live = &searches->live[i];

		if (live->number > number &&
		    (next == NULL || live->number < next->number))
			next = live;
	}
	return next;
}

int
searches_each(struct searches *searches, off_t off, search_fn *fn, void *cookie)
{
	const struct live *live;
	int r = 0;

	(void)pthread_mutex_lock(&searches->lock);
	for (live = next_live(searches, (uint64_t)off); live != NULL && r == 0;
	     live = next_live(searches, live->number))
		r = fn(
		    cookie, live->name, folder_ino(live), (off_t)live->number);
	(void)pthread_mutex_unlock(&searches->lock);
	return r;
}

/* The result that an offset is in, or the newest if that is gone. */
static const struct result *
result_at(const struct live *live, off_t off)
{
	for (size_t i = 1; i < RESULTS_KEPT; i++)
		if (live->results[i].version != 0 &&
		    live->results[i].version == (uint64_t)off >> OFF_BITS)
			return &live->results[i];
	return &live->results[0];
}

int
searches_each_link(struct searches *searches, uint64_t folder, off_t off,
    search_fn *fn, void *cookie)
{
	struct live *live;
	int r = lock_live(searches, folder, &live);

	if (r == 0) {
		const struct result *result = result_at(live, off);
		const struct found *found = &result->found;
		size_t i = (uint32_t)off;

		for (; i < found->cards.n && r == 0; i++)
			r = fn(cookie, found_name(found, i),
			    folder | found->cards.v[i].ino,
			    (off_t)((uint64_t)result->version << OFF_BITS |
				    (i + 1)));
	}
	(void)pthread_mutex_unlock(&searches->lock);
	return r;
}

int
searches_target(struct searches *searches, uint64_t ino, struct buf *out)
{
	struct node card;

	return read_link(searches, ino, &card, out);
}
