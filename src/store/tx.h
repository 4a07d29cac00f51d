#ifndef STORE_TX_H
#define STORE_TX_H

#include "store/db.h"
#include "store/store.h"

struct spool_folder;

/** Where the store's spooled files are. */
struct spool_folder *store_spools(struct store *store);

/** What a transaction is inside src/store: a connection that is lent out. */
struct tx {
	struct store *store;
	struct db *db;
	struct tx *next; /* in the pool */
	bool writing;
	bool begun;
	bool numbered; /* numbering.h */
};

#endif
