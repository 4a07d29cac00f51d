#include "unit.h"

#include "cli/mount_options.h"
#include "cli/options.h"
#include "cli/settings.h"
#include "util/err.h"

#include <errno.h>
#include <fuse_lowlevel.h>
#include <stdio.h>
#include <string.h>

#define ARGS_MAX 10

struct parsed {
	char line[400];
	struct settings settings;
	struct options options;
	struct err err;
	int res;
};

/* Parse a command line whose words stand between single blanks. */
static void
parse(struct parsed *parsed, const char *line)
{
	char *argv[ARGS_MAX] = {0};
	int argc = 0;

	memset(parsed, 0, sizeof *parsed);
	(void)snprintf(parsed->line, sizeof parsed->line, "%s", line);
	for (char *at = parsed->line; at != NULL && argc < ARGS_MAX - 1;) {
		char *word = strsep(&at, " ");

		argv[argc++] = strcmp(word, "''") == 0 ? word + 2 : word;
	}
	assert_int_equal(settings_init(&parsed->settings), 0);
	parsed->res = options_parse(
	    argc, argv, &parsed->settings, &parsed->options, &parsed->err);
	if (parsed->res == 0)
		assert_int_equal(mount_options_fuse(&parsed->settings), 0);
}

struct good {
	const char *line, *profile, *mountpoint, *fuse;
};

#define BASE "default_permissions,subtype=trellofs,fsname="

static const struct good goods[] = {
    {"trellofs /mnt", "default", "/mnt", BASE "default"},
    {"trellofs work /mnt", "work", "/mnt", BASE "work"},
    {"trellofs work /mnt -o rw,dev,suid", "work", "/mnt", BASE "work,dev,suid"},
    {"trellofs /home /mnt -o rw,dev,suid", "home", "/mnt",
	BASE "home,dev,suid"},
    {"trellofs -o profile=work /mnt", "work", "/mnt", BASE "work"},
    {"trellofs -oprofile=work work /mnt", "work", "/mnt", BASE "work"},
    {"trellofs ./login", "default", "./login", BASE "default"},
    {"trellofs -f login", "default", "login", BASE "default"},
    {"trellofs -- -x", "default", "-x", BASE "default"},
    {"trellofs --demo m", "default", "m", BASE "trellofs:demo"},
    {"trellofs m --demo", "default", "m", BASE "trellofs:demo"},
    {"trellofs --export a --export=b m", "default", "m",
	BASE "trellofs:export"},
    {"trellofs -o ro m", "default", "m", BASE "default,ro"},
    {"trellofs -o ro,rw m", "default", "m", BASE "default"},
    {"trellofs -o sync,ro m", "default", "m", BASE "default,ro,sync"},
    {"trellofs -o sync -o async m", "default", "m", BASE "default"},
    {"trellofs -o ,,allow_other,, m", "default", "m",
	BASE "default,allow_other"},
    {"trellofs -o defaults,noauto,_netdev,user,x-systemd.automount m",
	"default", "m", BASE "default"},
    {"trellofs -o fsname=a\\,b\\\\c\\054d m", "default", "m",
	"default_permissions,subtype=trellofs,fsname=a\\,b\\\\c\\,d"},
    {"trellofs -o subtype=x m", "default", "m",
	"default_permissions,fsname=default,subtype=x"},
};

static void
good(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof goods / sizeof goods[0]; i++) {
		const struct good *row = &goods[i];
		struct parsed parsed;

		parse(&parsed, row->line);
		if (parsed.res < 0)
			fail_msg("%s: %s", row->line, parsed.err.text);
		assert_int_equal(parsed.options.command, COMMAND_MOUNT);
		assert_string_equal(parsed.settings.profile, row->profile);
		assert_string_equal(
		    parsed.settings.mountpoint, row->mountpoint);
		assert_string_equal(parsed.settings.fuse_options, row->fuse);
		settings_fini(&parsed.settings);
	}
}

