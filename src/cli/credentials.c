#include "cli/credentials.h"

#include "cli/config.h"
#include "cli/settings.h"
#include "cli/token_command.h"
#include "util/err.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static const struct {
	const char *name;
	enum settings_key key;
	bool wipe;
} variables[] = {
    {"TRELLO_API_KEY", KEY_API_KEY, true},
    {"TRELLO_API_SECRET", KEY_CONSUMER_SECRET, true},
    {"TRELLO_TOKEN", KEY_TOKEN, true},
    {"TRELLOFS_API_URL", KEY_API_URL, false},
    {"TRELLOFS_CA_FILE", KEY_CA_FILE, false},
};

int
credentials_hide(struct err *err)
{
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return err_set(err, -errno,
		    "cannot keep secrets out of core dumps: %s",
		    strerror(errno));
	return 0;
}

int
credentials_environment(struct settings *settings, struct err *err)
{
	int res = 0;

	for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++) {
		const char *name = variables[i].name;
		char *value = getenv(name);
		struct err why = {0};

		if (value == NULL)
			continue;
		if (value[0] != '\0' && res == 0 &&
		    settings->source == SOURCE_ACCOUNT) {
			res = settings_set(settings, variables[i].key, value,
			    ORIGIN_ENVIRONMENT, &why);
			if (res < 0)
				err_set(err, res, "%s in the environment: %s",
				    name, why.text);
		}
		/* The file's secrets are not those of this token. */
		if (value[0] != '\0' && variables[i].key == KEY_TOKEN &&
		    res == 0)
			res = settings_set(settings, KEY_AUTH, "token",
			    ORIGIN_ENVIRONMENT, err);
		if (variables[i].wipe) {
			explicit_bzero(value, strlen(value));
			unsetenv(name);
		}
	}
	return res;
}

/* The first line of what systemd keeps for this service. */
static int
read_credential(
    int fd, const char *path, struct settings *settings, struct err *err)
{
	char text[SECRET_MAX + 2];
	size_t len = 0;
	ssize_t n;
	int res;

	do {
		n = read(fd, text + len, sizeof text - 1 - len);
		if (n > 0)
			len += (size_t)n;
	} while (n > 0 || (n < 0 && errno == EINTR));
	if (n < 0) {
		res = err_set(err, -errno, "%.300s: %s", path, strerror(errno));
	} else {
		text[len] = '\0';
		text[strcspn(text, "\r\n")] = '\0';
		res = settings_set(
		    settings, KEY_TOKEN, text, ORIGIN_ENVIRONMENT, err);
		if (res < 0)
			err_prefix(err, "%.300s", path);
	}
	explicit_bzero(text, sizeof text);
	return res;
}

/* Take the token that systemd has for us, if it has one. */
static int
take_credential(struct settings *settings, struct err *err)
{
	static const char *const names[] = {"trellofs.token", "token"};
	const char *folder = getenv("CREDENTIALS_DIRECTORY");
	char path[4096];

	if (folder == NULL || folder[0] != '/')
		return 0;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		int n = snprintf(path, sizeof path, "%s/%s", folder, names[i]);
		int fd, res;

		if (n < 0 || (size_t)n >= sizeof path)
			return 0;
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
		if (fd < 0 && errno == ENOENT)
			continue;
		if (fd < 0)
			return err_set(
			    err, -errno, "%.300s: %s", path, strerror(errno));
		res = read_credential(fd, path, settings, err);
		close(fd);
		return res;
	}
	return 0;
}

static int
get_token(struct settings *settings, const atomic_bool *cancel, struct err *err)
{
	enum settings_origin token = settings->origin[KEY_TOKEN];
	struct secret secret = SECRET_INIT;
	int res;

	if (token == ORIGIN_ENVIRONMENT)
		return 0;
	/* A token of the profile's own overrules [default]'s command. */
	if (settings->token_command == NULL ||
	    settings->origin[KEY_TOKEN_COMMAND] < token)
		return take_credential(settings, err);
	res = token_command_run(settings->token_command,
	    TOKEN_COMMAND_TIMEOUT_MS, cancel, &secret, err);
	if (res == 0) {
		res = settings_set(
		    settings, KEY_TOKEN, secret.data, ORIGIN_ENVIRONMENT, err);
		if (res < 0)
			err_prefix(err, "what token_command printed");
	}
	secret_fini(&secret);
	return res;
}

/*
 * A profile that the file does not have is a slip of the pen, which must not
 * lead to [default]'s account, unless all comes from elsewhere.
 */
static int
check_profile(const struct settings *settings, const char *path,
    const struct config_found *found, struct err *err)
{
	const char *like = found->like_profile;

	if (strcmp(settings->profile, "default") == 0 || found->profile)
		return 0;
	if (settings->origin[KEY_API_KEY] == ORIGIN_ENVIRONMENT &&
	    (settings->origin[KEY_TOKEN] == ORIGIN_ENVIRONMENT ||
		getenv("CREDENTIALS_DIRECTORY") != NULL))
		return 0;
	if (like[0] != '\0')
		return err_set(err, -EINVAL,
		    "%.300s has no section [%s]; did you mean \"%s\"?", path,
		    settings->profile, like);
	return err_set(err, -EINVAL, "%.300s has no section [%s]", path,
	    settings->profile);
}

static int
check_complete(
    const struct settings *settings, const char *path, struct err *err)
{
	if (!secret_is_set(&settings->api_key))
		return err_set(err, -EINVAL,
		    "no API key: run trellofs login, or set TRELLO_API_KEY, "
		    "or write api_key = KEY into %.200s (--demo needs none)",
		    path);
	if (!secret_is_set(&settings->token))
		return err_set(err, -EINVAL,
		    "no token: run trellofs login, or set TRELLO_TOKEN, or "
		    "write token = TOKEN or token_command = COMMAND into "
		    "%.200s",
		    path);
	if (settings->auth == SETTINGS_OAUTH1 &&
	    (!secret_is_set(&settings->consumer_secret) ||
		!secret_is_set(&settings->token_secret)))
		return err_set(err, -EINVAL,
		    "auth = oauth1, but no %s in %.200s: run trellofs login "
		    "--oauth1",
		    secret_is_set(&settings->consumer_secret)
			? "token_secret"
			: "consumer_secret",
		    path);
	return 0;
}

int
credentials_complete(struct settings *settings, const char *path,
    const struct config_found *found, const atomic_bool *cancel,
    struct err *err)
{
	int res = check_profile(settings, path, found, err);

	if (res == 0)
		res = get_token(settings, cancel, err);
	if (res == 0)
		res = check_complete(settings, path, err);
	return res;
}
