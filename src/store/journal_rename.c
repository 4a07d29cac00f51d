#include "store/journal.h"
#include "store/tx.h"

/* Ids of our own give way to Trello's. */

/* What a card's text and its revisions know of it. */
static int
rename_in_texts(
    struct tx *tx, const char *card, const char *old_id, const char *new_id)
{
	int r = db_run(tx->db,
	    "UPDATE revisions SET card = replace(card, ?2, ?3),"
	    " tail = replace(tail, ?2, ?3)"
	    " WHERE object = ?1 AND instr(card, ?2) > 0",
	    "sss", card, old_id, new_id);

	if (r == 0)
		r = db_run(tx->db,
		    "UPDATE texts SET card = replace(card, ?2, ?3),"
		    " tail = replace(tail, ?2, ?3) WHERE ino ="
		    " (SELECT ino FROM nodes WHERE id = ?1)",
		    "sss", card, old_id, new_id);
	return r;
}

/* Ids are in no text by chance: the places in JSON are found as text. */
int
journal_rename_label(
    struct tx *tx, const char *card, const char *old_id, const char *new_id)
{
	return db_run(tx->db,
	    "UPDATE journal SET json = replace(json, ?2, ?3)"
	    " WHERE object = ?1 AND instr(json, ?2) > 0",
	    "sss", card, old_id, new_id);
}

int
journal_rename_part(
    struct tx *tx, const char *card, const char *old_id, const char *new_id)
{
	int r = journal_rename_label(tx, card, old_id, new_id);

	return r == 0 ? rename_in_texts(tx, card, old_id, new_id) : r;
}

int
journal_rename(struct tx *tx, const char *old_id, const char *new_id)
{
	int r = db_run(tx->db,
	    "UPDATE journal SET object = replace(object, ?1, ?2),"
	    " board = replace(board, ?1, ?2), list = replace(list, ?1, ?2)"
	    " WHERE object = ?1 OR board = ?1 OR list = ?1",
	    "ss", old_id, new_id);

	if (r == 0)
		r = db_run(tx->db,
		    "UPDATE revisions SET object = ?2 WHERE object = ?1", "ss",
		    old_id, new_id);
	if (r == 0)
		r = db_run(tx->db,
		    "UPDATE texts SET board = ?2 WHERE board = ?1", "ss",
		    old_id, new_id);
	return r == 0 ? rename_in_texts(tx, new_id, old_id, new_id) : r;
}
