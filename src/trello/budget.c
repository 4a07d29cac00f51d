#include "trello/budget.h"

#include "trello/auth.h"
#include "trello/budget_file.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/log.h"
#include "util/timeutil.h"

#include <openssl/evp.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Alone, this long at least before another try. */
#define AGAIN_MS 30000

/* How often those who are gone are looked for. */
#define LOOK_MS 500

/* Of boots that are over, or of other keys. */
#define OLD_S (7L * 24 * 3600)

#define DIGEST_BYTES 32

/*
 * While shared, the file is the truth: it is read, changed and written under
 * its lock, and `limiter` is what was seen last.  Otherwise `limiter` is all
 * there is.
 */
struct budget {
	char *folder; /* NULL: never shared */
	char *address;
	char *path; /* of the file, for these credentials */
	unsigned char token_id[LIMITER_ID_BYTES];
	unsigned generation;
	bool quiet, told;
	int64_t (*clock_ms)(void *cookie);
	void *cookie;
	struct limiter *limiter;
	struct limiter *spare; /* to read into */
	bool used;	       /* limiter has been of use */
	struct budget_file file;
	bool shared;
	unsigned owner;	  /* our seat */
	int64_t again_ms; /* alone: then sharing may be tried */
	int64_t look_ms;  /* then it may be looked for who is gone */
	bool dropped;	  /* who is gone, and the file has it still */
	/* Before this there is no use in asking, of each kind. */
	int64_t ask_ms[PRIORITY_COUNT][2];
	char why[128]; /* it is not shared, "" */
};

static int64_t
machine_ms(void *cookie)
{
	(void)cookie;
	return time_monotonic_ms();
}

static int64_t
clock_ms(const struct budget *budget)
{
	return budget->clock_ms(budget->cookie);
}

/* Stamps of the file mean something until the next boot. */
static void
add_boot(EVP_MD_CTX *context)
{
	char id[64];
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, id, sizeof id) : 0;

	if (fd >= 0)
		(void)close(fd);
	if (n > 0)
		(void)EVP_DigestUpdate(context, id, (size_t)n);
}

/* SHA-256 of boot, word and secret: what tells them apart, and nothing of
 * them. */
static int
digest(const char *word, const struct secret *secret,
    unsigned char ret_digest[DIGEST_BYTES])
{
	unsigned char all[EVP_MAX_MD_SIZE];
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	unsigned len = 0;
	int r = -ENOMEM;

	if (context == NULL ||
	    EVP_DigestInit_ex(context, EVP_sha256(), NULL) != 1)
		goto end;
	add_boot(context);
	if (EVP_DigestUpdate(context, word, strlen(word) + 1) != 1 ||
	    (secret->len > 0 &&
		EVP_DigestUpdate(context, secret->data, secret->len) != 1) ||
	    EVP_DigestFinal_ex(context, all, &len) != 1 || len < DIGEST_BYTES)
		goto end;
	memcpy(ret_digest, all, DIGEST_BYTES);
	r = 0;
end:
	EVP_MD_CTX_free(context);
	return r;
}

static int
make_path(struct budget *budget, const struct secret *key, char **ret_path)
{
	struct buf path = BUF_INIT;
	unsigned char name[DIGEST_BYTES];
	int r = digest(budget->address, key, name);

	if (r != 0)
		return r;
	(void)buf_printf(&path, "%s/budget-", budget->folder);
	for (int i = 0; i < LIMITER_ID_BYTES; i++)
		(void)buf_printf(&path, "%02x", name[i]);
	*ret_path = buf_steal(&path);
	return *ret_path != NULL ? 0 : -ENOMEM;
}

static void
forget_waits(struct budget *budget)
{
	for (int i = 0; i < PRIORITY_COUNT; i++)
		budget->ask_ms[i][0] = budget->ask_ms[i][1] = INT64_MIN;
}

/* Nobody else is known any more. */
static void
leave(struct budget *budget)
{
	int64_t now_ms = clock_ms(budget);

	budget_file_close(&budget->file);
	budget->shared = false;
	budget->again_ms = now_ms + AGAIN_MS;
	for (unsigned i = 0; i < LIMITER_OWNERS; i++)
		if (i != budget->owner)
			limiter_drop_owner(budget->limiter, now_ms, i);
}

static void
go_alone(struct budget *budget, int r, const struct err *err)
{
	struct err why = {0};

	if (err == NULL || err->code == 0)
		(void)err_set(&why, r, "%.60s: %s", budget->path, strerror(-r));
	else
		why = *err;
	leave(budget);
	(void)snprintf(budget->why, sizeof budget->why, "%.127s", why.text);
	if (!budget->told && !budget->quiet)
		log_warning("the rate limit is not shared with other programs "
			    "that use this token: %s",
		    why.text);
	budget->told = true;
}

/* The file has just been read into found: 0 if it will do.  If there was more
 * in it than we know, that may have used all there is. */
static int
judge(struct budget *budget, struct limiter *found, int64_t now_ms,
    struct err *err)
{
	int r = limiter_check(found);

