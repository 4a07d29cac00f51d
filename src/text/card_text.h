#ifndef TEXT_CARD_TEXT_H
#define TEXT_CARD_TEXT_H

struct board;
struct buf;
struct card;
struct zone;

/* A rev is eight hex digits, the first of which is a letter: no YAML reader
 * takes it for a number. */
#define TEXT_REV_SIZE 9

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

#endif
