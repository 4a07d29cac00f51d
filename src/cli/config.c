#include "cli/config.h"

#include "cli/settings.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/nearest.h"
#include "util/vec.h"

#include <ini.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Stands for ";" in what inih sees, for which it would begin a comment. */
#define SEMICOLON '\x01'

struct reader {
	struct settings *settings;
	const char *name;
	const char *at, *end;
	int line;
	VEC(char *) sections;	     /* seen so far; the last one is open */
	bool seen[KEY_COUNT];	     /* in the open section */
	enum settings_origin origin; /* of the open section's values */
	struct config_found *found;
	int res;
	struct err *err;
};

static int
refuse(struct reader *reader, const char *what)
{
	if (reader->res == 0)
		reader->res = err_set(reader->err, -EINVAL,
		    "%.200s, line %d: %s", reader->name, reader->line, what);
	return reader->res;
}

static int
open_section(struct reader *reader, const char *name)
{
	const char *profile = reader->settings->profile;
	char **slot;

	if (!settings_profile_ok(name))
		return refuse(reader, "a section is [NAME], the name made of "
				      "letters, digits, \".\", \"_\", \"-\"");
	for (size_t i = 0; i < reader->sections.n; i++)
		if (strcmp(reader->sections.v[i], name) == 0)
			return refuse(reader, "this section is there twice");
	slot = VEC_ADD(&reader->sections);
	if (slot == NULL || (*slot = strdup(name)) == NULL)
		return reader->res =
			   err_set(reader->err, -ENOMEM, "out of memory");
	memset(reader->seen, 0, sizeof reader->seen);
	reader->origin = ORIGIN_DEFAULT;
	if (strcmp(name, "default") == 0)
		reader->origin = ORIGIN_FILE_DEFAULT;
	if (strcmp(name, profile) == 0) {
		reader->origin = ORIGIN_FILE_PROFILE;
		reader->found->profile = true;
	}
	return 0;
}

/* A line "[NAME]", which is `len` bytes long. */
static int
take_section(struct reader *reader, const char *line, size_t len)
{
	const char *end = memchr(line, ']', len);
	char name[64] = "";
	size_t n;

	if (end == NULL)
		return refuse(reader, "a \"]\" is missing");
	n = (size_t)(end - line) - 1;
	for (const char *p = end + 1; p < line + len; p++)
		if (*p != ' ' && *p != '\t')
			return refuse(reader, "text behind the \"]\"");
	memcpy(name, line + 1, n < sizeof name ? n : sizeof name - 1);
	return open_section(reader, name);
}

/* Cut off the next line, without the blanks and the CR around it. */
static const char *
next_line(struct reader *reader, size_t *ret_len)
{
	const char *line = reader->at;
	const char *end;

	if (line == reader->end)
		return NULL;
	reader->line++;
	end = memchr(line, '\n', (size_t)(reader->end - line));
	reader->at = end != NULL ? end + 1 : reader->end;
	if (end == NULL)
		end = reader->end;
	while (end > line &&
	       (end[-1] == '\r' || end[-1] == ' ' || end[-1] == '\t'))
		end--;
	while (line < end && (*line == ' ' || *line == '\t'))
		line++;
	*ret_len = (size_t)(end - line);
	return line;
}

/*
 * What inih reads instead of a file, a line a call.  Indented lines would
 * continue a value and ";" end it, long lines would be cut in two; none of
 * that reaches it.
 */
static char *
read_line(char *out, int size, void *cookie)
{
	struct reader *reader = cookie;
	const char *line;
	size_t len = 0;

	if (reader->res < 0)
		return NULL;
	line = next_line(reader, &len);
	if (line == NULL)
		return NULL;
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)line[i] < ' ' && line[i] != '\t')
			refuse(reader, "holds a control character");
	if (len > 0 && (line[0] == '#' || line[0] == ';'))
		len = 0;
	if (len > 0 && line[0] == '[' && reader->res == 0)
		take_section(reader, line, len);
	if (len + 3 > (size_t)size)
		refuse(reader, "longer than can be read; a long token_command "
			       "may call a script");
	if (reader->res < 0)
		return NULL;
	memcpy(out, line, len);
	for (size_t i = 0; i < len; i++)
		if (out[i] == ';')
			out[i] = SEMICOLON;
	out[len] = '\n';
	out[len + 1] = '\0';
	return out;
}

static int
unknown_key(struct reader *reader, const char *name)
{
	struct nearest near;
	struct err err;

	nearest_init(&near, name);
	for (enum settings_key key = 0; key < KEY_COUNT; key++)
		if (settings_key_flags(key) & KEY_IN_FILE)
			nearest_offer(&near, settings_key_name(key));
	if (near.best != NULL)
		err_set(&err, 0, "unknown key \"%.60s\"; did you mean \"%s\"?",
		    name, near.best);
	else
		err_set(&err, 0, "unknown key \"%.60s\"", name);
	return refuse(reader, err.text);
}

static int
set_key(struct reader *reader, enum settings_key key, const char *text)
{
	struct err err = {0};
	char *value = strdup(text);
	int res;

	if (value == NULL)
		return reader->res =
			   err_set(reader->err, -ENOMEM, "out of memory");
	for (char *p = value; *p != '\0'; p++)
		if (*p == SEMICOLON)
			*p = ';';
	res = settings_set(reader->settings, key, value, reader->origin, &err);
	explicit_bzero(value, strlen(value));
	free(value);
	if (res == -ENOMEM)
		return reader->res =
			   err_set(reader->err, -ENOMEM, "out of memory");
	return res < 0 ? refuse(reader, err.text) : 0;
}

