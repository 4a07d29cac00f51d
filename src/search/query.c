#include "search/query.h"

#include "util/err.h"
#include "util/nearest.h"
#include "util/utf8.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Longer than anybody's boards live, and short enough to be added up. */
#define DAYS_MAX 36500

static const struct operator
{
	const char *name;
	enum query_kind kind;
	enum query_in in;
}
operators[] = {
    {"member", QUERY_MEMBER, 0},
    {"label", QUERY_LABEL, 0},
    {"board", QUERY_BOARD, 0},
    {"list", QUERY_LIST, 0},
    {"has", QUERY_HAS, 0},
    {"is", QUERY_IS, 0},
    {"due", QUERY_DUE, 0},
    {"created", QUERY_CREATED, 0},
    {"edited", QUERY_EDITED, 0},
    {"name", QUERY_WORDS, QUERY_NAME},
    {"description", QUERY_WORDS, QUERY_DESCRIPTION},
    {"checklist", QUERY_WORDS, QUERY_CHECKLIST},
    {"comment", QUERY_WORDS, QUERY_COMMENT},
    {"sort", QUERY_SORT, 0},
};
#define N_OPERATORS (sizeof operators / sizeof operators[0])

/* Day, week and month are what Trello's are: so many days. */
static const struct value {
	enum query_kind kind;
	const char *name;
	enum query_value value;
	int number; /* of days, or how to sort */
} values[] = {
    {QUERY_HAS, "attachments", QUERY_ATTACHMENTS, 0},
    {QUERY_HAS, "description", QUERY_A_DESCRIPTION, 0},
    {QUERY_HAS, "members", QUERY_MEMBERS, 0},
    {QUERY_HAS, "cover", QUERY_UNKNOWN, 0},
    {QUERY_HAS, "stickers", QUERY_UNKNOWN, 0},
    {QUERY_IS, "open", QUERY_OPEN, 0},
    {QUERY_IS, "archived", QUERY_ARCHIVED, 0},
    {QUERY_IS, "complete", QUERY_COMPLETE, 0},
    {QUERY_IS, "incomplete", QUERY_INCOMPLETE, 0},
    {QUERY_IS, "starred", QUERY_UNKNOWN, 0},
    {QUERY_DUE, "day", QUERY_DAYS, 1},
    {QUERY_DUE, "week", QUERY_DAYS, 7},
    {QUERY_DUE, "month", QUERY_DAYS, 30},
    {QUERY_DUE, "overdue", QUERY_OVERDUE, 0},
    {QUERY_DUE, "complete", QUERY_COMPLETE, 0},
    {QUERY_DUE, "incomplete", QUERY_INCOMPLETE, 0},
    {QUERY_CREATED, "day", QUERY_DAYS, 1},
    {QUERY_CREATED, "week", QUERY_DAYS, 7},
    {QUERY_CREATED, "month", QUERY_DAYS, 30},
    {QUERY_EDITED, "day", QUERY_DAYS, 1},
    {QUERY_EDITED, "week", QUERY_DAYS, 7},
    {QUERY_EDITED, "month", QUERY_DAYS, 30},
    {QUERY_SORT, "created", QUERY_UNKNOWN, QUERY_BY_CREATED},
    {QUERY_SORT, "edited", QUERY_UNKNOWN, QUERY_BY_EDITED},
    {QUERY_SORT, "due", QUERY_UNKNOWN, QUERY_BY_DUE},
};
#define N_VALUES (sizeof values / sizeof values[0])

/* One term as it is written. */
struct word {
	const char *at; /* its first byte, the sign of negation too */
	size_t len;
	const char *name; /* of an operator, "" for none */
	size_t name_len;
	char sign; /* '@' or '#' in the place of a name, or 0 */
	const char *value;
	size_t value_len;
	bool negated;
	bool quoted;
};

struct parser {
	const char *text;
	const char *at;
	struct query query;
	struct err *err;
};

/* White space and what else nobody sees. */
static bool
is_space(char c)
{
	return (c >= '\0' && c <= ' ') || c == '\x7f';
}

static int
wrong(struct parser *parser, const struct word *word, const char *what,
    const char *hint)
{
	size_t characters = 1;

	for (const char *at = parser->text; at < word->at; at++)
		characters += ((unsigned char)*at & 0xc0) != 0x80;
	return err_set(parser->err, -EINVAL, "\"%.*s\" (character %zu): %s%s",
	    (int)word->len, word->at, characters, what, hint);
}

