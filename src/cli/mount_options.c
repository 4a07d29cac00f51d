#include "cli/mount_options.h"

#include "cli/settings.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/nearest.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* What the rest of the world says after -o, and what becomes of it. */
enum fate {
	PASS,  /* FUSE or the kernel knows what to do with it */
	DROP,  /* for mount(8), systemd or nobody: says nothing to us */
	WRITE, /* the contrary of ro */
	ASYNC, /* the contrary of sync */
};

static const struct foreign {
	const char *name;
	bool has_value;
	enum fate fate;
} foreign[] = {
    {"allow_other", false, PASS},
    {"allow_root", false, PASS},
    {"auto_unmount", false, PASS},
    {"fsname", true, PASS},
    {"subtype", true, PASS},
    {"max_read", true, PASS},
    {"context", true, PASS},
    {"fscontext", true, PASS},
    {"defcontext", true, PASS},
    {"rootcontext", true, PASS},
    {"suid", false, PASS},
    {"nosuid", false, PASS},
    {"dev", false, PASS},
    {"nodev", false, PASS},
    {"exec", false, PASS},
    {"noexec", false, PASS},
    {"dirsync", false, PASS},
    {"atime", false, PASS},
    {"noatime", false, PASS},
    {"rw", false, WRITE},
    {"async", false, ASYNC},
    {"default_permissions", false, DROP}, /* always on */
    {"nonempty", false, DROP},		  /* FUSE 3 does not ask */
    {"defaults", false, DROP},
    {"auto", false, DROP},
    {"noauto", false, DROP},
    {"user", false, DROP},
    {"user", true, DROP},
    {"nouser", false, DROP},
    {"users", false, DROP},
    {"owner", false, DROP},
    {"group", false, DROP},
    {"nofail", false, DROP},
    {"_netdev", false, DROP},
    {"comment", true, DROP},
    {"diratime", false, DROP}, /* access times are not kept */
    {"nodiratime", false, DROP},
    {"relatime", false, DROP},
    {"norelatime", false, DROP},
    {"strictatime", false, DROP},
    {"nostrictatime", false, DROP},
    {"lazytime", false, DROP},
    {"nolazytime", false, DROP},
};

#define N_FOREIGN (sizeof foreign / sizeof foreign[0])

static int
unknown_option(const char *name, bool has_value, struct err *err)
{
	struct nearest near;

	nearest_init(&near, name);
	for (enum settings_key key = 0; key < KEY_COUNT; key++)
		if (settings_key_flags(key) & KEY_IN_OPTIONS)
			nearest_offer(&near, settings_key_name(key));
	for (size_t i = 0; i < N_FOREIGN; i++)
		nearest_offer(&near, foreign[i].name);
	if (near.best != NULL && strcmp(near.best, name) == 0)
		return err_set(err, -EINVAL, "%s %s", name,
		    has_value ? "takes no value" : "needs a value");
	if (near.best == NULL)
		return err_set(
		    err, -EINVAL, "unknown option \"%.60s\" after -o", name);
	return err_set(err, -EINVAL,
	    "unknown option \"%.60s\" after -o; did you mean \"%s\"?", name,
	    near.best);
}

static int
pass_on(struct settings *settings, const char *word, struct err *err)
{
	char **slot = VEC_ADD(&settings->fuse_words);

	if (slot == NULL)
		return err_set(err, -ENOMEM, "out of memory");
	*slot = strdup(word);
	return *slot != NULL ? 0 : err_set(err, -ENOMEM, "out of memory");
}

/* A word after -o that is not one of ours. */
static int
take_foreign(struct settings *settings, const char *word, const char *name,
    const char *value, struct err *err)
{
	if (strncasecmp(word, "x-", 2) == 0)
		return 0;
	for (size_t i = 0; i < N_FOREIGN; i++) {
		const struct foreign *f = &foreign[i];

		if (strcmp(f->name, name) != 0 ||
		    f->has_value != (value != NULL))
			continue;
		switch (f->fate) {
		case PASS:
			return pass_on(settings, word, err);
		case DROP:
			return 0;
		case WRITE:
			return settings_set(
			    settings, KEY_RO, "no", ORIGIN_COMMAND_LINE, err);
		case ASYNC:
			return settings_set(
			    settings, KEY_SYNC, "no", ORIGIN_COMMAND_LINE, err);
		}
	}
	return unknown_option(name, value != NULL, err);
}

