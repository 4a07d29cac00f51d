#include "cli/options.h"

#include "cli/mount_options.h"
#include "cli/options_command.h"
#include "cli/settings.h"
#include "util/err.h"
#include "util/nearest.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct parser {
	struct settings *settings;
	struct options *options;
	struct err *err;
	const char *words[2]; /* what is no option */
	size_t n_words;
};

static int
out_of_memory(struct err *err)
{
	return err_set(err, -ENOMEM, "out of memory");
}

static int
take_list(struct parser *parser, const char *value)
{
	return mount_options_take(parser->settings, value, parser->err);
}

static int
take_demo(struct parser *parser, const char *value)
{
	(void)value;
	if (parser->settings->source == SOURCE_EXPORTS)
		return err_set(parser->err, -EINVAL,
		    "either --demo or --export, not both");
	parser->settings->source = SOURCE_DEMO;
	return 0;
}

static int
take_export(struct parser *parser, const char *value)
{
	char **slot;

	if (parser->settings->source == SOURCE_DEMO)
		return err_set(parser->err, -EINVAL,
		    "either --demo or --export, not both");
	if (value[0] == '\0')
		return err_set(parser->err, -EINVAL, "--export: which file?");
	parser->settings->source = SOURCE_EXPORTS;
	slot = VEC_ADD(&parser->settings->exports);
	if (slot == NULL)
		return out_of_memory(parser->err);
	*slot = strdup(value);
	return *slot != NULL ? 0 : out_of_memory(parser->err);
}

static int
take_foreground(struct parser *parser, const char *value)
{
	(void)value;
	parser->settings->foreground = true;
	return 0;
}

static int
take_debug(struct parser *parser, const char *value)
{
	(void)value;
	parser->settings->debug = true;
	parser->settings->foreground = true;
	return 0;
}

static int
take_help(struct parser *parser, const char *value)
{
	(void)value;
	parser->options->command = COMMAND_HELP;
	return 0;
}

static int
take_version(struct parser *parser, const char *value)
{
	(void)value;
	parser->options->command = COMMAND_VERSION;
	return 0;
}

static const struct flag {
	const char *name; /* after two dashes, or NULL */
	char letter;	  /* after one, or 0 */
	bool has_value;
	int (*take)(struct parser *parser, const char *value);
} flags[] = {
    {"demo", 0, false, take_demo},
    {"export", 0, true, take_export},
    {NULL, 'o', true, take_list},
    {NULL, 'f', false, take_foreground},
    {NULL, 'd', false, take_debug},
    {"help", 'h', false, take_help},
    {"version", 'V', false, take_version},
};

#define N_FLAGS (sizeof flags / sizeof flags[0])

static int
unknown_flag(struct parser *parser, const char *arg, const char *name)
{
	struct nearest near;

	nearest_init(&near, name);
	for (size_t i = 0; i < N_FLAGS; i++)
		if (flags[i].name != NULL)
			nearest_offer(&near, flags[i].name);
	if (near.best == NULL)
		return err_set(
		    parser->err, -EINVAL, "unknown option \"%.60s\"", arg);
	return err_set(parser->err, -EINVAL,
	    "unknown option \"%.60s\"; did you mean \"--%s\"?", arg, near.best);
}

/* "--name", "--name=value" or "--name value"; next is the last's value. */
static int
take_long(
    struct parser *parser, const char *arg, const char *next, int *ret_used)
{
	size_t len = strcspn(arg + 2, "=");
	const char *value = arg[2 + len] == '=' ? arg + 3 + len : NULL;
	char name[64] = "";

	memcpy(name, arg + 2, len < sizeof name ? len : sizeof name - 1);
	for (size_t i = 0; i < N_FLAGS; i++) {
		const struct flag *flag = &flags[i];

		if (flag->name == NULL || strcmp(flag->name, name) != 0)
			continue;
		if (!flag->has_value && value != NULL)
			return err_set(
			    parser->err, -EINVAL, "--%s takes no value", name);
		if (flag->has_value && value == NULL) {
			value = next;
			*ret_used = 1;
		}
		if (flag->has_value && value == NULL)
			return err_set(
			    parser->err, -EINVAL, "--%s needs a value", name);
		return flag->take(parser, value);
	}
	return unknown_flag(parser, arg, name);
}

