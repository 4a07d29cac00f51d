#include "cli/config_edit.h"

#include "cli/config.h"
#include "cli/paths.h"
#include "util/buf.h"
#include "util/err.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* A line: from begin to end, its line end included; what is in it, without
 * blanks around it, from text on. */
struct line {
	size_t begin, end;
	const char *text;
	size_t len;
};

/* Behind the byte order mark. */
static size_t
first_line(const struct buf *text)
{
	return strncmp(buf_str(text), "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}

static bool
next_line(const struct buf *text, size_t at, struct line *line)
{
	const char *data = buf_str(text);
	const char *stop;

	if (at == 0)
		at = first_line(text);
	if (at >= text->len)
		return false;
	stop = memchr(data + at, '\n', text->len - at);
	line->begin = at;
	line->end = stop != NULL ? (size_t)(stop - data) + 1 : text->len;
	line->text = data + at;
	line->len = line->end - at;
	while (line->len > 0 && strchr(" \t\r\n", line->text[line->len - 1]))
		line->len--;
	while (line->len > 0 && strchr(" \t", *line->text)) {
		line->text++;
		line->len--;
	}
	return true;
}

static const char *
line_end(const struct buf *text)
{
	const char *first = strchr(buf_str(text), '\n');

	return first != NULL && first > text->data && first[-1] == '\r' ? "\r\n"
									: "\n";
}

/* Put what stands from begin to end out, and in its place new. */
static int
put(struct buf *text, size_t begin, size_t end, const struct buf *new)
{
	struct buf made = BUF_INIT;

	(void)buf_reserve(&made, text->len + new->len);
	(void)buf_add(&made, text->data, begin);
	(void)buf_add(&made, buf_str(new), new->len);
	if (end < text->len)
		(void)buf_add(&made, text->data + end, text->len - end);
	if (made.err != 0) {
		buf_wipe(&made);
		return -ENOMEM;
	}
	buf_wipe(text);
	*text = made;
	return 0;
}

static bool
is_section(const struct line *line)
{
	return line->len > 0 && line->text[0] == '[';
}

static bool
is_section_of(const struct line *line, const char *profile)
{
	size_t len = strlen(profile);

	return is_section(line) && line->len >= len + 2 &&
	       memcmp(line->text + 1, profile, len) == 0 &&
	       line->text[len + 1] == ']';
}

static bool
is_key(const struct line *line, const char *name)
{
	size_t len = strlen(name);

	if (line->len <= len || memcmp(line->text, name, len) != 0)
		return false;
	while (len < line->len && strchr(" \t", line->text[len]))
		len++;
	return len < line->len && strchr("=:", line->text[len]) != NULL;
}

static bool
is_empty(const struct line *line)
{
	return line->len == 0 || line->text[0] == '#' || line->text[0] == ';';
}

/* Where the lines of a section begin, and where new ones go; false: there is
 * no such section. */
static bool
find_section(const struct buf *text, const char *profile, size_t *ret_begin,
    size_t *ret_end)
{
	struct line line;
	size_t at = 0;
	bool found = false;

	while (next_line(text, at, &line)) {
		at = line.end;
		if (is_section_of(&line, profile)) {
			found = true;
			*ret_begin = *ret_end = line.end;
		} else if (found && is_section(&line)) {
			break;
		} else if (found && !is_empty(&line)) {
			*ret_end = line.end;
		}
	}
	return found;
}

/* [default] comes first, others last. */
static int
add_section(struct buf *text, const char *profile)
{
	bool first = strcmp(profile, "default") == 0;
	const char *eol = line_end(text);
	size_t at = first ? first_line(text) : text->len;
	struct buf new = BUF_INIT;
	int r;

	if (!first && text->len > 0 && !buf_ends_with(text, "\n"))
		(void)buf_add_str(&new, eol);
	if (!first && text->len > 0)
		(void)buf_add_str(&new, eol);
	(void)buf_printf(&new, "[%s]%s", profile, eol);
	if (first && text->len > at)
		(void)buf_add_str(&new, eol);
	r = new.err != 0 ? -ENOMEM : put(text, at, at, &new);
	buf_free(&new);
	return r;
}

static int
write_key(struct buf *text, size_t begin, size_t end,
    const struct config_change *change)
{
	const char *name = settings_key_name(change->key);
	const char *eol = line_end(text);
	struct buf new = BUF_INIT;
	int r;

	if (change->value != NULL) {
		(void)buf_reserve(
		    &new, strlen(name) + strlen(change->value) + 16);
		if (begin > first_line(text) && text->data[begin - 1] != '\n')
			(void)buf_add_str(&new, eol);
		(void)buf_add_str(&new, name);
		(void)buf_add_str(&new, " = ");
		(void)buf_add_str(&new, change->value);
		(void)buf_add_str(&new, eol);
	}
	r = new.err != 0 ? -ENOMEM : put(text, begin, end, &new);
	buf_wipe(&new);
	return r;
}

static int
change_key(
    struct buf *text, const char *profile, const struct config_change *change)
{
	size_t begin, end;
	struct line line;
	int r;

	if (!find_section(text, profile, &begin, &end)) {
		if (change->value == NULL)
			return 0;
		r = add_section(text, profile);
		if (r != 0)
			return r;
		(void)find_section(text, profile, &begin, &end);
	}
	while (begin < end && next_line(text, begin, &line)) {
		begin = line.end;
		if (is_key(&line, settings_key_name(change->key)))
			return write_key(text, line.begin, line.end, change);
	}
	return change->value != NULL ? write_key(text, end, end, change) : 0;
}

int
config_edit(struct buf *text, const char *profile,
    const struct config_change *changes, size_t n)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < n; i++)
		r = change_key(text, profile, &changes[i]);
	return r;
}

