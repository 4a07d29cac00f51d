#ifndef UNIT_PUSH_HELP_H
#define UNIT_PUSH_HELP_H

/* What tests of the push share: a mount without a file system.  A store, the
 * account in memory with the same boards, and a remote between them that
 * writes down what is asked and can fail in every way. */

#include "push_account.h"
#include "store_help.h"

#include "store/journal.h"
#include "sync/push.h"
#include "util/buf.h"
#include "util/zone.h"

struct push_world {
	char folder[64];
	char path[96];
	struct store *store;
	struct push_account account;
	struct sync *sync;
	struct zone zone;
	struct invalidations said;
	unsigned n_items;
};

/* The small board (store_help.h) with labels bug (b1) and urgent (b2), a
 * member you, a checklist Steps (d1: write e1, tag e2) and a comment of ours
 * (f1) on One, here and in the account.  With a file the store can be opened
 * again. */
void world_init(struct push_world *world, bool with_file);
void world_fini(struct push_world *world);

/* Add a board, both here and there; it is freed. */
void world_add_board(struct push_world *world, struct board *board);

/* The program dies and is started again. */
void world_restart(struct push_world *world);

/* Run until nothing is in flight and nothing is due (`flush`: due or not).
 * False: it died on the way. */
bool world_run(struct push_world *world, bool flush);

/* What was asked since the last time, a line a request, is exactly this. */
void assert_asked(struct push_world *world, const char *expected);
char *take_asked(struct push_world *world);

/* An entry, due now, and what the mount does with it. */
void world_journal(struct push_world *world, struct entry *entry);
void world_change(
    struct push_world *world, const char *card, struct card_change *change);

/* Changes by hand: of a card by its id. */
void do_title(struct push_world *world, const char *card, const char *title);
void do_desc(struct push_world *world, const char *card, const char *desc);
void do_flag(struct push_world *world, const char *card,
    enum card_change_kind kind, bool flag);
void do_date(struct push_world *world, const char *card,
    enum card_change_kind kind, int64_t ms);
void do_id(struct push_world *world, const char *card,
    enum card_change_kind kind, const char *id);
void do_move(struct push_world *world, const char *card, const char *board,
    const char *list, double pos);
void do_archive(struct push_world *world, const char *card);
/* Each returns the new thing's id here, good until 32 more were made. */
const char *do_create(
    struct push_world *world, const char *list, const char *title);
const char *do_create_at(
    struct push_world *world, const char *list, const char *title, double pos);
const char *do_checklist(
    struct push_world *world, const char *card, const char *name);
const char *do_item(struct push_world *world, const char *card,
    const char *checklist, const char *name, bool done);
const char *do_comment(
    struct push_world *world, const char *card, const char *text);
const char *do_link(
    struct push_world *world, const char *card, const char *url);
const char *do_file(struct push_world *world, const char *card,
    const char *name, const char *data);
const char *do_list(
    struct push_world *world, const char *board, const char *name);
const char *do_board(struct push_world *world, const char *name);

/* What the account has of a board, and what the base has, as JSON without
 * dates of activity; the caller frees it. */
char *there(struct push_world *world, const char *board);
char *here(struct push_world *world, const char *board);

/* The same with ids as #1, #2 in the order in which they stand there, cards
 * by name: two accounts in which the same was done are the same. */
char *there_without_ids(struct push_world *world, const char *board);

/* The file tree with all texts, without what Trello alone gives: url, rev,
 * dates of comments. */
char *shown(struct push_world *world);

/* A look at the board, as the poll has it: what the account has comes here. */
void world_news(struct push_world *world, const char *board);

/* Two long texts are the same; what differs first is told. */
void assert_same(const char *a, const char *b);

/* Both are the same, nothing waits, and the tree is sound. */
void assert_in_step(struct push_world *world, const char *board);

/* How many entries there are, in each state. */
void assert_entries(
    struct push_world *world, int waiting, int held, int refused);

/* The file has this problem, and is a draft or not. */
void assert_problem(
    struct push_world *world, const char *path, const char *what, bool draft);

/* Somebody else does something: a write straight to the account. */
void elsewhere(struct push_world *world, enum remote_call call, const char *id,
    const char *key, const char *value);

#endif
