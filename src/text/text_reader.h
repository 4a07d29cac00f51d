#ifndef TEXT_TEXT_READER_H
#define TEXT_TEXT_READER_H

#include "text/card_text.h"
#include "text/heading.h"
#include "util/buf.h"

/** What the parts of the reader of a card's text share. */

struct front_entry;
struct front_matter;
struct front_value;

struct text_reader {
	const struct card_text_context *context;
	struct card_edit *edit; /* its card begins as a copy of the context's */
	struct text_error *error;
	struct buf left_out;
	/* The text, read as LF if it is all CRLF and was made from one that
	 * is not, and where it was appended to. */
	const char *text;
	size_t len;
	const size_t *appended_at;
	size_t n_appended;
	bool was_crlf;
	bool is_this_card; /* the text has its url */
	bool is_ours;	   /* and a known rev of it */
	bool cut;	   /* it ended too early, and was completed */
};

/** A part of the body: what stands below one of our headings. */
struct text_section {
	enum heading heading;
	size_t name_at, name_len;
	size_t at, end;
	unsigned line; /* of what stands at `at` */
};

struct text_sections {
	size_t desc_at, desc_end; /* as it stands in the text */
	unsigned desc_line;
	VEC(struct text_section) v;
};

/** So much of a line or a name is told when it is wrong. */
#define TEXT_SHOWN_MAX 100

/** Out of memory. */
int text_reader_nomem(struct text_reader *reader);

/** -EFBIG if a text is longer than Trello takes it; what names it. */
int text_reader_limit(struct text_reader *reader, unsigned line,
    const char *what, const char *text);

/** More things in one text than any card needs, or than this card has. */
#define TEXT_THINGS_MAX 10000

/** -EFBIG if a text has n of something and the card had so many. */
int text_reader_count(struct text_reader *reader, unsigned line, size_t n,
    size_t had, const char *what);

/** The board as it is now. */
const struct board *text_reader_board_now(const struct text_reader *reader);

/** Replace a string by a copy.  0 or -ENOMEM. */
int text_reader_set_str(
    struct text_reader *reader, char **target, const char *s);

/** `what "value"` is wrong; text_error_remedy() says what would be right. */
int text_reader_fail(struct text_reader *reader, unsigned line,
    const char *what, const char *value);
int text_reader_fail_date(struct text_reader *reader,
    const struct front_value *value, const char *key);
int text_reader_fail_bool(struct text_reader *reader,
    const struct front_value *value, const char *key);

/** true, false and YAML 1.1's other words for them.  0 or -EINVAL. */
int text_reader_parse_bool(const char *text, bool *ret_value);

/** What a value may be: names that outlive the call, NULL ends them. */
typedef const char *text_name_at_fn(const void *set, size_t i);

/** Add to the error which values are accepted, and the nearest to this. */
void text_reader_accepted(struct text_reader *reader, const char *value,
    const char *who, text_name_at_fn *name_at, const void *set);

/** Words for things of a board. */
struct text_words {
	char **v;
	size_t n;
};

/** Collect n words; what cannot be had for want of memory is left out. */
struct text_words text_words(size_t n,
    int (*add)(const void *set, size_t i, struct buf *out), const void *set);

/**
 * A name that nothing has: an error that lists what there is, or, for a new
 * card, a note that it was left out (0).  Frees the words.
 */
int text_reader_unknown(struct text_reader *reader,
    const struct front_value *value, const char *what, const char *who,
    struct text_words words);

/**
 * Where the text of this card ends too early, append it with the rest of the
 * card's own text to out.  0 or -ENOMEM.
 */
int text_reader_complete(
    const struct text_reader *reader, struct buf *out, bool *ret_cut);

/** Find the headings of what begins at `at`, that line.  0 or -ENOMEM. */
int text_sections_find(struct text_reader *reader, size_t at, unsigned line,
    struct text_sections *ret_sections);
void text_sections_fini(struct text_sections *sections);

/** Bring what a part of the text says into the edit's card. */
int text_reader_front(
    struct text_reader *reader, const struct front_matter *front);
int text_reader_fields(
    struct text_reader *reader, const struct front_entry *entry);
int text_reader_description(
    struct text_reader *reader, const struct text_sections *sections);
int text_reader_checklists(
    struct text_reader *reader, const struct text_sections *sections);
int text_reader_attachments(
    struct text_reader *reader, const struct text_sections *sections);
int text_reader_comments(
    struct text_reader *reader, const struct text_section *section);

/** One line of a section. */
struct text_line {
	const char *s;
	size_t len; /* without its LF, and without a CR before that */
	unsigned line;
};

/**
 * Step to the next line of a section that is not blank; *at and *line begin
 * as section->at and section->line.  False at the end.
 */
bool text_section_next(const struct text_reader *reader,
    const struct text_section *section, size_t *at, unsigned *line,
    struct text_line *ret_line);

/** If the line is an item of a list (`-`, `*`, `+`), what follows; else NULL. */
const char *text_line_item(const struct text_line *line, size_t *ret_len);

/** "There is text where none belongs." */
int text_reader_misplaced(
    struct text_reader *reader, const struct text_line *line, const char *why);

#endif
