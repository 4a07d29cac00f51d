#include "sync/push_step.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/*
 * An object's entries are sent in their order, but for those that are not due
 * yet and that nothing else depends on: the end of a comment that is still
 * being typed does not hold up a ticked item.  Entries that one request can
 * carry go together.
 */

/* Which call an entry becomes, and whether entries join in it. */
struct rule {
	enum remote_call call;
	bool joins;	  /* with all of the object for the same call */
	bool joins_of_id; /* with those about the same part of the card */
	bool in_create;	  /* POST /cards carries it too */
};

static const struct rule change_rules[CHANGE_KINDS] = {
    [CHANGE_TITLE] = {CALL_CARD_UPDATE, true, false, true},
    [CHANGE_DESC] = {CALL_CARD_UPDATE, true, false, true},
    [CHANGE_START] = {CALL_CARD_UPDATE, true, false, true},
    [CHANGE_DUE] = {CALL_CARD_UPDATE, true, false, true},
    [CHANGE_DONE] = {CALL_CARD_UPDATE, true, false, true},
    [CHANGE_LABEL_ADD] = {CALL_CARD_LABEL_ADD, false, false, true},
    [CHANGE_LABEL_REMOVE] = {CALL_CARD_LABEL_REMOVE, false, false, false},
    [CHANGE_MEMBER_ADD] = {CALL_CARD_MEMBER_ADD, false, false, true},
    [CHANGE_MEMBER_REMOVE] = {CALL_CARD_MEMBER_REMOVE, false, false, false},
    [CHANGE_FIELD] = {CALL_CARD_FIELD_SET, false, false, false},
    [CHANGE_CHECKLIST_ADD] = {CALL_CHECKLIST_CREATE, false, false, false},
    [CHANGE_CHECKLIST_NAME] = {CALL_CHECKLIST_UPDATE, false, true, false},
    [CHANGE_CHECKLIST_MOVE] = {CALL_CHECKLIST_UPDATE, false, true, false},
    [CHANGE_CHECKLIST_REMOVE] = {CALL_CHECKLIST_DELETE, false, false, false},
    [CHANGE_ITEM_ADD] = {CALL_ITEM_CREATE, false, false, false},
    [CHANGE_ITEM_NAME] = {CALL_ITEM_UPDATE, false, true, false},
    [CHANGE_ITEM_STATE] = {CALL_ITEM_UPDATE, false, true, false},
    [CHANGE_ITEM_MOVE] = {CALL_ITEM_UPDATE, false, true, false},
    [CHANGE_ITEM_REMOVE] = {CALL_ITEM_DELETE, false, false, false},
    [CHANGE_LINK_ADD] = {CALL_LINK_CREATE, false, false, false},
    [CHANGE_FILE_ADD] = {CALL_FILE_CREATE, false, false, false},
    [CHANGE_ATTACHMENT_REMOVE] = {CALL_ATTACHMENT_DELETE, false, false, false},
    [CHANGE_COMMENT_ADD] = {CALL_COMMENT_CREATE, false, false, false},
    [CHANGE_COMMENT_EDIT] = {CALL_COMMENT_UPDATE, false, true, false},
    [CHANGE_COMMENT_REMOVE] = {CALL_COMMENT_DELETE, false, false, false},
};

