#include "trello/http_setup.h"

#include "trello/http.h"
#include "trello/http_transfer.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/timeutil.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONNECT_MS 10000
/* Trello itself gives up (504) after 30 s. */
#define STALL_MS 35000
#define QUICK_STALL_MS 15000
#define TOTAL_MS 120000
#define REPLY_MAX ((size_t)256 << 20)

/* Clocks that differ by less are right. */
#define CLOCK_SLACK_S 30

/* The parts of a URL that matter; NULL where it has none. */
struct parts {
	char *scheme, *host, *port, *path;
	char *user, *password, *query, *fragment;
};

static void
parts_fini(struct parts *parts)
{
	curl_free(parts->scheme);
	curl_free(parts->host);
	curl_free(parts->port);
	curl_free(parts->path);
	curl_free(parts->user);
	curl_free(parts->password);
	curl_free(parts->query);
	curl_free(parts->fragment);
}

/* -EINVAL if it is no URL.  What is not there stays NULL. */
static int
parts_init(struct parts *parts, const char *url)
{
	const struct {
		CURLUPart part;
		char **value;
	} all[] = {
	    {CURLUPART_SCHEME, &parts->scheme},
	    {CURLUPART_HOST, &parts->host},
	    {CURLUPART_PORT, &parts->port},
	    {CURLUPART_PATH, &parts->path},
	    {CURLUPART_USER, &parts->user},
	    {CURLUPART_PASSWORD, &parts->password},
	    {CURLUPART_QUERY, &parts->query},
	    {CURLUPART_FRAGMENT, &parts->fragment},
	};
	CURLU *handle = curl_url();
	int r = 0;

	memset(parts, 0, sizeof *parts);
	if (handle == NULL)
		return -ENOMEM;
	if (curl_url_set(handle, CURLUPART_URL, url, 0) != CURLUE_OK)
		r = -EINVAL;
	for (size_t i = 0; r == 0 && i < sizeof all / sizeof *all; i++)
		if (curl_url_get(handle, all[i].part, all[i].value, 0) ==
		    CURLUE_OUT_OF_MEMORY)
			r = -ENOMEM;
	curl_url_cleanup(handle);
	if (r == 0 && (parts->scheme == NULL || parts->host == NULL))
		r = -EINVAL;
	if (r != 0)
		parts_fini(parts);
	return r;
}

static bool
is_loopback(const char *host)
{
	struct in_addr address;

	if (strcasecmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0 ||
	    strcmp(host, "::1") == 0)
		return true;
	return inet_pton(AF_INET, host, &address) == 1 &&
	       ntohl(address.s_addr) >> 24 == 127;
}

static int
check_parts(const struct parts *parts, const char *url, struct err *err)
{
	if (parts->user != NULL || parts->password != NULL ||
	    parts->query != NULL || parts->fragment != NULL)
		return err_set(err, -EINVAL,
		    "the API address must be nothing but scheme, host and "
		    "path, such as %s",
		    HTTP_API_URL);
	if (strcasecmp(parts->scheme, "https") == 0)
		return 0;
	if (strcasecmp(parts->scheme, "http") != 0)
		return err_set(err, -EINVAL,
		    "%s: the API address must begin with https://", url);
	if (!is_loopback(parts->host))
		return err_set(err, -EINVAL,
		    "%s: the token would travel in the clear: the API address "
		    "must begin with https://",
		    url);
	return 0;
}

static int
set_address(
    struct transfer_setup *setup, const struct parts *parts, const char *url)
{
	struct buf host = BUF_INIT;
	size_t len = strlen(url);

	while (len > 0 && url[len - 1] == '/')
		len--;
	setup->base_url = strndup(url, len);
	(void)buf_add_str(&host, parts->host);
	if (parts->port != NULL)
		(void)buf_printf(&host, ":%s", parts->port);
	setup->host = buf_steal(&host);
	setup->plain = strcasecmp(parts->scheme, "http") == 0;
	return setup->base_url != NULL && setup->host != NULL ? 0 : -ENOMEM;
}

static int
set_url(struct transfer_setup *setup, const struct http_options *options,
    struct err *err)
{
	const char *url = options->base_url;
	struct parts parts;
	int r;

	if (url == NULL)
		url = HTTP_API_URL;
	r = parts_init(&parts, url);
	if (r == -EINVAL)
		return err_set(err, r, "%s: this is no address", url);
	if (r != 0)
		return err_set(err, r, "out of memory");
	r = check_parts(&parts, url, err);
	if (r == 0 && (r = set_address(setup, &parts, url)) != 0)
		(void)err_set(err, r, "out of memory");
	parts_fini(&parts);
	return r;
}

