#include "trello/authorize.h"

#include "trello/http.h"
#include "trello/oauth1.h"
#include "util/buf.h"
#include "util/secret.h"

#include <string.h>
#include <strings.h>

int
authorize_site(const char *api_url, struct buf *out)
{
	if (strcasecmp(api_url, HTTP_API_URL) == 0)
		return buf_add_str(out, "https://trello.com/1");
	return buf_add_str(out, api_url);
}

static void
add_value(struct buf *out, const char *name, const char *value, size_t len)
{
	(void)buf_add_str(out, name);
	(void)oauth1_escape(value, len, out);
}

int
authorize_url(
    const char *api_url, const struct authorize *asked, struct buf *out)
{
	(void)authorize_site(api_url, out);
	if (asked->oauth1 != NULL)
		add_value(out,
		    "/OAuthAuthorizeToken?oauth_token=", asked->oauth1->data,
		    asked->oauth1->len);
	else
		add_value(out,
		    "/authorize?response_type=token&key=", asked->key->data,
		    asked->key->len);
	add_value(out, "&name=", asked->name, strlen(asked->name));
	/* Trello's pages have different defaults: both are always said. */
	(void)buf_add_str(
	    out, asked->write ? "&scope=read,write" : "&scope=read");
	add_value(
	    out, "&expiration=", asked->expiration, strlen(asked->expiration));
	return out->err;
}