/* The name of an operator stands here: its length, 0 if there is none. */
static size_t
operator_len(const char *s)
{
	size_t len = 0;

	while ((s[len] >= 'a' && s[len] <= 'z') ||
	       (s[len] >= 'A' && s[len] <= 'Z'))
		len++;
	return s[len] == ':' ? len : 0;
}

/* Read one term.  1, 0: there is none any more, or -EINVAL. */
static int
next_word(struct parser *parser, struct word *word)
{
	const char *at = parser->at;
	char last;

	while (*at != '\0' && is_space(*at))
		at++;
	if (*at == '\0')
		return 0;
	*word = (struct word){.at = at, .name = at};
	if (*at == '-' && at[1] != '\0' && !is_space(at[1])) {
		word->negated = true;
		word->name = ++at;
	}
	word->name_len = operator_len(at);
	if (word->name_len > 0)
		at += word->name_len + 1;
	else if (*at == '@' || *at == '#')
		word->sign = *at++;
	word->quoted = *at == '"';
	at += word->quoted;
	word->value = at;
	while (*at != '\0' && (word->quoted ? *at != '"' : !is_space(*at)))
		at++;
	word->value_len = (size_t)(at - word->value);
	last = *at;
	parser->at = at + (last == '"');
	word->len = (size_t)(parser->at - word->at);
	return word->quoted && last == '\0'
		   ? wrong(
			 parser, word, "there is no second quotation mark", "")
		   : 1;
}

/* Whether there may be anything to look for: what no word has is no word. */
static bool
has_letters(const struct word *word)
{
	for (size_t i = 0; i < word->value_len; i++)
		if (isalnum((unsigned char)word->value[i]) ||
		    (unsigned char)word->value[i] >= 0x80)
			return true;
	return false;
}

/* Give the text of what is wrong, for nearest_init(). */
static const char *
copy(const char *s, size_t len, char *out, size_t size)
{
	if (len > size - 1)
		len = size - 1;
	memcpy(out, s, len);
	out[len] = '\0';
	return out;
}

static int
no_operator(struct parser *parser, const struct word *word)
{
	char name[64], hint[96];
	struct nearest near;
	struct err text;

	nearest_init(
	    &near, copy(word->name, word->name_len, name, sizeof name));
	for (size_t i = 0; i < N_OPERATORS; i++)
		nearest_offer(&near, operators[i].name);
	(void)err_set(&text, 0, "there is no operator %s:", name);
	if (near.best == NULL)
		return wrong(parser, word, text.text,
		    "; put it in quotes to search for the words");
	(void)err_set(
	    &text, 0, "there is no operator %s:, did you mean ", name);
	(void)copy(near.best, strlen(near.best), hint, sizeof hint - 2);
	return wrong(parser, word, text.text, strcat(hint, ":?"));
}

static int
find_operator(
    struct parser *parser, const struct word *word, struct operator* ret)
{
	*ret = (struct operator){"", QUERY_WORDS, QUERY_ANYWHERE};
	if (word->sign == '@')
		*ret = operators[0];
	if (word->sign == '#')
		*ret = operators[1];
	if (word->name_len == 0)
		return 0;
	for (size_t i = 0; i < N_OPERATORS; i++)
		if (strlen(operators[i].name) == word->name_len &&
		    strncasecmp(
			operators[i].name, word->name, word->name_len) == 0) {
			*ret = operators[i];
			return 0;
		}
	return no_operator(parser, word);
}

static bool
takes_days(enum query_kind kind)
{
	return kind == QUERY_DUE || kind == QUERY_CREATED ||
	       kind == QUERY_EDITED;
}

/* All that an operator takes, and what this may have been. */
static int
no_value(struct parser *parser, const struct word *word, enum query_kind kind)
{
	char given[64], hint[256] = "";
	struct nearest near;
	struct err text;

	nearest_init(
	    &near, copy(word->value, word->value_len, given, sizeof given));
	for (size_t i = 0; i < N_VALUES; i++) {
		if (values[i].kind != kind ||
		    (values[i].value == QUERY_UNKNOWN && kind != QUERY_SORT))
			continue;
		nearest_offer(&near, values[i].name);
		(void)strcat(hint, hint[0] != '\0' ? ", " : "");
		(void)strcat(hint, values[i].name);
	}
	if (takes_days(kind))
		(void)strcat(hint, " or a number of days");
	if (near.best != NULL)
		(void)err_set(
		    &text, 0, "did you mean %s? There are ", near.best);
	else
		(void)err_set(&text, 0, "there are ");
	return wrong(parser, word, text.text, hint);
}

static int
unknown_value(struct parser *parser, const struct word *word)
{
	return wrong(parser, word,
	    "this is not among what trellofs knows of a card", "");
}