/* inih calls it for each "name = value"; 0 is its word for an error. */
static int
take_pair(
    void *cookie, const char *section, const char *name, const char *value)
{
	struct reader *reader = cookie;
	enum settings_key key = settings_key_find(name, strlen(name));

	(void)section;
	if (reader->res < 0)
		return 0;
	if (reader->sections.n == 0)
		refuse(reader, "a section comes first: [default]");
	else if (key == KEY_COUNT || !(settings_key_flags(key) & KEY_IN_FILE))
		unknown_key(reader, name);
	else if (reader->seen[key])
		refuse(reader, "this key is there twice in its section");
	if (reader->res < 0)
		return 0;
	reader->seen[key] = true;
	if (settings_key_flags(key) & KEY_IS_SECRET)
		reader->found->secret = true;
	if (key == KEY_TOKEN_COMMAND)
		reader->found->command = true;
	/* Another profile's values are its own matter. */
	if (reader->origin != ORIGIN_DEFAULT)
		set_key(reader, key, value);
	return reader->res == 0;
}

/* Find the section whose name is likest that of the missing profile. */
static void
find_like(struct reader *reader)
{
	struct nearest near;

	nearest_init(&near, reader->settings->profile);
	for (size_t i = 0; i < reader->sections.n; i++)
		nearest_offer(&near, reader->sections.v[i]);
	if (near.best != NULL)
		strncpy(reader->found->like_profile, near.best,
		    sizeof reader->found->like_profile - 1);
}

int
config_parse(struct settings *settings, const char *name, const char *data,
    size_t len, struct config_found *ret_found, struct err *err)
{
	struct reader reader = {.settings = settings,
	    .name = name,
	    .at = data,
	    .end = data + len,
	    .found = ret_found,
	    .err = err};
	int line;

	memset(ret_found, 0, sizeof *ret_found);
	if (len >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0)
		reader.at += 3;
	line = ini_parse_stream(read_line, &reader, take_pair, &reader);
	if (line > 0 && reader.res == 0) {
		reader.line = line;
		refuse(&reader, "neither [SECTION] nor KEY = VALUE");
	}
	if (line < 0 && reader.res == 0)
		reader.res = err_set(err, -ENOMEM, "out of memory");
	if (!ret_found->profile)
		find_like(&reader);
	for (size_t i = 0; i < reader.sections.n; i++)
		free(reader.sections.v[i]);
	VEC_FREE(&reader.sections);
	return reader.res;
}

/* All of the file; the caller wipes and frees it. */
static int
read_all(int fd, struct buf *content)
{
	int res = buf_reserve(content, CONFIG_MAX + 1);
	ssize_t n = 1;

	while (res == 0 && n != 0 && content->len <= CONFIG_MAX) {
		n = read(fd, content->data + content->len,
		    CONFIG_MAX + 1 - content->len);
		if (n > 0)
			content->len += (size_t)n;
		else if (n < 0 && errno != EINTR)
			res = -errno;
		content->data[content->len] = '\0';
	}
	if (res == 0 && content->len > CONFIG_MAX)
		res = -EFBIG;
	return res;
}

/* Whose the file is and who may read it, now that it is known what it holds. */
static int
check_access(const char *path, const struct stat *st,
    const struct config_found *found, struct err *err)
{
	const char *quote = strpbrk(path, " \t'\"$\\&;()*?") ? "'" : "";

	if (st->st_uid != geteuid() && st->st_uid != 0)
		return err_set(err, -EPERM,
		    "%.300s belongs to another user (uid %u), not to the one "
		    "who mounts (uid %u)",
		    path, (unsigned)st->st_uid, (unsigned)geteuid());
	if (found->secret && st->st_mode & 077)
		return err_set(err, -EPERM,
		    "%.150s holds a secret and is open to others; mend it "
		    "with: chmod 600 %s%.200s%s",
		    path, quote, path, quote);
	if (found->command && st->st_mode & 022)
		return err_set(err, -EPERM,
		    "%.150s says what to run, and others may write to it; "
		    "mend it with: chmod 600 %s%.200s%s",
		    path, quote, path, quote);
	return 0;
}

static int
read_open(const char *path, int fd, struct stat *st, struct buf *content,
    struct err *err)
{
	int res;

	if (fstat(fd, st) < 0)
		return err_set(
		    err, -errno, "%.300s: %s", path, strerror(errno));
	if (!S_ISREG(st->st_mode))
		return err_set(err, -EINVAL, "%.300s is not a file", path);
	res = read_all(fd, content);
	if (res == -EFBIG)
		err_set(err, res, "%.300s is over %zu KiB: no configuration",
		    path, CONFIG_MAX >> 10);
	else if (res < 0)
		err_set(err, res, "%.300s: %s", path, strerror(-res));
	return res;
}

/* 1: there is no such file. */
static int
read_file(
    const char *path, struct stat *st, struct buf *content, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	int res;

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return 1;
	if (fd < 0)
		return err_set(
		    err, -errno, "%.300s: %s", path, strerror(errno));
	res = read_open(path, fd, st, content, err);
	close(fd);
	return res;
}

int
config_text(const char *path, struct buf *ret_text, struct err *err)
{
	struct stat st;
	int res = read_file(path, &st, ret_text, err);

	return res > 0 ? 0 : res;
}

int
config_read(struct settings *settings, const char *path,
    struct config_found *ret_found, struct err *err)
{
	struct buf content = BUF_INIT;
	struct stat st;
	int res;

	memset(ret_found, 0, sizeof *ret_found);
	res = read_file(path, &st, &content, err);
	if (res == 0)
		res = config_parse(settings, path, buf_str(&content),
		    content.len, ret_found, err);
	if (res == 0)
		res = check_access(path, &st, ret_found, err);
	buf_wipe(&content);
	return res > 0 ? 0 : res;
}
