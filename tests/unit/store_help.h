#ifndef UNIT_STORE_HELP_H
#define UNIT_STORE_HELP_H

/* What tests of the store, and of what stands on it, share: boards made by
 * hand, temporary folders, and the file tree as text. */

#include "model/model.h"
#include "store/invalidate.h"
#include "store/nodes.h"

#include <stdbool.h>
#include <stdint.h>

struct store;

/* An id of 24 digits that ends in the tail; good until 32 more were made. */
const char *id_of(const char *tail);

/* Make a board, and add to it; the names are copied.  Pointers are good until
 * the next of their kind is added.  A card's list may be one that is not
 * there.  board_gather() has to be called at the end: apply() does it. */
void board_make(struct board *board, const char *tail, const char *name);
struct list *board_add_list(
    struct board *board, const char *tail, const char *name, double pos);
struct card *board_add_card(struct board *board, const char *tail,
    const char *list_tail, const char *name, double pos);
struct label *board_add_label(
    struct board *board, const char *tail, const char *name);

/* Two lists, Todo (a1) with the cards One (c1), Two (c2), Three (c3) and Done
 * (a2) with Four (c4). */
void board_make_small(struct board *board, const char *tail, const char *name);

/* Replace a string of the model. */
void set_text(char **text, const char *value);

/* A new folder; removed with all that is in it by temp_remove(). */
void temp_make(char path[64]);
void temp_remove(const char *path);

/* Open a store: in memory, or the file. */
struct store *open_memory(void);
struct store *open_file(const char *path);

/* Tell the store of one open board more / of just these. */
void list_board_too(struct store *store, const struct board *board);
void list_boards(struct store *store, const struct board *const *boards,
    size_t n, model_ids *missing, struct invalidations *out);

/* Gather the board, list it and apply it; what is said is added to out, or
 * forgotten (NULL).  It must succeed. */
void apply(struct store *store, struct board *board, struct invalidations *out);
int try_apply(struct store *store, struct board *board, const model_ids *keep,
    struct invalidations *out);

/* Find a node by its path ("B/Todo/One.md"); false if there is none. */
bool find_path(struct store *store, const char *path, struct node *ret_node);
struct node node_at(struct store *store, const char *path);
uint64_t ino_at(struct store *store, const char *path);

/* A card's text; the caller frees it. */
char *text_at(struct store *store, const char *path);

/* The whole tree, a line a node in the order of readdir, folders with a slash
 * behind them; the caller frees it. */
char *tree_text(struct store *store);
void assert_tree(struct store *store, const char *expected);

/* What must hold always: names and offsets unique, lists and cards by (pos,
 * id), texts of exactly the nodes' sizes. */
void assert_sound(struct store *store);

/* What was said, as lines sorted, each once: "entry B/Todo/One.md", "gone
 * ...", "inode ...", the root is "/".  It is forgotten then. */
void assert_said(
    struct store *store, struct invalidations *said, const char *expected);

#endif
