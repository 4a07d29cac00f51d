#include "text/names.h"

#include "model/model.h"
#include "text/name_set.h"
#include "util/buf.h"
#include "util/utf8.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ELLIPSIS "\xe2\x80\xa6"
#define FULLWIDTH_SLASH "\xef\xbc\x8f"
#define FULLWIDTH_DOT "\xef\xbc\x8e"
#define FULLWIDTH_MINUS "\xef\xbc\x8d"
#define PICTURES 0x2400U
#define PICTURE_DEL 0x2421U

/* An attachment's ".ext": what is longer is part of the name. */
#define EXTENSION_BYTES_MAX 16

/* ` #` and digits: an id at most. */
#define SUFFIX_SIZE (MODEL_ID_SIZE + 24)

/* White_Space of the Unicode Character Database. */
static bool
is_space(uint32_t cp)
{
	return (cp >= 0x09 && cp <= 0x0d) || cp == 0x20 || cp == 0x85 ||
	       cp == 0xa0 || cp == 0x1680 || (cp >= 0x2000 && cp <= 0x200a) ||
	       cp == 0x2028 || cp == 0x2029 || cp == 0x202f || cp == 0x205f ||
	       cp == 0x3000;
}

static bool
is_blank(const char *s, size_t len)
{
	uint32_t cp;

	for (size_t i = 0; i < len;) {
		i += utf8_decode(s + i, len - i, &cp, NULL);
		if (!is_space(cp))
			return false;
	}
	return true;
}

/* What stands for a code point wherever it is in a title. */
static uint32_t
replacement(uint32_t cp)
{
	if (cp < 0x20)
		return PICTURES + cp;
	if (cp == 0x7f)
		return PICTURE_DEL;
	if (cp == '/')
		return 0xff0f;
	if ((cp >= 0x80 && cp <= 0x9f) || (cp >= 0x202a && cp <= 0x202e) ||
	    (cp >= 0x2066 && cp <= 0x2069))
		return UTF8_REPLACEMENT;
	return cp;
}

static void
add_replaced(struct buf *out, const char *s, size_t len)
{
	uint32_t cp;

	for (size_t i = 0; i < len && out->err == 0;) {
		i += utf8_decode(s + i, len - i, &cp, NULL);
		(void)utf8_add(out, replacement(cp));
	}
}

static void
add_title(struct buf *out, const char *title, size_t len)
{
	if (is_blank(title, len)) {
		(void)buf_add_str(out, "Untitled");
		return;
	}
	if (*title == '.' || *title == '-') {
		(void)buf_add_str(
		    out, *title == '.' ? FULLWIDTH_DOT : FULLWIDTH_MINUS);
		title++;
		len--;
	}
	add_replaced(out, title, len);
}

/* Cut what begins at start so that `behind` more bytes have room. */
static void
cut(struct buf *out, size_t start, size_t behind)
{
	size_t len = out->len - start;

	if (out->err != 0 || len + behind <= NAME_BYTES_MAX)
		return;
	out->len = start + utf8_cut(out->data + start, len,
			       NAME_BYTES_MAX - behind - strlen(ELLIPSIS));
	(void)buf_add_str(out, ELLIPSIS);
}

static int
add_name(struct buf *out, const char *title, size_t title_len,
    const char *suffix, const char *extension)
{
	size_t start = out->len;

	add_title(out, title, title_len);
	cut(out, start, strlen(suffix) + strlen(extension));
	(void)buf_add_str(out, suffix);
	(void)buf_add_str(out, extension);
	return out->err;
}

int
name_from_title(const char *title, const char *suffix, const char *extension,
    struct buf *out)
{
	title = model_str(title);
	return add_name(out, title, strlen(title), suffix, extension);
}

static bool
begins(const char *s, const char *end, const char *with)
{
	size_t n = strlen(with);

	return (size_t)(end - s) >= n && memcmp(s, with, n) == 0;
}

/* A bit of a name and the title's that it stands for. */
struct piece {
	size_t name_len;
	const char *title;
	size_t title_len;
};

static struct piece
title_piece(const char *name, const char *end, bool first)
{
	static const char *const pieces[][2] = {{FULLWIDTH_SLASH, "/"},
	    {FULLWIDTH_DOT, "."}, {FULLWIDTH_MINUS, "-"}};

	for (size_t i = 0; i < (first ? 3 : 1); i++)
		if (begins(name, end, pieces[i][0]))
			return (struct piece){
			    strlen(pieces[i][0]), pieces[i][1], 1};
	return (struct piece){1, name, 1};
}

