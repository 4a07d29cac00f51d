#ifndef CLI_SETTINGS_H
#define CLI_SETTINGS_H

#include "util/secret.h"
#include "util/vec.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct err;

/**
 * All that a mount is told: by the command line, the environment, the
 * configuration file, and what holds when nobody says anything.
 */

/* Where the boards come from. */
enum settings_source {
	SOURCE_ACCOUNT, /* Trello */
	SOURCE_DEMO,	/* the built-in sample board, in memory */
	SOURCE_EXPORTS, /* board exports, in memory */
};

enum settings_auth {
	SETTINGS_TOKEN,	 /* api_key and token */
	SETTINGS_OAUTH1, /* and consumer_secret and token_secret: signed */
};

/* What can be set, by its name in the file and after -o. */
enum settings_key {
	KEY_PROFILE,
	KEY_REFRESH,
	KEY_SETTLE,
	KEY_COMMENT_SETTLE,
	KEY_LOST_WAIT,
	KEY_RO,
	KEY_SYNC,
	KEY_ALLOW_DELETE,
	KEY_NUMBERED,
	KEY_CACHE_SIZE,
	KEY_UMASK,
	KEY_API_URL,
	KEY_CA_FILE,
	KEY_AUTH,
	KEY_API_KEY,
	KEY_TOKEN,
	KEY_TOKEN_COMMAND,
	KEY_CONSUMER_SECRET,
	KEY_TOKEN_SECRET,
	KEY_COUNT
};

/* Who said so: a later one overrules an earlier one. */
enum settings_origin {
	ORIGIN_DEFAULT,
	ORIGIN_FILE_DEFAULT, /* the file's [default] */
	ORIGIN_FILE_PROFILE, /* the file's section of the profile */
	ORIGIN_ENVIRONMENT,
	ORIGIN_COMMAND_LINE,
};

struct settings {
	enum settings_source source;
	char *mountpoint;	/* as given */
	VEC(char *) exports;	/* files, as given */
	bool foreground;	/* -f, or -d */
	bool debug;		/* -d */
	VEC(char *) fuse_words; /* FUSE's own options, one each, unescaped */

	char *profile; /* "default" unless another is named */
	bool read_only;
	bool sync;
	bool allow_delete;
	bool numbered;
	int refresh_s;
	int settle_s;
	int comment_settle_s;
	int lost_wait_s;
	int cache_mib; /* what downloads may take */
	mode_t umask;
	char *api_url; /* without a slash at its end */
	char *ca_file; /* certificates to trust instead of the system's, or
			  NULL */
	enum settings_auth auth;
	struct secret api_key;
	struct secret token;
	struct secret consumer_secret;
	struct secret token_secret;
	char *token_command; /* NULL: none */

	/*
	 * Filled in last, by cli/run.c.  fuse_options is one string for -o:
	 * default_permissions, subtype=trellofs, fsname=, ro and sync where
	 * they hold, and fuse_words.  The paths are NULL unless source is
	 * SOURCE_ACCOUNT; the folder of state_path exists, with mode 0700.
	 */
	char *fuse_options;
	char *state_path; /* the profile's database */
	char *cache_dir;  /* the profile's downloads; may not exist yet */

	enum settings_origin origin[KEY_COUNT];
};

/** The defaults.  Returns 0 or -ENOMEM; fini in either case. */
int settings_init(struct settings *settings);

/** Wipe the secrets and free what is held. */
void settings_fini(struct settings *settings);

/* Where a key may stand. */
#define KEY_IN_FILE 1U
#define KEY_IN_OPTIONS 2U /* after -o */
#define KEY_IS_SECRET 4U  /* nobody else may read a file that has it */

/** A key's name and where it may stand. */
const char *settings_key_name(enum settings_key key);
unsigned settings_key_flags(enum settings_key key);

/** The key of this name (len bytes), or KEY_COUNT. */
enum settings_key settings_key_find(const char *name, size_t len);

/**
 * Set key to value, unless somebody who overrules origin has set it; NULL
 * stands for a key without "=", which is "yes" for the keys that are yes or
 * no.  Returns 0; -EINVAL for a value that will not do, with the reason in err
 * ("refresh: from 1 to 86400 seconds, not \"0\""; never a secret); -ENOMEM.
 */
int settings_set(struct settings *settings, enum settings_key key,
    const char *value, enum settings_origin origin, struct err *err);

/** Whether a profile may be called so: letters, digits, "._-", no dot first. */
bool settings_profile_ok(const char *name);

#endif