/* A number of days: 1, or 0 if it is none. */
static int
read_days(const struct word *word, int *ret_days)
{
	int days = 0;

	for (size_t i = 0; i < word->value_len; i++) {
		char c = word->value[i];

		if (c < '0' || c > '9' || days > DAYS_MAX)
			return 0;
		days = days * 10 + (c - '0');
	}
	if (word->value_len == 0 || days < 1 || days > DAYS_MAX)
		return 0;
	*ret_days = days;
	return 1;
}

/* Find a value of the operator, of which the word has `skip` bytes before. */
static const struct value *
find_value(const struct word *word, enum query_kind kind, size_t skip)
{
	for (size_t i = 0; i < N_VALUES; i++)
		if (values[i].kind == kind &&
		    strlen(values[i].name) == word->value_len - skip &&
		    strncasecmp(values[i].name, word->value + skip,
			word->value_len - skip) == 0)
			return &values[i];
	return NULL;
}

static int
take_sort(struct parser *parser, const struct word *word)
{
	size_t skip = word->value_len > 0 && word->value[0] == '-';
	const struct value *value = find_value(word, QUERY_SORT, skip);

	if (word->negated)
		return wrong(parser, word,
		    "the other way round is written sort:-", "due");
	if (value == NULL)
		return no_value(parser, word, QUERY_SORT);
	parser->query.sort = (enum query_sort)value->number;
	parser->query.reverse = skip != 0;
	return 0;
}

static struct query_term *
add_term(
    struct parser *parser, const struct word *word, const struct operator* op)
{
	struct query_term *term = VEC_ADD(&parser->query.terms);

	if (term == NULL)
		return NULL;
	term->kind = op->kind;
	term->in = op->in;
	term->negated = word->negated;
	term->exact = word->quoted;
	return term;
}

static int
take_value(
    struct parser *parser, const struct word *word, const struct operator* op)
{
	const struct value *value = find_value(word, op->kind, 0);
	struct query_term *term;
	int days = 0;

	if (value == NULL &&
	    !(takes_days(op->kind) && read_days(word, &days) == 1))
		return no_value(parser, word, op->kind);
	if (value != NULL && value->value == QUERY_UNKNOWN)
		return unknown_value(parser, word);
	term = add_term(parser, word, op);
	if (term == NULL)
		return -ENOMEM;
	term->value = value != NULL ? value->value : QUERY_DAYS;
	term->days = value != NULL ? value->number : days;
	parser->query.timed |=
	    term->value == QUERY_DAYS || term->value == QUERY_OVERDUE;
	return 0;
}

static int
take_text(
    struct parser *parser, const struct word *word, const struct operator* op)
{
	struct query_term *term;

	if (!has_letters(word))
		return op->name[0] == '\0'
			   ? 0
			   : wrong(parser, word, op->name, ": of what name?");
	term = add_term(parser, word, op);
	if (term == NULL)
		return -ENOMEM;
	term->text = strndup(word->value, word->value_len);
	return term->text != NULL ? 0 : -ENOMEM;
}

static int
take_word(struct parser *parser, const struct word *word)
{
	struct operator op;
	int r = find_operator(parser, word, &op);

	if (r != 0)
		return r;
	switch (op.kind) {
	case QUERY_SORT:
		return take_sort(parser, word);
	case QUERY_HAS:
	case QUERY_IS:
	case QUERY_DUE:
	case QUERY_CREATED:
	case QUERY_EDITED:
		return take_value(parser, word, &op);
	default:
		return take_text(parser, word, &op);
	}
}

int
query_parse(const char *text, struct query *ret_query, struct err *err)
{
	struct parser parser = {.text = text, .at = text, .err = err};
	bool sorted = false;
	struct word word;
	int r;

	if (!utf8_valid(text, strlen(text)))
		return err_set(err, -EINVAL, "this is not UTF-8");
	while ((r = next_word(&parser, &word)) == 1) {
		r = take_word(&parser, &word);
		if (r != 0)
			break;
		sorted |= word.name_len > 0;
	}
	if (r == 0 && parser.query.terms.n == 0 && !sorted)
		r = err_set(err, -EINVAL, "there is nothing to search for");
	if (r != 0) {
		query_fini(&parser.query);
		return r == -ENOMEM ? err_set(err, r, "out of memory") : r;
	}
	*ret_query = parser.query;
	return 0;
}

void
query_fini(struct query *query)
{
	for (size_t i = 0; i < query->terms.n; i++)
		free(query->terms.v[i].text);
	VEC_FREE(&query->terms);
}
