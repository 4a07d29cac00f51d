#include "trello/http_transfer.h"

#include "trello/calls.h"
#include "trello/http_easy.h"
#include "trello/http_message.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/timeutil.h"
#include "util/utf8.h"
#include "json/json_reader.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Of a body that is no answer, this much is kept, and not much more read. */
#define KEPT_MAX 4096
#define UNWANTED_MAX 65536

struct transfer {
	struct transfer_setup *setup;
	const struct remote_args *args;
	struct json_reader *reader;
	void *owner;
	CURL *easy;
	struct http_message message;
	char error[CURL_ERROR_SIZE];
	enum { BODY_UNKNOWN, BODY_JSON, BODY_KEPT } body_kind;
	struct buf kept;
	size_t received; /* bytes of the body, unpacked */
	bool fed;
	struct err read; /* what the reader, or the bound, said */
	struct budget_limits limits;
	int64_t date_s;		 /* of the reply, -1: none */
	int64_t clock_s;	 /* what it was signed with */
	unsigned generation;	 /* of the credentials */
	int64_t started_ms;	 /* monotonic */
	int64_t started_wall_ms; /* for the record */
};

static long
get_long(const struct transfer *transfer, CURLINFO info)
{
	long value = 0;

	(void)curl_easy_getinfo(transfer->easy, info, &value);
	return value;
}

static curl_off_t
get_off(const struct transfer *transfer, CURLINFO info)
{
	curl_off_t value = 0;

	(void)curl_easy_getinfo(transfer->easy, info, &value);
	return value;
}

static char *
get_text(const struct transfer *transfer, CURLINFO info)
{
	char *value = NULL;

	(void)curl_easy_getinfo(transfer->easy, info, &value);
	return value;
}

static int
status_of(const struct transfer *transfer)
{
	return (int)get_long(transfer, CURLINFO_RESPONSE_CODE);
}

static void
forget_limits(struct budget_limits *limits)
{
	for (int i = 0; i < LIMITER_MEMBERS; i++) {
		limits->window[i].interval_ms = -1;
		limits->window[i].max = -1;
		limits->window[i].remaining = -1;
	}
	limits->retry_after_ms = -1;
}

/* A header's value, if it is a number that is not negative. */
static int64_t
number(const char *s, const char *end)
{
	int64_t value = 0;

	while (s < end && (*s == ' ' || *s == '\t'))
		s++;
	if (s == end || *s < '0' || *s > '9')
		return -1;
	for (; s < end && *s >= '0' && *s <= '9'; s++)
		if (value < INT64_MAX / 100000)
			value = value * 10 + (*s - '0');
	return value;
}

static size_t
on_header(char *line, size_t size, size_t n, void *userdata)
{
	struct transfer *transfer = userdata;
	struct budget_limits *limits = &transfer->limits;
	const struct {
		const char *name;
		int64_t *value;
		int64_t unit;
	} known[] = {
	    {"x-rate-limit-api-token-interval-ms",
		&limits->window[LIMITER_TOKEN].interval_ms, 1},
	    {"x-rate-limit-api-token-max", &limits->window[LIMITER_TOKEN].max,
		1},
	    {"x-rate-limit-api-token-remaining",
		&limits->window[LIMITER_TOKEN].remaining, 1},
	    {"x-rate-limit-api-key-interval-ms",
		&limits->window[LIMITER_KEY].interval_ms, 1},
	    {"x-rate-limit-api-key-max", &limits->window[LIMITER_KEY].max, 1},
	    {"x-rate-limit-api-key-remaining",
		&limits->window[LIMITER_KEY].remaining, 1},
	    {"retry-after", &limits->retry_after_ms, 1000},
	};
	size_t len = size * n;
	int64_t date_s;

	transfer->setup->heard_ms = time_monotonic_ms();
	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		size_t name_len = strlen(known[i].name);
		int64_t value;

		if (len <= name_len || line[name_len] != ':' ||
		    strncasecmp(line, known[i].name, name_len) != 0)
			continue;
		value = number(line + name_len + 1, line + len);
		*known[i].value = value < 0 ? -1 : value * known[i].unit;
	}
	date_s = http_date_s(line, len);
	if (date_s >= 0)
		transfer->date_s = date_s;
	return len;
}

/* JSON of a 2xx is for the reader; without a type its first byte tells. */
static void
choose_body(struct transfer *transfer, const char *data, size_t len)
{
	const char *type = get_text(transfer, CURLINFO_CONTENT_TYPE);
	int status = status_of(transfer);
	bool json = verdict_is_json(type);

	if (type == NULL && len > 0)
		json = data[0] == '{' || data[0] == '[';
	transfer->body_kind =
	    status >= 200 && status < 300 && json ? BODY_JSON : BODY_KEPT;
}

