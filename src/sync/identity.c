#include "sync/observed.h"
#include "sync/private.h"

#include "model/model_json.h"
#include "store/store.h"
#include "util/err.h"
#include "util/log.h"
#include "util/timeutil.h"
#include "json/json_reader.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/*
 * Whose account it is, and what the token may do.  The store belongs to one
 * member at one API host; credentials of another are refused, so that one
 * account's changes never reach another.
 */

static void
identity_clear(struct identity *identity)
{
	json_reader_free(identity->reader);
	identity->reader = NULL;
	identity->request = NULL;
	identity->running = false;
	member_fini(&identity->member);
	identity->member = (struct member){0};
}

void
identity_free(struct sync *sync)
{
	struct identity *identity = &sync->identity;

	if (identity->request != NULL)
		sync->remote->ops->cancel(sync->remote, identity->request);
	identity_clear(identity);
}

int
identity_known(struct sync *sync)
{
	char fingerprint[128], url[512];
	struct tx *tx;
	int r = store_read(sync->store, false, &tx);

	if (r != 0)
		return r;
	r = store_meta_get(tx, "fingerprint", fingerprint, sizeof fingerprint);
	if (r == 0)
		r = store_meta_get(tx, "api_url", url, sizeof url);
	store_end(tx);
	if (r == -ENOENT)
		return 0;
	if (r != 0)
		return r;
	return sync->fingerprint[0] != '\0' &&
	       strcmp(fingerprint, sync->fingerprint) == 0 &&
	       strcmp(url, sync->api_url) == 0;
}

/* Compare with whom the store belongs to.  0: it is the same one; 1: it
 * belongs to nobody yet; -EPERM with the reason. */
static int
compare_owner(struct tx *tx, struct sync *sync, struct err *err)
{
	const struct member *member = &sync->identity.member;
	char id[MODEL_ID_SIZE], name[256], url[512];
	int r = store_meta_get(tx, "member", id, sizeof id);

	if (r == -ENOENT)
		return 1;
	if (r == 0)
		r = store_meta_get(tx, "username", name, sizeof name);
	if (r == 0)
		r = store_meta_get(tx, "api_url", url, sizeof url);
	if (r != 0)
		return err_set(err, r, "the state database cannot be read");
	if (strcmp(id, member->id) == 0 && strcmp(url, sync->api_url) == 0)
		return 0;
	return err_set(err, -EPERM,
	    "profile %s belongs to @%s at %s, but these credentials are of "
	    "@%s at %s: use -o profile=NAME for another account",
	    sync->profile, name, url, model_str(member->username),
	    sync->api_url);
}

static int
write_owner(struct tx *tx, struct sync *sync)
{
	const struct member *member = &sync->identity.member;
	int r = store_meta_set(tx, "member", member->id);

	if (r == 0)
		r = store_meta_set(tx, "username", model_str(member->username));
	if (r == 0)
		r = store_meta_set(tx, "api_url", sync->api_url);
	if (r == 0)
		r = store_meta_set(tx, "fingerprint", sync->fingerprint);
	return r;
}

/* Record whose store it is, unless it is somebody else's. */
static int
settle_owner(struct sync *sync, struct err *err)
{
	struct tx *tx;
	int r = store_write(sync->store, &tx);

	if (r != 0)
		return err_set(err, r, "the state database cannot be written");
	r = compare_owner(tx, sync, err);
	if (r >= 0) {
		r = write_owner(tx, sync);
		if (r == 0) {
			r = store_commit(tx);
			tx = NULL;
		}
		if (r != 0)
			err_set(err, r,
			    "the state database cannot be written: %s",
			    strerror(-r));
	}
	store_end(tx);
	return r;
}

static void
try_later(struct identity *identity)
{
	identity->retry_at_ms =
	    time_monotonic_ms() + sync_backoff_ms(identity->failures++);
}

/* It is another account than the store's: nothing is asked any more. */
static void
refuse(struct sync *sync, const struct err *err)
{
	sync->identity.foreign = true;
	(void)pthread_mutex_lock(&sync->lock);
	sync->view.online = false;
	(void)snprintf(
	    sync->view.reason, sizeof sync->view.reason, "%.319s", err->text);
	(void)pthread_mutex_unlock(&sync->lock);
}

