#ifndef TRELLO_OAUTH1_LOGIN_H
#define TRELLO_OAUTH1_LOGIN_H

/**
 * Getting a token by OAuth 1.0a (RFC 5849, section 2): first a request token,
 * with which the user opens a page (trello/authorize.h), then, with the
 * verifier that the page gives, the token itself.  Both wait for the answer.
 */

struct credentials;
struct err;
struct http_options;

/**
 * Ask for a request token with options->credentials, which are AUTH_OAUTH1
 * without a token.  callback is where the page leads to, or "oob": it shows
 * the verifier.  *ret_credentials get the request token and its secret; what
 * they held is freed.  Returns 0, or with the reason in err -EACCES for a
 * wrong key or secret, and other errors as trello/verdict.h has them.
 */
int oauth1_login_begin(const struct http_options *options, const char *callback,
    struct credentials *ret_credentials, struct err *err);

/**
 * The same with the request token among options->credentials, for the token
 * and its secret.  -EACCES: also for a wrong verifier.
 */
int oauth1_login_end(const struct http_options *options, const char *verifier,
    struct credentials *ret_credentials, struct err *err);

#endif
