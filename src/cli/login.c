#include "cli/login.h"

#include "cli/account.h"
#include "cli/browser.h"
#include "cli/callback.h"
#include "cli/config_edit.h"
#include "cli/options.h"
#include "cli/paths.h"
#include "cli/prompt.h"
#include "cli/session.h"
#include "model/model.h"
#include "store/peek.h"
#include "sync/rights.h"
#include "trello/auth.h"
#include "trello/authorize.h"
#include "trello/http.h"
#include "trello/oauth1_login.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/timeutil.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CALLBACK_MS (10 * 60 * 1000)

struct login {
	const struct options *options;
	struct session session;
	struct settings *settings; /* what is found out goes here */
	struct account_info info;
};

static const char *
profile(const struct login *login)
{
	return login->settings->profile;
}

/* What the file keeps would not be used. */
static int
check_sources(const struct login *login, struct err *err)
{
	if (session_has(&login->session, KEY_TOKEN_COMMAND))
		return err_set(err, -EINVAL,
		    "the token of profile %s comes from its token_command: "
		    "renew it there, or take that line out of %.200s",
		    profile(login), login->session.path);
	if (login->options->oauth1 && secret_is_set(&login->settings->token) &&
	    login->settings->origin[KEY_TOKEN] == ORIGIN_ENVIRONMENT)
		return err_set(err, -EINVAL,
		    "--oauth1 gets a token of its own: unset TRELLO_TOKEN");
	return 0;
}

/*
 * Ask for a value, unless the environment has it; an empty answer stands for
 * what the file has.
 */
static int
ask(struct login *login, enum settings_key key, const struct secret *known,
    const char *text, struct err *err)
{
	struct secret line = SECRET_INIT;
	int r;

	if (login->settings->origin[key] == ORIGIN_ENVIRONMENT)
		return 0;
	r = prompt_line(text, key != KEY_API_KEY, &line, err);
	if (r == 0 && line.len == 0 && secret_is_set(known))
		r = secret_set(&line, known->data, known->len);
	if (r == 0)
		r = settings_set(login->settings, key,
		    line.data != NULL ? line.data : "", ORIGIN_ENVIRONMENT,
		    err);
	else
		err_prefix(err, "%s", settings_key_name(key));
	secret_fini(&line);
	return r;
}

static int
ask_key(struct login *login, struct err *err)
{
	const struct settings *file = &login->session.file;

	if (prompt_has_terminal() && !secret_is_set(&file->api_key) &&
	    login->settings->origin[KEY_API_KEY] != ORIGIN_ENVIRONMENT)
		(void)puts("Your API key is at https://trello.com/apps/admin "
			   "(make an app there if you have\nnone; it takes a "
			   "minute).");
	return ask(login, KEY_API_KEY, &file->api_key,
	    secret_is_set(&file->api_key) ? "API key (Enter: as before): "
					  : "API key: ",
	    err);
}

/* The name that the page shows, and later the user's list of tokens. */
static void
name_us(const struct login *login, char name[160])
{
	char host[65] = "";
	bool named = strcmp(profile(login), "default") != 0;

	if (gethostname(host, sizeof host - 1) != 0 || host[0] == '\0')
		strcpy(host, "this machine");
	(void)snprintf(name, 160, "trellofs on %s%s%s%s", host,
	    named ? " (" : "", named ? profile(login) : "", named ? ")" : "");
}

/* Tell the page's address, and show it. */
static int
show_page(const struct login *login, const struct secret *request_token,
    const char *what, struct err *err)
{
	char name[160];
	const struct authorize asked = {
	    .key = &login->settings->api_key,
	    .oauth1 = request_token,
	    .name = name,
	    .write = !login->options->read_only,
	    .expiration = login->options->expires,
	};
	struct buf url = BUF_INIT;

	name_us(login, name);
	if (authorize_url(login->settings->api_url, &asked, &url) != 0) {
		buf_free(&url);
		return err_set(err, -ENOMEM, "out of memory");
	}
	(void)printf(
	    "Open this page, allow access%s:\n\n  %s\n\n", what, buf_str(&url));
	if (prompt_has_terminal() && browser_open(buf_str(&url)))
		(void)puts("(A browser has been started.)");
	buf_free(&url);
	return fflush(stdout) == 0
		   ? 0
		   : err_set(err, -EIO, "cannot write to standard output");
}

