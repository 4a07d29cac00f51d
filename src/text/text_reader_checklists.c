#include "text/text_reader.h"

#include "text/inline.h"
#include "text/match.h"
#include "text/text_error.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/*
 * The checklists that a text says are read as they stand (said) and matched
 * with those of the card (old).  With proof they replace them: what has no
 * partner is gone.  Without proof they add to them: only what has the same
 * name is the same, nothing goes, nothing moves.
 */

/* Has the members of a card's checklists. */
struct checklists {
	struct checklist *v;
	size_t n, cap;
};

struct matched {
	struct text_reader *reader;
	struct checklist *old;
	size_t n_old;
	struct checklists said;
	struct match lists;
	struct match items; /* of all lists, a list a group */
	struct check_item **old_items;
};

static int
read_item(struct text_reader *reader, const struct text_line *line,
    struct checklist *checklist)
{
	struct buf name = BUF_INIT;
	struct check_item *item;
	size_t len;
	const char *s = text_line_item(line, &len);

	if (s == NULL || len < 3 || s[0] != '[' || s[2] != ']' ||
	    strchr(" xX", s[1]) == NULL ||
	    (len > 3 && s[3] != ' ' && s[3] != '\t'))
		return text_reader_misplaced(reader, line,
		    "below ## Checklist stand lines like - [ ] words only");
	item = VEC_ADD(&checklist->items);
	if (item == NULL)
		return text_reader_nomem(reader);
	item->complete = s[1] != ' ';
	(void)inline_read_name(&name, s + 3, len - 3);
	item->name = buf_steal(&name);
	buf_free(&name);
	if (item->name == NULL)
		return text_reader_nomem(reader);
	return text_reader_limit(reader, line->line, "the item is", item->name);
}

static int
read_checklist(struct text_reader *reader, const struct text_section *section,
    struct checklists *said)
{
	struct checklist *checklist = VEC_ADD(said);
	struct buf name = BUF_INIT;
	struct text_line line;
	size_t at = section->at;
	unsigned number = section->line;
	int err;

	if (checklist == NULL)
		return text_reader_nomem(reader);
	(void)inline_read_name(
	    &name, reader->text + section->name_at, section->name_len);
	checklist->name = buf_steal(&name);
	buf_free(&name);
	if (checklist->name == NULL)
		return text_reader_nomem(reader);
	err = text_reader_limit(reader, section->line - 1,
	    "the checklist's name is", checklist->name);
	while (
	    err == 0 && text_section_next(reader, section, &at, &number, &line))
		err = read_item(reader, &line, checklist);
	return err;
}

static size_t
count_items(const struct checklist *lists, size_t n)
{
	size_t items = 0;

	for (size_t i = 0; i < n; i++)
		items += lists[i].items.n;
	return items;
}

static int
read_checklists(struct matched *matched, const struct text_sections *sections)
{
	struct text_reader *reader = matched->reader;
	struct checklists *said = &matched->said;
	int err = 0;

	for (size_t i = 0; i < sections->v.n && err == 0; i++)
		if (sections->v.v[i].heading == HEADING_CHECKLIST)
			err = read_checklist(reader, &sections->v.v[i], said);
	if (err == 0)
		err = text_reader_count(
		    reader, 0, said->n, matched->n_old, "checklists");
	if (err == 0)
		err =
		    text_reader_count(reader, 0, count_items(said->v, said->n),
			count_items(matched->old, matched->n_old), "items");
	return err;
}

static int
match_lists(struct matched *matched)
{
	struct match *lists = &matched->lists;
	int err = match_init(lists, matched->n_old, matched->said.n, 1);

	if (err != 0)
		return err;
	for (size_t i = 0; i < lists->old.n; i++)
		lists->old.names[i] = model_str(matched->old[i].name);
	for (size_t i = 0; i < lists->new.n; i++)
		lists->new.names[i] = matched->said.v[i].name;
	err = match_by_name(lists);
	if (err == 0 && matched->reader->edit->proof)
		err = match_by_place(lists);
	return err;
}

/* Lay the items of all lists side by side; a pair of lists is one group. */
static void
fill_items(struct matched *matched)
{
	size_t n = 0;

	for (size_t i = 0; i < matched->n_old; i++) {
		for (size_t j = 0; j < matched->old[i].items.n; j++) {
			matched->old_items[n] = &matched->old[i].items.v[j];
			matched->items.old.names[n] =
			    model_str(matched->old[i].items.v[j].name);
			matched->items.old.groups[n++] = i;
		}
	}
	n = 0;
	for (size_t i = 0; i < matched->said.n; i++) {
		size_t list = matched->lists.new.partners[i];

		for (size_t j = 0; j < matched->said.v[i].items.n; j++) {
			matched->items.new.names[n] =
			    matched->said.v[i].items.v[j].name;
			matched->items.new.groups[n++] =
			    list != MATCH_NONE ? list : matched->n_old + i;
		}
	}
}

static int
match_items(struct matched *matched)
{
	struct match *items = &matched->items;
	size_t n_old = count_items(matched->old, matched->n_old);
	int err = match_init(items, n_old,
	    count_items(matched->said.v, matched->said.n),
	    matched->n_old + matched->said.n);

	matched->old_items = calloc(n_old + 1, sizeof(struct check_item *));
	if (err != 0 || matched->old_items == NULL)
		return -ENOMEM;
	fill_items(matched);
	err = match_by_name_in_groups(items);
	if (err != 0 || !matched->reader->edit->proof)
		return err;
	/* What moved to another list, then what was reworded. */
	err = match_by_name(items);
	return err != 0 ? err : match_by_place(items);
}