/* Where the title's part of a name ends. */
static const char *
title_end(const char *name, const char *extension)
{
	size_t len = strlen(name);
	size_t behind = strlen(extension);

	if (len > behind && strcmp(name + len - behind, extension) == 0)
		len -= behind;
	return name + len;
}

int
title_from_name(const char *name, const char *extension, struct buf *out)
{
	const char *end = title_end(name, extension);

	for (bool first = true; name < end && out->err == 0; first = false) {
		struct piece piece = title_piece(name, end, first);

		(void)buf_add(out, piece.title, piece.title_len);
		name += piece.name_len;
	}
	return out->err;
}

/* Whether it is white space and controls only. */
static bool
is_nothing(const char *title, size_t len)
{
	uint32_t cp;

	for (size_t i = 0; i < len;) {
		i += utf8_decode(title + i, len - i, &cp, NULL);
		if (!is_space(cp) && cp >= 0x20 && cp != 0x7f && cp != 0xfeff)
			return false;
	}
	return true;
}

int
title_from_new_name(const char *name, const char *extension, char **ret_title)
{
	struct buf title = BUF_INIT;
	int r = title_from_name(name, extension, &title);
	char *s;

	if (r == 0 && is_nothing(buf_str(&title), title.len))
		r = -EINVAL;
	s = r == 0 ? buf_steal(&title) : NULL;
	buf_free(&title);
	if (r == 0 && s == NULL)
		r = -ENOMEM;
	if (r == 0)
		*ret_title = s;
	return r;
}

bool
name_gives_title(const char *name, const char *extension, const char *title)
{
	const char *end = title_end(name, extension);
	struct piece piece;

	title = model_str(title);
	for (bool first = true; name < end; first = false) {
		piece = title_piece(name, end, first);
		if (strncmp(title, piece.title, piece.title_len) != 0)
			return false;
		title += piece.title_len;
		name += piece.name_len;
	}
	return *title == '\0';
}

/*
 * The extension of an attachment's name, as a part of it: a dot that is
 * neither first nor last and a few characters that are no space.
 */
static const char *
extension_of(const char *title)
{
	const char *dot = strrchr(title, '.');

	if (dot == NULL || dot == title || dot[1] == '\0' ||
	    strlen(dot) > EXTENSION_BYTES_MAX || strpbrk(dot, " /") != NULL ||
	    is_blank(title, (size_t)(dot - title)))
		return title + strlen(title);
	return dot;
}

/*
 * The attempt-th suffix: none, the number on the board, four digits of the
 * id, five ...  False when there is no more.
 */
static bool
suffix_of(enum name_kind kind, const char *id, int64_t id_short, size_t attempt,
    char suffix[SUFFIX_SIZE])
{
	size_t id_len = strlen(id);
	size_t digits;

	suffix[0] = '\0';
	if (attempt == 0)
		return true;
	if (attempt == 1) {
		if (kind == NAME_CARD && id_short > 0)
			(void)snprintf(
			    suffix, SUFFIX_SIZE, " #%lld", (long long)id_short);
		return true;
	}
	digits = attempt + 2;
	if (digits > id_len && (digits > 4 || id_len == 0))
		return false;
	if (digits > id_len)
		digits = id_len;
	(void)snprintf(suffix, SUFFIX_SIZE, " #%s", id + id_len - digits);
	return true;
}

int
name_choose(enum name_kind kind, const char *title, const char *id,
    int64_t id_short, name_taken_fn *taken, void *cookie, struct buf *out)
{
	struct buf name = BUF_INIT;
	struct buf extension = BUF_INIT;
	char suffix[SUFFIX_SIZE];
	size_t title_len;
	int err = -EEXIST;

	title = model_str(title);
	title_len = strlen(title);
	if (kind == NAME_CARD)
		(void)buf_add_str(&extension, NAME_CARD_EXTENSION);
	if (kind == NAME_ATTACHMENT) {
		title_len = (size_t)(extension_of(title) - title);
		add_replaced(
		    &extension, title + title_len, strlen(title + title_len));
	}
	for (size_t i = 0; suffix_of(kind, id, id_short, i, suffix); i++) {
		buf_clear(&name);
		err = add_name(
		    &name, title, title_len, suffix, buf_str(&extension));
		if (err != 0 || extension.err != 0)
			break;
		if (!taken(cookie, buf_str(&name))) {
			err = buf_add(out, name.data, name.len);
			break;
		}
		err = -EEXIST;
	}
	if (extension.err != 0)
		err = extension.err;
	buf_free(&extension);
	buf_free(&name);
	return err;
}