static int
get_token(struct login *login, struct err *err)
{
	int r = 0;

	if (login->settings->origin[KEY_TOKEN] != ORIGIN_ENVIRONMENT)
		r = show_page(
		    login, NULL, ", and copy the token that it shows", err);
	if (r == 0)
		r = ask(login, KEY_TOKEN, &(struct secret)SECRET_INIT,
		    "Token (it stays hidden): ", err);
	return r;
}

/* Open the page and get the verifier, from the user or from the browser. */
static int
get_verifier(struct login *login, struct callback *callback,
    const struct secret *request_token, struct secret *verifier,
    struct err *err)
{
	int r = show_page(login, request_token,
	    login->options->callback ? "" : ", and copy the code that it shows",
	    err);

	if (r != 0)
		return r;
	if (login->options->callback)
		return callback_wait(
		    callback, request_token, CALLBACK_MS, verifier, err);
	r = prompt_line("Code: ", false, verifier, err);
	if (r == 0 && verifier->len == 0)
		r = err_set(err, -EINVAL, "without the code there is no token");
	return r;
}

static int
keep_token(
    struct login *login, const struct credentials *credentials, struct err *err)
{
	struct settings *settings = login->settings;
	int r = settings_set(settings, KEY_TOKEN, credentials->token.data,
	    ORIGIN_ENVIRONMENT, err);

	if (r == 0)
		r = settings_set(settings, KEY_TOKEN_SECRET,
		    credentials->token_secret.data != NULL
			? credentials->token_secret.data
			: "",
		    ORIGIN_ENVIRONMENT, err);
	return r;
}

/* From the request token over the verifier to the token. */
static int
get_oauth1(struct login *login, struct callback *callback, struct err *err)
{
	struct secret verifier = SECRET_INIT;
	struct credentials credentials;
	struct http_options options;
	int r;

	r = account_options(login->settings, &credentials, &options);
	if (r != 0)
		err_set(err, r, "the credentials cannot be kept");
	else
		r = oauth1_login_begin(&options,
		    login->options->callback ? callback->url : "oob",
		    &credentials, err);
	if (r == 0)
		r = get_verifier(
		    login, callback, &credentials.token, &verifier, err);
	if (r == 0) {
		r = oauth1_login_end(
		    &options, verifier.data, &credentials, err);
		if (r == -EACCES)
			err_prefix(err, "the code was not accepted");
	}
	if (r == 0)
		r = keep_token(login, &credentials, err);
	secret_fini(&verifier);
	credentials_fini(&credentials);
	return r;
}

static int
log_in_by_oauth1(struct login *login, struct err *err)
{
	struct settings *settings = login->settings;
	struct callback callback = {.fd = -1};
	int r = ask(login, KEY_CONSUMER_SECRET,
	    &login->session.file.consumer_secret,
	    secret_is_set(&login->session.file.consumer_secret)
		? "Secret of the key (Enter: as before; it stays hidden): "
		: "Secret of the key (it stays hidden): ",
	    err);

	if (r == 0)
		r = settings_set(
		    settings, KEY_AUTH, "oauth1", ORIGIN_ENVIRONMENT, err);
	/* One that the file has is of no use to get another. */
	secret_fini(&settings->token);
	secret_fini(&settings->token_secret);
	if (r == 0 && login->options->callback)
		r = callback_open(&callback, err);
	if (r == 0)
		r = get_oauth1(login, &callback, err);
	callback_close(&callback);
	return r;
}

/* The database of the profile must not become another account's. */
static int
check_owner(const struct login *login, struct err *err)
{
	const char *username = model_str(login->info.member.username);
	struct store_peek peek;
	char *path = NULL;
	int r = paths_state_name(profile(login), &path, err);

	if (r != 0)
		return r;
	r = store_peek(path, &peek, err);
	free(path);
	if (r == -ENOENT)
		return 0;
	if (r != 0 || (strcmp(peek.member, login->info.member.id) == 0 &&
			  strcmp(peek.api_url, login->settings->api_url) == 0))
		return r;
	return err_set(err, -EPERM,
	    "profile %s belongs to @%.60s at %.120s, but this is @%.60s at "
	    "%.120s: use --profile NAME for another account",
	    profile(login), peek.username, peek.api_url, username,
	    login->settings->api_url);
}

static int
check(struct login *login, struct err *err)
{
	int r = account_ask(login->settings, NULL, NULL, &login->info, err);

	if (r == 0 && !login->info.token.board_read)
		r = err_set(err, -EACCES, "this token may not read boards");
	return r == 0 ? check_owner(login, err) : r;
}