static const struct rule entry_rules[ENTRY_KINDS] = {
    [ENTRY_CARD_CREATE] = {CALL_CARD_CREATE, true, false, true},
    [ENTRY_CARD_MOVE] = {CALL_CARD_UPDATE, true, false, true},
    [ENTRY_CARD_ARCHIVE] = {CALL_CARD_UPDATE, true, false, false},
    [ENTRY_LIST_CREATE] = {CALL_LIST_CREATE, true, false, true},
    [ENTRY_LIST_RENAME] = {CALL_LIST_UPDATE, true, false, true},
    [ENTRY_LIST_POS] = {CALL_LIST_UPDATE, true, false, true},
    [ENTRY_CARD_RESTORE] = {CALL_CARD_UPDATE, true, false, false},
    [ENTRY_CARD_DELETE] = {CALL_CARD_DELETE, false, false, false},
    [ENTRY_LIST_RESTORE] = {CALL_LIST_UPDATE, true, false, false},
    [ENTRY_BOARD_REOPEN] = {CALL_BOARD_UPDATE, true, false, false},
    [ENTRY_BOARD_DESC] = {CALL_BOARD_UPDATE, true, false, true},
    [ENTRY_LABEL_ADD] = {CALL_LABEL_CREATE, false, false, false},
    [ENTRY_LABEL_CHANGE] = {CALL_LABEL_UPDATE, false, false, false},
    [ENTRY_LABEL_REMOVE] = {CALL_LABEL_DELETE, false, false, false},
    [ENTRY_LIST_MOVE] = {CALL_LIST_MOVE, false, false, false},
    [ENTRY_LIST_ARCHIVE] = {CALL_LIST_UPDATE, true, false, false},
    [ENTRY_BOARD_CREATE] = {CALL_BOARD_CREATE, true, false, true},
    [ENTRY_BOARD_RENAME] = {CALL_BOARD_UPDATE, true, false, true},
    [ENTRY_BOARD_CLOSE] = {CALL_BOARD_UPDATE, true, false, false},
};

static const struct rule *
rule_of(const struct entry *entry)
{
	return entry->kind == ENTRY_CARD_CHANGE
		   ? &change_rules[entry->change.kind]
		   : &entry_rules[entry->kind];
}

enum remote_call
step_call_of(const struct entry *entry)
{
	return rule_of(entry)->call;
}

bool
step_makes(enum remote_call call)
{
	switch (call) {
	case CALL_CARD_CREATE:
	case CALL_LIST_CREATE:
	case CALL_BOARD_CREATE:
	case CALL_CHECKLIST_CREATE:
	case CALL_ITEM_CREATE:
	case CALL_COMMENT_CREATE:
	case CALL_LINK_CREATE:
	case CALL_FILE_CREATE:
	case CALL_LABEL_CREATE:
		return true;
	default:
		return false;
	}
}

void
step_fini(struct step *step)
{
	entries_fini(&step->group);
	entries_fini(&step->folded);
	*step = (struct step){0};
}

/* What is being chosen from; chosen[i] stands beside entries->list.v[i]. */
struct choice {
	const struct step_context *context;
	struct entry *v;
	size_t n;
	bool *chosen;
	struct step *step;
};

static bool
is_making(const struct entry *entry)
{
	return entry->kind == ENTRY_CARD_CREATE ||
	       entry->kind == ENTRY_LIST_CREATE ||
	       entry->kind == ENTRY_BOARD_CREATE;
}

static bool
is_ending(const struct entry *entry)
{
	return entry->kind == ENTRY_CARD_ARCHIVE ||
	       entry->kind == ENTRY_LIST_ARCHIVE ||
	       entry->kind == ENTRY_BOARD_CLOSE;
}

static bool
is_due(const struct choice *choice, const struct entry *entry)
{
	const struct step_context *context = choice->context;

	if (entry->state == ENTRY_SENT)
		return true;
	if (entry->state == ENTRY_REFUSED || entry->held)
		return false;
	if ((entry->kind == ENTRY_CARD_ARCHIVE ||
		entry->kind == ENTRY_LIST_ARCHIVE) &&
	    context->with_parent)
		return false;
	if ((entry->kind == ENTRY_LIST_ARCHIVE ||
		entry->kind == ENTRY_BOARD_CLOSE) &&
	    context->left)
		return false;
	/* Who did not get through waits, whoever is in a hurry. */
	return (context->flush && entry->tries == 0) ||
	       entry->due_ms <= context->now_ms;
}

static bool
is_comment(const struct entry *entry)
{
	return entry->kind == ENTRY_CARD_CHANGE &&
	       entry->change.kind == CHANGE_COMMENT_ADD;
}

/* Whether it goes now because something behind it does: comments keep their
 * order, and what ends the object comes last. */
static bool
is_hurried(const struct choice *choice, size_t i)
{
	for (size_t j = i + 1; j < choice->n; j++) {
		const struct entry *later = &choice->v[j];

		if ((is_ending(later) ||
			(is_comment(&choice->v[i]) && is_comment(later))) &&
		    is_due(choice, later))
			return true;
	}
	return false;
}

/* A new value of something says what it is to be: it can go early, together
 * with one that is due.  Moves and removals may still be part of a save. */