static bool
keep(struct transfer *transfer, const char *data, size_t len)
{
	size_t room = KEPT_MAX - transfer->kept.len;

	(void)buf_add(&transfer->kept, data, len < room ? len : room);
	return transfer->received <= UNWANTED_MAX;
}

static bool
feed(struct transfer *transfer, const char *data, size_t len)
{
	if (transfer->reader == NULL)
		return true;
	transfer->fed = true;
	return json_reader_feed(transfer->reader, data, len, &transfer->read) ==
	       0;
}

static size_t
on_body(char *data, size_t size, size_t n, void *userdata)
{
	struct transfer *transfer = userdata;
	size_t len = size * n;
	bool go_on;

	transfer->setup->heard_ms = time_monotonic_ms();
	if (transfer->body_kind == BODY_UNKNOWN)
		choose_body(transfer, data, len);
	transfer->received += len;
	if (transfer->body_kind == BODY_KEPT) {
		go_on = keep(transfer, data, len);
	} else if (transfer->received > transfer->setup->max_reply_bytes) {
		(void)err_set(&transfer->read, -EFBIG,
		    "it is larger than %zu bytes",
		    transfer->setup->max_reply_bytes);
		go_on = false;
	} else {
		go_on = feed(transfer, data, len);
	}
	return go_on ? len : 0;
}

#define SET(option, value)                                             \
	do {                                                           \
		if (curl_easy_setopt(easy, option, value) != CURLE_OK) \
			return -ENOMEM;                                \
	} while (0)

static int
set_callbacks(CURL *easy, struct transfer *transfer)
{
	SET(CURLOPT_PRIVATE, transfer);
	SET(CURLOPT_ERRORBUFFER, transfer->error);
	SET(CURLOPT_HEADERFUNCTION, on_header);
	SET(CURLOPT_HEADERDATA, transfer);
	SET(CURLOPT_WRITEFUNCTION, on_body);
	SET(CURLOPT_WRITEDATA, transfer);
	return 0;
}

/* Trello works on a board for up to half a minute before it says anything. */
static int
set_stall(struct transfer *transfer)
{
	const struct call_info *info = call_info(transfer->args->call);
	long ms = transfer->setup->quick_stall_ms;

	if (info == NULL || !info->quick || ms >= transfer->setup->stall_ms)
		return 0;
	return curl_easy_setopt(transfer->easy, CURLOPT_LOW_SPEED_TIME,
		   (ms + 999) / 1000) == CURLE_OK
		   ? 0
		   : -ENOMEM;
}

int
transfer_new(struct transfer_setup *setup, const struct remote_args *args,
    struct json_reader *reader, struct transfer **ret_transfer)
{
	struct transfer *transfer = calloc(1, sizeof *transfer);
	int r = -ENOMEM;

	if (transfer == NULL)
		return -ENOMEM;
	transfer->setup = setup;
	transfer->args = args;
	transfer->reader = reader;
	transfer->date_s = -1;
	transfer->clock_s = setup->clock_s;
	transfer->generation = setup->generation;
	forget_limits(&transfer->limits);
	transfer->easy = curl_easy_init();
	if (transfer->easy != NULL)
		r = http_easy_init(transfer->easy, setup);
	if (r == 0)
		r = set_stall(transfer);
	if (r == 0)
		r = set_callbacks(transfer->easy, transfer);
	if (r == 0)
		r = http_message_set(
		    &transfer->message, transfer->easy, setup, args);
	if (r != 0) {
		transfer_free(transfer);
		return r;
	}
	transfer->started_ms = time_monotonic_ms();
	transfer->started_wall_ms = time_wall_ms();
	*ret_transfer = transfer;
	return 0;
}

void
transfer_free(struct transfer *transfer)
{
	if (transfer == NULL)
		return;
	curl_easy_cleanup(transfer->easy);
	http_message_fini(&transfer->message);
	buf_free(&transfer->kept);
	free(transfer);
}

CURL *
transfer_handle(const struct transfer *transfer)
{
	return transfer->easy;
}

struct transfer *
transfer_of(CURL *handle)
{
	struct transfer *transfer = NULL;

	(void)curl_easy_getinfo(handle, CURLINFO_PRIVATE, (char **)&transfer);
	assert(transfer != NULL);
	return transfer;
}

void
transfer_set_owner(struct transfer *transfer, void *owner)
{
	transfer->owner = owner;
}

void *
transfer_owner(const struct transfer *transfer)
{
	return transfer->owner;
}

bool
transfer_fed(const struct transfer *transfer)
{
	return transfer->fed;
}

bool
transfer_sent(const struct transfer *transfer)
{
	enum call_method method = call_info(transfer->args->call)->method;

	if (status_of(transfer) != 0)
		return true;
	/* Without its body it is no request yet. */
	if (method == METHOD_POST && !http_message_begun(&transfer->message))
		return false;
	return get_off(transfer, CURLINFO_PRETRANSFER_TIME_T) > 0;
}

