#include <config.h>

#include "cli/account.h"

#include "cli/paths.h"
#include "cli/settings.h"
#include "model/model_json.h"
#include "trello/auth.h"
#include "trello/http.h"
#include "trello/remote.h"
#include "trello/retry.h"
#include "util/err.h"
#include "util/timeutil.h"
#include "json/json_reader.h"

#include <openssl/evp.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How soon a cancellation is noticed. */
#define LOOK_MS 100

static int
copy(const struct secret *from, struct secret *to)
{
	return secret_set(to, from->data, from->len);
}

static int
take_credentials(
    const struct settings *settings, struct credentials *credentials)
{
	int r = copy(&settings->api_key, &credentials->key);

	credentials->kind = AUTH_TOKEN;
	if (r == 0)
		r = copy(&settings->token, &credentials->token);
	if (settings->auth != SETTINGS_OAUTH1)
		return r;
	credentials->kind = AUTH_OAUTH1;
	if (r == 0)
		r = copy(
		    &settings->consumer_secret, &credentials->consumer_secret);
	if (r == 0)
		r = copy(&settings->token_secret, &credentials->token_secret);
	return r;
}

int
account_options(const struct settings *settings,
    struct credentials *ret_credentials, struct http_options *ret_options)
{
	*ret_credentials = (struct credentials)CREDENTIALS_INIT;
	*ret_options = (struct http_options){
	    .base_url = settings->api_url,
	    .credentials = ret_credentials,
	    .user_agent = "trellofs/" PACKAGE_VERSION,
	    .ca_file = settings->ca_file,
	};
	return take_credentials(settings, ret_credentials);
}

/* Beside the databases; without that folder, what is left of the limits is
 * shared with nobody. */
static int
connect_to(const struct settings *settings, const struct http_options *more,
    struct remote **ret_remote, struct err *err)
{
	struct credentials credentials;
	struct http_options options;
	char *folder = NULL;
	int r = account_options(settings, &credentials, &options);

	options.max_running = more->max_running;
	options.retry = more->retry;
	options.patience_ms = more->patience_ms;
	options.quiet = more->quiet;
	(void)paths_state_folder(&folder, NULL);
	options.budget_folder = folder;
	if (r == 0)
		r = http_remote_new(&options, ret_remote, err);
	else
		err_set(err, r, "the credentials cannot be kept");
	free(folder);
	credentials_fini(&credentials);
	return r;
}

int
account_connect(const struct settings *settings, unsigned max_running,
    struct remote **ret_remote, struct err *err)
{
	const struct http_options options = {.max_running = max_running};

	return connect_to(settings, &options, ret_remote, err);
}

/* Somebody sits there and waits. */
static const struct retry_policy patience = {
    .max_tries = 3, .base_ms = 300, .cap_ms = 1000, .max_ms = 5000};

static int
connect_briefly(const struct settings *settings, struct remote **ret_remote,
    struct err *err)
{
	const struct http_options options = {.max_running = 1,
	    .retry = &patience,
	    .patience_ms = 15000,
	    .quiet = true};

	return connect_to(settings, &options, ret_remote, err);
}

struct answer {
	bool done;
	struct remote_verdict verdict;
};

static void
on_done(void *cookie, const struct remote_verdict *verdict)
{
	struct answer *answer = cookie;

	answer->done = true;
	answer->verdict = *verdict;
}

/* Ask and wait.  reader may be NULL for want of memory. */
static int
ask(struct remote *remote, enum remote_call call, struct json_reader *reader,
    const atomic_bool *cancel, struct err *err)
{
	struct answer answer = {.done = false};
	struct remote_args args = {.call = call,
	    .priority = PRIORITY_WAITING,
	    .reader = reader,
	    .done = on_done,
	    .cookie = &answer};
	struct remote_request *request;
	int r = remote_submit(remote, &args, &request);

	if (r != 0)
		return err_set(err, r, "it cannot be asked");
	while (!answer.done) {
		r = remote_run(remote, LOOK_MS);
		if (r == 0 && cancel != NULL && atomic_load(cancel))
			r = -ECANCELED;
		if (r != 0) {
			remote_cancel(remote, request);
			return err_set(err, r, "it cannot be asked");
		}
	}
	if (answer.verdict.err == 0)
		return 0;
	err_set(err, answer.verdict.err, "%s", answer.verdict.text);
	return answer.verdict.scope == SCOPE_ACCOUNT ? -EACCES
	       : answer.verdict.err == -EACCES	     ? -EPERM
						     : answer.verdict.err;
}