static bool
may_join(const struct choice *choice, const struct entry *entry)
{
	if (entry->state != ENTRY_NEW || entry->held)
		return false;
	return is_due(choice, entry) ||
	       (entry->kind == ENTRY_CARD_CHANGE && rule_of(entry)->joins);
}

/* An id of our own that the entry's request would need, or NULL. */
static const char *
waits_for(const struct entry *entry)
{
	const struct card_change *change = &entry->change;

	if (journal_is_own_id(entry->object) && !is_making(entry))
		return entry->object;
	if ((entry->kind == ENTRY_CARD_CREATE ||
		entry->kind == ENTRY_CARD_RESTORE ||
		entry->kind == ENTRY_CARD_MOVE) &&
	    journal_is_own_id(entry->list))
		return entry->list;
	if ((entry->kind == ENTRY_CARD_CREATE ||
		entry->kind == ENTRY_CARD_MOVE ||
		entry->kind == ENTRY_LIST_CREATE ||
		entry->kind == ENTRY_LIST_MOVE) &&
	    journal_is_own_id(entry->board))
		return entry->board;
	if (entry->kind != ENTRY_CARD_CHANGE)
		return NULL;
	if (journal_is_own_id(change->parent))
		return change->parent;
	if (journal_is_own_id(change->id) && !step_makes(rule_of(entry)->call))
		return change->id;
	return NULL;
}

/* Whether i speaks of a part of the card that an earlier entry, which stays
 * behind, speaks of too. */
static bool
follows_one_left(const struct choice *choice, size_t i)
{
	const struct card_change *change = &choice->v[i].change;

	for (size_t j = 0; j < i; j++) {
		const struct entry *earlier = &choice->v[j];

		if (earlier->state == ENTRY_REFUSED || choice->chosen[j])
			continue;
		if (change->id[0] != '\0' &&
		    strcmp(earlier->change.id, change->id) == 0)
			return true;
		if (change->kind == CHANGE_CHECKLIST_REMOVE &&
		    (strcmp(earlier->change.parent, change->id) == 0 ||
			strcmp(earlier->change.old_id, change->id) == 0))
			return true;
	}
	return false;
}

static int
choose(struct choice *choice, enum step_action action, enum remote_call call)
{
	struct step *step = choice->step;

	step->action = action;
	step->call = call;
	for (size_t i = 0; i < choice->n; i++) {
		struct entry *slot;

		if (!choice->chosen[i])
			continue;
		slot = VEC_ADD(&step->group.list);
		if (slot == NULL)
			return -ENOMEM;
		*slot = choice->v[i];
		choice->v[i] = (struct entry){.state = ENTRY_REFUSED};
	}
	return 0;
}

/* What was sent without an answer goes first, and alone. */
static int
choose_sent(struct choice *choice, size_t first)
{
	enum remote_call call = rule_of(&choice->v[first])->call;

	for (size_t i = first; i < choice->n; i++)
		choice->chosen[i] = choice->v[i].state == ENTRY_SENT;
	return choose(choice, step_makes(call) ? STEP_FIND : STEP_SEND, call);
}

/* Whether everything before i is refused or chosen. */
static bool
is_next(const struct choice *choice, size_t i)
{
	while (i-- > 0)
		if (choice->v[i].state != ENTRY_REFUSED && !choice->chosen[i])
			return false;
	return true;
}

static bool
is_of_kind(const struct entry *entry, enum card_change_kind kind)
{
	return entry->kind == ENTRY_CARD_CHANGE && entry->change.kind == kind;
}

/* Closer than this Trello spreads them. */
static bool
is_same_place(double a, double b)
{
	return a - b < 0.02 && b - a < 0.02;
}

/* Whether an item leaves the place that the other one is to have. */
static bool
vacates(const struct choice *choice, size_t i, const struct entry *other)
{
	const struct entry *entry = &choice->v[i];
	const struct card_change *change = &entry->change;

	if (entry->state != ENTRY_NEW || entry->held ||
	    !is_same_place(change->old_pos, other->change.new_pos))
		return false;
	if (is_of_kind(entry, CHANGE_ITEM_REMOVE))
		return strcmp(change->parent, other->change.parent) == 0;
	return is_of_kind(entry, CHANGE_ITEM_MOVE) &&
	       strcmp(change->old_id, other->change.parent) == 0;
}