static void
member_answered(void *cookie, const struct remote_verdict *verdict)
{
	struct sync *sync = cookie;
	struct identity *identity = &sync->identity;

	identity->request = NULL;
	identity->err = (struct err){0};
	sync_note_verdict(sync, verdict);
	if (verdict->err != 0) {
		/* Wrong credentials have a time of their own. */
		if (verdict->scope != SCOPE_ACCOUNT)
			try_later(identity);
	} else if (settle_owner(sync, &identity->err) == 0) {
		identity->checked = true;
		identity->failures = 0;
		observed_update(sync, NULL, 0);
	} else {
		log_error("%s", identity->err.text);
		if (identity->err.code == -EPERM)
			refuse(sync, &identity->err);
		else
			try_later(identity);
	}
	identity_clear(identity);
}

/* The next mount knows the rights before it has asked. */
static void
keep_rights(struct sync *sync, bool read_only)
{
	struct tx *tx;

	if (store_write(sync->store, &tx) != 0)
		return;
	if (store_meta_set(tx, "rights", read_only ? "read" : "write") == 0)
		(void)store_commit(tx);
	else
		store_end(tx);
}

void
identity_recall_rights(struct sync *sync)
{
	char rights[16];
	struct tx *tx;

	if (store_read(sync->store, false, &tx) != 0)
		return;
	if (store_meta_get(tx, "rights", rights, sizeof rights) == 0)
		sync->view.read_only = strcmp(rights, "read") == 0;
	store_end(tx);
}

static void
take_rights(struct sync *sync, const struct token_info *token)
{
	bool turned, other_end;

	(void)pthread_mutex_lock(&sync->lock);
	other_end = sync->view.expires_ms != token->expires_ms;
	turned = sync->view.read_only == token->board_write;
	sync->view.rights_known = true;
	sync->view.read_only = !token->board_write;
	sync->view.expires_ms = token->expires_ms;
	(void)pthread_mutex_unlock(&sync->lock);
	if (other_end)
		sync->warn_at_ms = 0;
	if (turned && sync->rights_turned != NULL)
		sync->rights_turned(sync->cookie);
}

static void
token_answered(void *cookie, const struct remote_verdict *verdict)
{
	struct sync *sync = cookie;
	struct identity *identity = &sync->identity;

	identity->request = NULL;
	sync_note_verdict(sync, verdict);
	if (verdict->err == 0) {
		take_rights(sync, &identity->token);
		keep_rights(sync, !identity->token.board_write);
	} else if (verdict->scope != SCOPE_OBJECT ||
		   verdict->when != WHEN_NEVER) {
		identity->token_asked = false;
		try_later(identity);
	}
	identity_clear(identity);
}

static void
ask(struct sync *sync, enum remote_call call, struct json_reader *reader,
    void (*done)(void *cookie, const struct remote_verdict *verdict))
{
	struct identity *identity = &sync->identity;
	struct remote_args args = {.call = call,
	    .priority =
		call == CALL_ME ? PRIORITY_WAITING : PRIORITY_BACKGROUND,
	    .reader = reader,
	    .done = done,
	    .cookie = sync};

	identity->reader = reader;
	identity->running = true;
	if (reader != NULL && sync->remote->ops->submit(
				  sync->remote, &args, &identity->request) == 0)
		return;
	identity_clear(identity);
	try_later(identity);
}

/* Who waits for a board may wait for us: that is worth a try at once, if it
 * was the network that failed. */
static int64_t
due_ms(struct sync *sync, int64_t now_ms)
{
	struct identity *identity = &sync->identity;

	if (now_ms < sync->account_gate_ms)
		return sync->account_gate_ms;
	if (identity->err.code == 0 && tasks_wanted(sync) &&
	    !waits_known_offline(sync, now_ms))
		return now_ms;
	return identity->retry_at_ms;
}

void
identity_run(struct sync *sync, int64_t now_ms, int64_t *next_ms)
{
	struct identity *identity = &sync->identity;

	if (identity->running || identity->foreign)
		return;
	if (identity->checked && identity->token_asked)
		return;
	/* Of wrong credentials nothing is asked but whether they still are. */
	if (identity->checked && sync->account_gate_ms != 0)
		return;
	if (now_ms < due_ms(sync, now_ms)) {
		if (due_ms(sync, now_ms) < *next_ms)
			*next_ms = due_ms(sync, now_ms);
		return;
	}
	if (!identity->checked) {
		ask(sync, CALL_ME, member_reader_new(&identity->member),
		    member_answered);
		return;
	}
	identity->token_asked = true;
	identity->token = (struct token_info){.expires_ms = TIME_NONE};
	ask(sync, CALL_TOKEN, token_reader_new(&identity->token),
	    token_answered);
}