static const struct {
	const char *line, *error;
} bads[] = {
    {"trellofs", "a mount point is missing"},
    {"trellofs -f", "a mount point is missing"},
    {"trellofs ''", "mount point is empty"},
    {"trellofs a b c", "what is \"c\"?"},
    {"trellofs / m", "\"/\" cannot be a profile's name"},
    {"trellofs a/b m", "\"a/b\" cannot be a profile's name"},
    {"trellofs .a m", "\".a\" cannot be a profile's name"},
    {"trellofs -o profile=a b m", "two profiles: \"b\" and \"a\""},
    {"trellofs --demo p m", "--demo mounts no account"},
    {"trellofs --export f -o profile=p m", "--export mounts no account"},
    {"trellofs --demo --export f m", "not both"},
    {"trellofs --export f --demo m", "not both"},
    {"trellofs --export", "--export needs a value"},
    {"trellofs --export= m", "which file?"},
    {"trellofs --demo=1 m", "--demo takes no value"},
    {"trellofs --dmeo m", "\"--dmeo\"; did you mean \"--demo\"?"},
    {"trellofs --exports=a m", "did you mean \"--export\"?"},
    {"trellofs -demo m", "did you mean \"--demo\"?"},
    {"trellofs --zebra m", "unknown option \"--zebra\""},
    {"trellofs -x m", "unknown option \"-x\""},
    {"trellofs -fx m", "unknown option \"-fx\""},
    {"trellofs m -o", "-o needs a value"},
    {"trellofs -o refesh=3 m",
	"\"refesh\" after -o; did you mean \"refresh\"?"},
    {"trellofs -o alow_other m", "did you mean \"allow_other\"?"},
    {"trellofs -o zebra m", "unknown option \"zebra\" after -o"},
    {"trellofs -o kernel_cache m", "unknown option \"kernel_cache\""},
    {"trellofs -o refresh=0 m", "refresh: from 1 to 86400 seconds"},
    {"trellofs -o refresh m", "refresh: needs a value"},
    {"trellofs -o allow_other=1 m", "allow_other takes no value"},
    {"trellofs -o max_read m", "max_read needs a value"},
    {"trellofs -o token=hush m", "token: not on the command line"},
    {"trellofs -o api_key=k m", "api_key: only in the configuration file"},
    {"trellofs status a b", "one mount point at a time"},
    {"trellofs status -x", "status: unknown option \"-x\""},
    {"trellofs sync --force", "sync: unknown option \"--force\""},
    {"trellofs login work", "login takes no argument \"work\""},
    {"trellofs login --profil x", "did you mean \"--profile\"?"},
    {"trellofs login --profile", "--profile needs a value"},
    {"trellofs login --profile=.x", "cannot be a profile's name"},
    {"trellofs login --read-only=1", "--read-only takes no value"},
    {"trellofs login --expires 2days", "--expires: never, 30days, 1day or"},
    {"trellofs login --keep-token", "login: unknown option"},
    {"trellofs login --callback", "--callback goes with --oauth1"},
    {"trellofs login --token hush", "login: unknown option \"--token\""},
    {"trellofs logout --oauth1", "logout: unknown option"},
};

static void
bad(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof bads / sizeof bads[0]; i++) {
		struct parsed parsed;

		parse(&parsed, bads[i].line);
		if (parsed.res != -EINVAL ||
		    strstr(parsed.err.text, bads[i].error) == NULL)
			fail_msg("%s: %d, %s", bads[i].line, parsed.res,
			    parsed.err.text);
		assert_null(strstr(parsed.err.text, "hush"));
		settings_fini(&parsed.settings);
	}
}

static void
commands(void **state)
{
	static const struct {
		const char *line;
		enum options_command command;
		const char *word;
	} rows[] = {{"trellofs status", COMMAND_STATUS, NULL},
	    {"trellofs status /mnt", COMMAND_STATUS, "/mnt"},
	    {"trellofs status --help", COMMAND_HELP, NULL},
	    {"trellofs status --profile x /mnt", COMMAND_STATUS, "/mnt"},
	    {"trellofs login --profile x", COMMAND_LOGIN, NULL},
	    {"trellofs login --help", COMMAND_HELP, NULL},
	    {"trellofs logout", COMMAND_LOGOUT, NULL},
	    {"trellofs sync", COMMAND_SYNC, NULL},
	    {"trellofs refresh /mnt", COMMAND_REFRESH, "/mnt"},
	    {"trellofs -h", COMMAND_HELP, NULL},
	    {"trellofs --help --zebra", COMMAND_HELP, NULL},
	    {"trellofs /mnt -V", COMMAND_VERSION, NULL},
	    {"trellofs --version", COMMAND_VERSION, NULL}};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct parsed parsed;

		parse(&parsed, rows[i].line);
		assert_int_equal(parsed.res, 0);
		assert_int_equal(parsed.options.command, rows[i].command);
		if (rows[i].word == NULL)
			assert_null(parsed.options.word);
		else
			assert_string_equal(parsed.options.word, rows[i].word);
		settings_fini(&parsed.settings);
	}
}

