#include "trello/http_message.h"

#include "trello/auth.h"
#include "trello/calls.h"
#include "trello/http.h"
#include "trello/http_transfer.h"
#include "util/timeutil.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

static size_t
on_request(char *data, size_t size, size_t n, void *userdata)
{
	struct http_message *message = userdata;
	size_t left = message->body.len - message->read;
	size_t len = size * n < left ? size * n : left;

	memcpy(data, buf_str(&message->body) + message->read, len);
	message->read += len;
	return len;
}

/* What the file has lost meanwhile cannot be sent. */
static size_t
on_file(char *data, size_t size, size_t n, void *userdata)
{
	struct http_message *message = userdata;
	const struct remote_file *file = message->file;
	int64_t left = file->bytes - message->file_read;
	size_t len = size * n;
	ssize_t got;

	if (left < (int64_t)len)
		len = (size_t)left;
	if (len == 0)
		return 0;
	do
		got = pread(file->fd, data, len, message->file_read);
	while (got < 0 && errno == EINTR);
	if (got <= 0)
		return CURL_READFUNC_ABORT;
	message->file_read += got;
	if (file->sent != NULL)
		*file->sent = message->file_read;
	*message->heard_ms = time_monotonic_ms();
	return (size_t)got;
}

bool
http_message_begun(const struct http_message *message)
{
	if (message->file != NULL)
		return message->file->bytes == 0 || message->file_read > 0;
	return message->body.len == 0 || message->read > 0;
}

bool
http_message_is_whole(const struct http_message *message)
{
	return message->file == NULL ||
	       message->file_read == message->file->bytes;
}

static int
add_header(struct http_message *message, const char *line)
{
	struct curl_slist *longer = curl_slist_append(message->headers, line);

	if (longer == NULL)
		return -ENOMEM;
	message->headers = longer;
	return 0;
}

/* libcurl would wait for a "100 Continue" before it sends a long body. */
static int
add_body_headers(struct http_message *message, const char *type)
{
	struct buf line = BUF_INIT;
	int r;

	if (type == NULL && message->file == NULL)
		return 0;
	(void)buf_printf(&line, "Content-Type: %s", type != NULL ? type : "");
	/* libcurl makes that of an upload. */
	r = type != NULL ? add_header(message, buf_str(&line)) : 0;
	if (r == 0)
		r = add_header(message, "Expect:");
	buf_free(&line);
	return r;
}

int
http_nonce(char ret_nonce[HTTP_NONCE_SIZE])
{
	unsigned char bytes[(HTTP_NONCE_SIZE - 1) / 2];

	if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
		return -EIO;
	for (size_t i = 0; i < sizeof bytes; i++)
		(void)snprintf(ret_nonce + 2 * i, 3, "%02x", bytes[i]);
	return 0;
}

static int
add_authorization(struct http_message *message,
    const struct transfer_setup *setup, const struct remote_args *args,
    const char *url)
{
	const struct call_info *info = call_info(args->call);
	char nonce[HTTP_NONCE_SIZE];
	struct auth_request request = {
	    .method = call_method_name(info->method),
	    .url = url,
	    .form = info->takes_json || info->takes_file
			? NULL
			: buf_str(&message->body),
	    .time_s = time_wall_ms() / 1000 + setup->clock_s,
	    .nonce = nonce,
	};
	struct buf line = BUF_INIT;
	int r = http_nonce(nonce);

	if (r == 0)
		r = auth_header(&setup->credentials, &request, &line);
	if (r == 0 && line.len > 0)
		r = add_header(message, buf_str(&line));
	buf_wipe(&line);
	return r;
}

#define SET(option, value)                                             \
	do {                                                           \
		if (curl_easy_setopt(easy, option, value) != CURLE_OK) \
			return -ENOMEM;                                \
	} while (0)

static int
set_headers(struct http_message *message, CURL *easy,
    const struct transfer_setup *setup, const struct remote_args *args,
    const char *url)
{
	int r = add_authorization(message, setup, args, url);

	if (r == 0)
		r = add_header(message, args->location == NULL
					    ? "Accept: application/json"
					    : "Accept: */*");
	if (r == 0)
		r = add_body_headers(message, call_body_type(args->call));
	if (r != 0)
		return r;
	SET(CURLOPT_HTTPHEADER, message->headers);
	return 0;
}

