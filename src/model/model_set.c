#include "model/model_set.h"

#include "model/model.h"
#include "util/timeutil.h"
#include "json/json_number.h"
#include "json/json_reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int
model_set_date(void *member, const char *text, size_t len)
{
	int64_t *ms = member;
	char copy[64];

	*ms = TIME_NONE;
	if (len >= sizeof copy)
		return 0;
	memcpy(copy, text, len);
	copy[len] = '\0';
	if (time_parse_iso(copy, ms) != 0)
		*ms = TIME_NONE;
	return 0;
}

int
model_set_pos(void *member, const char *text, size_t len)
{
	double *pos = member;
	int rc = json_number_double(text, len, pos);

	if (rc == -EINVAL)
		*pos = 0;
	return rc == -EINVAL ? 0 : rc;
}

static bool
is(const char *text, size_t len, const char *word)
{
	return strlen(word) == len && memcmp(text, word, len) == 0;
}

/* A word of Trello's that may become longer one day: cut, not refused. */
static void
set_word(char *word, size_t size, const char *text, size_t len)
{
	if (len > size - 1)
		len = size - 1;
	memcpy(word, text, len);
	memset(word + len, 0, size - len);
}

int
model_set_color(void *member, const char *text, size_t len)
{
	set_word(member, MODEL_COLOR_SIZE, text, len);
	return 0;
}

int
model_set_membership_type(void *member, const char *text, size_t len)
{
	set_word(member, sizeof((struct membership *)NULL)->type, text, len);
	return 0;
}

int
model_set_complete(void *member, const char *text, size_t len)
{
	bool *complete = member;

	*complete = is(text, len, "complete");
	return 0;
}

/* Of a list of states only the complete ones matter. */
int
model_set_only_complete(void *member, const char *text, size_t len)
{
	(void)member;
	return is(text, len, "complete") ? 0 : JSON_DROP;
}

int
model_set_only_comment(void *member, const char *text, size_t len)
{
	(void)member;
	return is(text, len, "commentCard") || is(text, len, "copyCommentCard")
		   ? 0
		   : JSON_DROP;
}

int
model_set_only_update(void *member, const char *text, size_t len)
{
	(void)member;
	return is(text, len, "updateCard") ? 0 : JSON_DROP;
}

int
model_set_field_type(void *member, const char *text, size_t len)
{
	enum field_type *type = member;

	*type = field_type_parse(text, len);
	return 0;
}

/* "https://trello.com/c/iK30ThVk/3-a-title": what stands behind "/c/" or
 * "/b/", unless the link is known already. */
int
model_set_link_from_url(void *member, const char *text, size_t len)
{
	static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz"
				       "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
	char **link = member;
	size_t n = 0;

	if (*link != NULL)
		return 0;
	for (; len >= 3; text++, len--)
		if (memcmp(text, "/c/", 3) == 0 || memcmp(text, "/b/", 3) == 0)
			break;
	if (len < 3)
		return 0;
	text += 3;
	len -= 3;
	while (n < len && text[n] != '\0' && strchr(alphabet, text[n]) != NULL)
		n++;
	if (n == 0 || (n < len && text[n] != '/' && text[n] != '?'))
		return 0;
	*link = strndup(text, n);
	return *link != NULL ? 0 : -ENOMEM;
}

int
model_set_is_board(void *member, const char *text, size_t len)
{
	bool *board = member;

	*board = is(text, len, "Board");
	return 0;
}
