#include "trello/storage.h"

#include "trello/http.h"
#include "trello/http_easy.h"
#include "trello/http_setup.h"
#include "trello/http_transfer.h"
#include "util/buf.h"
#include "util/err.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/queue.h>

#define TAG_MAX 100
#define REDIRECTS_MAX 5L

/* What an answer that is none is read of. */
#define UNWANTED_MAX 65536

struct storage_get {
	LIST_ENTRY(storage_get) entry;
	struct storage *storage;
	struct storage_args args;
	CURL *easy;
	struct curl_slist *headers;
	char error[CURL_ERROR_SIZE];
	char tag[TAG_MAX + 1];
	int64_t from, total; /* of Content-Range; -1: not said */
	bool begun;	     /* head has been called */
	bool paused;
	size_t unwanted;
};

struct storage {
	struct transfer_setup setup;
	CURLM *multi;
	bool any; /* bytes have come */
	LIST_HEAD(, storage_get) gets;
};

int
storage_new(const struct http_options *options, struct storage **ret_storage,
    struct err *err)
{
	const struct http_options own = {.base_url = options->base_url,
	    .user_agent = options->user_agent,
	    .ca_file = options->ca_file,
	    .connect_ms = options->connect_ms,
	    .stall_ms = options->stall_ms};
	struct storage *storage;
	int r = 0;

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return err_set(err, -EIO, "libcurl cannot be used");
	storage = calloc(1, sizeof *storage);
	if (storage == NULL) {
		curl_global_cleanup();
		return err_set(err, -ENOMEM, "out of memory");
	}
	LIST_INIT(&storage->gets);
	r = http_setup_init(&storage->setup, &own, err);
	if (r == 0) {
		storage->multi = curl_multi_init();
		if (storage->multi == NULL)
			r = err_set(err, -ENOMEM, "out of memory");
	}
	if (r != 0)
		storage_free(storage);
	else
		*ret_storage = storage;
	return r;
}

void
storage_free(struct storage *storage)
{
	if (storage == NULL)
		return;
	while (!LIST_EMPTY(&storage->gets))
		storage_cancel(LIST_FIRST(&storage->gets));
	(void)curl_multi_cleanup(storage->multi);
	http_setup_fini(&storage->setup);
	free(storage);
	curl_global_cleanup();
}

static bool
begins(const char *line, size_t len, const char *name)
{
	size_t n = strlen(name);

	return len > n && strncasecmp(line, name, n) == 0;
}

/* Only a strong tag says that the bytes are the same. */
static void
take_tag(struct storage_get *get, const char *value, size_t len)
{
	while (len > 0 && (*value == ' ' || *value == '\t'))
		value++, len--;
	while (len > 0 && isspace((unsigned char)value[len - 1]))
		len--;
	get->tag[0] = '\0';
	if (len < 2 || len > TAG_MAX || *value != '"')
		return;
	for (size_t i = 0; i < len; i++)
		if (!isgraph((unsigned char)value[i]))
			return;
	memcpy(get->tag, value, len);
	get->tag[len] = '\0';
}

/* bytes 10-19/100, bytes 10-19/(star) */
static void
take_range(struct storage_get *get, const char *value, size_t len)
{
	int64_t from, to, total;
	char text[128];
	int n;

	(void)snprintf(text, sizeof text, "%.*s", (int)len, value);
	get->from = get->total = -1;
	n = sscanf(text, " bytes %" SCNd64 "-%" SCNd64 "/%" SCNd64, &from, &to,
	    &total);
	if (n < 2 || from < 0 || to < from)
		return;
	get->from = from;
	if (n == 3 && total > to)
		get->total = total;
}

static size_t
on_header(char *line, size_t size, size_t n, void *userdata)
{
	struct storage_get *get = userdata;
	size_t len = size * n;

	if (begins(line, len, "HTTP/")) { /* after a redirect, another one */
		get->tag[0] = '\0';
		get->from = get->total = -1;
	} else if (begins(line, len, "etag:")) {
		take_tag(get, line + 5, len - 5);
	} else if (begins(line, len, "content-range:")) {
		take_range(get, line + 14, len - 14);
	}
	return len;
}

