#include "model_random.h"

#include "feed.h"
#include "model/model.h"
#include "util/buf.h"
#include "util/timeutil.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What one board is made from. */
struct source {
	uint64_t seed;
	unsigned next_id;
};

static uint32_t
below(struct source *source, uint32_t n)
{
	return feed_random(&source->seed) % n;
}

static bool
one_in(struct source *source, uint32_t n)
{
	return below(source, n) == 0;
}

/* Ids come in order, so that they do not say which of two was first made. */
static void
make_id(struct source *source, char id[MODEL_ID_SIZE])
{
	(void)snprintf(id, MODEL_ID_SIZE, "%08x%016x",
	    feed_random(&source->seed), source->next_id++);
}

static void
maybe_id(struct source *source, char id[MODEL_ID_SIZE])
{
	if (!one_in(source, 3))
		make_id(source, id);
}

static char *
text(struct source *source)
{
	static const char *const parts[] = {"a", "Ab 12", " ", "\n", "\r\n",
	    "\t", "\"", "\\", "\\n", "\\u0000", "/", "{", "}", "[", "]", ",",
	    ":", "\x01", "\x1f", "\x7f", "\xc3\xa4", "\xe3\x81\x82",
	    "\xef\xbf\xbd", "\xf0\x9f\x98\x80", "\xe2\x80\xa8", "\xe2\x80\xae",
	    "\xf4\x8f\xbf\xbf", "null", "true", "1e5", "---", "## Comments"};
	uint32_t n = one_in(source, 20) ? 3000 : below(source, 12);
	struct buf out = BUF_INIT;

	if (one_in(source, 8))
		return NULL;
	while (n-- > 0)
		(void)buf_add_str(
		    &out, parts[below(source, sizeof parts / sizeof parts[0])]);
	return buf_steal(&out);
}

/* The reader takes an empty value for none. */
static char *
value(struct source *source)
{
	char *s = text(source);

	if (s != NULL && *s != '\0')
		return s;
	free(s);
	return strdup("1");
}

static double
pos(struct source *source)
{
	union {
		uint64_t bits;
		double value;
	} any = {.bits = source->seed * 0x9e3779b97f4a7c15};

	switch (below(source, 5)) {
	case 0:
		return 16384 * (double)below(source, 9);
	case 1:
		return 140737488355328 + 16384 * (double)below(source, 9);
	case 2:
		return 65536 / (double)(1 + below(source, 1000));
	case 3:
		return isfinite(any.value) ? any.value : 0.1;
	default:
		return 5e-324;
	}
}

static int64_t
date(struct source *source)
{
	if (one_in(source, 4))
		return TIME_NONE;
	return INT64_C(-62167219200000) +
	       (int64_t)below(source, 315537897) * 1000000 +
	       below(source, 1000000);
}

static void
add_ids(struct source *source, model_ids *ids)
{
	for (uint32_t n = below(source, 4); n > 0; n--)
		make_id(source, ((struct model_id *)VEC_ADD(ids))->s);
}

static void
add_checklist(struct source *source, struct card *card)
{
	struct checklist *checklist = VEC_ADD(&card->checklists);

	make_id(source, checklist->id);
	memcpy(checklist->id_card, card->id, MODEL_ID_SIZE);
	checklist->name = text(source);
	checklist->pos = pos(source);
	for (uint32_t n = below(source, 5); n > 0; n--) {
		struct check_item *item = VEC_ADD(&checklist->items);

		make_id(source, item->id);
		item->name = text(source);
		item->pos = pos(source);
		item->complete = one_in(source, 2);
	}
}

static void
add_attachment(struct source *source, struct card *card)
{
	struct attachment *attachment = VEC_ADD(&card->attachments);

	attachment_init(attachment);
	make_id(source, attachment->id);
	attachment->name = text(source);
	attachment->url = text(source);
	attachment->file_name = text(source);
	attachment->mime_type = text(source);
	attachment->bytes = (int64_t)below(source, 3) - 1;
	if (attachment->bytes > 0)
		attachment->bytes = (int64_t)(source->seed >> 1);
	attachment->date_ms = date(source);
	attachment->pos = pos(source);
	attachment->is_upload = one_in(source, 2);
}

