#ifndef TRELLO_AUTHORIZE_H
#define TRELLO_AUTHORIZE_H

#include <stdbool.h>

/**
 * The pages at Trello where a user lets a program in (Trello's guide
 * "authorization").  Pure.
 */

struct buf;
struct secret;

/* What the user is asked for. */
struct authorize {
	const struct secret *key;    /* the API key, or */
	const struct secret *oauth1; /* OAuth 1.0a's request token */
	const char *name;	     /* of the program, as the page shows it */
	bool write;		     /* and not only read */
	const char *expiration;	     /* "never", "30days", "1day", "1hour" */
};

/**
 * Append the address below which these pages are: https://trello.com/1 for
 * Trello's API, which has a host of its own, and the same as the API's for any
 * other.  0 or out->err.
 */
int authorize_site(const char *api_url, struct buf *out);

/** Append the page's address.  0 or out->err. */
int authorize_url(
    const char *api_url, const struct authorize *asked, struct buf *out);

#endif