struct folder {
	struct name_set set;
	name_taken_fn *taken;
	void *cookie;
};

static bool
folder_has(void *cookie, const char *name)
{
	const struct folder *folder = cookie;

	return name_set_has(&folder->set, name) ||
	       (folder->taken != NULL && folder->taken(folder->cookie, name));
}

static int
by_id(const void *a, const void *b)
{
	const struct name_entry *const *left = a, *const *right = b;
	int order = strcmp((*left)->id, (*right)->id);

	if (order != 0)
		return order;
	return *left < *right ? -1 : *left > *right;
}

static int
assign(enum name_kind kind, struct name_entry *entry, struct folder *folder)
{
	struct buf name = BUF_INIT;
	int err;

	if (entry->given != NULL)
		err = buf_add_str(&name, entry->given);
	else
		err = name_choose(kind, entry->title, entry->id,
		    entry->id_short, folder_has, folder, &name);
	if (err == 0) {
		entry->name = buf_steal(&name);
		err = entry->name != NULL ? 0 : -ENOMEM;
	}
	if (err == 0)
		name_set_add(&folder->set, entry->name);
	buf_free(&name);
	return err;
}

static int
assign_all(enum name_kind kind, struct name_entry **order, size_t n,
    struct folder *folder)
{
	int err = 0;

	for (size_t i = 0; i < n && err == 0; i++)
		if (order[i]->given != NULL)
			err = assign(kind, order[i], folder);
	for (size_t i = 0; i < n && err == 0; i++)
		if (order[i]->given == NULL)
			err = assign(kind, order[i], folder);
	return err;
}

int
names_assign(enum name_kind kind, struct name_entry *entries, size_t n,
    name_taken_fn *taken, void *cookie)
{
	struct folder folder = {.taken = taken, .cookie = cookie};
	struct name_entry **order;
	int err;

	if (n == 0)
		return 0;
	order = calloc(n, sizeof(struct name_entry *));
	if (order == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		entries[i].name = NULL;
		order[i] = &entries[i];
	}
	qsort(order, n, sizeof *order, by_id);
	err = name_set_init(&folder.set, n);
	if (err == 0)
		err = assign_all(kind, order, n, &folder);
	name_set_fini(&folder.set);
	free(order);
	for (size_t i = 0; i < n && err != 0; i++) {
		free(entries[i].name);
		entries[i].name = NULL;
	}
	return err;
}

static const char *
attachment_title(const struct attachment *attachment)
{
	const char *name = model_str(attachment->name);

	return *name != '\0' ? name : model_str(attachment->file_name);
}

/* Hand the entries' names over to those of the attachments. */
static void
hand_over(
    const struct card *card, const struct name_entry *entries, char **names)
{
	size_t used = 0;

	for (size_t i = 0; i < card->attachments.n; i++)
		if (card->attachments.v[i].is_upload)
			names[i] = entries[used++].name;
}

int
attachment_names(const struct card *card, char ***ret_names)
{
	size_t n = card->attachments.n, used = 0;
	struct name_entry *entries = calloc(n + 1, sizeof *entries);
	char **names = calloc(n + 1, sizeof(char *));
	int err = -ENOMEM;

	if (entries == NULL || names == NULL)
		goto fail;
	for (size_t i = 0; i < n; i++) {
		const struct attachment *attachment = &card->attachments.v[i];

		if (!attachment->is_upload)
			continue;
		entries[used].id = attachment->id;
		entries[used++].title = attachment_title(attachment);
	}
	err = names_assign(NAME_ATTACHMENT, entries, used, NULL, NULL);
	if (err != 0)
		goto fail;
	hand_over(card, entries, names);
	free(entries);
	*ret_names = names;
	return 0;
fail:
	free(entries);
	free(names);
	return err;
}

void
attachment_names_free(const struct card *card, char **names)
{
	if (names == NULL)
		return;
	for (size_t i = 0; i < card->attachments.n; i++)
		free(names[i]);
	free(names);
}
