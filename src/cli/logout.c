#include "cli/login.h"

#include "cli/account.h"
#include "cli/config_edit.h"
#include "cli/credentials.h"
#include "cli/options.h"
#include "cli/paths.h"
#include "cli/session.h"
#include "store/cache.h"
#include "store/peek.h"
#include "util/err.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What was changed here and is not at Trello would have to wait for a login
 * of the same account. */
static int
check_queue(const struct session *session, struct err *err)
{
	struct store_peek peek;
	char *path = NULL;
	int r = paths_state_name(session->settings->profile, &path, err);

	if (r != 0)
		return r;
	r = store_peek(path, &peek, err);
	free(path);
	if (r == -ENOENT)
		return 0;
	if (r == 0 && peek.waiting > 0)
		r = err_set(err, -EBUSY,
		    "%lld change%s of profile %s not at Trello yet: mount it "
		    "and run trellofs sync; with --force they wait for the "
		    "next login",
		    (long long)peek.waiting, peek.waiting == 1 ? "" : "s",
		    session->settings->profile);
	return r;
}

/* The token in the section of the profile; another's stays another's. */
static int
check_token(const struct session *session, struct err *err)
{
	const char *profile = session->settings->profile;

	if (session_has(session, KEY_TOKEN) ||
	    session->file.token_command != NULL)
		return 0;
	if (secret_is_set(&session->file.token))
		return err_set(err, -EINVAL,
		    "profile %s uses the token of [default] in %.200s: log "
		    "that one out",
		    profile, session->path);
	return err_set(err, -EINVAL,
	    "there is no token of profile %s in %.200s", profile,
	    session->path);
}

static int
revoke(struct session *session, struct err *err)
{
	int r = credentials_complete(
	    &session->file, session->path, &session->found, NULL, err);

	if (r == 0)
		r = account_revoke(&session->file, err);
	if (r == -EACCES) {
		(void)puts("The token was not valid any more.");
		return 0;
	}
	if (r != 0) {
		struct err why = *err;

		return err_set(err, r,
		    "%.380s; the token is still valid and still in the file "
		    "(--keep-token only takes it out)",
		    why.text);
	}
	(void)puts("The token is revoked.");
	return 0;
}

static int
take_out(const struct session *session, struct err *err)
{
	static const struct config_change changes[] = {
	    {KEY_TOKEN, NULL}, {KEY_TOKEN_SECRET, NULL}};
	int r;

	if (!session_has(session, KEY_TOKEN)) {
		(void)puts("Take it out of where token_command has it from.");
		return 0;
	}
	r = config_change(session->path, session->settings->profile, changes,
	    sizeof changes / sizeof changes[0], err);
	if (r == 0)
		(void)printf("It is no longer in %s, [%s].\n", session->path,
		    session->settings->profile);
	return r;
}

/* What was read of cards is not for who logs in next. */
static int
remove_downloads(const struct session *session, struct err *err)
{
	char *folder = NULL;
	int r = paths_cache(session->settings->profile, &folder, err);

	if (r != 0)
		return r;
	r = cache_remove(folder);
	if (r != 0)
		r = err_set(err, r, "%.300s cannot be removed: %s", folder,
		    strerror(-r));
	free(folder);
	return r;
}

int
logout(
    const struct options *options, struct settings *settings, struct err *err)
{
	struct session session;
	int r = session_open(&session, settings, err);

	if (r == 0)
		r = check_token(&session, err);
	if (r == 0 && !options->force)
		r = check_queue(&session, err);
	if (r == 0 && !options->keep_token)
		r = revoke(&session, err);
	if (r == 0)
		r = take_out(&session, err);
	if (r == 0)
		r = remove_downloads(&session, err);
	if (r == 0 && fflush(stdout) != 0)
		r = err_set(err, -EIO, "cannot write to standard output");
	session_close(&session);
	return r;
}
