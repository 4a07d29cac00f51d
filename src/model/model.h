#ifndef MODEL_MODEL_H
#define MODEL_MODEL_H

#include "util/vec.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * Trello's objects as plain data, in Trello's words.  Strings are owned by
 * the object that holds them, are UTF-8 without NUL, and may be NULL where
 * Trello gave null or nothing: NULL and "" mean the same, `model_str()` makes
 * them so.  Dates are milliseconds since the epoch or TIME_NONE
 * (util/timeutil.h).  `pos` is a positive double, the sort key inside the
 * parent; ties are broken by id.
 */

/* 24 hex digits at Trello; provisional identities are no longer than this. */
#define MODEL_ID_SIZE 32
#define MODEL_COLOR_SIZE 24
/* Names and comments: 1 to 16,384 characters; descriptions from 0. */
#define MODEL_TEXT_MAX_CHARS 16384
/* The name of an attachment. */
#define MODEL_ATTACHMENT_MAX_CHARS 256

struct model_id {
	char s[MODEL_ID_SIZE];
};
typedef VEC(struct model_id) model_ids;

struct label {
	char id[MODEL_ID_SIZE];
	char color[MODEL_COLOR_SIZE]; /* "" for none */
	char *name;		      /* may be empty */
};

struct member {
	char id[MODEL_ID_SIZE];
	char *username;
	char *full_name;
};

struct check_item {
	char id[MODEL_ID_SIZE];
	char *name;
	double pos;
	bool complete;
};

struct checklist {
	char id[MODEL_ID_SIZE];
	char id_card[MODEL_ID_SIZE];
	char *name;
	double pos;
	VEC(struct check_item) items; /* by (pos, id) */
};

struct comment {
	char id[MODEL_ID_SIZE];
	char id_card[MODEL_ID_SIZE];
	char id_creator[MODEL_ID_SIZE];
	char *username; /* the author's; NULL if Trello no longer knows them */
	char *text;
	int64_t date_ms;
	int64_t edited_ms; /* data.dateLastEdited, TIME_NONE if never */
};

struct attachment {
	char id[MODEL_ID_SIZE];
	char *name;
	char *url;
	char *file_name;
	char *mime_type;
	int64_t bytes; /* -1 where Trello says null (links) */
	int64_t date_ms;
	double pos;
	bool is_upload;
};

struct field_option {
	char id[MODEL_ID_SIZE];
	char *text;
	double pos;
};

/* A custom field of a board. */
enum field_type {
	FIELD_UNKNOWN,
	FIELD_TEXT,
	FIELD_NUMBER,
	FIELD_DATE,
	FIELD_CHECKBOX,
	FIELD_LIST,
};

struct field {
	char id[MODEL_ID_SIZE];
	char *name;
	enum field_type type;
	double pos;
	VEC(struct field_option) options;
};

/* A card's value for one: text, number, date and "true"/"false" all come as
 * strings; a list gives the option's id instead. */
struct field_value {
	char id_field[MODEL_ID_SIZE];
	char id_option[MODEL_ID_SIZE]; /* "" if not of a list */
	char *value;		       /* NULL if of a list */
};

/* A change of a card's description, as its actions tell. */
struct desc_change {
	char id[MODEL_ID_SIZE]; /* the action's */
	char id_creator[MODEL_ID_SIZE];
	int64_t date_ms;
	char *old_desc; /* data.old.desc */
	char *new_desc; /* data.card.desc */
};

/* Settled (card_gather()), arrays are in the order that stands behind them. */
struct card {
	char id[MODEL_ID_SIZE];
	char id_board[MODEL_ID_SIZE];
	char id_list[MODEL_ID_SIZE];
	char *short_link; /* from shortLink, shortlink or the url */
	char *name;
	char *desc;
	int64_t id_short; /* the card's number on its board, 0 if unknown */
	double pos;
	int64_t start_ms;
	int64_t due_ms;
	int64_t activity_ms; /* dateLastActivity */
	bool due_complete;
	bool closed;
	bool is_template;
	model_ids id_labels;		    /* in Trello's order */
	model_ids id_members;		    /* likewise */
	VEC(struct checklist) checklists;   /* by (pos, id) */
	VEC(struct attachment) attachments; /* by (pos, id) */
	VEC(struct field_value) fields;	    /* by id_field */
	VEC(struct comment) comments;	    /* oldest first: by (date, id) */
	/* As replies and old exports nest them; card_gather() hands them on
	 * and leaves both empty. */
	VEC(struct label) labels;
	model_ids complete_items; /* of checkItemStates */
};

struct list {
	char id[MODEL_ID_SIZE];
	char id_board[MODEL_ID_SIZE];
	char *name;
	double pos;
	bool closed;
};

struct membership {
	char id_member[MODEL_ID_SIZE];
	char type[16]; /* admin, normal, observer, virtual */
};

