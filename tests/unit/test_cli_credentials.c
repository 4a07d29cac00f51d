#include "unit.h"

#include "cli/config.h"
#include "cli/credentials.h"
#include "cli/settings.h"
#include "util/err.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const variables[] = {"TRELLO_API_KEY", "TRELLO_API_SECRET",
    "TRELLO_TOKEN", "TRELLOFS_API_URL", "TRELLOFS_CA_FILE",
    "CREDENTIALS_DIRECTORY"};

static char folder[] = "/tmp/test-cli-credentials-XXXXXX";

static int
set_up(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++)
		unsetenv(variables[i]);
	return mkdtemp(folder) != NULL ? 0 : -1;
}

static int
tear_down(void **state)
{
	char path[100];

	(void)state;
	(void)snprintf(path, sizeof path, "%s/trellofs.token", folder);
	unlink(path);
	(void)snprintf(path, sizeof path, "%s/token", folder);
	unlink(path);
	rmdir(folder);
	memcpy(folder + strlen(folder) - 6, "XXXXXX", 6);
	return 0;
}

static void
write_credential(const char *name, const char *text)
{
	char path[100];
	FILE *file;

	(void)snprintf(path, sizeof path, "%s/%s", folder, name);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	setenv("CREDENTIALS_DIRECTORY", folder, 1);
}

struct result {
	struct settings settings;
	struct config_found found;
	struct err err;
	int res;
};

/* What a mount of the profile finds out with this configuration file. */
static void
get(struct result *result, const char *profile, const char *config)
{
	memset(result, 0, sizeof *result);
	assert_int_equal(settings_init(&result->settings), 0);
	assert_int_equal(settings_set(&result->settings, KEY_PROFILE, profile,
			     ORIGIN_COMMAND_LINE, NULL),
	    0);
	result->res = credentials_environment(&result->settings, &result->err);
	if (result->res == 0)
		result->res = config_parse(&result->settings, "FILE", config,
		    strlen(config), &result->found, &result->err);
	if (result->res == 0)
		result->res = credentials_complete(&result->settings, "FILE",
		    &result->found, NULL, &result->err);
}

static void
environment(void **state)
{
	char *value;
	struct result r;

	(void)state;
	setenv("TRELLO_API_KEY", "key", 1);
	setenv("TRELLO_TOKEN", "hush", 1);
	setenv("TRELLOFS_API_URL", "http://localhost:1/1", 1);
	setenv("TRELLOFS_CA_FILE", "/dev/null", 1);
	value = getenv("TRELLO_TOKEN");
	get(&r, "work", "[default]\ntoken = t\ntoken_command = false\n");
	assert_int_equal(r.res, 0);
	assert_string_equal(r.settings.api_key.data, "key");
	assert_string_equal(r.settings.token.data, "hush");
	assert_string_equal(r.settings.api_url, "http://localhost:1/1");
	assert_string_equal(r.settings.ca_file, "/dev/null");
	assert_null(getenv("TRELLO_API_KEY"));
	assert_null(getenv("TRELLO_TOKEN"));
	assert_memory_equal(value, "\0\0\0\0", 5);
	settings_fini(&r.settings);
}

static void
bad_environment(void **state)
{
	struct result r;

	(void)state;
	setenv("TRELLO_API_KEY", "key", 1);
	setenv("TRELLO_TOKEN", "hush hush", 1);
	get(&r, "default", "");
	assert_int_equal(r.res, -EINVAL);
	assert_non_null(
	    strstr(r.err.text, "TRELLO_TOKEN in the environment: token: "));
	assert_null(strstr(r.err.text, "hush"));
	assert_null(getenv("TRELLO_TOKEN"));
	settings_fini(&r.settings);

	/* Empty is as good as none. */
	setenv("TRELLO_TOKEN", "", 1);
	get(&r, "default", "[default]\ntoken = t\napi_key = k\n");
	assert_int_equal(r.res, 0);
	assert_string_equal(r.settings.token.data, "t");
	settings_fini(&r.settings);

	/* Without an account it is wiped all the same. */
	setenv("TRELLO_TOKEN", "hush hush", 1);
	assert_int_equal(settings_init(&r.settings), 0);
	r.settings.source = SOURCE_DEMO;
	assert_int_equal(credentials_environment(&r.settings, &r.err), 0);
	assert_null(getenv("TRELLO_TOKEN"));
	assert_false(secret_is_set(&r.settings.token));
	settings_fini(&r.settings);
}

