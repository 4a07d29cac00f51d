#ifndef CLI_RENEWAL_H
#define CLI_RENEWAL_H

/**
 * Keeps a running mount's credentials good: a thread that watches the
 * configuration file, and looks at all sources of the token when the one in
 * use was refused.  What it finds is checked with Trello, must be of the
 * account that the database belongs to, and is then handed on.
 */

struct credentials;
struct err;
struct renewal;
struct settings;
struct store;

struct renewal_options {
	const struct settings *settings; /* of the mount, complete; copied */
	const char *path;		 /* the configuration file; copied */
	struct store *store;		 /* outlives it */
	/** Others are to be used from now on; in the thread. */
	void (*renewed)(void *cookie, const struct credentials *credentials,
	    const char *print);
	void *cookie;
};

/** 0, -ENOMEM; nothing is watched yet. */
int renewal_new(
    const struct renewal_options *options, struct renewal **ret_renewal);

/** Start the thread.  0 or -errno with err. */
int renewal_start(struct renewal *renewal, struct err *err);

/** The credentials in use were refused: look for others.  From any thread;
 * does not block.  NULL does nothing. */
void renewal_poke(struct renewal *renewal);

/** End the thread, and free.  NULL does nothing. */
void renewal_free(struct renewal *renewal);

#endif
