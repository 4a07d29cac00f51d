#include "model_equal.h"

#include "model/model.h"

#include <stdio.h>
#include <string.h>

#define STR(member) \
	check(strcmp(model_str(a->member), model_str(b->member)) == 0, #member)
#define ID(member) check(strcmp(a->member, b->member) == 0, #member)
#define VALUE(member) check(a->member == b->member, #member)
#define EACH(member, equal)                                                  \
	(check(a->member.n == b->member.n, #member) &&                       \
	    check(each((const char *)a->member.v, (const char *)b->member.v, \
		      a->member.n, sizeof *a->member.v, equal),              \
		#member))

static bool
check(bool same, const char *what)
{
	if (!same)
		(void)printf("# different: %s\n", what);
	return same;
}

static bool
each(const char *a, const char *b, size_t n, size_t size,
    bool (*equal)(const void *a, const void *b))
{
	for (size_t i = 0; i < n; i++)
		if (!equal(a + i * size, b + i * size))
			return false;
	return true;
}

static bool
id_equal(const void *x, const void *y)
{
	const struct model_id *a = x, *b = y;

	return ID(s);
}

static bool
label_equal(const void *x, const void *y)
{
	const struct label *a = x, *b = y;

	return ID(id) && ID(color) && STR(name);
}

static bool
member_equal(const void *x, const void *y)
{
	const struct member *a = x, *b = y;

	return ID(id) && STR(username) && STR(full_name);
}

static bool
check_item_equal(const void *x, const void *y)
{
	const struct check_item *a = x, *b = y;

	return ID(id) && STR(name) && VALUE(pos) && VALUE(complete);
}

static bool
checklist_equal(const void *x, const void *y)
{
	const struct checklist *a = x, *b = y;

	return ID(id) && ID(id_card) && STR(name) && VALUE(pos) &&
	       EACH(items, check_item_equal);
}

static bool
comment_equal(const void *x, const void *y)
{
	const struct comment *a = x, *b = y;

	return ID(id) && ID(id_card) && ID(id_creator) && STR(username) &&
	       STR(text) && VALUE(date_ms) && VALUE(edited_ms);
}

static bool
attachment_equal(const void *x, const void *y)
{
	const struct attachment *a = x, *b = y;

	return ID(id) && STR(name) && STR(url) && STR(file_name) &&
	       STR(mime_type) && VALUE(bytes) && VALUE(date_ms) && VALUE(pos) &&
	       VALUE(is_upload);
}

static bool
option_equal(const void *x, const void *y)
{
	const struct field_option *a = x, *b = y;

	return ID(id) && STR(text) && VALUE(pos);
}

static bool
field_equal(const void *x, const void *y)
{
	const struct field *a = x, *b = y;

	return ID(id) && STR(name) && VALUE(type) && VALUE(pos) &&
	       EACH(options, option_equal);
}

static bool
field_value_equal(const void *x, const void *y)
{
	const struct field_value *a = x, *b = y;

	return ID(id_field) && ID(id_option) && STR(value);
}

bool
card_equal(const struct card *a, const struct card *b)
{
	return ID(id) && ID(id_board) && ID(id_list) && STR(short_link) &&
	       STR(name) && STR(desc) && VALUE(id_short) && VALUE(pos) &&
	       VALUE(start_ms) && VALUE(due_ms) && VALUE(activity_ms) &&
	       VALUE(due_complete) && VALUE(closed) && VALUE(is_template) &&
	       EACH(id_labels, id_equal) && EACH(id_members, id_equal) &&
	       EACH(checklists, checklist_equal) &&
	       EACH(attachments, attachment_equal) &&
	       EACH(fields, field_value_equal) &&
	       EACH(comments, comment_equal) && EACH(labels, label_equal) &&
	       EACH(complete_items, id_equal);
}

static bool
card_element_equal(const void *a, const void *b)
{
	return card_equal(a, b);
}

static bool
list_equal(const void *x, const void *y)
{
	const struct list *a = x, *b = y;

	return ID(id) && ID(id_board) && STR(name) && VALUE(pos) &&
	       VALUE(closed);
}

static bool
membership_equal(const void *x, const void *y)
{
	const struct membership *a = x, *b = y;

	return ID(id_member) && ID(type);
}

bool
board_equal(const struct board *a, const struct board *b)
{
	return ID(id) && ID(id_organization) && STR(name) && STR(desc) &&
	       STR(short_link) && VALUE(activity_ms) && VALUE(closed) &&
	       EACH(lists, list_equal) && EACH(cards, card_element_equal) &&
	       EACH(labels, label_equal) && EACH(members, member_equal) &&
	       EACH(memberships, membership_equal) &&
	       EACH(fields, field_equal) && EACH(checklists, checklist_equal) &&
	       EACH(comments, comment_equal);
}