/* An item leaves its place before another one takes it: two in one place
 * would make Trello spread them all.  The one to go, which may not be due
 * yet, or the head itself. */
static size_t
make_room(const struct choice *choice, size_t head)
{
	size_t first = head;

	for (size_t n = 0; n < choice->n; n++) {
		const struct entry *entry = &choice->v[first];
		size_t i = head + 1;

		if (!is_of_kind(entry, CHANGE_ITEM_ADD) &&
		    !is_of_kind(entry, CHANGE_ITEM_MOVE))
			break;
		while (i < choice->n &&
		       (i == first || !vacates(choice, i, entry) ||
			   waits_for(&choice->v[i]) != NULL ||
			   follows_one_left(choice, i)))
			i++;
		if (i == choice->n)
			break;
		first = i;
	}
	return first;
}

/* Add to the one that is chosen what the same request can carry. */
static void
join(struct choice *choice, size_t head)
{
	const struct rule *rule = rule_of(&choice->v[head]);

	if (choice->context->alone)
		return;
	for (size_t i = head + 1; i < choice->n; i++) {
		const struct entry *entry = &choice->v[i];
		const struct rule *other = rule_of(entry);

		if (!may_join(choice, entry) || other->call != rule->call)
			continue;
		if (is_ending(entry) && !is_next(choice, i))
			break;
		if (waits_for(entry) != NULL || follows_one_left(choice, i) ||
		    make_room(choice, i) != i)
			continue;
		choice->chosen[i] =
		    rule->joins ||
		    (rule->joins_of_id && strcmp(choice->v[head].change.id,
					      entry->change.id) == 0);
	}
}

/* A move overtakes the moves before it that still wait for a list to be made:
 * they are over with it. */
static void
take_old_moves(struct choice *choice)
{
	bool moves = false;

	for (size_t i = choice->n; i-- > 0;) {
		const struct entry *entry = &choice->v[i];

		if (entry->kind != ENTRY_CARD_MOVE || entry->state != ENTRY_NEW)
			continue;
		if (choice->chosen[i])
			moves = true;
		else if (moves)
			choice->chosen[i] = true;
	}
}

/* One more thing that the request that makes it can say at once. */
static bool
fits_create(const struct choice *choice, const struct entry *entry)
{
	const struct card_change *change = &entry->change;

	if (!rule_of(entry)->in_create || entry->state != ENTRY_NEW ||
	    entry->held || choice->context->alone)
		return false;
	if (entry->kind == ENTRY_CARD_MOVE)
		return !journal_is_own_id(entry->list) &&
		       !journal_is_own_id(entry->board);
	return entry->kind != ENTRY_CARD_CHANGE ||
	       !journal_is_own_id(change->id);
}

static void
take_title(struct entry *made, char **title)
{
	char *old = made->title;

	made->title = *title;
	*title = old;
}

/* Whether making it takes the entry over. */
static bool
fold_one(struct entry *made, struct entry *entry)
{
	switch (entry->kind) {
	case ENTRY_LIST_RENAME:
	case ENTRY_BOARD_RENAME:
		take_title(made, &entry->title);
		return true;
	case ENTRY_CARD_MOVE:
		memcpy(made->list, entry->list, sizeof made->list);
		memcpy(made->board, entry->board, sizeof made->board);
		made->pos = entry->pos;
		return true;
	case ENTRY_LIST_POS:
		made->pos = entry->pos;
		return true;
	case ENTRY_CARD_CHANGE:
		if (entry->change.kind != CHANGE_TITLE)
			return false;
		take_title(made, &entry->change.new_text);
		return true;
	default:
		return false;
	}
}

/* What is made is made as and where it is to be: it can be found by that if
 * the answer is lost. */
static int
fold(struct step *step)
{
	struct entries *group = &step->group;
	size_t kept = 1;

	for (size_t i = 1; i < group->list.n; i++) {
		struct entry *entry = &group->list.v[i], *slot;

		if (!fold_one(&group->list.v[0], entry)) {
			group->list.v[kept++] = *entry;
			continue;
		}
		slot = VEC_ADD(&step->folded.list);
		if (slot == NULL)
			return -ENOMEM;
		*slot = *entry;
		*entry = (struct entry){0};
	}
	group->list.n = kept;
	return 0;
}