static int
store(const struct login *login, struct err *err)
{
	const struct settings *settings = login->settings;
	bool oauth1 = login->options->oauth1;
	struct config_change changes[7] = {
	    {KEY_API_KEY, settings->api_key.data},
	    {KEY_CONSUMER_SECRET,
		oauth1 ? settings->consumer_secret.data : NULL},
	    {KEY_TOKEN, settings->token.data},
	    {KEY_TOKEN_SECRET, oauth1 ? settings->token_secret.data : NULL},
	};
	size_t n = 4;

	if (oauth1)
		changes[n++] = (struct config_change){KEY_AUTH, "oauth1"};
	else if (login->session.file.auth == SETTINGS_OAUTH1)
		changes[n++] = (struct config_change){KEY_AUTH, "token"};
	/* The token must never go to another address than this. */
	if (settings->origin[KEY_API_URL] == ORIGIN_ENVIRONMENT)
		changes[n++] =
		    (struct config_change){KEY_API_URL, settings->api_url};
	if (settings->origin[KEY_CA_FILE] == ORIGIN_ENVIRONMENT)
		changes[n++] =
		    (struct config_change){KEY_CA_FILE, settings->ca_file};
	return config_change(
	    login->session.path, profile(login), changes, n, err);
}

static void
summarise(const struct login *login)
{
	const struct member *member = &login->info.member;
	const struct token_info *token = &login->info.token;
	bool named = strcmp(profile(login), "default") != 0;
	struct buf rights = BUF_INIT;

	(void)rights_text(
	    !token->board_write, token->expires_ms, time_wall_ms(), &rights);
	(void)printf("account: @%s (%s)\nrights: %s\nkept in: %s, [%s]\n",
	    model_str(member->username), model_str(member->full_name),
	    buf_str(&rights), login->session.path, profile(login));
	if (login->options->read_only && token->board_write)
		(void)puts("This token may do more than --read-only asks for.");
	if (!login->options->read_only && !token->board_write)
		(void)puts("Nothing can be changed with this token.");
	(void)printf("To mount it: mkdir -p ~/trello && trellofs%s%s "
		     "~/trello\n",
	    named ? " " : "", named ? profile(login) : "");
	buf_free(&rights);
}

/* Whether the file still has the token, in another profile. */
static bool
is_used_elsewhere(const struct login *login, const struct secret *token)
{
	struct buf text = BUF_INIT;
	bool used = config_text(login->session.path, &text, NULL) != 0 ||
		    strstr(buf_str(&text), token->data) != NULL;

	buf_wipe(&text);
	return used;
}

/* Whoever has a copy of the token that was used until now can use it. */
static int
revoke_old(const struct login *login, struct err *err)
{
	const struct settings *old = &login->session.file;
	int r;

	if (!session_has(&login->session, KEY_TOKEN) ||
	    !secret_is_set(&old->api_key) || !secret_is_set(&old->token) ||
	    strcmp(old->token.data, login->settings->token.data) == 0 ||
	    is_used_elsewhere(login, &old->token))
		return 0;
	if (!login->options->revoke_old &&
	    !prompt_yes(
		"Revoke the token that was used until now? [Y/n] ", false))
		return 0;
	r = account_revoke(old, err);
	if (r != 0 && r != -EACCES) {
		err_prefix(err, "the new token is kept, but the old one is "
				"not revoked");
		return r;
	}
	(void)puts(r == 0 ? "The old token is revoked."
			  : "The old token was not valid any more.");
	return 0;
}

/* Everything that can fail and must leave all as it was. */
static int
log_in(struct login *login, struct err *err)
{
	int r = check_sources(login, err);

	if (r == 0)
		r = ask_key(login, err);
	if (r == 0)
		r = login->options->oauth1 ? log_in_by_oauth1(login, err)
					   : get_token(login, err);
	if (r == 0 && !login->options->oauth1)
		r = settings_set(login->settings, KEY_AUTH, "token",
		    ORIGIN_ENVIRONMENT, err);
	if (r == 0)
		r = check(login, err);
	return r == 0 ? store(login, err) : r;
}

int
login(const struct options *options, struct settings *settings, struct err *err)
{
	struct login login = {.options = options, .settings = settings};
	int r = session_open(&login.session, settings, err);

	if (r == 0) {
		r = log_in(&login, err);
		if (r != 0) {
			struct err why = *err;

			(void)err_set(
			    err, r, "%s; nothing was stored", why.text);
		}
	}
	if (r == 0) {
		summarise(&login);
		r = revoke_old(&login, err);
	}
	if (r == 0 && fflush(stdout) != 0)
		r = err_set(err, -EIO, "cannot write to standard output");
	account_info_fini(&login.info);
	session_close(&login.session);
	return r;
}
