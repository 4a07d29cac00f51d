#include "text/comment_text.h"

#include "model/model.h"
#include "text/date_text.h"
#include "text/heading.h"
#include "util/buf.h"
#include "util/timeutil.h"

#include <string.h>

static const char *
author(const struct comment *comment, const struct board *board)
{
	const struct member *member;

	if (*model_str(comment->username) != '\0')
		return comment->username;
	member = board_member(board, comment->id_creator);
	if (member != NULL && *model_str(member->username) != '\0')
		return member->username;
	return COMMENT_TEXT_UNKNOWN;
}

int
comment_text_header(struct buf *out, const struct comment *comment,
    const struct board *board, const struct zone *zone)
{
	(void)buf_add_char(out, '@');
	/* It is one word, whatever Trello allows one day. */
	for (const char *s = author(comment, board); *s != '\0'; s++)
		(void)buf_add_char(out, (unsigned char)*s > ' ' ? *s : '_');
	(void)buf_add_char(out, ' ');
	return date_text_add_seconds(
	    out, comment->date_ms != TIME_NONE ? comment->date_ms : 0, zone);
}

int
comment_text_add(struct buf *out, const struct comment *comment,
    const struct board *board, const struct zone *zone)
{
	const char *text = model_str(comment->text);
	size_t len = strlen(text);

	(void)buf_add_str(out, "\n> ");
	(void)comment_text_header(out, comment, board, zone);
	(void)buf_add_str(out, "\n>\n");
	for (;;) {
		size_t n = line_len(text, len);

		(void)buf_add_str(out, n > 0 ? "> " : ">");
		(void)heading_escape_line(out, text, n);
		(void)buf_add_char(out, '\n');
		if (n == len || out->err != 0)
			return out->err;
		text += n + 1;
		len -= n + 1;
	}
}