/* The words of a said thing, unless there are none yet. */
static void
take_name(char **name, char **said)
{
	if (**said == '\0' && *name != NULL)
		return;
	free(*name);
	*name = *said;
	*said = NULL;
}

static int
add_item(struct text_reader *reader, struct checklist *checklist,
    struct check_item *from)
{
	struct check_item *item = VEC_ADD(&checklist->items);

	if (item == NULL)
		return text_reader_nomem(reader);
	*item = *from;
	memset(from, 0, sizeof *from);
	return 0;
}

/* A checklist without a name gets that which Trello would give it. */
static int
name_new_list(struct text_reader *reader, struct checklist *checklist,
    struct checklist *said)
{
	if (*said->name == '\0')
		return text_reader_set_str(
		    reader, &checklist->name, "Checklist");
	take_name(&checklist->name, &said->name);
	return 0;
}

/* What is said replaces what was: build the lists in the order of the text. */
static int
build_list(struct matched *matched, size_t i, size_t *item,
    struct checklist *checklist)
{
	struct checklist *said = &matched->said.v[i];
	size_t old_list = matched->lists.new.partners[i];
	int err = 0;

	if (old_list != MATCH_NONE) {
		*checklist = matched->old[old_list];
		matched->old[old_list].name = NULL;
		memset(&checklist->items, 0, sizeof checklist->items);
		take_name(&checklist->name, &said->name);
	} else {
		err = name_new_list(matched->reader, checklist, said);
	}
	for (size_t j = 0; j < said->items.n && err == 0; j++) {
		struct check_item *new = &said->items.v[j];
		size_t old = matched->items.new.partners[(*item)++];

		if (old != MATCH_NONE) {
			struct check_item *was = matched->old_items[old];

			was->complete = new->complete;
			take_name(&was->name, &new->name);
			err = add_item(matched->reader, checklist, was);
		} else if (*new->name != '\0') {
			err = add_item(matched->reader, checklist, new);
		}
	}
	return err;
}

static int
replace(struct matched *matched, struct checklists *built)
{
	size_t item = 0;
	int err = 0;

	for (size_t i = 0; i < matched->said.n && err == 0; i++) {
		struct checklist *checklist = VEC_ADD(built);

		err = checklist != NULL
			  ? build_list(matched, i, &item, checklist)
			  : text_reader_nomem(matched->reader);
	}
	return err;
}

/* Tick what is said to be done, before anything moves. */
static void
tick_items(struct matched *matched)
{
	size_t item = 0;

	for (size_t i = 0; i < matched->said.n; i++) {
		for (size_t j = 0; j < matched->said.v[i].items.n; j++) {
			size_t old = matched->items.new.partners[item++];

			if (old != MATCH_NONE)
				matched->old_items[old]->complete =
				    matched->said.v[i].items.v[j].complete;
		}
	}
}

static int
add_new_items(struct matched *matched, struct checklist *said, size_t *item,
    struct checklist *checklist)
{
	int err = 0;

	for (size_t j = 0; j < said->items.n && err == 0; j++) {
		struct check_item *new = &said->items.v[j];

		if (matched->items.new.partners[(*item)++] ==
		    MATCH_NONE &&*new->name != '\0')
			err = add_item(matched->reader, checklist, new);
	}
	return err;
}

/* What is said adds to what was. */
static int
add(struct matched *matched, struct checklists *built)
{
	size_t item = 0;
	int err = 0;

	tick_items(matched);
	for (size_t i = 0; i < matched->n_old; i++) {
		struct checklist *checklist = VEC_ADD(built);

		if (checklist == NULL)
			return text_reader_nomem(matched->reader);
		*checklist = matched->old[i];
		memset(&matched->old[i], 0, sizeof matched->old[i]);
	}
	for (size_t i = 0; i < matched->said.n && err == 0; i++) {
		struct checklist *said = &matched->said.v[i];
		size_t old = matched->lists.new.partners[i];
		struct checklist *checklist =
		    old != MATCH_NONE ? &built->v[old] : VEC_ADD(built);

		if (checklist == NULL)
			return text_reader_nomem(matched->reader);
		if (old == MATCH_NONE)
			err = name_new_list(matched->reader, checklist, said);
		if (err == 0)
			err = add_new_items(matched, said, &item, checklist);
	}
	return err;
}

static void
free_lists(struct checklist *lists, size_t n)
{
	for (size_t i = 0; i < n; i++)
		checklist_fini(&lists[i]);
	free(lists);
}

int
text_reader_checklists(
    struct text_reader *reader, const struct text_sections *sections)
{
	struct card *card = &reader->edit->card;
	struct checklists built = {0};
	struct matched matched = {.reader = reader};
	int err;

	/* From here on the old lists are not the card's any more. */
	matched.old = card->checklists.v;
	matched.n_old = card->checklists.n;
	memset(&card->checklists, 0, sizeof card->checklists);
	err = read_checklists(&matched, sections);
	if (err == 0 &&
	    (match_lists(&matched) != 0 || match_items(&matched) != 0))
		err = text_reader_nomem(reader);
	if (err == 0)
		err = reader->edit->proof ? replace(&matched, &built)
					  : add(&matched, &built);
	card->checklists.v = built.v;
	card->checklists.n = built.n;
	card->checklists.cap = built.cap;
	free_lists(matched.old, matched.n_old);
	free_lists(matched.said.v, matched.said.n);
	match_fini(&matched.lists);
	match_fini(&matched.items);
	free(matched.old_items);
	return err;
}
