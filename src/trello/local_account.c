#include "trello/local_account.h"

#include "model/model_json.h"
#include "trello/local.h"
#include "util/err.h"
#include "util/hash.h"
#include "util/timeutil.h"
#include "json/json_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

/* What tells the export of a card or list from that of a board. */
struct probe {
	char id_board[MODEL_ID_SIZE];
	char id_list[MODEL_ID_SIZE];
};

static const struct json_field probe_fields[] = {
    {.key = "idBoard",
	.type = JSON_CHARS,
	.offset = offsetof(struct probe, id_board),
	.size = MODEL_ID_SIZE},
    {.key = "idList",
	.type = JSON_CHARS,
	.offset = offsetof(struct probe, id_list),
	.size = MODEL_ID_SIZE},
    {.key = NULL},
};
static const struct json_shape probe_shape = {
    .fields = probe_fields,
    .element_size = sizeof(struct probe),
};

/* A board on its way in: the same bytes go to both readers. */
struct loading {
	const char *name;
	struct board board;
	struct probe probe;
	struct json_reader *board_reader;
	struct json_reader *probe_reader;
	size_t bytes;
};

static void
loading_fini(struct loading *loading)
{
	json_reader_free(loading->board_reader);
	json_reader_free(loading->probe_reader);
	board_fini(&loading->board);
}

static int
loading_init(struct loading *loading, const char *name, struct err *err)
{
	*loading = (struct loading){.name = name};
	board_init(&loading->board);
	loading->board_reader = board_reader_new(&loading->board);
	loading->probe_reader = json_reader_new(
	    &probe_shape, false, &loading->probe, &JSON_LIMITS_DEFAULT);
	if (loading->board_reader != NULL && loading->probe_reader != NULL)
		return 0;
	loading_fini(loading);
	return err_set(err, -ENOMEM, "%s: out of memory", name);
}

static int
loading_feed(
    struct loading *loading, const void *data, size_t len, struct err *err)
{
	struct err why = {0};

	if (len > LOCAL_EXPORT_MAX_BYTES - loading->bytes)
		return err_set(err, -EFBIG,
		    "%s: not a board export: it is over 512 MiB",
		    loading->name);
	loading->bytes += len;
	if (json_reader_feed(loading->board_reader, data, len, &why) != 0 ||
	    json_reader_feed(loading->probe_reader, data, len, &why) != 0)
		return err_set(err, why.code, "%s: not a board export: %s",
		    loading->name, why.text);
	return 0;
}

static int
loading_finish(struct loading *loading, struct err *err)
{
	struct err why = {0};
	const char *what = NULL;

	if (json_reader_finish(loading->board_reader, &why) != 0)
		what = why.text;
	else if (loading->probe.id_list[0] != '\0')
		what = "it is the export of a card";
	else if (loading->probe.id_board[0] != '\0')
		what = "it is the export of a part of a board";
	else if (loading->board.id[0] == '\0')
		what = "it has no \"id\"";
	if (what != NULL)
		return err_set(err, -EBADMSG, "%s: not a board export: %s",
		    loading->name, what);
	return 0;
}

int
local_board_join(struct board *board)
{
	struct membership *membership;
	struct member *member;

	if (board_member(board, LOCAL_MEMBER_ID) == NULL) {
		member = VEC_ADD(&board->members);
		if (member == NULL)
			return -ENOMEM;
		strcpy(member->id, LOCAL_MEMBER_ID);
		member->username = strdup(LOCAL_MEMBER_NAME);
		member->full_name = strdup("You");
		if (member->username == NULL || member->full_name == NULL)
			return -ENOMEM;
	}
	for (size_t i = 0; i < board->memberships.n; i++)
		if (strcmp(board->memberships.v[i].id_member,
			LOCAL_MEMBER_ID) == 0)
			return 0;
	membership = VEC_ADD(&board->memberships);
	if (membership == NULL)
		return -ENOMEM;
	strcpy(membership->id_member, LOCAL_MEMBER_ID);
	strcpy(membership->type, "admin");
	return 0;
}

/* Move the board over to the account. */
static int
loading_keep(
    struct loading *loading, struct local_account *account, struct err *err)
{
	struct local_board *new;

