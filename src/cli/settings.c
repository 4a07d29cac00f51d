#include "cli/settings.h"

#include "util/err.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define API_URL "https://api.trello.com/1"
#define VALUE_MAX 2048
#define PROFILE_MAX 48

struct key;

/*
 * Read value into the field at its place in settings.  0, -ENOMEM, or -EINVAL
 * with err saying what is accepted.
 */
typedef int (*set_fn)(
    const struct key *key, void *field, const char *value, struct err *err);

struct key {
	const char *name;
	set_fn set;
	size_t offset;
	unsigned flags;
	int min, max; /* of a number of seconds */
};

static int
set_string(
    const struct key *key, void *field, const char *value, struct err *err)
{
	char **text = field;
	char *copy;

	if (value[0] == '\0')
		return err_set(err, -EINVAL, "%s: is empty", key->name);
	if (strlen(value) > VALUE_MAX)
		return err_set(err, -EINVAL, "%s: longer than %d bytes",
		    key->name, VALUE_MAX);
	copy = strdup(value);
	if (copy == NULL)
		return err_set(err, -ENOMEM, "out of memory");
	free(*text);
	*text = copy;
	return 0;
}

static int
set_secret(
    const struct key *key, void *field, const char *value, struct err *err)
{
	int res;

	if (value[0] == '\0')
		return err_set(err, -EINVAL, "%s: is empty", key->name);
	for (const char *p = value; *p != '\0'; p++)
		if (*p <= ' ' || *p > '~' || *p == '"' || *p == '\'')
			return err_set(err, -EINVAL,
			    "%s: holds a blank or another character that "
			    "Trello's keys and tokens do not have",
			    key->name);
	res = secret_set(field, value, strlen(value));
	if (res == -EFBIG)
		return err_set(err, -EINVAL, "%s: longer than %d bytes",
		    key->name, SECRET_MAX);
	if (res < 0)
		return err_set(err, res, "out of memory");
	return 0;
}

static int
set_number(const struct key *key, const char *unit, int *number,
    const char *value, struct err *err)
{
	char *end;
	long n;

	errno = 0;
	n = strtol(value, &end, 10);
	if (!isdigit((unsigned char)value[0]) || *end != '\0' || errno != 0 ||
	    n < key->min || n > key->max)
		return err_set(err, -EINVAL,
		    "%s: from %d to %d %s, not \"%.40s\"", key->name, key->min,
		    key->max, unit, value);
	*number = (int)n;
	return 0;
}

static int
set_seconds(
    const struct key *key, void *field, const char *value, struct err *err)
{
	return set_number(key, "seconds", field, value, err);
}

static int
set_mebibytes(
    const struct key *key, void *field, const char *value, struct err *err)
{
	return set_number(key, "MiB", field, value, err);
}

static int
set_flag(const struct key *key, void *field, const char *value, struct err *err)
{
	static const struct {
		const char *word;
		bool on;
	} words[] = {{"yes", true}, {"true", true}, {"on", true}, {"1", true},
	    {"no", false}, {"false", false}, {"off", false}, {"0", false}};
	bool *flag = field;

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		if (strcasecmp(value, words[i].word) == 0) {
			*flag = words[i].on;
			return 0;
		}
	}
	return err_set(
	    err, -EINVAL, "%s: yes or no, not \"%.40s\"", key->name, value);
}

static int
set_umask(
    const struct key *key, void *field, const char *value, struct err *err)
{
	mode_t *mask = field;
	size_t len = strlen(value);

	if (len == 0 || len > 4 || strspn(value, "01234567") != len ||
	    strtoul(value, NULL, 8) > 0777)
		return err_set(err, -EINVAL,
		    "%s: octal, from 000 to 777, not \"%.40s\"", key->name,
		    value);
	*mask = (mode_t)strtoul(value, NULL, 8);
	return 0;
}

static int
set_auth(const struct key *key, void *field, const char *value, struct err *err)
{
	enum settings_auth *auth = field;

	if (strcmp(value, "token") == 0)
		*auth = SETTINGS_TOKEN;
	else if (strcmp(value, "oauth1") == 0)
		*auth = SETTINGS_OAUTH1;
	else
		return err_set(err, -EINVAL,
		    "%s: token or oauth1, not \"%.40s\"", key->name, value);
	return 0;
}

