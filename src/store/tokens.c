#include "store/tokens.h"

#include "search/words.h"
#include "store/tx.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct tokenizer {
	fts5_tokenizer functions;
	Fts5Tokenizer *instance;
};

/* https://www.sqlite.org/fts5.html, "Extending FTS5" */
static fts5_api *
get_api(struct db *db)
{
	sqlite3_stmt *stmt = db_prepare(db, "SELECT fts5(?1)");
	fts5_api *api = NULL;

	if (stmt == NULL || sqlite3_bind_pointer(stmt, 1, &api, "fts5_api_ptr",
				NULL) != SQLITE_OK)
		return NULL;
	(void)db_step(stmt);
	db_reset(stmt);
	return api;
}

int
tokenizer_open(struct db *db, struct tokenizer **ret_tokenizer)
{
	const char *arguments[] = {
	    "remove_diacritics", "2", "categories", TOKENIZER_CATEGORIES};
	struct tokenizer *tokenizer;
	fts5_api *api = get_api(db);
	void *context;

	if (api == NULL)
		return -EIO;
	tokenizer = calloc(1, sizeof *tokenizer);
	if (tokenizer == NULL)
		return -ENOMEM;
	if (api->xFindTokenizer(api, TOKENIZER_NAME, &context,
		&tokenizer->functions) != SQLITE_OK ||
	    tokenizer->functions.xCreate(context, arguments,
		sizeof arguments / sizeof arguments[0],
		&tokenizer->instance) != SQLITE_OK) {
		free(tokenizer);
		return -EIO;
	}
	*ret_tokenizer = tokenizer;
	return 0;
}

void
tokenizer_close(struct tokenizer *tokenizer)
{
	if (tokenizer == NULL)
		return;
	tokenizer->functions.xDelete(tokenizer->instance);
	free(tokenizer);
}

static int
add_token(
    void *cookie, int flags, const char *token, int len, int start, int end)
{
	struct tokens *tokens = cookie;
	size_t *slot = VEC_ADD(&tokens->starts);

	(void)flags;
	(void)start;
	(void)end;
	if (slot == NULL)
		return SQLITE_NOMEM;
	*slot = tokens->text.len;
	(void)buf_add(&tokens->text, token, (size_t)len);
	return buf_add_char(&tokens->text, '\0') == 0 ? SQLITE_OK
						      : SQLITE_NOMEM;
}

int
tokens_make(
    struct tokenizer *tokenizer, const char *text, struct tokens *ret_tokens)
{
	struct tokens tokens = {0};
	struct buf spread = BUF_INIT;
	int r = words_spread(text, &spread);

	if (r == 0 && tokenizer->functions.xTokenize(tokenizer->instance,
			  &tokens, FTS5_TOKENIZE_DOCUMENT, buf_str(&spread),
			  (int)spread.len, add_token) != SQLITE_OK)
		r = -ENOMEM;
	buf_free(&spread);
	if (r != 0)
		tokens_fini(&tokens);
	else
		*ret_tokens = tokens;
	return r;
}

void
tokens_fini(struct tokens *tokens)
{
	buf_free(&tokens->text);
	VEC_FREE(&tokens->starts);
}

static const char *
token(const struct tokens *tokens, size_t i)
{
	return tokens->text.data + tokens->starts.v[i];
}

static bool
begins_at(const struct tokens *name, size_t at, const struct tokens *words,
    bool whole)
{
	size_t last = words->starts.n - 1;
	const char *word = token(words, last);

	for (size_t i = 0; i < last; i++)
		if (strcmp(token(name, at + i), token(words, i)) != 0)
			return false;
	return whole ? strcmp(token(name, at + last), word) == 0
		     : strncmp(token(name, at + last), word, strlen(word)) == 0;
}

bool
tokens_match(const struct tokens *name, const struct tokens *words, bool whole)
{
	size_t n = words->starts.n;

	if (n == 0 || n > name->starts.n)
		return false;
	if (whole)
		return n == name->starts.n && begins_at(name, 0, words, true);
	for (size_t at = 0; at + n <= name->starts.n; at++)
		if (begins_at(name, at, words, false))
			return true;
	return false;
}