/* "-f", "-fd", "-oLIST" or "-o LIST". */
static int
take_short(
    struct parser *parser, const char *arg, const char *next, int *ret_used)
{
	for (const char *p = arg + 1; *p != '\0'; p++) {
		const struct flag *flag = flags;
		int res;

		while (flag < flags + N_FLAGS && flag->letter != *p)
			flag++;
		if (flag == flags + N_FLAGS)
			return unknown_flag(parser, arg, arg + 1);
		if (flag->has_value) {
			*ret_used = p[1] == '\0';
			if (p[1] == '\0' && next == NULL)
				return err_set(parser->err, -EINVAL,
				    "-%c needs a value", *p);
			return flag->take(parser, p[1] != '\0' ? p + 1 : next);
		}
		res = flag->take(parser, NULL);
		if (res < 0)
			return res;
	}
	return 0;
}

static int
take_word(struct parser *parser, const char *word)
{
	if (parser->n_words == 2)
		return err_set(parser->err, -EINVAL,
		    "one mount point, and at most a profile before it; what "
		    "is \"%.60s\"?",
		    word);
	parser->words[parser->n_words++] = word;
	return 0;
}

static int
take_all(struct parser *parser, int argc, char *const argv[])
{
	bool only_words = false;

	for (int i = 0; i < argc; i++) {
		const char *arg = argv[i];
		const char *next = i + 1 < argc ? argv[i + 1] : NULL;
		int used = 0;
		int res = 0;

		if (only_words || arg[0] != '-' || arg[1] == '\0')
			res = take_word(parser, arg);
		else if (strcmp(arg, "--") == 0)
			only_words = true;
		else if (arg[1] == '-')
			res = take_long(parser, arg, next, &used);
		else
			res = take_short(parser, arg, next, &used);
		if (res < 0 || parser->options->command == COMMAND_HELP ||
		    parser->options->command == COMMAND_VERSION)
			return res;
		i += used;
	}
	return 0;
}

/*
 * The profile that SOURCE names.  Where there is a file of its name, mount(8)
 * makes that file's path of it.
 */
static const char *
source_profile(const char *source)
{
	const char *slash = strrchr(source, '/');

	return source[0] == '/' && slash[1] != '\0' ? slash + 1 : source;
}

/* The words that are left: [SOURCE] MOUNTPOINT. */
static int
finish_mount(struct parser *parser)
{
	struct settings *settings = parser->settings;
	const char *profile =
	    parser->n_words == 2 ? source_profile(parser->words[0]) : NULL;
	bool named = settings->origin[KEY_PROFILE] == ORIGIN_COMMAND_LINE;
	int res;

	if (parser->n_words == 0)
		return err_set(parser->err, -EINVAL,
		    "on which folder? a mount point is missing");
	if (parser->words[parser->n_words - 1][0] == '\0')
		return err_set(parser->err, -EINVAL,
		    "the name of the mount point is empty");
	if (settings->source != SOURCE_ACCOUNT && (named || profile != NULL))
		return err_set(parser->err, -EINVAL,
		    "%s mounts no account: no profile goes with it",
		    settings->source == SOURCE_DEMO ? "--demo" : "--export");
	if (named && profile != NULL && strcmp(profile, settings->profile) != 0)
		return err_set(parser->err, -EINVAL,
		    "two profiles: \"%.48s\" and \"%.48s\"", profile,
		    settings->profile);
	if (profile != NULL) {
		res = settings_set(settings, KEY_PROFILE, profile,
		    ORIGIN_COMMAND_LINE, parser->err);
		if (res < 0)
			return res;
	}
	settings->mountpoint = strdup(parser->words[parser->n_words - 1]);
	return settings->mountpoint != NULL ? 0 : out_of_memory(parser->err);
}

static const struct {
	const char *name;
	enum options_command command;
} commands[] = {
    {"status", COMMAND_STATUS},
    {"login", COMMAND_LOGIN},
    {"logout", COMMAND_LOGOUT},
    {"sync", COMMAND_SYNC},
    {"refresh", COMMAND_REFRESH},
};

int
options_parse(int argc, char *const argv[], struct settings *settings,
    struct options *ret_options, struct err *err)
{
	struct parser parser = {
	    .settings = settings, .options = ret_options, .err = err};
	int res;

	*ret_options =
	    (struct options){.command = COMMAND_MOUNT, .expires = "never"};
	for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
		if (argc > 1 && strcmp(argv[1], commands[i].name) == 0)
			ret_options->command = commands[i].command;
	if (ret_options->command != COMMAND_MOUNT)
		return options_parse_command(
		    argc - 1, argv + 1, settings, ret_options, err);
	res = argc > 1 ? take_all(&parser, argc - 1, argv + 1) : 0;
	if (res == 0 && ret_options->command == COMMAND_MOUNT)
		res = finish_mount(&parser);
	return res;
}