	for (size_t i = 0; i < account->boards.n; i++) {
		const struct local_board *old = &account->boards.v[i];

		if (strcmp(old->board.id, loading->board.id) == 0)
			return err_set(err, -EEXIST,
			    "%s: the board \"%s\" is already there, from %s",
			    loading->name, model_str(old->board.name),
			    model_str(old->source));
	}
	if (board_gather(&loading->board) != 0 ||
	    local_board_join(&loading->board) != 0)
		goto no_memory;
	new = VEC_ADD(&account->boards);
	if (new == NULL)
		goto no_memory;
	new->source = strdup(loading->name);
	if (new->source == NULL) {
		account->boards.n--;
		goto no_memory;
	}
	new->board = loading->board;
	board_init(&loading->board);
	for (size_t i = 0; i < new->board.cards.n; i++)
		if (new->board.cards.v[i].id_short > new->last_short)
			new->last_short = new->board.cards.v[i].id_short;
	return 0;

no_memory:
	return err_set(err, -ENOMEM, "%s: out of memory", loading->name);
}

int
local_account_add_json(struct local_account *account, const char *name,
    const void *json, size_t len, struct err *err)
{
	struct loading loading;
	int r;

	r = loading_init(&loading, name, err);
	if (r != 0)
		return r;
	r = loading_feed(&loading, json, len, err);
	if (r == 0)
		r = loading_finish(&loading, err);
	if (r == 0)
		r = loading_keep(&loading, account, err);
	loading_fini(&loading);
	return r;
}

static int
open_export(const char *path, int *ret_fd, struct err *err)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return err_set(err, -errno, "%s: %s", path, strerror(errno));
	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
		(void)close(fd);
		return err_set(err, -EISDIR,
		    "%s: not a board export: it is a directory", path);
	}
	*ret_fd = fd;
	return 0;
}

static int
feed_file(struct loading *loading, int fd, struct err *err)
{
	char chunk[65536];

	for (;;) {
		ssize_t n = read(fd, chunk, sizeof chunk);
		int r;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set(err, -errno, "%s: %s", loading->name,
			    strerror(errno));
		if (n == 0)
			return 0;
		r = loading_feed(loading, chunk, (size_t)n, err);
		if (r != 0)
			return r;
	}
}

int
local_account_add_file(
    struct local_account *account, const char *path, struct err *err)
{
	struct loading loading;
	int fd = -1;
	int r;

	r = open_export(path, &fd, err);
	if (r != 0)
		return r;
	r = loading_init(&loading, path, err);
	if (r != 0)
		goto out;
	r = feed_file(&loading, fd, err);
	if (r == 0)
		r = loading_finish(&loading, err);
	if (r == 0)
		r = loading_keep(&loading, account, err);
	loading_fini(&loading);
out:
	(void)close(fd);
	return r;
}

void
local_account_fini(struct local_account *account)
{
	for (size_t i = 0; i < account->boards.n; i++) {
		board_fini(&account->boards.v[i].board);
		free(account->boards.v[i].source);
	}
	for (size_t i = 0; i < account->desc_changes.n; i++)
		desc_change_fini(&account->desc_changes.v[i].change);
	VEC_FREE(&account->boards);
	VEC_FREE(&account->desc_changes);
}

static bool
is_named(const char *id, const char *short_link, const char *name)
{
	return strcmp(id, name) == 0 ||
	       (short_link != NULL && strcmp(short_link, name) == 0);
}

struct board *
local_account_board(struct local_account *account, const char *id)
{
	for (size_t i = 0; i < account->boards.n; i++) {
		struct board *board = &account->boards.v[i].board;

		if (is_named(board->id, board->short_link, id))
			return board;
	}
	return NULL;
}

struct card *
local_account_card(
    struct local_account *account, const char *id, struct board **ret_board)
{
	for (size_t i = 0; i < account->boards.n; i++) {
		struct board *board = &account->boards.v[i].board;

		for (size_t j = 0; j < board->cards.n; j++) {
			struct card *card = &board->cards.v[j];

			if (!is_named(card->id, card->short_link, id))
				continue;
			if (ret_board != NULL)
				*ret_board = board;
			return card;
		}
	}
	return NULL;
}