struct board {
	char id[MODEL_ID_SIZE];
	char id_organization[MODEL_ID_SIZE];
	char *name;
	char *desc;
	char *short_link;
	int64_t activity_ms;
	bool closed;
	VEC(struct list) lists; /* by (pos, id) */
	VEC(struct card) cards; /* as Trello gave them */
	VEC(struct label) labels;
	VEC(struct member) members;
	VEC(struct membership) memberships;
	VEC(struct field) fields; /* by (pos, id) */
	/* Where a reply keeps them beside its cards; board_gather() hands
	 * them to their cards. */
	VEC(struct checklist) checklists;
	VEC(struct comment) comments;
};

/** The members of a reply that lists boards. */
struct boards {
	VEC(struct board) boards;
};

/** The changes of one description, newest first. */
struct desc_changes {
	VEC(struct desc_change) changes;
};

/** What a batch answers to one of its requests, all of them for cards or
 * lists in brief; a list's id, id_board, name, pos and closed stand in the
 * members of the same names.  An item that failed has no id. */
struct batch_item {
	struct card brief;
	int64_t status; /* 0: it did not fail */
	char *message;	/* why it did */
};

struct batch_items {
	VEC(struct batch_item) items; /* in the order of the requests */
};

/** The token as GET /tokens/{token} tells it, as far as it matters here. */
struct token_info {
	char id_member[MODEL_ID_SIZE];
	int64_t expires_ms; /* TIME_NONE: never */
	bool board_read;
	bool board_write;
	struct { /* the permission that is being read */
		bool board, read, write;
	} permission;
};

/** NULL as "". */
const char *model_str(const char *s);

/** Trello's word for a type (NULL for FIELD_UNKNOWN), and back. */
const char *field_type_name(enum field_type type);
enum field_type field_type_parse(const char *name, size_t len);

/** Initialise to "nothing": dates TIME_NONE, attachment bytes -1. */
void card_init(struct card *card);
void comment_init(struct comment *comment);
void attachment_init(struct attachment *attachment);
void board_init(struct board *board);
void desc_change_init(struct desc_change *change);
void batch_item_init(struct batch_item *item);

/** Free what the object holds, not the object. All take zeroed structs too. */
void label_fini(struct label *label);
void member_fini(struct member *member);
void check_item_fini(struct check_item *item);
void checklist_fini(struct checklist *checklist);
void comment_fini(struct comment *comment);
void attachment_fini(struct attachment *attachment);
void field_option_fini(struct field_option *option);
void field_fini(struct field *field);
void field_value_fini(struct field_value *value);
void card_fini(struct card *card);
void list_fini(struct list *list);
void board_fini(struct board *board);
void boards_fini(struct boards *boards);
void desc_change_fini(struct desc_change *change);
void desc_changes_fini(struct desc_changes *changes);
void batch_item_fini(struct batch_item *item);
void batch_items_fini(struct batch_items *items);

/** Deep copies into *ret_copy (uninitialised before).  0 or -ENOMEM. */
int label_copy(const struct label *label, struct label *ret_copy);
int checklist_copy(
    const struct checklist *checklist, struct checklist *ret_copy);
int comment_copy(const struct comment *comment, struct comment *ret_copy);
int attachment_copy(
    const struct attachment *attachment, struct attachment *ret_copy);
int card_copy(const struct card *card, struct card *ret_copy);

/** Compare two objects of one parent by (pos, id). */
int model_compare_pos(
    double a_pos, const char *a_id, double b_pos, const char *b_id);

/**
 * Bring a card that was read from a reply into its settled form: everything
 * once and sorted as said above, checked items of old exports (their states
 * stand beside the checklists) checked, values of fields that hold nothing
 * left out, id_card filled in.  The labels it carries as objects add to
 * id_labels where they have an id; board_gather() does more with them.
 * Idempotent.  0 or -ENOMEM.
 */
int card_gather(struct card *card);

/**
 * Bring a board that was read from a reply or an export into its settled
 * form: hand checklists and comments that stand beside the cards to their
 * cards (without a card: dropped; ids that a card already has: once), settle
 * every card, sort everything as said above, give labels of old exports
 * (colour and name, no id) an id and the board an entry for each label that
 * it does not list itself, comments without a username that of the board's
 * member.  Idempotent.  0 or -ENOMEM; the board is consistent also then.
 */
int board_gather(struct board *board);

/** Find by id; NULL if the board has none such. */
struct list *board_list(const struct board *board, const char *id);
struct card *board_card(const struct board *board, const char *id);
const struct label *board_label(const struct board *board, const char *id);
const struct member *board_member(const struct board *board, const char *id);
const struct field *board_field(const struct board *board, const char *id);
const struct field_option *field_option_by_id(
    const struct field *field, const char *id);

#endif
