#include "unit.h"

#include "cli/mounts.h"
#include "cli/paths.h"
#include "cli/status.h"
#include "util/err.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/test-cli-paths-XXXXXX";

static int
set_up(void **state)
{
	(void)state;
	unsetenv("XDG_CONFIG_HOME");
	unsetenv("XDG_STATE_HOME");
	unsetenv("XDG_CACHE_HOME");
	unsetenv("HOME");
	return mkdtemp(folder) != NULL ? 0 : -1;
}

static int
tear_down(void **state)
{
	char command[100];

	(void)state;
	(void)snprintf(command, sizeof command, "rm -r %s", folder);
	if (system(command) != 0)
		return -1;
	memcpy(folder + strlen(folder) - 6, "XXXXXX", 6);
	return 0;
}

static char *
below(const char *name)
{
	static char path[200];

	(void)snprintf(path, sizeof path, "%s%s", folder, name);
	return path;
}

static void
put(const char *name, const char *text)
{
	FILE *file = fopen(below(name), "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void
names(void **state)
{
	static const struct {
		const char *variable, *value, *config, *cache;
	} rows[] = {
	    {"HOME", "/h", "/h/.config/trellofs/config",
		"/h/.cache/trellofs/p"},
	    {"XDG_CONFIG_HOME", "/c", "/c/trellofs/config",
		"/h/.cache/trellofs/p"},
	    {"XDG_CACHE_HOME", "/d", "/c/trellofs/config", "/d/trellofs/p"},
	    {"XDG_CONFIG_HOME", "relative", "/h/.config/trellofs/config",
		"/d/trellofs/p"},
	    {"XDG_CACHE_HOME", "", "/h/.config/trellofs/config",
		"/h/.cache/trellofs/p"},
	};
	struct err err;
	char *path;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		setenv(rows[i].variable, rows[i].value, 1);
		assert_int_equal(paths_config(&path, &err), 0);
		assert_string_equal(path, rows[i].config);
		free(path);
		assert_int_equal(paths_cache("p", &path, &err), 0);
		assert_string_equal(path, rows[i].cache);
		free(path);
	}
}

/* Without HOME, the table of users says where the home is. */
static void
home_of_the_user(void **state)
{
	const struct passwd *entry = getpwuid(geteuid());
	char expected[600];
	char *path;

	(void)state;
	if (entry == NULL)
		return;
	(void)snprintf(expected, sizeof expected, "%s/.config/trellofs/config",
	    entry->pw_dir);
	assert_int_equal(paths_config(&path, NULL), 0);
	assert_string_equal(path, expected);
	free(path);
	setenv("HOME", "relative", 1);
	assert_int_equal(paths_config(&path, NULL), 0);
	assert_string_equal(path, expected);
	free(path);
	/* Root's home is root's only. */
	setenv("HOME", "/root", 1);
	assert_int_equal(paths_config(&path, NULL), 0);
	if (geteuid() == 0)
		assert_string_equal(path, "/root/.config/trellofs/config");
	else
		assert_string_equal(path, expected);
	free(path);
}

static void
no_home(void **state)
{
	struct err err;
	char *path;

	(void)state;
	/* Only root can be somebody that nobody knows. */
	if (geteuid() != 0)
		return;
	assert_int_equal(seteuid(54321), 0);
	assert_int_equal(paths_state("p", &path, &err), -ENOENT);
	assert_int_equal(seteuid(0), 0);
	assert_string_equal(err.text,
	    "neither HOME nor XDG_STATE_HOME says where your files are; set "
	    "one");
}

static mode_t
mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 07777;
}

static void
state_is_private(void **state)
{
	struct err err;
	char *path;

	(void)state;
	setenv("HOME", folder, 1);
	assert_int_equal(paths_state("p", &path, &err), 0);
	assert_string_equal(path, below("/.local/state/trellofs/p.db"));
	free(path);
	assert_int_equal(mode_of(below("/.local/state/trellofs")), 0700);
	assert_int_equal(mode_of(below("/.local")), 0700);

	/* What was open is closed. */
	put("/.local/state/trellofs/p.db", "x");
	assert_int_equal(chmod(below("/.local/state/trellofs/p.db"), 0644), 0);
	assert_int_equal(chmod(below("/.local/state/trellofs"), 0755), 0);
	assert_int_equal(paths_state("p", &path, &err), 0);
	free(path);
	assert_int_equal(mode_of(below("/.local/state/trellofs")), 0700);
	assert_int_equal(mode_of(below("/.local/state/trellofs/p.db")), 0600);

	/* A file where a folder has to be. */
	put("/file", "");
	setenv("XDG_STATE_HOME", below("/file"), 1);
	assert_int_equal(paths_state("p", &path, &err), -ENOTDIR);
	assert_non_null(strstr(err.text, "cannot be made: Not a directory"));
}