struct list *
local_account_list(
    struct local_account *account, const char *id, struct board **ret_board)
{
	for (size_t i = 0; i < account->boards.n; i++) {
		struct board *board = &account->boards.v[i].board;
		struct list *list = board_list(board, id);

		if (list == NULL)
			continue;
		if (ret_board != NULL)
			*ret_board = board;
		return list;
	}
	return NULL;
}

static struct checklist *
card_checklist(const struct card *card, const char *id)
{
	for (size_t i = 0; i < card->checklists.n; i++)
		if (strcmp(card->checklists.v[i].id, id) == 0)
			return &card->checklists.v[i];
	return NULL;
}

struct checklist *
local_account_checklist(struct local_account *account, const char *id,
    struct card **ret_card, struct board **ret_board)
{
	for (size_t i = 0; i < account->boards.n; i++) {
		struct board *board = &account->boards.v[i].board;

		for (size_t j = 0; j < board->cards.n; j++) {
			struct checklist *checklist =
			    card_checklist(&board->cards.v[j], id);

			if (checklist == NULL)
				continue;
			*ret_card = &board->cards.v[j];
			*ret_board = board;
			return checklist;
		}
	}
	return NULL;
}

static struct comment *
card_comment(const struct card *card, const char *id)
{
	for (size_t i = 0; i < card->comments.n; i++)
		if (strcmp(card->comments.v[i].id, id) == 0)
			return &card->comments.v[i];
	return NULL;
}

struct comment *
local_account_comment(struct local_account *account, const char *id,
    struct card **ret_card, struct board **ret_board)
{
	for (size_t i = 0; i < account->boards.n; i++) {
		struct board *board = &account->boards.v[i].board;

		for (size_t j = 0; j < board->cards.n; j++) {
			struct comment *comment =
			    card_comment(&board->cards.v[j], id);

			if (comment == NULL)
				continue;
			*ret_card = &board->cards.v[j];
			*ret_board = board;
			return comment;
		}
	}
	return NULL;
}

const struct field *
local_account_field(
    struct local_account *account, const char *id, struct board **ret_board)
{
	for (size_t i = 0; i < account->boards.n; i++) {
		struct board *board = &account->boards.v[i].board;
		const struct field *field = board_field(board, id);

		if (field == NULL)
			continue;
		*ret_board = board;
		return field;
	}
	return NULL;
}

struct local_board *
local_account_entry(struct local_account *account, const struct board *board)
{
	size_t i = 0;

	while (&account->boards.v[i].board != board)
		i++;
	return &account->boards.v[i];
}

bool
local_board_has_member(const struct board *board, const char *id)
{
	for (size_t i = 0; i < board->memberships.n; i++)
		if (strcmp(board->memberships.v[i].id_member, id) == 0)
			return true;
	/* Old exports have no memberships. */
	return board_member(board, id) != NULL;
}

void
local_account_new_id(
    struct local_account *account, int64_t now_ms, char ret_id[MODEL_ID_SIZE])
{
	/* Another account's ids of the same second are others. */
	if (account->machine == 0 &&
	    getrandom(
		&account->machine, sizeof account->machine, GRND_NONBLOCK) < 0)
		account->machine = (uint64_t)time_wall_ns();
	if (now_ms / 1000 > account->newest_s)
		account->newest_s = now_ms / 1000;
	if ((++account->counter & 0xffffff) == 0)
		account->newest_s++;
	(void)snprintf(ret_id, MODEL_ID_SIZE, "%08x%010llx%06x",
	    (unsigned)account->newest_s,
	    (unsigned long long)account->machine & 0xffffffffffULL,
	    (unsigned)account->counter & 0xffffffU);
}

char *
local_short_link(const char *id)
{
	static const char alphabet[] = "0123456789abcdefghijklmnopqrstuvwxyz"
				       "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	uint64_t hash = hash_add(HASH_INIT, id, strlen(id));
	char link[9] = "";

	for (int i = 0; i < 8; i++) {
		link[i] = alphabet[hash % (sizeof alphabet - 1)];
		hash /= sizeof alphabet - 1;
	}
	return strdup(link);
}