static void
logins(void **state)
{
	struct parsed parsed;

	(void)state;
	parse(&parsed, "trellofs login");
	assert_int_equal(parsed.res, 0);
	assert_string_equal(parsed.settings.profile, "default");
	assert_string_equal(parsed.options.expires, "never");
	assert_false(parsed.options.read_only || parsed.options.oauth1);
	settings_fini(&parsed.settings);

	parse(&parsed, "trellofs login --oauth1 --profile=w --read-only "
		       "--expires 30days --callback --revoke-old");
	assert_int_equal(parsed.res, 0);
	assert_string_equal(parsed.settings.profile, "w");
	assert_string_equal(parsed.options.expires, "30days");
	assert_true(parsed.options.read_only && parsed.options.oauth1 &&
		    parsed.options.callback && parsed.options.revoke_old);
	settings_fini(&parsed.settings);

	parse(&parsed, "trellofs logout --force --keep-token");
	assert_int_equal(parsed.res, 0);
	assert_true(parsed.options.force && parsed.options.keep_token);
	settings_fini(&parsed.settings);
}

static void
values(void **state)
{
	struct parsed parsed;

	(void)state;
	parse(&parsed,
	    "trellofs -fd -o "
	    "refresh=5,settle=2,comment_settle=9,umask=022,allow_delete,"
	    "numbered,api_url=http://localhost:1/1,ro m");
	assert_int_equal(parsed.res, 0);
	assert_true(parsed.settings.foreground);
	assert_true(parsed.settings.debug);
	assert_int_equal(parsed.settings.refresh_s, 5);
	assert_int_equal(parsed.settings.settle_s, 2);
	assert_int_equal(parsed.settings.comment_settle_s, 9);
	assert_int_equal(parsed.settings.umask, 022);
	assert_true(parsed.settings.allow_delete);
	assert_true(parsed.settings.numbered);
	assert_true(parsed.settings.read_only);
	assert_string_equal(parsed.settings.api_url, "http://localhost:1/1");
	settings_fini(&parsed.settings);

	parse(&parsed, "trellofs --export a.json --export=b.json -d m");
	assert_int_equal(parsed.settings.source, SOURCE_EXPORTS);
	assert_int_equal(parsed.settings.exports.n, 2);
	assert_string_equal(parsed.settings.exports.v[1], "b.json");
	assert_true(parsed.settings.foreground);
	settings_fini(&parsed.settings);
}

/* Whatever is passed on, libfuse must know: a mount would fail otherwise. */
static void
fuse_knows(void **state)
{
	static const struct fuse_lowlevel_ops ops = {0};
	struct parsed parsed;
	struct fuse_args args = FUSE_ARGS_INIT(0, NULL);
	struct fuse_session *session;

	(void)state;
	parse(&parsed,
	    "trellofs -o allow_other,auto_unmount,fsname=a\\,b,subtype=s,"
	    "max_read=65536,context=c,fscontext=c,defcontext=c,"
	    "rootcontext=c,suid,nosuid,dev,nodev,exec,noexec,dirsync,atime,"
	    "noatime,ro,sync m");
	assert_int_equal(parsed.res, 0);
	assert_int_equal(fuse_opt_add_arg(&args, "trellofs"), 0);
	assert_int_equal(fuse_opt_add_arg(&args, "-o"), 0);
	assert_int_equal(
	    fuse_opt_add_arg(&args, parsed.settings.fuse_options), 0);
	session = fuse_session_new(&args, &ops, sizeof ops, NULL);
	assert_non_null(session);
	fuse_session_destroy(session);
	fuse_opt_free_args(&args);
	settings_fini(&parsed.settings);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(good),
    cmocka_unit_test(bad),
    cmocka_unit_test(commands),
    cmocka_unit_test(logins),
    cmocka_unit_test(values),
    cmocka_unit_test(fuse_knows),
};

UNIT_MAIN(tests)