/*
 * When a connection that was used before dies without an answer, libcurl
 * sends the request again on another one, a POST too.  It cannot if it gets
 * the body from a function and has no way to rewind that.
 */
static int
set_post(struct http_message *message, CURL *easy)
{
	SET(CURLOPT_POST, 1L);
	SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)message->body.len);
	if (message->body.len == 0) {
		SET(CURLOPT_POSTFIELDS, "");
		return 0;
	}
	SET(CURLOPT_READFUNCTION, on_request);
	SET(CURLOPT_READDATA, message);
	return 0;
}

static int
add_part(curl_mime *parts, const char *name, curl_mimepart **ret_part)
{
	curl_mimepart *part = curl_mime_addpart(parts);

	if (part == NULL || curl_mime_name(part, name) != CURLE_OK)
		return -ENOMEM;
	*ret_part = part;
	return 0;
}

/* It has no way to rewind that either. */
static int
set_upload(
    struct http_message *message, CURL *easy, const struct remote_args *args)
{
	curl_mimepart *part;
	int r = 0;

	message->parts = curl_mime_init(easy);
	if (message->parts == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < args->n_params && r == 0; i++) {
		r = add_part(message->parts, args->params[i].key, &part);
		if (r == 0 && curl_mime_data(part, args->params[i].value,
				  CURL_ZERO_TERMINATED) != CURLE_OK)
			r = -ENOMEM;
	}
	if (r == 0)
		r = add_part(message->parts, "file", &part);
	if (r != 0)
		return r;
	if (curl_mime_filename(part, args->file->name) != CURLE_OK ||
	    curl_mime_data_cb(part, args->file->bytes, on_file, NULL, NULL,
		message) != CURLE_OK)
		return -ENOMEM;
	/* It may take as long as it goes on. */
	SET(CURLOPT_TIMEOUT_MS, 0L);
	SET(CURLOPT_MIMEPOST, message->parts);
	return 0;
}

static int
set_put(struct http_message *message, CURL *easy)
{
	SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)message->body.len);
	SET(CURLOPT_POSTFIELDS, buf_str(&message->body));
	SET(CURLOPT_CUSTOMREQUEST, "PUT");
	return 0;
}

static int
set_method(
    struct http_message *message, CURL *easy, const struct remote_args *args)
{
	switch (call_info(args->call)->method) {
	case METHOD_GET:
		break;
	case METHOD_POST:
		return args->file != NULL ? set_upload(message, easy, args)
					  : set_post(message, easy);
	case METHOD_PUT:
		return set_put(message, easy);
	case METHOD_DELETE:
		SET(CURLOPT_CUSTOMREQUEST, "DELETE");
		break;
	}
	return 0;
}

/* Files are not asked for where the API is (Trello's reference). */
static const char *
base_url(const struct transfer_setup *setup, enum remote_call call)
{
	return call == CALL_ATTACHMENT_FILE &&
		       strcmp(setup->base_url, HTTP_API_URL) == 0
		   ? "https://trello.com/1"
		   : setup->base_url;
}

int
http_message_set(struct http_message *message, CURL *easy,
    struct transfer_setup *setup, const struct remote_args *args)
{
	struct buf url = BUF_INIT;
	int r = call_url(
	    base_url(setup, args->call), args, &setup->credentials.token, &url);

	message->file = args->file;
	message->heard_ms = &setup->heard_ms;
	if (r == 0 &&
	    curl_easy_setopt(easy, CURLOPT_URL, buf_str(&url)) != CURLE_OK)
		r = -ENOMEM;
	if (r == 0)
		r = call_body(args, &message->body);
	if (r == 0)
		r = set_headers(message, easy, setup, args, buf_str(&url));
	if (r == 0)
		r = set_method(message, easy, args);
	buf_wipe(&url);
	return r;
}

void
http_headers_free(struct curl_slist *headers)
{
	for (struct curl_slist *h = headers; h != NULL; h = h->next)
		explicit_bzero(h->data, strlen(h->data));
	curl_slist_free_all(headers);
}

void
http_message_fini(struct http_message *message)
{
	http_headers_free(message->headers);
	message->headers = NULL;
	curl_mime_free(message->parts);
	message->parts = NULL;
	buf_free(&message->body);
}
