#include <config.h>

#include "cli/account.h"

#include "cli/settings.h"
#include "trello/auth.h"
#include "trello/http.h"
#include "trello/remote.h"
#include "util/err.h"

#include <openssl/evp.h>

#include <errno.h>
#include <stdio.h>

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
account_connect(const struct settings *settings, unsigned max_running,
    struct remote **ret_remote, struct err *err)
{
	struct credentials credentials = CREDENTIALS_INIT;
	struct http_options options = {
	    .base_url = settings->api_url,
	    .credentials = &credentials,
	    .user_agent = "trellofs/" PACKAGE_VERSION,
	    .ca_file = settings->ca_file,
	    .max_running = max_running,
	};
	int r = take_credentials(settings, &credentials);

	if (r == 0)
		r = http_remote_new(&options, ret_remote, err);
	else
		err_set(err, r, "the credentials cannot be kept");
	credentials_fini(&credentials);
	return r;
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
