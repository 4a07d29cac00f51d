#include "sync/renew.h"

#include "store/store.h"
#include "sync/private.h"
#include "sync/rights.h"
#include "trello/auth.h"
#include "util/buf.h"
#include "util/log.h"
#include "util/timeutil.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define WARN_EVERY_MS (INT64_C(24) * 3600 * 1000)

/* Credentials on their way to the sync thread. */
struct renewal {
	struct credentials credentials;
	char *fingerprint;
};

static void
renewal_free(struct renewal *renewal)
{
	if (renewal == NULL)
		return;
	credentials_fini(&renewal->credentials);
	free(renewal->fingerprint);
	free(renewal);
}

void
renew_free(struct sync *sync)
{
	renewal_free(sync->renewal);
	sync->renewal = NULL;
}

static struct renewal *
exchange(struct sync *sync, struct renewal *new)
{
	struct renewal *old;

	(void)pthread_mutex_lock(&sync->lock);
	old = sync->renewal;
	sync->renewal = new;
	(void)pthread_mutex_unlock(&sync->lock);
	return old;
}

int
sync_renew(struct sync *sync, const struct credentials *credentials,
    const char *fingerprint)
{
	struct renewal *renewal = calloc(1, sizeof *renewal);

	if (renewal == NULL)
		return -ENOMEM;
	renewal->fingerprint = strdup(fingerprint);
	if (renewal->fingerprint == NULL ||
	    credentials_copy(credentials, &renewal->credentials) != 0) {
		free(renewal->fingerprint);
		free(renewal);
		return -ENOMEM;
	}
	renewal_free(exchange(sync, renewal));
	sync_wakeup(sync);
	return 0;
}

/* The next mount goes on with them without asking first. */
static void
keep_fingerprint(struct sync *sync)
{
	struct tx *tx;

	if (!sync->identity.checked || store_write(sync->store, &tx) != 0)
		return;
	if (store_meta_set(tx, "fingerprint", sync->fingerprint) == 0)
		(void)store_commit(tx);
	else
		store_end(tx);
}

void
renew_run(struct sync *sync)
{
	struct renewal *renewal = exchange(sync, NULL);

	if (renewal == NULL)
		return;
	if (remote_set_credentials(sync->remote, &renewal->credentials) != 0) {
		log_warning("new credentials cannot be used");
		renewal_free(renewal);
		return;
	}
	free(sync->fingerprint);
	sync->fingerprint = renewal->fingerprint;
	renewal->fingerprint = NULL;
	renewal_free(renewal);
	keep_fingerprint(sync);
	sync->identity.foreign = false;
	sync->identity.token_asked = false;
	sync->identity.failures = 0;
	sync->identity.retry_at_ms = 0;
	sync->account_gate_ms = 0;
	sync->offline_ms = 0;
	poll_now(sync);
	tasks_hurry(sync);
}

void
renew_hint(const struct sync *sync, struct buf *out)
{
	bool named =
	    sync->profile[0] != '\0' && strcmp(sync->profile, "default") != 0;

	(void)buf_printf(out, "run `trellofs login%s%s`",
	    named ? " --profile " : "", named ? sync->profile : "");
}

void
renew_warn(struct sync *sync, int64_t now_ms, int64_t *next_ms)
{
	int64_t expires_ms = sync->view.expires_ms;
	int64_t wall_ms = time_wall_ms();
	struct buf text = BUF_INIT;

	if (expires_ms == TIME_NONE || expires_ms - wall_ms > RIGHTS_WARN_MS)
		return;
	if (now_ms < sync->warn_at_ms) {
		if (sync->warn_at_ms < *next_ms)
			*next_ms = sync->warn_at_ms;
		return;
	}
	sync->warn_at_ms = now_ms + WARN_EVERY_MS;
	(void)buf_printf(&text, "profile %s: the token %s", sync->profile,
	    expires_ms > wall_ms ? "expires: " : "has expired");
	if (expires_ms > wall_ms)
		(void)rights_left(expires_ms, wall_ms, &text);
	(void)buf_add_str(&text, "; ");
	renew_hint(sync, &text);
	log_warning("%s", buf_str(&text));
	buf_free(&text);
}
