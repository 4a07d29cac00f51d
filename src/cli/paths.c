#include "cli/paths.h"

#include "util/buf.h"
#include "util/err.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * Our user's home.  Without HOME, mount(8)'s helper sets that of root, whoever
 * it runs us as.
 */
static const char *
find_home(void)
{
	const char *home = getenv("HOME");
	const struct passwd *entry;

	if (home != NULL && home[0] == '/' &&
	    (geteuid() == 0 || strcmp(home, "/root") != 0))
		return home;
	entry = getpwuid(geteuid());
	if (entry == NULL || entry->pw_dir == NULL || entry->pw_dir[0] != '/')
		return NULL;
	return entry->pw_dir;
}

/* Begin a path with the folder that variable names, or HOME and fallback. */
static int
begin(struct buf *path, const char *variable, const char *fallback,
    struct err *err)
{
	const char *folder = getenv(variable);
	const char *home;

	if (folder != NULL && folder[0] == '/')
		return buf_add_str(path, folder);
	home = find_home();
	if (home == NULL)
		return err_set(err, -ENOENT,
		    "neither HOME nor %s says where your files are; set one",
		    variable);
	return buf_printf(path, "%s/%s", home, fallback);
}

/* Hand over the finished path; res is what making it has returned. */
static int
finish(struct buf *path, int res, char **ret, struct err *err)
{
	char *text = NULL;

	if (res == 0 && (text = buf_steal(path)) == NULL)
		res = -ENOMEM;
	if (res == -ENOMEM)
		err_set(err, res, "out of memory");
	buf_free(path);
	if (res == 0)
		*ret = text;
	return res;
}

int
paths_config(char **ret, struct err *err)
{
	struct buf path = BUF_INIT;
	int res = begin(&path, "XDG_CONFIG_HOME", ".config", err);

	if (res == 0)
		res = buf_add_str(&path, "/trellofs/config");
	return finish(&path, res, ret, err);
}

int
paths_cache(const char *profile, char **ret, struct err *err)
{
	struct buf path = BUF_INIT;
	int res = begin(&path, "XDG_CACHE_HOME", ".cache", err);

	if (res == 0)
		res = buf_printf(&path, "/trellofs/%s", profile);
	return finish(&path, res, ret, err);
}

int
paths_make_folder(char *path, struct err *err)
{
	for (char *p = path + 1;; p++) {
		char c = *p;

		if (c != '/' && c != '\0')
			continue;
		*p = '\0';
		if (mkdir(path, 0700) < 0 && errno != EEXIST)
			return err_set(err, -errno, "%.300s cannot be made: %s",
			    path, strerror(errno));
		*p = c;
		if (c == '\0')
			return 0;
	}
}

/* Nobody but us has any right to what is at path, if there is something. */
static int
close_to_others(const char *path, mode_t mode, struct err *err)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return errno == ENOENT ? 0
				       : err_set(err, -errno, "%.300s: %s",
					     path, strerror(errno));
	if (st.st_uid != geteuid())
		return err_set(err, -EPERM,
		    "%.300s belongs to another user (uid %u); your cards "
		    "would be open to them",
		    path, (unsigned)st.st_uid);
	if (st.st_mode & 077 && chmod(path, mode) < 0)
		return err_set(err, -EPERM,
		    "%.300s is open to others and cannot be closed: %s", path,
		    strerror(errno));
	return 0;
}

int
paths_make_cache(char *path, struct err *err)
{
	int res = paths_make_folder(path, err);

	return res == 0 ? close_to_others(path, 0700, err) : res;
}

/* Begin a path with the folder of all profiles' state, which is there then. */
static int
begin_state(struct buf *path, struct err *err)
{
	int res = begin(path, "XDG_STATE_HOME", ".local/state", err);

	if (res == 0)
		res = buf_add_str(path, "/trellofs");
	if (res == 0)
		res = paths_make_folder(path->data, err);
	return res == 0 ? close_to_others(path->data, 0700, err) : res;
}

int
paths_state_folder(char **ret, struct err *err)
{
	struct buf path = BUF_INIT;
	int res = begin_state(&path, err);

	return finish(&path, res, ret, err);
}

int
paths_state(const char *profile, char **ret, struct err *err)
{
	struct buf path = BUF_INIT;
	int res = begin_state(&path, err);

	if (res == 0)
		res = buf_printf(&path, "/%s.db", profile);
	if (res == 0)
		res = close_to_others(path.data, 0600, err);
	return finish(&path, res, ret, err);
}

int
paths_state_name(const char *profile, char **ret, struct err *err)
{
	struct buf path = BUF_INIT;
	int res = begin(&path, "XDG_STATE_HOME", ".local/state", err);

	if (res == 0)
		res = buf_printf(&path, "/trellofs/%s.db", profile);
	return finish(&path, res, ret, err);
}