/* environment, token_command, systemd, file */
static void
order(void **state)
{
	static const char both[] =
	    "[default]\napi_key = k\ntoken = file\n"
	    "token_command = echo command\n[work]\ntoken = work\n";
	static const char file[] = "[default]\napi_key = k\ntoken = file\n";
	struct result r;

	(void)state;
	get(&r, "default", file);
	assert_int_equal(r.res, 0);
	assert_string_equal(r.settings.token.data, "file");
	settings_fini(&r.settings);

	write_credential("token", "systemd-2\n");
	get(&r, "default", file);
	assert_string_equal(r.settings.token.data, "systemd-2");
	settings_fini(&r.settings);

	write_credential("trellofs.token", "systemd-1");
	get(&r, "default", file);
	assert_string_equal(r.settings.token.data, "systemd-1");
	settings_fini(&r.settings);

	get(&r, "default", both);
	assert_string_equal(r.settings.token.data, "command");
	settings_fini(&r.settings);

	setenv("TRELLO_TOKEN", "environment", 1);
	get(&r, "default", both);
	assert_string_equal(r.settings.token.data, "environment");
	settings_fini(&r.settings);

	/* The profile's own token overrules the command of [default]. */
	unsetenv("CREDENTIALS_DIRECTORY");
	get(&r, "work", both);
	assert_string_equal(r.settings.token.data, "work");
	settings_fini(&r.settings);

	write_credential("trellofs.token", "two words\n");
	get(&r, "default", file);
	assert_int_equal(r.res, -EINVAL);
	assert_non_null(strstr(r.err.text, "/trellofs.token: token: "));
	assert_null(strstr(r.err.text, "words"));
	settings_fini(&r.settings);
}

/* A token from elsewhere has nothing to do with the secrets in the file. */
static void
signed_or_not(void **state)
{
	static const char config[] =
	    "[default]\napi_key = k\ntoken = t\nauth = oauth1\n"
	    "consumer_secret = c\ntoken_secret = s\n";
	struct result r;

	(void)state;
	get(&r, "default", config);
	assert_int_equal(r.res, 0);
	assert_int_equal(r.settings.auth, SETTINGS_OAUTH1);
	assert_string_equal(r.settings.token_secret.data, "s");
	settings_fini(&r.settings);
	setenv("TRELLO_TOKEN", "e", 1);
	get(&r, "default", config);
	assert_int_equal(r.res, 0);
	assert_int_equal(r.settings.auth, SETTINGS_TOKEN);
	settings_fini(&r.settings);
}

/* A child sees neither the key nor the token. */
static void
child(void **state)
{
	struct result r;

	(void)state;
	setenv("TRELLO_API_KEY", "key", 1);
	get(&r, "default",
	    "[default]\n"
	    "token_command = sh -c 'env | grep -c TRELLO_; :'\n");
	assert_int_equal(r.res, 0);
	assert_string_equal(r.settings.token.data, "0");
	settings_fini(&r.settings);
}

static const struct {
	const char *profile, *config, *error;
} missing[] = {
    {"default", "", "no API key: run trellofs login, or set"},
    {"default", "[default]\ntoken = t\n", "no API key"},
    {"default", "[default]\napi_key = k\n", "no token: run trellofs login, or"},
    {"default", "[default]\napi_key = k\ntoken_command = false\n",
	"token_command: exit status 1"},
    {"default", "[default]\napi_key = k\ntoken_command = echo a b\n",
	"what token_command printed: token: holds a blank"},
    {"default", "[default]\napi_key = k\ntoken = t\nauth = oauth1\n",
	"auth = oauth1, but no consumer_secret in FILE: run"},
    {"default",
	"[default]\napi_key = k\ntoken = t\nauth = oauth1\n"
	"consumer_secret = c\n",
	"auth = oauth1, but no token_secret in FILE: run"},
    {"wrok", "[default]\napi_key = k\ntoken = t\n[work]\n",
	"FILE has no section [wrok]; did you mean \"work\"?"},
    {"zebra", "[default]\napi_key = k\ntoken = t\n[work]\n",
	"FILE has no section [zebra]"},
    {"zebra", "[default]\napi_key = k\ntoken_command = /nowhere\n",
	"FILE has no section [zebra]"},
};

static void
incomplete(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof missing / sizeof missing[0]; i++) {
		struct result r;

		get(&r, missing[i].profile, missing[i].config);
		if (r.res >= 0 || strstr(r.err.text, missing[i].error) == NULL)
			fail_msg("%zu: %d, %s", i, r.res, r.err.text);
		settings_fini(&r.settings);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

static const struct CMUnitTest tests[] = {
    TEST(environment),
    TEST(bad_environment),
    TEST(order),
    TEST(signed_or_not),
    TEST(child),
    TEST(incomplete),
};

UNIT_MAIN(tests)