/* What the program would read from the new text; nothing that it refuses is
 * ever written. */
static int
check_text(const struct buf *text, const char *path, const char *profile,
    struct err *err)
{
	struct config_found found;
	struct settings settings;
	int r = settings_init(&settings);

	if (r == 0)
		r = settings_set(
		    &settings, KEY_PROFILE, profile, ORIGIN_COMMAND_LINE, err);
	if (r == 0)
		r = config_parse(
		    &settings, path, buf_str(text), text->len, &found, err);
	settings_fini(&settings);
	return r;
}

static int
write_all(int fd, const struct buf *text)
{
	size_t done = 0;

	while (done < text->len) {
		ssize_t n = write(fd, text->data + done, text->len - done);

		if (n < 0 && errno != EINTR)
			return -errno;
		done += n > 0 ? (size_t)n : 0;
	}
	if (fchmod(fd, 0600) < 0 || fsync(fd) < 0)
		return -errno;
	return 0;
}

/* Replace the file as a whole. */
static int
replace(const char *path, int folder_fd, const struct buf *text)
{
	char made[PATH_MAX];
	int fd, r;

	if (snprintf(made, sizeof made, "%s.XXXXXX", path) >= (int)sizeof made)
		return -ENAMETOOLONG;
	fd = mkostemp(made, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	r = write_all(fd, text);
	if (close(fd) < 0 && r == 0)
		r = -errno;
	if (r == 0 && rename(made, path) < 0)
		r = -errno;
	if (r != 0)
		(void)unlink(made);
	else
		(void)fsync(folder_fd);
	return r;
}

static int
change_locked(const char *path, int folder_fd, const char *profile,
    const struct config_change *changes, size_t n, struct err *err)
{
	struct buf text = BUF_INIT;
	int r = config_text(path, &text, err);

	if (r == 0 && config_edit(&text, profile, changes, n) != 0)
		r = err_set(err, -ENOMEM, "out of memory");
	if (r == 0)
		r = check_text(&text, path, profile, err);
	if (r == 0) {
		r = replace(path, folder_fd, &text);
		if (r != 0)
			err_set(err, r, "%.300s cannot be written: %s", path,
			    strerror(-r));
	}
	buf_wipe(&text);
	return r;
}

/* Where the file really is: behind a symbolic link, or at path. */
static int
resolve(const char *path, char real[PATH_MAX], struct err *err)
{
	struct stat st;

	if (lstat(path, &st) == 0 && S_ISLNK(st.st_mode)) {
		if (realpath(path, real) == NULL)
			return err_set(err, -errno, "%.300s leads nowhere: %s",
			    path, strerror(errno));
	} else if (snprintf(real, PATH_MAX, "%s", path) >= PATH_MAX) {
		return err_set(err, -ENAMETOOLONG, "%.300s: too long", path);
	}
	if (access(real, W_OK) < 0 && errno != ENOENT)
		return err_set(err, -errno, "%.300s cannot be written: %s",
		    real, strerror(errno));
	return 0;
}

int
config_change(const char *path, const char *profile,
    const struct config_change *changes, size_t n, struct err *err)
{
	char real[PATH_MAX], folder[PATH_MAX];
	int r = resolve(path, real, err);
	int fd;

	if (r != 0)
		return r;
	strcpy(folder, real);
	*strrchr(folder, '/') = '\0';
	r = paths_make_folder(folder, err);
	if (r != 0)
		return r;
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_set(
		    err, -errno, "%.300s: %s", folder, strerror(errno));
	/* Two who change it at once would lose one's change. */
	if (flock(fd, LOCK_EX) < 0)
		r = err_set(err, -errno, "%.300s: %s", folder, strerror(errno));
	if (r == 0)
		r = change_locked(real, fd, profile, changes, n, err);
	(void)close(fd);
	return r;
}
