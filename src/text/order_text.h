#ifndef TEXT_ORDER_TEXT_H
#define TEXT_ORDER_TEXT_H

#include "model/model.h"
#include "util/vec.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text_error;

/**
 * The text of `.order`: the names of what is in a folder, one a line, in their
 * order.  Pure.
 */

/* One of them.  The strings are the caller's. */
struct order_entry {
	uint64_t key; /* the same thing has the same one, in all lists */
	const char *name;
	const char *id; /* breaks ties of pos */
	double pos;
};

struct order_entries {
	VEC(struct order_entry) list; /* in their order */
};

/* Of a name that stands nowhere in the folder. */
enum order_found {
	ORDER_NOWHERE = 0,
	ORDER_FOUND = 1,
	ORDER_TWICE = 2, /* in more than one place: the name alone is not
			  * enough */
};

struct order_source {
	const struct order_entries *then; /* as its author saw them */
	const struct order_entries *now;
	bool lists; /* what is in order are lists, not cards */
	/** Whether a name is that of a card in another list: ret_entry, and of
	 * two ret_where (NULL: none is to be had) says how to name one of
	 * them.  Or -errno.  NULL: no such are known. */
	int (*elsewhere)(void *cookie, const char *name,
	    struct order_entry *ret_entry, const char **ret_where);
	void *cookie;
};

/* What is to be in the folder, in its new order. */
struct order_place {
	struct order_entry entry; /* its pos is the new one */
	bool moved;		  /* and another one than before */
	bool foreign;		  /* it comes from another folder */
};

struct order_plan {
	VEC(struct order_place) places;
	size_t n_moved; /* by who wrote the text, against what he saw */
};
void order_plan_fini(struct order_plan *plan);

/**
 * What a text makes of the folder: what its author moved goes behind what it
 * stands behind in the text; the rest stays where it is now, also what came
 * since; what is gone is left out.  As few positions change as can.
 * 0; -EINVAL with ret_error: a line that is none of theirs, twice, or missing;
 * -ENOMEM or another -errno.
 */
int order_plan_make(struct order_plan *ret_plan, const char *text, size_t len,
    const struct order_source *source, struct text_error *ret_error);

#endif