static void
state_of_others(void **state)
{
	struct err err;
	char *path;

	(void)state;
	/* Only root can give a folder away; cmocka's skip() is no TAP. */
	if (geteuid() != 0)
		return;
	setenv("XDG_STATE_HOME", folder, 1);
	assert_int_equal(mkdir(below("/trellofs"), 0700), 0);
	assert_int_equal(chown(below("/trellofs"), 12345, 12345), 0);
	assert_int_equal(paths_state("p", &path, &err), -EPERM);
	assert_non_null(strstr(err.text, "another user (uid 12345)"));
}

/* "@" stands for our user id. */
#define OURS "user_id=@,group_id=0,default_permissions 0 0\n"

static void
finds(const char *table, const char *profile, const char *folder_found,
    const char *error)
{
	char text[2000] = "";
	struct err err = {0};
	char *found = NULL;
	size_t len = 0;
	int res;

	for (const char *p = table; *p != '\0'; p++) {
		if (*p == '@')
			len += (size_t)snprintf(
			    text + len, sizeof text - len, "%u", getuid());
		else
			text[len++] = *p;
		text[len] = '\0';
	}
	put("/mounts", text);
	res = mounts_find(below("/mounts"), profile, true, &found, &err);
	if (folder_found != NULL) {
		if (res < 0)
			fail_msg("%s: %s", profile, err.text);
		assert_string_equal(found, folder_found);
	} else if (res >= 0 || strstr(err.text, error) == NULL) {
		fail_msg("%s: %d, %s", profile, res, err.text);
	}
	free(found);
}

static void
mounts(void **state)
{
	static const char two[] = "proc /proc proc rw 0 0\n"
				  "x /other fuse.sshfs rw," OURS
				  "trellofs:demo /m/demo fuse.trellofs rw," OURS
				  "default /m/a\\040b fuse.trellofs rw," OURS;
	char *found;
	struct err err;

	(void)state;
	finds(two, "default", "/m/a b", NULL);
	finds(two, "work", NULL, "2 are mounted, for example /m/demo and");
	finds("work /m/w fuse.trellofs rw," OURS, "default", "/m/w", NULL);
	finds("work /m/w fuse.trellofs rw,user_id=4321 0 0\n", "work", NULL,
	    "nothing is mounted");
	finds("proc /proc proc rw 0 0\n", "default", NULL, "nothing is");
	finds("", "default", NULL, "nothing is mounted");
	put("/mounts", "work /m/w fuse.trellofs rw 0 0\n");
	assert_int_equal(
	    mounts_find(below("/mounts"), "default", false, &found, &err),
	    -ENOENT);
	assert_string_equal(err.text, "profile default is not mounted");
	assert_int_equal(
	    mounts_find("/nowhere", "default", true, &found, &err), -ENOENT);
}

static void
folders(void **state)
{
	char table[200];
	char mounted[200];
	char text[600];
	struct err err;

	(void)state;
	(void)snprintf(table, sizeof table, "%s", below("/mounts"));
	(void)snprintf(mounted, sizeof mounted, "%s", below("/m"));
	(void)snprintf(
	    text, sizeof text, "p %s fuse.trellofs rw 0 0\n", mounted);
	put("/mounts", text);
	assert_int_equal(mkdir(mounted, 0700), 0);
	assert_int_equal(mounts_check_folder(table, folder, &err), 0);
	assert_int_equal(mounts_check_folder(table, mounted, &err), -EBUSY);
	assert_non_null(strstr(err.text, "unmount it with: fusermount3 -u"));
	assert_int_equal(mounts_check_folder(table, table, &err), -ENOTDIR);
	assert_non_null(strstr(err.text, "is not a folder"));
	assert_int_equal(
	    mounts_check_folder(table, "/nowhere/x", &err), -ENOENT);
	assert_non_null(strstr(err.text, "make it with: mkdir -p /nowhere/x"));
}

static void
status(void **state)
{
	char text[100] = "";
	struct err err;
	FILE *out = tmpfile();

	(void)state;
	assert_non_null(out);
	assert_int_equal(status_print(folder, out, &err), -ENOENT);
	assert_non_null(strstr(err.text, "is no mount of trellofs"));
	assert_int_equal(mkdir(below("/.trellofs"), 0700), 0);
	put("/.trellofs/status", "online: yes\n");
	assert_int_equal(status_print(folder, out, &err), 0);
	rewind(out);
	assert_int_equal(fread(text, 1, sizeof text - 1, out), 12);
	assert_string_equal(text, "online: yes\n");
	assert_int_equal(fclose(out), 0);
	out = fopen("/dev/full", "w");
	assert_non_null(out);
	assert_int_equal(status_print(folder, out, &err), -EIO);
	(void)fclose(out);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

static const struct CMUnitTest tests[] = {
    TEST(names),
    TEST(home_of_the_user),
    TEST(no_home),
    TEST(state_is_private),
    TEST(state_of_others),
    TEST(mounts),
    TEST(folders),
    TEST(status),
};

UNIT_MAIN(tests)
