#include "trello/oauth1.h"
#include "util/buf.h"

#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/*
 * The signature base string of a URL and a form, which are the two parts of
 * the input before and behind its first line end.
 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* "POST&URL&PARAMETERS", of nothing but unreserved characters and codes. */
static void
check(const char *base, size_t len)
{
	size_t parts = 1;

	assert(strlen(base) == len && strncmp(base, "POST&http", 9) == 0);
	for (size_t i = 0; i < len; i++) {
		parts += base[i] == '&';
		assert(base[i] != '\0' && strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZ"
						 "abcdefghijklmnopqrstuvwxyz"
						 "0123456789-._~%&",
					      base[i]) != NULL);
		if (base[i] != '%')
			continue;
		assert(i + 2 < len &&
		       strspn(base + i + 1, "0123456789ABCDEF") >= 2);
	}
	assert(parts == 3);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct oauth1_param param = {"oauth_nonce", "a b&c"};
	struct oauth1_request request = {
	    .method = "post", .params = &param, .n_params = 1};
	char *text = malloc(size + 1);
	struct buf base = BUF_INIT;
	char *form;
	int r;

	if (text == NULL)
		abort();
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	form = strchr(text, '\n');
	if (form != NULL)
		*form++ = '\0';
	request.url = text;
	request.form = form;
	r = oauth1_base_string(&request, &base);
	assert(r == 0 || r == -EINVAL);
	if (r == 0)
		check(buf_str(&base), base.len);
	buf_free(&base);
	free(text);
	return 0;
}
