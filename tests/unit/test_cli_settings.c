#include "unit.h"

#include "cli/settings.h"
#include "util/err.h"
#include "util/nearest.h"

#include <errno.h>
#include <string.h>

struct row {
	enum settings_key key;
	const char *value;
	const char *error; /* a part of it, NULL: accepted */
};

static const struct row rows[] = {
    {KEY_REFRESH, "1", NULL},
    {KEY_REFRESH, "86400", NULL},
    {KEY_REFRESH, "0", "refresh: from 1 to 86400 seconds, not \"0\""},
    {KEY_REFRESH, "86401", "from 1 to 86400 seconds"},
    {KEY_REFRESH, "-1", "from 1"},
    {KEY_REFRESH, " 5", "from 1"},
    {KEY_REFRESH, "5x", "from 1"},
    {KEY_REFRESH, "", "from 1"},
    {KEY_REFRESH, "99999999999999999999", "from 1"},
    {KEY_REFRESH, NULL, "needs a value"},
    {KEY_SETTLE, "0", NULL},
    {KEY_SETTLE, "61", "from 0 to 60 seconds"},
    {KEY_COMMENT_SETTLE, "3600", NULL},
    {KEY_COMMENT_SETTLE, "3601", "from 0 to 3600 seconds"},
    {KEY_RO, NULL, NULL},
    {KEY_RO, "No", NULL},
    {KEY_RO, "maybe", "yes or no"},
    {KEY_UMASK, "0", NULL},
    {KEY_UMASK, "0777", NULL},
    {KEY_UMASK, "1777", "octal"},
    {KEY_UMASK, "08", "octal"},
    {KEY_UMASK, "", "octal"},
    {KEY_AUTH, "token", NULL},
    {KEY_AUTH, "oauth1", NULL},
    {KEY_AUTH, "oauth2", "token or oauth1"},
    {KEY_PROFILE, "a.b_c-D9", NULL},
    {KEY_PROFILE, ".a", "cannot be a profile's name"},
    {KEY_PROFILE, "a/b", "cannot be"},
    {KEY_PROFILE, "", "cannot be"},
    {KEY_PROFILE, "\xc3\xa4", "cannot be"},
    {KEY_TOKEN, "ATTAabc", NULL},
    {KEY_TOKEN, "", "is empty"},
    {KEY_TOKEN, "two words", "blank"},
    {KEY_TOKEN, "a\r", "blank"},
    {KEY_CA_FILE, "ca.pem", "begins with \"/\""},
    {KEY_CA_FILE, "/nowhere/ca.pem", "No such file"},
    {KEY_CA_FILE, "/dev/null", NULL},
    {KEY_API_URL, "https://api.example.com/1", NULL},
    {KEY_API_URL, "HTTPS://api.example.com:8443/a-b_c/1/", NULL},
    {KEY_API_URL, "http://localhost:1234/1", NULL},
    {KEY_API_URL, "http://127.0.0.1/1", NULL},
    {KEY_API_URL, "http://127.9.9.9:1", NULL},
    {KEY_API_URL, "http://[::1]:8080/1", NULL},
    {KEY_API_URL, "http://api.example.com/1", "in the clear"},
    {KEY_API_URL, "http://127.0.0.1.example.com/1", "in the clear"},
    {KEY_API_URL, "http://[2001:db8::1]/1", "in the clear"},
    {KEY_API_URL, "http://localhost@example.com/1", "an address like"},
    {KEY_API_URL, "http://localhost\\@example.com/1", "an address like"},
    {KEY_API_URL, "https://user:pw@example.com/1", "an address like"},
    {KEY_API_URL, "https://example.com/1?key=x", "an address like"},
    {KEY_API_URL, "https://example.com/1#x", "an address like"},
    {KEY_API_URL, "https://example.com:99999/1", "an address like"},
    {KEY_API_URL, "https://example.com:/1", "an address like"},
    {KEY_API_URL, "https://", "an address like"},
    {KEY_API_URL, "ftp://example.com/1", "an address like"},
    {KEY_API_URL, "example.com/1", "an address like"},
    {KEY_API_URL, "https://exa mple.com/1", "an address like"},
};

static void
values(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct row *row = &rows[i];
		struct settings settings;
		struct err err = {0};
		int res;

		assert_int_equal(settings_init(&settings), 0);
		res = settings_set(
		    &settings, row->key, row->value, ORIGIN_COMMAND_LINE, &err);
		if (row->error == NULL && res != 0)
			fail_msg("%s: %s", row->value, err.text);
		if (row->error != NULL &&
		    (res != -EINVAL || strstr(err.text, row->error) == NULL))
			fail_msg("%s: %d, %s", row->value, res, err.text);
		settings_fini(&settings);
	}
}

static void
set(struct settings *settings, enum settings_key key, const char *value,
    enum settings_origin origin)
{
	assert_int_equal(settings_set(settings, key, value, origin, NULL), 0);
}

