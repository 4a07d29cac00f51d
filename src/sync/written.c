#include "sync/written.h"

#include "model/ids.h"
#include "store/accept.h"
#include "store/base.h"
#include "store/store.h"
#include "util/timeutil.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Reads answer from before a write for so long at the most (assumed: Trello
 * says nothing of it). */
#define STALE_MS 10000

void
written_fini(struct written *written)
{
	VEC_FREE(&written->list);
}

static struct written_one *
find(const struct written *written, const char *id)
{
	for (size_t i = 0; i < written->list.n; i++)
		if (strcmp(written->list.v[i].id, id) == 0)
			return &written->list.v[i];
	return NULL;
}

void
written_note(struct written *written, const char *id, int64_t now_ms,
    int64_t activity_ms)
{
	struct written_one *one = find(written, id);

	if (one == NULL)
		one = VEC_ADD(&written->list);
	if (one == NULL)
		return;
	(void)snprintf(one->id, sizeof one->id, "%s", id);
	one->at_ms = now_ms;
	if (activity_ms > one->activity_ms)
		one->activity_ms = activity_ms;
}

void
written_forget(struct written *written, int64_t oldest_ms)
{
	size_t kept = 0;

	for (size_t i = 0; i < written->list.n; i++)
		if (written->list.v[i].at_ms + STALE_MS > oldest_ms)
			written->list.v[kept++] = written->list.v[i];
	written->list.n = kept;
}

static bool
is_after(const struct written_one *one, int64_t asked_ms)
{
	return one != NULL && asked_ms < one->at_ms + STALE_MS;
}

bool
written_after(const struct written *written, const char *id, int64_t asked_ms)
{
	return is_after(find(written, id), asked_ms);
}

/* A date tells which state of a card it is that came. */
static bool
is_before(const struct written_one *one, int64_t activity_ms)
{
	return activity_ms == TIME_NONE || one->activity_ms <= 0 ||
	       activity_ms < one->activity_ms;
}

bool
written_before(const struct written *written, const char *id, int64_t asked_ms,
    int64_t activity_ms)
{
	const struct written_one *one = find(written, id);

	return is_after(one, asked_ms) && is_before(one, activity_ms);
}

/* Whether what came of the card is from before the change. */
static bool
is_old(const struct written_one *one, const struct card *card, int64_t asked_ms)
{
	return is_after(one, asked_ms) &&
	       (asked_ms < one->at_ms || is_before(one, card->activity_ms));
}

static int
protect_card(struct tx *tx, const struct board *board, struct card *card)
{
	struct card ours;
	int r = base_card(tx, card->id, &ours);

	if (r == -ENOENT) {
		card->closed = true;
		return 0;
	}
	if (r != 0)
		return r;
	card_fini(card);
	*card = ours;
	if (strcmp(card->id_board, board->id) != 0)
		card->closed = true;
	return 0;
}

static int
protect_list(struct tx *tx, const struct board *board, struct list *list)
{
	struct list ours = {0};
	int r = accept_list_now(tx, list->id, &ours);

	if (r == -ENOENT) {
		list->closed = true;
		return 0;
	}
	if (r != 0)
		return r;
	list_fini(list);
	*list = ours;
	if (strcmp(list->id_board, board->id) != 0)
		list->closed = true;
	return 0;
}

static bool
has(const struct board *board, const char *id)
{
	if (board_list(board, id) != NULL)
		return true;
	for (size_t i = 0; i < board->cards.n; i++)
		if (strcmp(board->cards.v[i].id, id) == 0)
			return true;
	return false;
}

/* Of this board, as the base has it.  1, 0 or -errno. */
static int
is_of(struct tx *tx, const struct board *board, const char *id)
{
	char of[MODEL_ID_SIZE];
	struct card card;
	double pos;
	int r = base_list(tx, id, of, &pos);

	if (r == -ENOENT) {
		r = base_card(tx, id, &card);
		if (r == 0) {
			(void)snprintf(of, sizeof of, "%s", card.id_board);
			card_fini(&card);
		}
	}
	if (r != 0)
		return r == -ENOENT ? 0 : r;
	return strcmp(of, board->id) == 0;
}

static int
protect_all(const struct written *written, struct tx *tx, struct board *board,
    int64_t asked_ms, bool asking, model_ids *ret_keep)
{
	int n = 0, r = 0;

	for (size_t i = 0; i < board->lists.n && r == 0; i++) {
		if (!written_after(written, board->lists.v[i].id, asked_ms))
			continue;
		r = protect_list(tx, board, &board->lists.v[i]);
		n++;
	}
	for (size_t i = 0; i < board->cards.n && r == 0; i++) {
		struct card *card = &board->cards.v[i];

		if (!is_old(find(written, card->id), card, asked_ms))
			continue;
		r = protect_card(tx, board, card);
		n++;
	}
	for (size_t i = 0; i < written->list.n && r == 0; i++) {
		const struct written_one *one = &written->list.v[i];

		if (!is_after(one, asked_ms) || has(board, one->id))
			continue;
		if (asking && asked_ms >= one->at_ms && one->activity_ms > 0)
			continue;
		r = is_of(tx, board, one->id);
		if (r != 1)
			continue;
		r = model_ids_add(ret_keep, one->id);
		n++;
	}
	return r < 0 ? r : n;
}

int
written_protect(const struct written *written, struct store *store,
    struct board *board, int64_t asked_ms, bool asking, model_ids *ret_keep)
{
	struct tx *tx;
	int r;

	if (written->list.n == 0)
		return 0;
	r = store_read(store, true, &tx);
	if (r != 0)
		return r;
	r = protect_all(written, tx, board, asked_ms, asking, ret_keep);
	store_end(tx);
	return r;
}
