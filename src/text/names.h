#ifndef TEXT_NAMES_H
#define TEXT_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct card;

/**
 * Titles as file names and back.  A name is a title in which only what no
 * file name can or should hold is replaced: '/' by U+FF0F, a leading '.' by
 * U+FF0E, a leading '-' by U+FF0D, C0 controls and DEL by their pictures, C1
 * controls, bidirectional overrides and isolates and what is not UTF-8 by
 * U+FFFD; a title of nothing but white space is "Untitled".
 */

/* Editors' and rsync's own names for a file are longer and still fit. */
#define NAME_BYTES_MAX 235

#define NAME_CARD_EXTENSION ".md"

enum name_kind {
	NAME_CARD,	 /* title.md; ` #idShort` where two would be the same */
	NAME_FOLDER,	 /* a board or a list; ` #` and the end of its id */
	NAME_ATTACHMENT, /* as a folder's, but before the name's own .ext */
};

/**
 * Append the name of a title to out, with a suffix (" #12" or "") and an
 * extension (".md" or ""): over NAME_BYTES_MAX the title is cut at a code
 * point and ends in U+2026.  Returns 0 or out->err.
 */
int name_from_title(const char *title, const char *suffix,
    const char *extension, struct buf *out);

/**
 * Append the title that a name says.  The extension is taken off if the name
 * has it.  Returns 0 or out->err.
 */
int title_from_name(const char *name, const char *extension, struct buf *out);

/**
 * The title that a new name says, allocated: the caller frees it.  0, -ENOMEM,
 * or -EINVAL: nothing is left of it at Trello, which trims titles (white space
 * and U+FEFF, as JavaScript does) and has them on one line.
 */
int title_from_new_name(
    const char *name, const char *extension, char **ret_title);

/** Whether title_from_name() gives exactly this title. */
bool name_gives_title(
    const char *name, const char *extension, const char *title);

/** Whether something else in the folder has this name. */
typedef bool name_taken_fn(void *cookie, const char *name);

/**
 * Append a name that is not taken: that of the title alone if it can be had,
 * else with ` #` and the number on the board (cards; 0: unknown), else with
 * the last four digits of the id, else with more of them.  Names are compared
 * as bytes.  Returns 0, out->err, or -EEXIST if even the whole id is taken.
 *
 * A name once given stays while its title stays: call this for what is new in
 * a folder or has a new title only, and in the order of ids, so that the
 * older of two keeps its title as its name.
 */
int name_choose(enum name_kind kind, const char *title, const char *id,
    int64_t id_short, name_taken_fn *taken, void *cookie, struct buf *out);

/** For names_assign(): one thing of a folder. */
struct name_entry {
	const char *id;
	const char *title;
	int64_t id_short;
	const char *given; /* the name it keeps, or NULL */
	char *name;	   /* out: allocated, the caller frees it */
};

/**
 * Give each entry of a folder its name: those with a given name keep it, the
 * others get theirs by name_choose(), older ids first.  The order of the
 * array stays.  `taken` (may be NULL) knows of other names in the folder.
 * Returns 0 or -errno; after an error no entry has a name.
 */
int names_assign(enum name_kind kind, struct name_entry *entries, size_t n,
    name_taken_fn *taken, void *cookie);

/**
 * The names of a card's uploads in its folder `Card.files`, which are also
 * those in its text: an array of card->attachments.n strings, NULL for links.
 * Free it with attachment_names_free().  Returns 0 or -errno.
 */
int attachment_names(const struct card *card, char ***ret_names);
void attachment_names_free(const struct card *card, char **names);

#endif