	if (r == -EPROTO &&
	    budget_file_others(&budget->file, LIMITER_OWNERS) > 0)
		return err_set(
		    err, r, "a trellofs of another version is running");
	if (r != 0 && budget->used)
		memcpy(found, budget->limiter, limiter_size());
	else if (r != 0)
		limiter_init(found);
	if (r != 0 && (budget->used || r != -ENODATA))
		limiter_hold(found, now_ms);
	if (r == -ENODATA)
		budget_file_sweep(&budget->file, OLD_S);
	limiter_mend(found, now_ms);
	return 0;
}

static void
swap(struct budget *budget)
{
	struct limiter *found = budget->spare;

	budget->spare = budget->limiter;
	budget->limiter = found;
}

/* With the lock: take what the file has for ours, and a seat.  -EBUSY: there
 * is none. */
static int
take_part(struct budget *budget, struct err *err)
{
	int64_t now_ms = clock_ms(budget);
	unsigned seat;
	int r = budget_file_read(&budget->file, budget->spare);

	if (r == 0)
		r = judge(budget, budget->spare, now_ms, err);
	if (r == 0)
		r = budget_file_sit(&budget->file, LIMITER_OWNERS, &seat);
	if (r != 0)
		return r;
	/* Who had it before is gone. */
	limiter_drop_owner(budget->spare, now_ms, seat);
	limiter_seal(budget->spare);
	r = budget_file_write(&budget->file, budget->spare);
	if (r != 0)
		return r;
	swap(budget);
	budget->owner = seat;
	budget->shared = true;
	budget->used = true;
	budget->why[0] = '\0';
	return 0;
}

/* 0, also if we stay alone; -EBUSY: there is no seat for us now. */
static int
join(struct budget *budget)
{
	struct err err = {0};
	int r =
	    budget_file_open(budget->path, limiter_size(), &budget->file, &err);

	if (r == 0)
		r = budget_file_lock(&budget->file);
	if (r == 0) {
		r = take_part(budget, &err);
		budget_file_unlock(&budget->file);
	}
	if (r == -EBUSY)
		budget_file_close(&budget->file);
	else if (r != 0)
		go_alone(budget, r, &err);
	return r == -EBUSY ? r : 0;
}

/* Lock the file and read it.  If it is lost, what was seen last goes on, once
 * that what was not seen is over. */
static int
lock_shared(struct budget *budget)
{
	int r = budget_file_lock(&budget->file);

	if (r == 0)
		r = budget_file_read(&budget->file, budget->spare);
	if (r == 0)
		r = limiter_check(budget->spare);
	if (r == 0)
		swap(budget);
	if (r != -ENODATA && r != -EBADMSG)
		return r;
	limiter_hold(budget->limiter, clock_ms(budget));
	return 0;
}

static bool
may_join(const struct budget *budget, int64_t now_ms)
{
	return !budget->shared && budget->folder != NULL &&
	       now_ms >= budget->again_ms &&
	       (!budget->used || limiter_is_quiet(budget->limiter, now_ms));
}

/* Those who are gone leave what they had. */
static void
drop_the_dead(struct budget *budget, int64_t now_ms)
{
	bool owners[LIMITER_OWNERS];

	if (!budget->shared || now_ms < budget->look_ms)
		return;
	budget->look_ms = now_ms + LOOK_MS;
	limiter_owners(budget->limiter, owners);
	for (unsigned i = 0; i < LIMITER_OWNERS; i++)
		if (owners[i] && i != budget->owner &&
		    !budget_file_is_taken(&budget->file, i)) {
			limiter_drop_owner(budget->limiter, now_ms, i);
			budget->dropped = true;
		}
}

/*
 * Begin: the limiter is up to date and, if it is shared, locked; the clock is
 * read after that, so that nobody's time goes back.  -EBUSY: not now.
 */
static int
begin(struct budget *budget, int64_t *ret_now_ms, unsigned *ret_token)
{
	int r = 0;

	if (may_join(budget, clock_ms(budget)))
		r = join(budget);
	if (r == 0 && budget->shared)
		r = lock_shared(budget);
	if (r == -ESTALE) {
		budget_file_close(&budget->file);
		budget->shared = false;
		r = join(budget);
		if (r == 0 && budget->shared)
			r = lock_shared(budget);
	}
	if (r != 0 && r != -EBUSY) {
		go_alone(budget, r, NULL);
		r = 0;
	}
	if (r == -EBUSY)
		return r;
	*ret_now_ms = clock_ms(budget);
	limiter_mend(budget->limiter, *ret_now_ms);
	drop_the_dead(budget, *ret_now_ms);
	budget->used = true;
	r = limiter_token(
	    budget->limiter, *ret_now_ms, budget->token_id, ret_token);
	if (r != 0 && budget->shared)
		budget_file_unlock(&budget->file);
	return r;
}

static void
end(struct budget *budget, bool changed)
{
	int r = 0;

	if (!budget->shared)
		return;
	if (changed || budget->dropped) {
		limiter_seal(budget->limiter);
		r = budget_file_write(&budget->file, budget->limiter);
	}
	budget->dropped = false;
	budget_file_unlock(&budget->file);
	if (r != 0)
		go_alone(budget, r, NULL);
}