const struct budget_limits *
transfer_limits(const struct transfer *transfer)
{
	return &transfer->limits;
}

int64_t
transfer_date_s(const struct transfer *transfer)
{
	return transfer->date_s;
}

int64_t
transfer_clock_s(const struct transfer *transfer)
{
	return transfer->clock_s;
}

unsigned
transfer_generation(const struct transfer *transfer)
{
	return transfer->generation;
}

/* What a server or libcurl says may repeat what it was sent. */
static void
redact(const struct transfer *transfer, char *text, size_t len)
{
	credentials_redact(&transfer->setup->credentials, text, len);
	credentials_redact(&transfer->setup->before, text, len);
}

static void
copy_redirect(const struct transfer *transfer, struct buf *out)
{
	const char *url = get_text(transfer, CURLINFO_REDIRECT_URL);

	if (url == NULL)
		return;
	(void)buf_add_str(out, url);
	if (out->err == 0)
		redact(transfer, out->data, out->len);
}

/* Somebody wants to know where he is sent, and he is. */
static bool
is_located(const struct transfer *transfer, CURLcode code,
    struct remote_verdict *ret_verdict)
{
	const char *url = get_text(transfer, CURLINFO_REDIRECT_URL);
	struct buf *out = transfer->args->location;
	int status = status_of(transfer);

	if (out == NULL || code != CURLE_OK || url == NULL || status < 300 ||
	    status >= 400)
		return false;
	buf_wipe(out);
	*ret_verdict = (struct remote_verdict){
	    .status = status, .began_ms = transfer->started_ms};
	if (buf_add_str(out, url) != 0) {
		ret_verdict->err = -ENOMEM;
		ret_verdict->scope = SCOPE_OBJECT;
		ret_verdict->when = WHEN_LATER;
	}
	return true;
}

bool
transfer_judge(struct transfer *transfer, CURLcode code,
    struct remote_verdict *ret_verdict)
{
	struct buf redirect = BUF_INIT;
	struct reply reply = {
	    .call = call_info(transfer->args->call),
	    .host = transfer->setup->host,
	    .curl_code = (int)code,
	    .curl_text = transfer->error,
	    /* Of half a file nothing is made. */
	    .sent = transfer_sent(transfer) &&
		    (status_of(transfer) != 0 ||
			http_message_is_whole(&transfer->message)),
	    .proxy_status = (int)get_long(transfer, CURLINFO_HTTP_CONNECTCODE),
	    .status = status_of(transfer),
	    .type = get_text(transfer, CURLINFO_CONTENT_TYPE),
	    .read = &transfer->read,
	};
	bool good = reply.status >= 200 && reply.status < 300;
	bool again;

	if (is_located(transfer, code, ret_verdict)) {
		buf_free(&redirect);
		return false;
	}
	if (transfer->body_kind == BODY_UNKNOWN)
		choose_body(transfer, NULL, 0);
	if (code == CURLE_OK && good && transfer->reader != NULL &&
	    transfer->body_kind == BODY_JSON) {
		transfer->fed = true;
		reply.cut =
		    json_reader_finish(transfer->reader, &transfer->read) != 0;
	}
	/* Neither JSON nor said to be something else: who reads it got
	 * nothing. */
	if (good && transfer->reader != NULL && reply.type == NULL &&
	    transfer->body_kind == BODY_KEPT)
		reply.type = "";
	redact(transfer, transfer->error, strlen(transfer->error));
	if (transfer->kept.len > 0)
		redact(transfer, transfer->kept.data, transfer->kept.len);
	copy_redirect(transfer, &redirect);
	reply.redirect = redirect.len > 0 ? buf_str(&redirect) : NULL;
	reply.body = buf_str(&transfer->kept);
	reply.body_len = transfer->kept.len;
	again = verdict_make(&reply, ret_verdict);
	ret_verdict->began_ms = transfer->started_ms;
	buf_free(&redirect);
	return again;
}

void
transfer_record(
    const struct transfer *transfer, struct remote_record *ret_record)
{
	const struct call_info *info = call_info(transfer->args->call);
	struct buf route = BUF_INIT;
	size_t len;

	*ret_record = (struct remote_record){
	    .at_ms = transfer->started_wall_ms,
	    .status = status_of(transfer),
	    .duration_ms = (int)(time_monotonic_ms() - transfer->started_ms),
	    .bytes = get_off(transfer, CURLINFO_SIZE_DOWNLOAD_T),
	};
	(void)snprintf(ret_record->method, sizeof ret_record->method, "%s",
	    call_method_name(info->method));
	(void)call_route(transfer->args, &route);
	len =
	    utf8_cut(buf_str(&route), route.len, sizeof ret_record->route - 1);
	memcpy(ret_record->route, buf_str(&route), len);
	buf_free(&route);
}
