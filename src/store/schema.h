#ifndef STORE_SCHEMA_H
#define STORE_SCHEMA_H

#include "store/db.h"

/**
 * Bring the database up to the schema of this program, one migration after
 * the other, each in a transaction.  -EPROTO: the file is of a newer program;
 * -EBADMSG: it is damaged.
 */
int schema_migrate(struct db *db, struct err *err);

#endif