static int
ask_reader(struct remote *remote, enum remote_call call,
    struct json_reader *reader, const atomic_bool *cancel, struct err *err)
{
	int r;

	if (reader == NULL)
		return err_set(err, -ENOMEM, "out of memory");
	r = ask(remote, call, reader, cancel, err);
	json_reader_free(reader);
	return r;
}

static int
ask_member(struct remote *remote, const atomic_bool *cancel,
    struct account_info *info, struct err *err)
{
	return ask_reader(
	    remote, CALL_ME, member_reader_new(&info->member), cancel, err);
}

static int
ask_token(struct remote *remote, const atomic_bool *cancel,
    struct account_info *info, struct err *err)
{
	return ask_reader(
	    remote, CALL_TOKEN, token_reader_new(&info->token), cancel, err);
}

/* The token says whose it is, but no name. */
static int
ask_known(struct remote *remote, const struct account_known *known,
    const atomic_bool *cancel, struct account_info *info, struct err *err)
{
	struct member *member = &info->member;
	int r = ask_token(remote, cancel, info, err);

	if (r != 0)
		return r;
	if (strcmp(info->token.id_member, known->id) != 0)
		return ask_member(remote, cancel, info, err);
	memcpy(member->id, info->token.id_member, sizeof member->id);
	member->username = strdup(known->username);
	if (member->username == NULL)
		return err_set(err, -ENOMEM, "out of memory");
	return 0;
}

int
account_ask(const struct settings *settings, const struct account_known *known,
    const atomic_bool *cancel, struct account_info *ret_info, struct err *err)
{
	struct account_info info = {.token.expires_ms = TIME_NONE};
	struct remote *remote;
	int r = connect_briefly(settings, &remote, err);

	if (r != 0)
		return r;
	if (known != NULL)
		r = ask_known(remote, known, cancel, &info, err);
	else
		r = ask_member(remote, cancel, &info, err);
	if (r == 0 && known == NULL)
		r = ask_token(remote, cancel, &info, err);
	remote_free(remote);
	if (r == 0)
		*ret_info = info;
	else
		account_info_fini(&info);
	return r;
}

void
account_info_fini(struct account_info *info)
{
	member_fini(&info->member);
}

int
account_revoke(const struct settings *settings, struct err *err)
{
	struct remote *remote;
	int r = connect_briefly(settings, &remote, err);

	if (r != 0)
		return r;
	r = ask(remote, CALL_TOKEN_REVOKE, NULL, NULL, err);
	remote_free(remote);
	return r == -ENOENT ? -EACCES : r;
}

void
account_print(
    const struct settings *settings, char ret_print[ACCOUNT_PRINT_SIZE])
{
	const struct secret *key = &settings->api_key;
	const struct secret *token = &settings->token;
	unsigned char digest[EVP_MAX_MD_SIZE];
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	unsigned len = 0;

	ret_print[0] = '\0';
	if (context != NULL &&
	    EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1 &&
	    EVP_DigestUpdate(context, key->data, key->len) == 1 &&
	    EVP_DigestUpdate(context, "\n", 1) == 1 &&
	    EVP_DigestUpdate(context, token->data, token->len) == 1 &&
	    EVP_DigestFinal_ex(context, digest, &len) == 1)
		for (unsigned i = 0; i < len && i < 32; i++)
			(void)snprintf(ret_print + 2 * i, 3, "%02x", digest[i]);
	EVP_MD_CTX_free(context);
}