static int
set_credentials(struct transfer_setup *setup,
    const struct http_options *options, struct err *err)
{
	int r;

	if (options->credentials == NULL)
		return 0;
	r = auth_check(options->credentials);
	if (r == -EINVAL)
		return err_set(err, r,
		    "the API key or the token is empty or holds characters "
		    "that none has");
	if (r == 0)
		r = credentials_copy(options->credentials, &setup->credentials);
	return r == 0 ? 0 : err_set(err, r, "out of memory");
}

static long
or_else(int64_t value, long otherwise)
{
	return value > 0 && value <= 3600000 ? (long)value : otherwise;
}

static int
set_rest(struct transfer_setup *setup, const struct http_options *options,
    struct err *err)
{
	const char *agent = options->user_agent;

	setup->connect_ms = or_else(options->connect_ms, CONNECT_MS);
	setup->stall_ms = or_else(options->stall_ms, STALL_MS);
	setup->quick_stall_ms =
	    or_else(options->quick_stall_ms, QUICK_STALL_MS);
	setup->total_ms = or_else(options->total_ms, TOTAL_MS);
	setup->max_reply_bytes = options->max_reply_bytes;
	if (setup->max_reply_bytes == 0)
		setup->max_reply_bytes = REPLY_MAX;
	setup->user_agent = strdup(agent != NULL ? agent : "trellofs");
	if (options->ca_file != NULL)
		setup->ca_file = strdup(options->ca_file);
	if (setup->user_agent == NULL ||
	    (options->ca_file != NULL && setup->ca_file == NULL))
		return err_set(err, -ENOMEM, "out of memory");
	return 0;
}

int
http_setup_init(struct transfer_setup *setup,
    const struct http_options *options, struct err *err)
{
	int r;

	memset(setup, 0, sizeof *setup);
	setup->slept_ms = time_slept_ms();
	r = set_url(setup, options, err);
	if (r == 0)
		r = set_credentials(setup, options, err);
	if (r == 0)
		r = set_rest(setup, options, err);
	if (r != 0)
		http_setup_fini(setup);
	return r;
}

int
http_setup_set_credentials(
    struct transfer_setup *setup, const struct credentials *credentials)
{
	struct credentials copy;
	int r = auth_check(credentials);

	if (r == 0)
		r = credentials_copy(credentials, &copy);
	if (r != 0)
		return r;
	credentials_fini(&setup->before);
	setup->before = setup->credentials;
	setup->credentials = copy;
	setup->generation++;
	return 0;
}

bool
http_setup_may_ask(const struct transfer_setup *setup, const char *url)
{
	struct parts parts;
	bool may;

	if (parts_init(&parts, url) != 0)
		return false;
	may = parts.user == NULL && parts.password == NULL &&
	      (setup->plain ? strcasecmp(parts.scheme, "http") == 0 &&
				  is_loopback(parts.host)
			    : strcasecmp(parts.scheme, "https") == 0);
	parts_fini(&parts);
	return may;
}

bool
http_setup_is_own(const struct transfer_setup *setup, const char *url)
{
	static const char *const hosts[] = {
	    "trello.com", "www.trello.com", "api.trello.com"};
	struct buf host = BUF_INIT;
	struct parts parts;
	bool own;

	if (parts_init(&parts, url) != 0)
		return false;
	(void)buf_add_str(&host, parts.host);
	if (parts.port != NULL)
		(void)buf_printf(&host, ":%s", parts.port);
	own = strcasecmp(buf_str(&host), setup->host) == 0;
	for (size_t i = 0; strcmp(setup->base_url, HTTP_API_URL) == 0 &&
			   i < sizeof hosts / sizeof hosts[0];
	     i++)
		own = own || strcasecmp(buf_str(&host), hosts[i]) == 0;
	buf_free(&host);
	parts_fini(&parts);
	return own;
}

void
http_setup_learn_clock(struct transfer_setup *setup, int64_t date_s)
{
	int64_t lag_s = date_s - time_wall_ms() / 1000;

	if (date_s < 0 || llabs(lag_s - setup->clock_s) < CLOCK_SLACK_S)
		return;
	setup->clock_s = llabs(lag_s) < CLOCK_SLACK_S ? 0 : lag_s;
}

void
http_setup_fini(struct transfer_setup *setup)
{
	free(setup->base_url);
	free(setup->host);
	free(setup->user_agent);
	free(setup->ca_file);
	credentials_fini(&setup->credentials);
	credentials_fini(&setup->before);
	VEC_FREE(&setup->sockets);
	memset(setup, 0, sizeof *setup);
}