static int
take_option(struct settings *settings, const char *word, struct err *err)
{
	size_t len = strcspn(word, "=");
	const char *value = word[len] == '=' ? word + len + 1 : NULL;
	enum settings_key key = settings_key_find(word, len);
	char name[64] = "";

	if (key != KEY_COUNT && settings_key_flags(key) & KEY_IN_OPTIONS)
		return settings_set(
		    settings, key, value, ORIGIN_COMMAND_LINE, err);
	if (key != KEY_COUNT && settings_key_flags(key) & KEY_IS_SECRET)
		return err_set(err, -EINVAL,
		    "%s: not on the command line, where every user of this "
		    "machine can read it; the configuration file is its place",
		    settings_key_name(key));
	if (key != KEY_COUNT)
		return err_set(err, -EINVAL,
		    "%s: only in the configuration file, not after -o",
		    settings_key_name(key));
	memcpy(name, word, len < sizeof name ? len : sizeof name - 1);
	return take_foreign(settings, word, name, value, err);
}

/* Whether s begins with a backslash and three octal digits: a byte. */
static bool
is_octal(const char *s)
{
	return s[1] >= '0' && s[1] <= '3' && s[2] >= '0' && s[2] <= '7' &&
	       s[3] >= '0' && s[3] <= '7';
}

/*
 * The next word of a list, unescaped the way FUSE does it ("\," and "\\",
 * "\054").  Returns what follows its comma, or NULL at the end.
 */
static const char *
next_word(const char *list, struct buf *word)
{
	buf_clear(word);
	for (; *list != '\0' && *list != ','; list++) {
		if (*list == '\\' && is_octal(list)) {
			buf_add_char(word,
			    (char)((list[1] - '0') << 6 | (list[2] - '0') << 3 |
				   (list[3] - '0')));
			list += 3;
			continue;
		}
		if (*list == '\\' && list[1] != '\0')
			list++;
		buf_add_char(word, *list);
	}
	return *list == ',' ? list + 1 : NULL;
}

int
mount_options_take(struct settings *settings, const char *list, struct err *err)
{
	struct buf word = BUF_INIT;
	int res = 0;

	while (list != NULL && res == 0) {
		list = next_word(list, &word);
		if (word.err < 0)
			res = err_set(err, -ENOMEM, "out of memory");
		else if (buf_str(&word)[0] != '\0')
			res = take_option(settings, word.data, err);
	}
	buf_free(&word);
	return res;
}

/* Append ",word" as it may stand after -o. */
static void
add_escaped(struct buf *list, const char *word)
{
	if (list->len > 0)
		buf_add_char(list, ',');
	for (; *word != '\0'; word++) {
		if (*word == ',' || *word == '\\')
			buf_add_char(list, '\\');
		buf_add_char(list, *word);
	}
}

static bool
has_word(const struct settings *settings, const char *start)
{
	for (size_t i = 0; i < settings->fuse_words.n; i++)
		if (strncmp(settings->fuse_words.v[i], start, strlen(start)) ==
		    0)
			return true;
	return false;
}

int
mount_options_fuse(struct settings *settings)
{
	static const char *const memory[] = {[SOURCE_DEMO] = "trellofs:demo",
	    [SOURCE_EXPORTS] = "trellofs:export"};
	struct buf list = BUF_INIT;

	add_escaped(&list, "default_permissions");
	if (!has_word(settings, "subtype="))
		add_escaped(&list, "subtype=trellofs");
	if (!has_word(settings, "fsname=")) {
		buf_add_str(&list, ",fsname=");
		buf_add_str(&list, settings->source == SOURCE_ACCOUNT
				       ? settings->profile
				       : memory[settings->source]);
	}
	if (settings->read_only)
		add_escaped(&list, "ro");
	if (settings->sync)
		add_escaped(&list, "sync");
	for (size_t i = 0; i < settings->fuse_words.n; i++)
		add_escaped(&list, settings->fuse_words.v[i]);
	if (list.err < 0) {
		buf_free(&list);
		return -ENOMEM;
	}
	free(settings->fuse_options);
	settings->fuse_options = buf_steal(&list);
	return settings->fuse_options != NULL ? 0 : -ENOMEM;
}
