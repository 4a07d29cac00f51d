#ifndef MODEL_IDS_H
#define MODEL_IDS_H

#include "model/model.h"

#include <errno.h>
#include <stdio.h>

/** Append an id.  0 or -ENOMEM. */
static inline int
model_ids_add(model_ids *ids, const char *id)
{
	struct model_id *slot = VEC_ADD(ids);

	if (slot == NULL)
		return -ENOMEM;
	(void)snprintf(slot->s, sizeof slot->s, "%s", id);
	return 0;
}

#endif
