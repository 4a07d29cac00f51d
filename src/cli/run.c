#include "cli/run.h"

#include "cli/config.h"
#include "cli/control.h"
#include "cli/credentials.h"
#include "cli/help.h"
#include "cli/login.h"
#include "cli/mount_options.h"
#include "cli/mounts.h"
#include "cli/options.h"
#include "cli/paths.h"
#include "cli/settings.h"
#include "cli/status.h"
#include "util/err.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXIT_USAGE 2

/* Who we are to Trello. */
static int
find_account(struct settings *settings, struct err *err)
{
	struct config_found found;
	char *path = NULL;
	int res = credentials_hide(err);

	if (res == 0)
		res = credentials_environment(settings, err);
	if (res == 0)
		res = paths_config(&path, err);
	if (res == 0)
		res = config_read(settings, path, &found, err);
	if (res == 0)
		res = credentials_complete(settings, path, &found, NULL, err);
	free(path);
	return res;
}

/* And where that account's things are. */
static int
prepare_account(struct settings *settings, struct err *err)
{
	int res = find_account(settings, err);

	if (res == 0)
		res =
		    paths_state(settings->profile, &settings->state_path, err);
	if (res == 0)
		res = paths_cache(settings->profile, &settings->cache_dir, err);
	return res;
}

static int
prepare_and_mount(
    struct settings *settings, run_mount_fn *mount, struct err *err)
{
	int res = mounts_check_folder(MOUNTS_TABLE, settings->mountpoint, err);

	/* The remains of one that died are taken away when mounting. */
	if (res == -ENOTCONN)
		res = 0;
	if (res == 0)
		res = settings->source == SOURCE_ACCOUNT
			  ? prepare_account(settings, err)
			  : credentials_environment(settings, err);
	if (res == 0 && mount_options_fuse(settings) < 0)
		res = err_set(err, -ENOMEM, "out of memory");
	return res == 0 ? mount(settings, err) : res;
}

/* Without a mount: what Trello says of the account. */
static int
about_account(struct settings *settings, struct err *err)
{
	int res = find_account(settings, err);

	return res == 0 ? status_account(settings, stdout, err) : res;
}

/* The mount that a command is about: what the word is or is in; without one
 * the profile's, or the one that we are in. */
static int
find_mount(const struct options *options, const struct settings *settings,
    char **ret, struct err *err)
{
	bool named = settings->origin[KEY_PROFILE] == ORIGIN_COMMAND_LINE;
	const char *word = options->word;
	int res = -ENOENT;

	if (word != NULL || !named)
		res =
		    mounts_around(MOUNTS_TABLE, word != NULL ? word : ".", ret);
	if (res == -ENOENT && word == NULL)
		return mounts_find(
		    MOUNTS_TABLE, settings->profile, !named, ret, err);
	/* What is wrong with it is told by whoever opens it. */
	if (res == -ENOENT) {
		*ret = strdup(word);
		res = *ret != NULL ? 0 : -ENOMEM;
	}
	return res == 0 ? 0 : err_set(err, res, "%s", strerror(-res));
}

/* Status, sync or refresh of a mount. */
static int
about_mount(
    const struct options *options, struct settings *settings, struct err *err)
{
	char *mountpoint = NULL;
	int res = find_mount(options, settings, &mountpoint, err);

	if (res == -ENOENT && options->command == COMMAND_STATUS)
		res = about_account(settings, err);
	else if (res == 0 && options->command == COMMAND_SYNC)
		res = control_sync(mountpoint, err);
	else if (res == 0 && options->command == COMMAND_REFRESH)
		res = control_refresh(mountpoint, err);
	else if (res == 0)
		res = status_print(mountpoint, stdout, err);
	free(mountpoint);
	return res;
}

static int
do_command(const struct options *options, struct settings *settings,
    run_mount_fn *mount, struct err *err)
{
	switch (options->command) {
	case COMMAND_MOUNT:
		return prepare_and_mount(settings, mount, err);
	case COMMAND_LOGIN:
		return login(options, settings, err);
	case COMMAND_LOGOUT:
		return logout(options, settings, err);
	case COMMAND_STATUS:
	case COMMAND_SYNC:
	case COMMAND_REFRESH:
		return about_mount(options, settings, err);
	case COMMAND_HELP:
		if (help_print(stdout) < 0)
			break;
		return 0;
	case COMMAND_VERSION:
		if (help_print_version(stdout) < 0)
			break;
		return 0;
	}
	return err_set(err, -EIO, "cannot write to standard output");
}

int
run(int argc, char *const argv[], run_mount_fn *mount)
{
	struct settings settings;
	struct options options;
	struct err err = {0};
	int status = 0;
	int res;

	res = settings_init(&settings);
	if (res < 0) {
		err_set(&err, res, "out of memory");
		status = EXIT_FAILURE;
		goto end;
	}
	res = options_parse(argc, argv, &settings, &options, &err);
	if (res < 0) {
		status = res == -EINVAL ? EXIT_USAGE : EXIT_FAILURE;
		goto end;
	}
	res = do_command(&options, &settings, mount, &err);
	if (res < 0)
		status = EXIT_FAILURE;
end:
	if (res < 0)
		(void)fprintf(stderr, "trellofs: %s\n", err.text);
	if (status == EXIT_USAGE)
		(void)fputs("\"trellofs --help\" tells more\n", stderr);
	settings_fini(&settings);
	return status;
}