static void
results(void **state)
{
	struct settings settings;

	(void)state;
	assert_int_equal(settings_init(&settings), 0);
	assert_int_equal(settings.refresh_s, 30);
	assert_int_equal(settings.settle_s, 1);
	assert_int_equal(settings.comment_settle_s, 30);
	assert_int_equal(settings.umask, 077);
	assert_string_equal(settings.profile, "default");
	assert_string_equal(settings.api_url, "https://api.trello.com/1");
	assert_false(settings.read_only);
	set(&settings, KEY_UMASK, "022", ORIGIN_COMMAND_LINE);
	assert_int_equal(settings.umask, 022);
	set(&settings, KEY_API_URL, "https://h.example//", ORIGIN_ENVIRONMENT);
	assert_string_equal(settings.api_url, "https://h.example");
	set(&settings, KEY_RO, NULL, ORIGIN_COMMAND_LINE);
	assert_true(settings.read_only);
	set(&settings, KEY_AUTH, "oauth1", ORIGIN_FILE_DEFAULT);
	assert_int_equal(settings.auth, SETTINGS_OAUTH1);
	settings_fini(&settings);
	settings_fini(&settings);
}

/* The command line overrules the environment, that the file, in any order. */
static void
origins(void **state)
{
	struct settings settings;

	(void)state;
	assert_int_equal(settings_init(&settings), 0);
	set(&settings, KEY_REFRESH, "5", ORIGIN_COMMAND_LINE);
	set(&settings, KEY_REFRESH, "6", ORIGIN_FILE_PROFILE);
	assert_int_equal(settings.refresh_s, 5);
	set(&settings, KEY_REFRESH, "7", ORIGIN_COMMAND_LINE);
	assert_int_equal(settings.refresh_s, 7);
	set(&settings, KEY_TOKEN, "one", ORIGIN_FILE_DEFAULT);
	set(&settings, KEY_TOKEN, "two", ORIGIN_FILE_PROFILE);
	set(&settings, KEY_TOKEN, "three", ORIGIN_FILE_DEFAULT);
	assert_string_equal(settings.token.data, "two");
	assert_int_equal(settings.token.len, 3);
	settings_fini(&settings);
}

/* What will not do is told without the secret itself. */
static void
secrets_are_not_told(void **state)
{
	static const char secret[] = "hush hush";
	struct settings settings;
	struct err err = {0};

	(void)state;
	assert_int_equal(settings_init(&settings), 0);
	assert_int_equal(settings_set(&settings, KEY_TOKEN, secret,
			     ORIGIN_FILE_DEFAULT, &err),
	    -EINVAL);
	assert_null(strstr(err.text, "hush"));
	assert_false(secret_is_set(&settings.token));
	settings_fini(&settings);
}

static void
secret_limits(void **state)
{
	struct secret secret = SECRET_INIT;
	char big[SECRET_MAX + 1];

	(void)state;
	memset(big, 'x', sizeof big);
	assert_int_equal(secret_set(&secret, "abc", 3), 0);
	assert_int_equal(secret_set(&secret, big, sizeof big), -EFBIG);
	assert_int_equal(secret_set(&secret, "a\0b", 3), -EINVAL);
	assert_string_equal(secret.data, "abc");
	assert_int_equal(secret_set(&secret, big, SECRET_MAX), 0);
	assert_int_equal(secret.len, SECRET_MAX);
	secret_fini(&secret);
	assert_null(secret.data);
	assert_false(secret_is_set(&secret));
	secret_fini(&secret);
}

static void
keys(void **state)
{
	(void)state;
	for (enum settings_key key = 0; key < KEY_COUNT; key++) {
		const char *name = settings_key_name(key);

		assert_non_null(name);
		assert_int_not_equal(settings_key_flags(key), 0);
		assert_int_equal(settings_key_find(name, strlen(name)), key);
	}
	assert_int_equal(settings_key_find("tok", 3), KEY_COUNT);
	assert_int_equal(settings_key_find("tokens", 6), KEY_COUNT);
	assert_int_equal(settings_key_find("", 0), KEY_COUNT);
	assert_int_equal(settings_key_flags(KEY_TOKEN) & KEY_IN_OPTIONS, 0);
}

static void
nearest(void **state)
{
	static const struct {
		const char *word, *best;
	} words[] = {{"refesh", "refresh"}, {"refersh", "refresh"},
	    {"REFRESH", "refresh"}, {"allow", "allow_delete"}, {"r", "ro"},
	    {"rp", "ro"}, {"snyc", "sync"}, {"zebra", NULL}, {"", NULL},
	    {"al", NULL}};
	static const char *const known[] = {
	    "ro", "sync", "refresh", "allow_delete"};

	(void)state;
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		struct nearest near;

		nearest_init(&near, words[i].word);
		for (size_t k = 0; k < sizeof known / sizeof known[0]; k++)
			nearest_offer(&near, known[k]);
		if (words[i].best == NULL)
			assert_null(near.best);
		else if (near.best == NULL)
			fail_msg("nothing is near %s", words[i].word);
		else
			assert_string_equal(near.best, words[i].best);
	}
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(values),
    cmocka_unit_test(results),
    cmocka_unit_test(origins),
    cmocka_unit_test(secrets_are_not_told),
    cmocka_unit_test(secret_limits),
    cmocka_unit_test(keys),
    cmocka_unit_test(nearest),
};

UNIT_MAIN(tests)
