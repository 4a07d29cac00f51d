#include "fs/private.h"

#include "fs/alias.h"
#include "fs/attach.h"
#include "fs/card.h"
#include "fs/guard.h"
#include "fs/heal.h"
#include "fs/notifier.h"
#include "store/invalidate.h"
#include "util/err.h"
#include "util/log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void
want(struct fuse_conn_info *conn, unsigned flag, bool on)
{
	if (!on)
		conn->want &= ~flag;
	else if (conn->capable & flag)
		conn->want |= flag;
}

/* What the kernel is asked to do by itself; measured, see DESIGN. */
static void
init(void *userdata, struct fuse_conn_info *conn)
{
	struct fs *fs = userdata;

	want(conn, FUSE_CAP_READDIRPLUS, true);
	want(conn, FUSE_CAP_READDIRPLUS_AUTO, false);
	want(conn, FUSE_CAP_AUTO_INVAL_DATA, true);
	want(conn, FUSE_CAP_EXPLICIT_INVAL_DATA, false);
	want(conn, FUSE_CAP_ATOMIC_O_TRUNC, false);
	want(conn, FUSE_CAP_WRITEBACK_CACHE, false);
	/* A READ that waits is its reader's own: a signal ends it, and it is
	 * none of the few that the kernel has running for all files. */
	want(conn, FUSE_CAP_ASYNC_READ, false);
	want(conn, FUSE_CAP_NO_OPEN_SUPPORT, true);
	want(conn, FUSE_CAP_NO_OPENDIR_SUPPORT, true);
	conn->time_gran = 1;
	if (notifier_start(fs->notifier, fs->session) != 0)
		log_error("no thread for notifications can be started: remote "
			  "changes will show late");
	if (fs->writable && watch_start(fs->watch, fs->mountpoint) != 0)
		log_error("no thread for the ends of saves can be started");
	if (fs->ready != NULL)
		fs->ready(fs->cookie);
}

static const struct fuse_lowlevel_ops operations = {
    .init = init,
    .lookup = fs_lookup,
    .forget = fs_forget,
    .forget_multi = fs_forget_multi,
    .getattr = fs_getattr,
    .setattr = fs_setattr,
    .readlink = fs_readlink,
    .mknod = fs_mknod,
    .mkdir = fs_mkdir,
    .unlink = fs_unlink,
    .rmdir = fs_rmdir,
    .symlink = fs_symlink,
    .rename = fs_rename,
    .link = fs_link,
    .open = fs_open,
    .read = fs_read,
    .write = fs_write,
    .release = fs_release,
    .fsync = fs_fsync,
    .opendir = fs_open,
    .readdir = fs_readdir,
    .readdirplus = fs_readdirplus,
    .fsyncdir = fs_fsync,
    .statfs = fs_statfs,
    .setxattr = fs_setxattr,
    .getxattr = fs_getxattr,
    .listxattr = fs_listxattr,
    .removexattr = fs_removexattr,
    .create = fs_create,
};

int
fs_new(const struct fs_options *options, struct fs **ret_fs)
{
	struct fs *fs = calloc(1, sizeof *fs);
	int r;

	if (fs == NULL)
		return -ENOMEM;
	fs->store = options->store;
	fs->umask = options->umask;
	fs->debug = options->debug;
	fs->writable = options->writable;
	fs->wait = options->sync;
	fs->settle = (struct settle_context){
	    .store = options->store,
	    .zone = options->zone,
	    .settle_ms = options->settle_ms,
	    .comment_settle_ms = options->comment_settle_ms,
	    .allow_delete = options->allow_delete,
	};
	fs->uid = getuid();
	fs->gid = getgid();
	fs->ready = options->ready;
	fs->cookie = options->cookie;
	(void)pthread_mutex_init(&fs->orphans_lock, NULL);
	r = virtual_new(fs->store, &fs->virtuals);
	if (r == 0)
		r = notifier_new(fs->store, &fs->notifier);
	if (r == 0)
		r = watch_new(fs, &fs->watch);
	if (r == 0)
		r = aliases_new(&fs->aliases);
	if (r == 0 && options->fuse_options != NULL) {
		fs->fuse_options = strdup(options->fuse_options);
		r = fs->fuse_options != NULL ? 0 : -ENOMEM;
	}
	if (r != 0) {
		fs_free(fs);
		return r;
	}
	*ret_fs = fs;
	return 0;
}

void
fs_set_sync(struct fs *fs, struct sync *sync)
{
	fs->sync = sync;
	virtual_set_sync(fs->virtuals, sync);
}

void
fs_invalidated(void *cookie, struct invalidations *invalidations)
{
	struct fs *fs = cookie;

	notifier_add(fs->notifier, invalidations);
}

void
fs_rights_turned(void *cookie)
{
	struct fs *fs = cookie;

	notifier_add_all(fs->notifier);
}

static int
new_session(struct fs *fs)
{
	struct fuse_args args = FUSE_ARGS_INIT(0, NULL);
	int r = fuse_opt_add_arg(&args, "trellofs");

	if (r == 0 && fs->fuse_options != NULL && fs->fuse_options[0] != '\0') {
		r = fuse_opt_add_arg(&args, "-o");
		if (r == 0)
			r = fuse_opt_add_arg(&args, fs->fuse_options);
	}
	if (r == 0 && fs->debug)
		r = fuse_opt_add_arg(&args, "-d");
	if (r == 0)
		fs->session =
		    fuse_session_new(&args, &operations, sizeof operations, fs);
	fuse_opt_free_args(&args);
	return fs->session != NULL ? 0 : -EINVAL;
}

/* Files that had lost their names when the program last ended. */
static int
drop_orphans(struct fs *fs)
{
	struct tx *tx;
	int r = store_write(fs->store, &tx);

	if (r != 0)
		return r;
	r = node_drop_orphans(tx);
	if (r == 0)
		return store_commit(tx);
	store_end(tx);
	return r;
}

int
fs_mount(struct fs *fs, const char *mountpoint, struct err *err)
{
	int r = heal_mountpoint(mountpoint, err);

	if (r != 0)
		return r;
	free(fs->mountpoint);
	fs->mountpoint = strdup(mountpoint);
	r = fs->mountpoint != NULL ? drop_orphans(fs) : -ENOMEM;
	if (r != 0)
		return err_set(err, r, "the state database: %s", strerror(-r));
	if (fs->writable) {
		card_recover(fs);
		attach_recover(fs);
	}
	r = new_session(fs);
	if (r != 0)
		return err_set(err, r, "the mount options are not accepted");
	/* From here on a signal unmounts: fs_run(). */
	fs_hold_signals();
	if (fuse_session_mount(fs->session, mountpoint) != 0)
		return err_set(err, -EIO,
		    "cannot mount on %s: is /dev/fuse there, and fusermount3 "
		    "installed?",
		    mountpoint);
	fs->mounted = true;
	guard_start(mountpoint);
	return 0;
}

void
fs_free(struct fs *fs)
{
	if (fs == NULL)
		return;
	if (fs->watch != NULL)
		fs_quiet(fs);
	if (fs->mounted)
		fuse_session_unmount(fs->session);
	notifier_free(fs->notifier);
	if (fs->session != NULL)
		fuse_session_destroy(fs->session);
	watch_free(fs->watch);
	aliases_free(fs->aliases);
	free(fs->mountpoint);
	virtual_free(fs->virtuals);
	VEC_FREE(&fs->orphans);
	VEC_FREE(&fs->written);
	VEC_FREE(&fs->broken);
	(void)pthread_mutex_destroy(&fs->orphans_lock);
	free(fs->fuse_options);
	free(fs);
}