int64_t
budget_take(struct budget *budget, enum remote_priority priority, bool members,
    struct budget_ticket *ret_ticket)
{
	struct budget_ticket ticket = {.request.priority = priority,
	    .request.members = members,
	    .generation = budget->generation};
	int64_t *ask_ms = &budget->ask_ms[priority][members];
	int64_t now_ms = clock_ms(budget);
	int64_t wait;

	if (now_ms < *ask_ms)
		return *ask_ms == INT64_MAX ? INT64_MAX : *ask_ms - now_ms;
	if (begin(budget, &now_ms, &ticket.request.token) != 0)
		return LIMITER_POLL_MS;
	ticket.request.owner = budget->owner;
	wait = limiter_take(
	    budget->limiter, now_ms, &ticket.request, &ticket.entry);
	end(budget, true);
	if (wait == 0)
		*ret_ticket = ticket;
	else
		*ask_ms = wait == INT64_MAX ? INT64_MAX : now_ms + wait;
	return wait;
}

static void
learn(struct budget *budget, int64_t now_ms, unsigned token,
    const struct budget_limits *limits)
{
	for (int i = 0; limits != NULL && i < LIMITER_MEMBERS; i++)
		limiter_learn(budget->limiter, now_ms, token,
		    (enum limiter_window)i, limits->window[i].interval_ms,
		    limits->window[i].max, limits->window[i].remaining);
}

void
budget_end(struct budget *budget, const struct budget_ticket *ticket,
    const struct budget_end *ended)
{
	struct limiter_request request = ticket->request;
	int64_t now_ms;

	forget_waits(budget);
	if (ticket->generation != budget->generation ||
	    begin(budget, &now_ms, &request.token) != 0)
		return;
	request.owner = budget->owner;
	learn(budget, now_ms, request.token, ended->limits);
	limiter_end(
	    budget->limiter, now_ms, &request, &ticket->entry, ended->outcome);
	if (ended->outcome == LIMITER_REFUSED)
		limiter_throttled(budget->limiter, now_ms, request.token,
		    ended->members_limit,
		    ended->limits != NULL ? ended->limits->retry_after_ms : -1,
		    ended->random);
	end(budget, true);
}

void
budget_stats(struct budget *budget, struct remote_stats *ret_stats)
{
	int64_t now_ms;
	unsigned token;

	if (begin(budget, &now_ms, &token) != 0)
		return;
	limiter_stats(budget->limiter, now_ms, token, ret_stats);
	ret_stats->budget_others = 0;
	if (budget->shared)
		ret_stats->budget_others =
		    budget_file_others(&budget->file, LIMITER_OWNERS);
	(void)snprintf(ret_stats->budget_alone, sizeof ret_stats->budget_alone,
	    "%s", budget->why);
	end(budget, false);
}

int
budget_use(struct budget *budget, const struct credentials *credentials)
{
	static const struct credentials nobody = CREDENTIALS_INIT;
	unsigned char token[DIGEST_BYTES];
	char *path = NULL;
	int r;

	if (credentials == NULL)
		credentials = &nobody;
	r = digest("token", &credentials->token, token);
	if (r == 0 && budget->folder != NULL)
		r = make_path(budget, &credentials->key, &path);
	if (r != 0)
		return r;
	forget_waits(budget);
	budget->generation++;
	memcpy(budget->token_id, token, sizeof budget->token_id);
	/* With the seat goes what is out. */
	budget_file_close(&budget->file);
	budget->shared = false;
	budget->used = false;
	budget->again_ms = INT64_MIN;
	limiter_init(budget->limiter);
	free(budget->path);
	budget->path = path;
	return 0;
}

int
budget_new(const struct budget_options *options, struct budget **ret_budget)
{
	struct budget *budget = calloc(1, sizeof *budget);
	const char *address = options->address;
	int r = -ENOMEM;

	if (budget == NULL)
		return r;
	budget->file.fd = -1;
	budget->quiet = options->quiet;
	budget->clock_ms =
	    options->clock_ms != NULL ? options->clock_ms : machine_ms;
	budget->cookie = options->cookie;
	budget->look_ms = INT64_MIN;
	budget->limiter = malloc(limiter_size());
	budget->address = strdup(address != NULL ? address : "");
	if (options->folder != NULL)
		budget->folder = strdup(options->folder);
	budget->spare = malloc(limiter_size());
	if (budget->limiter != NULL && budget->spare != NULL &&
	    budget->address != NULL &&
	    (options->folder == NULL || budget->folder != NULL))
		r = budget_use(budget, options->credentials);
	if (r != 0) {
		budget_free(budget);
		return r;
	}
	*ret_budget = budget;
	return 0;
}

void
budget_free(struct budget *budget)
{
	if (budget == NULL)
		return;
	budget_file_close(&budget->file);
	free(budget->limiter);
	free(budget->spare);
	free(budget->folder);
	free(budget->address);
	free(budget->path);
	free(budget);
}