static int
set_profile(
    const struct key *key, void *field, const char *value, struct err *err)
{
	if (!settings_profile_ok(value))
		return err_set(err, -EINVAL,
		    "%s: \"%.60s\" cannot be a profile's name: letters, "
		    "digits, \".\", \"_\" and \"-\", no dot first, at most %d",
		    key->name, value, PROFILE_MAX);
	return set_string(key, field, value, err);
}

static int
set_ca_file(
    const struct key *key, void *field, const char *value, struct err *err)
{
	if (value[0] != '/')
		return err_set(err, -EINVAL,
		    "%s: a path that begins with \"/\", not \"%.40s\"",
		    key->name, value);
	if (access(value, R_OK) < 0)
		return err_set(err, -EINVAL, "%s: %.200s: %s", key->name, value,
		    strerror(errno));
	return set_string(key, field, value, err);
}

static bool
is_loopback(const char *host)
{
	struct in_addr v4;
	struct in6_addr v6;

	if (strcasecmp(host, "localhost") == 0)
		return true;
	if (inet_pton(AF_INET, host, &v4) == 1)
		return ntohl(v4.s_addr) >> 24 == 127;
	return inet_pton(AF_INET6, host, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

/* Whether rest is nothing, ":PORT", "/path", or ":PORT/path". */
static bool
is_port_and_path(const char *rest)
{
	if (*rest == ':') {
		size_t digits = strspn(++rest, "0123456789");

		if (digits == 0 || digits > 5 || atoi(rest) > 65535)
			return false;
		rest += digits;
	}
	if (*rest != '\0' && *rest != '/')
		return false;
	for (; *rest != '\0'; rest++)
		if (!isalnum((unsigned char)*rest) &&
		    strchr("/._~-", *rest) == NULL)
			return false;
	return true;
}

/* Split off the host; what stands after it, or NULL if there is none. */
static const char *
take_host(const char *at, char *host, size_t size)
{
	bool bracket = *at == '[';
	size_t len;

	at += bracket;
	len = strspn(at, bracket ? "0123456789abcdefABCDEF:."
				 : "0123456789abcdefghijklmnopqrstuvwxyz"
				   "ABCDEFGHIJKLMNOPQRSTUVWXYZ.-");
	if (len == 0 || len >= size || (bracket && at[len] != ']'))
		return NULL;
	memcpy(host, at, len);
	host[len] = '\0';
	return at + len + bracket;
}

static int
set_api_url(
    const struct key *key, void *field, const char *value, struct err *err)
{
	bool tls = strncasecmp(value, "https://", 8) == 0;
	bool plain = strncasecmp(value, "http://", 7) == 0;
	char host[256] = "";
	const char *rest = NULL;
	char **url = field;
	int res;

	if (tls || plain)
		rest = take_host(value + (tls ? 8 : 7), host, sizeof host);
	if (rest == NULL || !is_port_and_path(rest))
		return err_set(err, -EINVAL,
		    "%s: an address like https://HOST/1, not \"%.80s\"",
		    key->name, value);
	if (plain && !is_loopback(host))
		return err_set(err, -EINVAL,
		    "%s: the token would travel in the clear to %.80s; "
		    "write https://",
		    key->name, host);
	res = set_string(key, field, value, err);
	if (res == 0)
		for (size_t n = strlen(*url); (*url)[n - 1] == '/'; n--)
			(*url)[n - 1] = '\0';
	return res;
}

#define AT(member) offsetof(struct settings, member)
#define BOTH (KEY_IN_FILE | KEY_IN_OPTIONS)
#define SECRET (KEY_IN_FILE | KEY_IS_SECRET)

static const struct key keys[KEY_COUNT] = {
    [KEY_PROFILE] = {"profile", set_profile, AT(profile), KEY_IN_OPTIONS, 0, 0},
    [KEY_REFRESH] = {"refresh", set_seconds, AT(refresh_s), BOTH, 1, 86400},
    [KEY_SETTLE] = {"settle", set_seconds, AT(settle_s), BOTH, 0, 60},
    [KEY_COMMENT_SETTLE] = {"comment_settle", set_seconds, AT(comment_settle_s),
	BOTH, 0, 3600},
    [KEY_LOST_WAIT] = {"lost_wait", set_seconds, AT(lost_wait_s), BOTH, 0, 600},
    [KEY_RO] = {"ro", set_flag, AT(read_only), BOTH, 0, 0},
    [KEY_SYNC] = {"sync", set_flag, AT(sync), BOTH, 0, 0},
    [KEY_ALLOW_DELETE] = {"allow_delete", set_flag, AT(allow_delete), BOTH, 0,
	0},
    [KEY_NUMBERED] = {"numbered", set_flag, AT(numbered), BOTH, 0, 0},
    [KEY_CACHE_SIZE] = {"cache_size", set_mebibytes, AT(cache_mib), BOTH, 1,
	1 << 20},
    [KEY_UMASK] = {"umask", set_umask, AT(umask), BOTH, 0, 0},
    [KEY_API_URL] = {"api_url", set_api_url, AT(api_url), BOTH, 0, 0},
    [KEY_CA_FILE] = {"ca_file", set_ca_file, AT(ca_file), KEY_IN_FILE, 0, 0},
    [KEY_AUTH] = {"auth", set_auth, AT(auth), KEY_IN_FILE, 0, 0},
    [KEY_API_KEY] = {"api_key", set_secret, AT(api_key), KEY_IN_FILE, 0, 0},
    [KEY_TOKEN] = {"token", set_secret, AT(token), SECRET, 0, 0},
    [KEY_TOKEN_COMMAND] = {"token_command", set_string, AT(token_command),
	KEY_IN_FILE, 0, 0},
    [KEY_CONSUMER_SECRET] = {"consumer_secret", set_secret, AT(consumer_secret),
	SECRET, 0, 0},
    [KEY_TOKEN_SECRET] = {"token_secret", set_secret, AT(token_secret), SECRET,
	0, 0},
};

int
settings_init(struct settings *settings)
{
	memset(settings, 0, sizeof *settings);
	settings->refresh_s = 30;
	settings->settle_s = 1;
	settings->comment_settle_s = 30;
	/* Trello ends a request after 30 seconds (504). */
	settings->lost_wait_s = 30;
	settings->cache_mib = 1024;
	settings->umask = 077;
	settings->profile = strdup("default");
	settings->api_url = strdup(API_URL);
	if (settings->profile == NULL || settings->api_url == NULL)
		return -ENOMEM;
	return 0;
}

void
settings_fini(struct settings *settings)
{
	for (size_t i = 0; i < settings->exports.n; i++)
		free(settings->exports.v[i]);
	VEC_FREE(&settings->exports);
	for (size_t i = 0; i < settings->fuse_words.n; i++)
		free(settings->fuse_words.v[i]);
	VEC_FREE(&settings->fuse_words);
	free(settings->mountpoint);
	free(settings->profile);
	free(settings->api_url);
	free(settings->ca_file);
	free(settings->token_command);
	free(settings->fuse_options);
	free(settings->state_path);
	free(settings->cache_dir);
	secret_fini(&settings->api_key);
	secret_fini(&settings->token);
	secret_fini(&settings->consumer_secret);
	secret_fini(&settings->token_secret);
	memset(settings, 0, sizeof *settings);
}

const char *
settings_key_name(enum settings_key key)
{
	return keys[key].name;
}

unsigned
settings_key_flags(enum settings_key key)
{
	return keys[key].flags;
}

enum settings_key
settings_key_find(const char *name, size_t len)
{
	for (enum settings_key key = 0; key < KEY_COUNT; key++)
		if (strncmp(keys[key].name, name, len) == 0 &&
		    keys[key].name[len] == '\0')
			return key;
	return KEY_COUNT;
}

int
settings_set(struct settings *settings, enum settings_key key,
    const char *value, enum settings_origin origin, struct err *err)
{
	const struct key *what = &keys[key];
	int res;

	if (origin < settings->origin[key])
		return 0;
	if (value == NULL && what->set != set_flag)
		return err_set(err, -EINVAL, "%s: needs a value, %s=VALUE",
		    what->name, what->name);
	res = what->set(what, (char *)settings + what->offset,
	    value != NULL ? value : "yes", err);
	if (res == 0)
		settings->origin[key] = origin;
	return res;
}

bool
settings_profile_ok(const char *name)
{
	size_t len = strlen(name);

	if (len == 0 || len > PROFILE_MAX || name[0] == '.')
		return false;
	for (; *name != '\0'; name++)
		if (!isalnum((unsigned char)*name) &&
		    strchr("._-", *name) == NULL)
			return false;
	return true;
}