static void
add_field_value(struct source *source, struct card *card)
{
	struct field_value *new = VEC_ADD(&card->fields);

	make_id(source, new->id_field);
	if (one_in(source, 2))
		make_id(source, new->id_option);
	else
		new->value = value(source);
}

static void
add_comment(struct source *source, struct card *card)
{
	struct comment *comment = VEC_ADD(&card->comments);

	comment_init(comment);
	make_id(source, comment->id);
	memcpy(comment->id_card, card->id, MODEL_ID_SIZE);
	maybe_id(source, comment->id_creator);
	comment->username = text(source);
	comment->text = text(source);
	comment->date_ms = date(source);
	comment->edited_ms = date(source);
}

static void
add_card(struct source *source, struct board *board)
{
	struct card *card = VEC_ADD(&board->cards);

	card_init(card);
	make_id(source, card->id);
	memcpy(card->id_board, board->id, MODEL_ID_SIZE);
	maybe_id(source, card->id_list);
	card->short_link = text(source);
	card->name = text(source);
	card->desc = text(source);
	card->id_short = (int64_t)below(source, 100000) - 50000;
	card->pos = pos(source);
	card->start_ms = date(source);
	card->due_ms = date(source);
	card->activity_ms = date(source);
	card->due_complete = one_in(source, 2);
	card->closed = one_in(source, 2);
	card->is_template = one_in(source, 2);
	add_ids(source, &card->id_labels);
	add_ids(source, &card->id_members);
	for (uint32_t n = below(source, 3); n > 0; n--)
		add_checklist(source, card);
	for (uint32_t n = below(source, 3); n > 0; n--)
		add_attachment(source, card);
	for (uint32_t n = below(source, 4); n > 0; n--)
		add_field_value(source, card);
	for (uint32_t n = below(source, 5); n > 0; n--)
		add_comment(source, card);
}

static void
add_list(struct source *source, struct board *board)
{
	struct list *list = VEC_ADD(&board->lists);

	make_id(source, list->id);
	memcpy(list->id_board, board->id, MODEL_ID_SIZE);
	list->name = text(source);
	list->pos = pos(source);
	list->closed = one_in(source, 2);
}

static void
add_label(struct source *source, struct board *board)
{
	static const char *const colors[] = {"", "green", "sky_light", "pink"};
	struct label *label = VEC_ADD(&board->labels);

	make_id(source, label->id);
	(void)snprintf(
	    label->color, sizeof label->color, "%s", colors[below(source, 4)]);
	label->name = text(source);
}

static void
add_member(struct source *source, struct board *board)
{
	static const char *const types[] = {"admin", "normal", "observer", ""};
	struct member *member = VEC_ADD(&board->members);
	struct membership *membership = VEC_ADD(&board->memberships);

	make_id(source, member->id);
	member->username = text(source);
	member->full_name = text(source);
	memcpy(membership->id_member, member->id, MODEL_ID_SIZE);
	(void)snprintf(membership->type, sizeof membership->type, "%s",
	    types[below(source, 4)]);
}

static void
add_field(struct source *source, struct board *board)
{
	struct field *field = VEC_ADD(&board->fields);

	make_id(source, field->id);
	field->name = text(source);
	field->type = (enum field_type)below(source, FIELD_LIST + 1);
	field->pos = pos(source);
	for (uint32_t n = below(source, 4); n > 0; n--) {
		struct field_option *option = VEC_ADD(&field->options);

		make_id(source, option->id);
		option->text = text(source);
		option->pos = pos(source);
	}
}

void
board_random(struct board *ret_board, uint64_t seed)
{
	static void (*const add[])(struct source *, struct board *) = {
	    add_list, add_card, add_label, add_member, add_field};
	struct source source = {.seed = seed};

	board_init(ret_board);
	make_id(&source, ret_board->id);
	maybe_id(&source, ret_board->id_organization);
	ret_board->name = text(&source);
	ret_board->desc = text(&source);
	ret_board->short_link = text(&source);
	ret_board->activity_ms = date(&source);
	ret_board->closed = one_in(&source, 2);
	for (size_t i = 0; i < sizeof add / sizeof add[0]; i++)
		for (uint32_t n = below(&source, 5); n > 0; n--)
			add[i](&source, ret_board);
	if (board_gather(ret_board) != 0)
		abort();
}