static int
status_of(const struct storage_get *get)
{
	long status = 0;

	(void)curl_easy_getinfo(get->easy, CURLINFO_RESPONSE_CODE, &status);
	return (int)status;
}

/* 0, or it is to end. */
static int
begin(struct storage_get *get)
{
	int status = status_of(get);
	struct storage_head head = {.total = -1, .tag = get->tag};
	curl_off_t length = -1;

	get->begun = true;
	if (status == 206) {
		head.from = get->from;
		head.total = get->total;
	} else {
		head.whole = true;
		(void)curl_easy_getinfo(
		    get->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
		head.total = length;
	}
	return get->args.head(get->args.cookie, &head);
}

static bool
is_good(const struct storage_get *get)
{
	int status = status_of(get);

	return status == 200 || status == 206;
}

static size_t
on_body(char *data, size_t size, size_t n, void *userdata)
{
	struct storage_get *get = userdata;
	size_t len = size * n;
	int r;

	if (!is_good(get)) {
		get->unwanted += len;
		return get->unwanted <= UNWANTED_MAX ? len : 0;
	}
	if (!get->begun && begin(get) != 0)
		return 0;
	get->storage->any = true;
	r = get->args.data(get->args.cookie, data, len);
	get->paused = r == 1;
	return r == 1 ? CURL_WRITEFUNC_PAUSE : r == 0 ? len : 0;
}

#define SET(option, value)                                                  \
	do {                                                                \
		if (curl_easy_setopt(get->easy, option, value) != CURLE_OK) \
			return -ENOMEM;                                     \
	} while (0)

static int
add_header(struct storage_get *get, const char *name, const char *value)
{
	struct buf line = BUF_INIT;
	struct curl_slist *longer = NULL;

	if (buf_printf(&line, "%s: %s", name, value) == 0)
		longer = curl_slist_append(get->headers, buf_str(&line));
	buf_free(&line);
	if (longer == NULL)
		return -ENOMEM;
	get->headers = longer;
	return 0;
}

static int
set_range(struct storage_get *get)
{
	char range[64];
	int r = 0;

	if (get->args.from == 0 && get->args.to == get->args.size)
		return 0;
	(void)snprintf(range, sizeof range, "%" PRId64 "-%" PRId64,
	    get->args.from, get->args.to - 1);
	SET(CURLOPT_RANGE, range);
	if (get->args.tag[0] != '\0')
		r = add_header(get, "If-Range", get->args.tag);
	if (r == 0 && get->headers != NULL)
		SET(CURLOPT_HTTPHEADER, get->headers);
	return r;
}

/* Bytes as they are, for as long as any come. */
static int
set_up(struct storage_get *get)
{
	int r = http_easy_init(get->easy, &get->storage->setup);

	if (r != 0)
		return r;
	SET(CURLOPT_URL, get->args.url);
	SET(CURLOPT_TIMEOUT_MS, 0L);
	SET(CURLOPT_ACCEPT_ENCODING, NULL);
	SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	SET(CURLOPT_BUFFERSIZE, 131072L);
	SET(CURLOPT_PRIVATE, get);
	SET(CURLOPT_ERRORBUFFER, get->error);
	SET(CURLOPT_HEADERFUNCTION, on_header);
	SET(CURLOPT_HEADERDATA, get);
	SET(CURLOPT_WRITEFUNCTION, on_body);
	SET(CURLOPT_WRITEDATA, get);
	if (!get->storage->setup.plain) {
		SET(CURLOPT_FOLLOWLOCATION, 1L);
		SET(CURLOPT_MAXREDIRS, REDIRECTS_MAX);
#if LIBCURL_VERSION_NUM >= 0x075500
		SET(CURLOPT_REDIR_PROTOCOLS_STR, "https");
#else
		SET(CURLOPT_REDIR_PROTOCOLS, (long)CURLPROTO_HTTPS);
#endif
	}
	return set_range(get);
}

static void
get_free(struct storage_get *get)
{
	curl_easy_cleanup(get->easy);
	curl_slist_free_all(get->headers);
	free((char *)get->args.url);
	free((char *)get->args.tag);
	free(get);
}

int
storage_start(struct storage *storage, const struct storage_args *args,
    struct storage_get **ret_get)
{
	struct storage_get *get;
	int r;

	if (!http_setup_may_ask(&storage->setup, args->url))
		return -EINVAL;
	get = calloc(1, sizeof *get);
	if (get == NULL)
		return -ENOMEM;
	get->storage = storage;
	get->from = get->total = -1;
	get->args = *args;
	get->args.url = strdup(args->url);
	get->args.tag = strdup(args->tag);
	get->easy = curl_easy_init();
	r = get->args.url != NULL && get->args.tag != NULL && get->easy != NULL
		? set_up(get)
		: -ENOMEM;
	if (r == 0 &&
	    curl_multi_add_handle(storage->multi, get->easy) != CURLM_OK)
		r = -ENOMEM;
	if (r != 0) {
		get_free(get);
		return r;
	}
	LIST_INSERT_HEAD(&storage->gets, get, entry);
	*ret_get = get;
	return 0;
}

bool
storage_is_trellos(const struct storage *storage, const char *url)
{
	return http_setup_is_own(&storage->setup, url);
}

void
storage_cancel(struct storage_get *get)
{
	(void)curl_multi_remove_handle(get->storage->multi, get->easy);
	LIST_REMOVE(get, entry);
	get_free(get);
}

void
storage_resume(struct storage_get *get)
{
	if (!get->paused)
		return;
	get->paused = false;
	(void)curl_easy_pause(get->easy, CURLPAUSE_CONT);
}

/* No address: it may be as good as a password. */
static void
say_end(const struct storage_get *get, CURLcode code, struct storage_end *end)
{
	char *url = NULL;
	CURLU *parts = curl_url();
	char *host = NULL;

	(void)curl_easy_getinfo(get->easy, CURLINFO_EFFECTIVE_URL, &url);
	if (parts != NULL && url != NULL &&
	    curl_url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK)
		(void)curl_url_get(parts, CURLUPART_HOST, &host, 0);
	if (end->status >= 300)
		(void)snprintf(end->text, sizeof end->text, "%.80s says %d",
		    host != NULL ? host : "the storage", end->status);
	else if (!end->good)
		(void)snprintf(end->text, sizeof end->text, "%.80s: %.160s",
		    host != NULL ? host : "the storage",
		    get->error[0] != '\0' ? get->error
					  : curl_easy_strerror(code));
	curl_free(host);
	curl_url_cleanup(parts);
}

static void
finish(struct storage_get *get, CURLcode code)
{
	struct storage_end end = {.status = status_of(get)};
	struct storage_args args = get->args;

	/* A file of no bytes has a head all the same. */
	if (code == CURLE_OK && is_good(get))
		end.good = get->begun || begin(get) == 0;
	say_end(get, code, &end);
	args.url = args.tag = NULL;
	storage_cancel(get);
	args.done(args.cookie, &end);
}

static bool
perform(struct storage *storage)
{
	CURLMsg *message;
	int running, left;
	bool any = false;

	(void)curl_multi_perform(storage->multi, &running);
	while (
	    (message = curl_multi_info_read(storage->multi, &left)) != NULL) {
		struct storage_get *get = NULL;
		CURLcode code = message->data.result;

		if (message->msg != CURLMSG_DONE)
			continue;
		(void)curl_easy_getinfo(
		    message->easy_handle, CURLINFO_PRIVATE, (char **)&get);
		assert(get != NULL);
		finish(get, code);
		any = true;
	}
	return any;
}

int
storage_run(struct storage *storage, int64_t timeout_ms)
{
	http_easy_wake(&storage->setup);
	storage->any = false;
	if (perform(storage) || storage->any)
		return 0;
	return curl_multi_poll(storage->multi, NULL, 0,
		   (int)(timeout_ms < 60000 ? timeout_ms : 60000),
		   NULL) == CURLM_OK
		   ? 0
		   : -EIO;
}

void
storage_wakeup(struct storage *storage)
{
	(void)curl_multi_wakeup(storage->multi);
}
