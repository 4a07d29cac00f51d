#include "trello/http_easy.h"

#include "trello/http_transfer.h"
#include "util/timeutil.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define SET(option, value)                                             \
	do {                                                           \
		if (curl_easy_setopt(easy, option, value) != CURLE_OK) \
			return -ENOMEM;                                \
	} while (0)

/* A shorter sleep leaves connections as they were. */
#define SLEEP_MS 5000

/* Without the timeout a connection that another network has killed is only
 * noticed when nothing has come for stall_ms. */
static int
on_socket(void *userdata, curl_socket_t fd, curlsocktype purpose)
{
	struct transfer_setup *setup = userdata;
	unsigned ms = (unsigned)setup->connect_ms;
	int *slot;

	if (purpose != CURLSOCKTYPE_IPCXN)
		return CURL_SOCKOPT_OK;
	(void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &ms, sizeof ms);
	slot = VEC_ADD(&setup->sockets);
	if (slot != NULL)
		*slot = fd;
	return CURL_SOCKOPT_OK;
}

static int
on_close(void *userdata, curl_socket_t fd)
{
	struct transfer_setup *setup = userdata;

	for (size_t i = 0; i < setup->sockets.n; i++)
		if (setup->sockets.v[i] == fd)
			setup->sockets.v[i] =
			    setup->sockets.v[--setup->sockets.n];
	return close(fd);
}

void
http_easy_wake(struct transfer_setup *setup)
{
	int64_t slept_ms = time_slept_ms();

	if (slept_ms - setup->slept_ms > SLEEP_MS)
		for (size_t i = 0; i < setup->sockets.n; i++)
			(void)shutdown(setup->sockets.v[i], SHUT_RDWR);
	setup->slept_ms = slept_ms;
}

static int
set_limits(CURL *easy, struct transfer_setup *setup)
{
	SET(CURLOPT_CONNECTTIMEOUT_MS, setup->connect_ms);
	SET(CURLOPT_TIMEOUT_MS, setup->total_ms);
	SET(CURLOPT_LOW_SPEED_LIMIT, 1L);
	SET(CURLOPT_LOW_SPEED_TIME, (setup->stall_ms + 999) / 1000);
	SET(CURLOPT_SOCKOPTFUNCTION, on_socket);
	SET(CURLOPT_SOCKOPTDATA, setup);
	SET(CURLOPT_CLOSESOCKETFUNCTION, on_close);
	SET(CURLOPT_CLOSESOCKETDATA, setup);
	SET(CURLOPT_NOSIGNAL, 1L);
#if LIBCURL_VERSION_NUM >= 0x075700
	/* Where nobody answers who knows the host's name, the end of a request
	 * would wait for the resolver, and everybody for that. */
	SET(CURLOPT_QUICK_EXIT, 1L);
#endif
	SET(CURLOPT_FOLLOWLOCATION, 0L);
#if LIBCURL_VERSION_NUM >= 0x075500
	SET(CURLOPT_PROTOCOLS_STR, setup->plain ? "http" : "https");
#else
	SET(CURLOPT_PROTOCOLS,
	    (long)(setup->plain ? CURLPROTO_HTTP : CURLPROTO_HTTPS));
#endif
	return 0;
}

static int
set_connection(CURL *easy, const struct transfer_setup *setup)
{
	/* A libcurl without HTTP/2 refuses these two and does without. */
	(void)curl_easy_setopt(
	    easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
	(void)curl_easy_setopt(easy, CURLOPT_PIPEWAIT, 1L);
	SET(CURLOPT_ACCEPT_ENCODING, ""); /* all that it knows */
	SET(CURLOPT_USERAGENT, setup->user_agent);
	SET(CURLOPT_SSL_VERIFYPEER, 1L);
	SET(CURLOPT_SSL_VERIFYHOST, 2L);
	SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (setup->ca_file != NULL) {
		SET(CURLOPT_CAINFO, setup->ca_file);
		SET(CURLOPT_CAPATH, NULL);
	}
	/* What is meant for this machine never goes to a proxy; what a proxy
	 * is asked for does not carry our headers. */
	if (setup->plain)
		SET(CURLOPT_NOPROXY, "*");
	SET(CURLOPT_HEADEROPT, (long)CURLHEADER_SEPARATE);
	SET(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	return 0;
}

int
http_easy_init(CURL *easy, struct transfer_setup *setup)
{
	int r = set_limits(easy, setup);

	return r != 0 ? r : set_connection(easy, setup);
}

int64_t
http_date_s(const char *line, size_t len)
{
	char text[64];

	if (len <= 5 || len >= sizeof text ||
	    strncasecmp(line, "date:", 5) != 0)
		return -1;
	memcpy(text, line + 5, len - 5);
	text[len - 5] = '\0';
	return curl_getdate(text, NULL);
}