static int
choose_lost(struct choice *choice, size_t i)
{
	choice->chosen[i] = true;
	return choose(choice, STEP_LOST, rule_of(&choice->v[i])->call);
}

/* Whether it has been moved to a list that is there. */
static bool
has_place(const struct choice *choice, size_t create)
{
	for (size_t i = create + 1; i < choice->n; i++)
		if (choice->v[i].kind == ENTRY_CARD_MOVE &&
		    fits_create(choice, &choice->v[i]))
			return true;
	return false;
}

/* The object is still to be made. */
static int
choose_create(struct choice *choice, size_t create)
{
	const struct step_context *context = choice->context;
	const struct entry *entry = &choice->v[create];
	const char *needed = waits_for(entry);
	size_t last = choice->n - 1;
	int r;

	if (is_ending(&choice->v[last]) && choice->v[last].state == ENTRY_NEW) {
		/* Nobody has to confirm that what never was ends. */
		if (!choice->v[last].held && !is_due(choice, &choice->v[last]))
			return 0;
		memset(choice->chosen, true, choice->n * sizeof(bool));
		return choose(choice, STEP_DROP, rule_of(entry)->call);
	}
	if (!is_due(choice, entry) || context->writing)
		return 0;
	if (needed != NULL && !has_place(choice, create))
		return context->coming(context->cookie, needed)
			   ? 0
			   : choose_lost(choice, create);
	choice->chosen[create] = true;
	for (size_t i = create + 1; i < choice->n; i++)
		choice->chosen[i] = fits_create(choice, &choice->v[i]);
	take_old_moves(choice);
	r = choose(choice, STEP_SEND, rule_of(entry)->call);
	return r == 0 ? fold(choice->step) : r;
}

static int
choose_next(struct choice *choice)
{
	const struct step_context *context = choice->context;

	for (size_t i = 0; i < choice->n; i++) {
		const struct entry *entry = &choice->v[i];
		const char *needed = waits_for(entry);

		if (entry->state == ENTRY_REFUSED)
			continue;
		if (needed != NULL && !context->coming(context->cookie, needed))
			return choose_lost(choice, i);
		if (needed != NULL || entry->held ||
		    (!is_due(choice, entry) && !is_hurried(choice, i)) ||
		    follows_one_left(choice, i)) {
			/* Lists and boards keep their order strictly, and
			 * nothing overtakes what did not get through. */
			if (entry_about(entry->kind) != ABOUT_CARD ||
			    is_ending(entry) || entry->tries > 0)
				return 0;
			continue;
		}
		if (is_ending(entry) && !is_next(choice, i))
			return 0;
		i = make_room(choice, i);
		entry = &choice->v[i];
		if (!is_due(choice, entry) && !is_hurried(choice, i))
			return 0;
		choice->chosen[i] = true;
		join(choice, i);
		take_old_moves(choice);
		return choose(choice, STEP_SEND, rule_of(entry)->call);
	}
	return 0;
}

static int
choose_any(struct choice *choice)
{
	for (size_t i = 0; i < choice->n; i++)
		if (choice->v[i].state == ENTRY_SENT)
			return choose_sent(choice, i);
	for (size_t i = 0; i < choice->n; i++)
		if (is_making(&choice->v[i]) && choice->v[i].state == ENTRY_NEW)
			return choose_create(choice, i);
	return choose_next(choice);
}

int
step_choose(struct entries *entries, const struct step_context *context,
    struct step *ret_step)
{
	bool *chosen = entries->list.n > 0
			   ? calloc(entries->list.n, sizeof *chosen)
			   : NULL;
	struct choice choice = {.context = context,
	    .v = entries->list.v,
	    .n = entries->list.n,
	    .chosen = chosen,
	    .step = ret_step};
	int r;

	*ret_step = (struct step){0};
	if (entries->list.n == 0)
		return 0;
	if (chosen == NULL)
		return -ENOMEM;
	memcpy(ret_step->object, entries->list.v[0].object, MODEL_ID_SIZE);
	r = choose_any(&choice);
	free(chosen);
	if (r != 0)
		step_fini(ret_step);
	return r;
}
