#include "cli/options_command.h"

#include "cli/options.h"
#include "cli/settings.h"
#include "util/err.h"
#include "util/nearest.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define ONE(command) (1U << (command))
#define LOGIN ONE(COMMAND_LOGIN)
#define LOGOUT ONE(COMMAND_LOGOUT)
#define MOUNTED (ONE(COMMAND_STATUS) | ONE(COMMAND_SYNC) | ONE(COMMAND_REFRESH))

struct parser {
	struct settings *settings;
	struct options *options;
	const char *command; /* its name */
	struct err *err;
};

static int
take_profile(struct parser *parser, const char *value)
{
	return settings_set(parser->settings, KEY_PROFILE, value,
	    ORIGIN_COMMAND_LINE, parser->err);
}

static int
take_expires(struct parser *parser, const char *value)
{
	static const char *const known[] = {"never", "30days", "1day", "1hour"};

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		if (strcmp(value, known[i]) == 0) {
			parser->options->expires = known[i];
			return 0;
		}
	}
	return err_set(parser->err, -EINVAL,
	    "--expires: never, 30days, 1day or 1hour, not \"%.40s\"", value);
}

#define SETS(member) offsetof(struct options, member), NULL

static const struct flag {
	const char *name; /* after two dashes */
	unsigned commands;
	/* The flag of struct options that it sets, or what takes its value. */
	size_t offset;
	int (*take)(struct parser *parser, const char *value);
} flags[] = {
    {"profile", LOGIN | LOGOUT | MOUNTED, 0, take_profile},
    {"read-only", LOGIN, SETS(read_only)},
    {"expires", LOGIN, 0, take_expires},
    {"oauth1", LOGIN, SETS(oauth1)},
    {"callback", LOGIN, SETS(callback)},
    {"revoke-old", LOGIN, SETS(revoke_old)},
    {"keep-token", LOGOUT, SETS(keep_token)},
    {"force", LOGOUT, SETS(force)},
};
#define N_FLAGS (sizeof flags / sizeof flags[0])

static bool
is_for(const struct flag *flag, const struct parser *parser)
{
	return (flag->commands & ONE(parser->options->command)) != 0;
}

static int
unknown_flag(struct parser *parser, const char *arg, const char *name)
{
	struct nearest near;

	nearest_init(&near, name);
	for (size_t i = 0; i < N_FLAGS; i++)
		if (is_for(&flags[i], parser))
			nearest_offer(&near, flags[i].name);
	if (near.best == NULL)
		return err_set(parser->err, -EINVAL,
		    "%s: unknown option \"%.60s\"", parser->command, arg);
	return err_set(parser->err, -EINVAL,
	    "%s: unknown option \"%.60s\"; did you mean \"--%s\"?",
	    parser->command, arg, near.best);
}

/* "--name", "--name=value" or "--name value"; next is the last's value. */
static int
take_flag(
    struct parser *parser, const char *arg, const char *next, int *ret_used)
{
	size_t len = strcspn(arg + 2, "=");
	const char *value = arg[2 + len] == '=' ? arg + 3 + len : NULL;
	char name[64] = "";

	memcpy(name, arg + 2, len < sizeof name ? len : sizeof name - 1);
	for (size_t i = 0; i < N_FLAGS; i++) {
		const struct flag *flag = &flags[i];

		if (!is_for(flag, parser) || strcmp(flag->name, name) != 0)
			continue;
		if (flag->take == NULL && value != NULL)
			return err_set(
			    parser->err, -EINVAL, "--%s takes no value", name);
		if (flag->take == NULL) {
			*(bool *)((char *)parser->options + flag->offset) =
			    true;
			return 0;
		}
		*ret_used = value == NULL;
		if (value == NULL && next == NULL)
			return err_set(
			    parser->err, -EINVAL, "--%s needs a value", name);
		return flag->take(parser, value != NULL ? value : next);
	}
	return unknown_flag(parser, arg, name);
}

static int
take_word(struct parser *parser, const char *word)
{
	if ((ONE(parser->options->command) & MOUNTED) == 0)
		return err_set(parser->err, -EINVAL,
		    "%s takes no argument \"%.60s\"; a profile is named with "
		    "--profile",
		    parser->command, word);
	if (parser->options->word != NULL)
		return err_set(
		    parser->err, -EINVAL, "one mount point at a time");
	parser->options->word = word;
	return 0;
}

static int
check(const struct parser *parser)
{
	const struct options *options = parser->options;

	if (options->callback && !options->oauth1)
		return err_set(
		    parser->err, -EINVAL, "--callback goes with --oauth1");
	return 0;
}

int
options_parse_command(int argc, char *const argv[], struct settings *settings,
    struct options *ret_options, struct err *err)
{
	struct parser parser = {settings, ret_options, argv[0], err};
	int res = 0;

	for (int i = 1; res == 0 && i < argc; i++) {
		const char *next = i + 1 < argc ? argv[i + 1] : NULL;
		int used = 0;

		if (strcmp(argv[i], "-h") == 0 ||
		    strcmp(argv[i], "--help") == 0) {
			ret_options->command = COMMAND_HELP;
			return 0;
		}
		if (strncmp(argv[i], "--", 2) == 0)
			res = take_flag(&parser, argv[i], next, &used);
		else if (argv[i][0] == '-')
			res = unknown_flag(&parser, argv[i], argv[i] + 1);
		else
			res = take_word(&parser, argv[i]);
		i += used;
	}
	return res == 0 ? check(&parser) : res;
}
