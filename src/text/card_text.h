#ifndef TEXT_CARD_TEXT_H
#define TEXT_CARD_TEXT_H

#include "model/model.h"
#include "text/rev.h"
#include "util/vec.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct text_error;
struct zone;

/* What stands in `url:` before the card's short link, or before its id here
 * while Trello has not given it one. */
#define CARD_TEXT_URL "https://trello.com/c/"

/**
 * Append the text of a card: front matter, description, checklists,
 * attachments, comments (trellofs-card(5)).  file_name is the card's name in
 * its folder: it decides whether `title:` is needed and what the paths of
 * uploads begin with.  Dates are shown in the zone.  What the board does not
 * know (labels, members, fields, options) and dates outside of the years 1
 * to 9999 are left out.
 *
 * ret_rev is the rev that the text carries: a hash over all of it but the
 * line with the rev.  Equal texts have equal revs.
 *
 * Returns 0 or out->err; out may hold a part of the text after an error.
 */
int card_text_format(const struct card *card, const struct board *board,
    const char *file_name, const struct zone *zone, struct buf *out,
    char ret_rev[TEXT_REV_SIZE]);

/* The longest word behind CARD_TEXT_URL that can be a card's. */
#define CARD_TEXT_LINK_SIZE MODEL_ID_SIZE

/* Bytes of a text, what stands below `## Comments` left out. */
#define CARD_TEXT_BYTES_MAX ((size_t)1024 * 1024)

/** What can be said of a text before it is known what it was made from. */
struct card_text_head {
	bool has_front_matter;
	bool closed;			/* and the front matter ends */
	size_t body_at;			/* where what follows it begins */
	char rev[TEXT_REV_SIZE];	/* "" if there is none */
	char link[CARD_TEXT_LINK_SIZE]; /* the card of `url:`, "" if none */
};

/** Look at the front matter's url and rev only; nothing is an error. */
void card_text_head(
    const char *text, size_t len, struct card_text_head *ret_head);

/** What a text is read against. */
struct card_text_context {
	/* The card as the text's ancestor shows it: ids of what the text
	 * names come from here.  NULL: the text is a new card's. */
	const struct card *card;
	/* As it is now (NULL: no different): comments known since. */
	const struct card *card_now;
	/* The boards of both; board_now may be NULL likewise. */
	const struct board *board;
	const struct board *board_now;
	/* A new card's title, if the text has none.  What came along in a
	 * text with another card's url is none. */
	const char *file_name;
	const struct zone *zone;
	/* Who writes (NULL: unknown, all comments may be changed), and when:
	 * the author and the date of new comments. */
	const struct member *me;
	int64_t now_ms;
	/* The card was made here: a text of it without its url, which its
	 * author has not seen, is that of a new card, too. */
	bool made_here;
	/* Whether the text's rev is known for this card. */
	bool rev_known;
	/* The id that the card had here before Trello gave it one, or NULL:
	 * it may stand in `url:` too. */
	const char *old_id;
	/* The ids of the comments that stand in the ancestor's text as words
	 * below the last quote, not as quotes: in that order, blanks between
	 * them.  NULL: none. */
	const char *tail_ids;
	/* Offsets at which the text was appended to since (O_APPEND): what
	 * follows each is a comment of its own, whatever it says. */
	const size_t *appended_at;
	size_t n_appended;
};

/** What a text says. */
struct card_edit {
	/* The whole card as the text describes it.  What was matched has its
	 * ids and positions; what is new has the id "" (card_diff() gives it
	 * one).  What a text does not show (unknown labels, items' places)
	 * and what it may not remove is as in the context's card. */
	struct card card;
	bool has_front_matter;
	bool complete; /* to the final `## Comments` */
	bool proof; /* it may remove: this card's url, a known rev, complete */
	struct card_text_head head;
	/* The index in card.comments of the new comment that a whole text
	 * ends with (an editor may go on writing it); SIZE_MAX: none. */
	size_t tail;
	/* The indexes of the comments that stand there as plain words, be it
	 * that or what was appended, in the text's order. */
	VEC(size_t) plain;
	/* A new card's labels, members and fields that the board does not
	 * have, one a line, "" if none. */
	char *left_out;
	/* Quotes of comments of another card or of long ago: ignored. */
	size_t n_foreign_quotes;
};

/**
 * Read a text.  Returns 0, or -EINVAL or -EFBIG with the reason in error
 * (error->incomplete: more may still come), or -ENOMEM.  The caller frees
 * ret_edit with card_edit_fini(), after 0 only.
 */
int card_text_parse(const char *text, size_t len,
    const struct card_text_context *context, struct card_edit *ret_edit,
    struct text_error *error);

void card_edit_fini(struct card_edit *edit);

/** Whether two texts are the same but for what their `rev:` lines say. */
bool card_text_same(const char *a, size_t a_len, const char *b, size_t b_len);

#endif
