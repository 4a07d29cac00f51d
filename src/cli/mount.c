#include "cli/mount.h"

#include "cli/account.h"
#include "cli/daemon.h"
#include "cli/lock.h"
#include "cli/notify.h"
#include "cli/paths.h"
#include "cli/renewal.h"
#include "cli/settings.h"
#include "fs/fs.h"
#include "fs/heal.h"
#include "store/numbering.h"
#include "store/store.h"
#include "sync/downloads.h"
#include "sync/sync.h"
#include "trello/auth.h"
#include "trello/demo.h"
#include "trello/http.h"
#include "trello/local.h"
#include "trello/remote.h"
#include "util/err.h"
#include "util/log.h"
#include "util/zone.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What a mount is made of, from the bottom to the top. */
struct mount {
	struct daemon daemon;
	int lock_fd;
	struct zone zone;
	struct store *store;
	struct remote *remote;
	struct downloads *downloads; /* NULL without an account */
	struct sync *sync;
	struct fs *fs;
	struct renewal *renewal; /* NULL without an account */
};

static int
open_exports(
    struct mount *mount, const struct settings *settings, struct err *err)
{
	int r = local_remote_new(&mount->remote);

	if (r != 0)
		return err_set(err, r, "out of memory");
	if (settings->source == SOURCE_DEMO)
		return demo_add(mount->remote, err);
	for (size_t i = 0; i < settings->exports.n && r == 0; i++)
		r = local_remote_add_export(
		    mount->remote, settings->exports.v[i], err);
	return r;
}

static void
renewed(void *cookie, const struct credentials *credentials, const char *print)
{
	struct mount *mount = cookie;

	(void)sync_renew(mount->sync, credentials, print);
}

static void
refused(void *cookie)
{
	struct mount *mount = cookie;

	renewal_poke(mount->renewal);
}

static int
open_renewal(
    struct mount *mount, const struct settings *settings, struct err *err)
{
	struct renewal_options options = {
	    .settings = settings,
	    .store = mount->store,
	    .renewed = renewed,
	    .cookie = mount,
	};
	char *path = NULL;
	int r = paths_config(&path, err);

	if (r != 0)
		return r;
	options.path = path;
	r = renewal_new(&options, &mount->renewal);
	free(path);
	return r == 0 ? 0 : err_set(err, r, "out of memory");
}

/* Without a folder for them everything else works. */
static int
open_downloads(
    struct mount *mount, const struct settings *settings, struct err *err)
{
	struct credentials credentials;
	struct http_options http;
	const struct downloads_options options = {
	    .http = &http,
	    .folder = settings->cache_dir,
	    .max_bytes = settings->cache_mib * (INT64_C(1) << 20),
	};
	struct err told = {0};
	int r = account_options(settings, &credentials, &http);

	/* Nobody but Trello itself gets those. */
	credentials_fini(&credentials);
	http.credentials = NULL;
	if (r != 0)
		return err_set(err, r, "out of memory");
	if (paths_make_cache(settings->cache_dir, &told) != 0)
		log_warning("attachments cannot be read: %s", told.text);
	return downloads_new(&options, &mount->downloads, err);
}

static int
open_account(struct mount *mount, struct settings *settings, struct err *err)
{
	int r = open_renewal(mount, settings, err);

	if (r == 0)
		r = account_connect(settings, 32, &mount->remote, err);
	if (r == 0)
		r = open_downloads(mount, settings, err);

	secret_fini(&settings->token);
	secret_fini(&settings->token_secret);
	secret_fini(&settings->consumer_secret);
	return r;
}

static int
open_store(struct mount *mount, const struct settings *settings,
    const char *mountpoint, struct err *err)
{
	struct err told = {0};
	int r;

	if (settings->state_path != NULL) {
		mount->lock_fd = lock_profile(
		    settings->state_path, settings->profile, mountpoint, err);
		if (mount->lock_fd < 0)
			return mount->lock_fd;
	}
	r = store_open(settings->state_path, &mount->store, &told);
	if (r != 0)
		return err_set(err, r, "%s", told.text);
	if (told.code != 0)
		log_warning("%s", told.text);
	r = numbering_set(mount->store, settings->numbered);
	return r == 0 ? 0 : err_set(err, r, "names cannot be given");
}

static int
open_sync(struct mount *mount, const struct settings *settings,
    const char *print, struct err *err)
{
	bool account = settings->source == SOURCE_ACCOUNT;
	struct sync_options options = {
	    .store = mount->store,
	    .remote = mount->remote,
	    .downloads = mount->downloads,
	    .zone = &mount->zone,
	    .refresh_s = account ? settings->refresh_s : 0,
	    .api_url = account ? settings->api_url : "",
	    .fingerprint = account ? print : "",
	    .lost_wait_ms = settings->lost_wait_s * INT64_C(1000),
	    .profile = settings->source == SOURCE_DEMO ? "demo"
		       : account		       ? settings->profile
						       : "export",
	    .invalidated = fs_invalidated,
	    .rights_turned = fs_rights_turned,
	    .cookie = mount->fs,
	    .refused = refused,
	    .refused_cookie = mount,
	};
	int r = sync_new(&options, &mount->sync);

	if (r != 0)
		return err_set(err, r, "out of memory");
	fs_set_sync(mount->fs, mount->sync);
	return sync_prepare(mount->sync, err);
}

static void
ready(void *cookie)
{
	daemon_ready(cookie);
	notify_send("READY=1");
}

static int
open_fs(struct mount *mount, const struct settings *settings, struct err *err)
{
	struct fs_options options = {
	    .store = mount->store,
	    .umask = settings->umask,
	    .zone = &mount->zone,
	    .writable = !settings->read_only,
	    .sync = settings->sync,
	    .settle_ms = settings->settle_s * INT64_C(1000),
	    .comment_settle_ms = settings->comment_settle_s * INT64_C(1000),
	    .allow_delete = settings->allow_delete,
	    .debug = settings->debug,
	    .fuse_options = settings->fuse_options,
	    .ready = ready,
	    .cookie = &mount->daemon,
	};
	int r = fs_new(&options, &mount->fs);

	return r == 0 ? 0 : err_set(err, r, "out of memory");
}

/* In the child: everything from here on may have threads. */
static int
serve(struct mount *mount, struct settings *settings, const char *mountpoint,
    struct err *err)
{
	char print[ACCOUNT_PRINT_SIZE];
	int r;

	account_print(settings, print);
	r = heal_mountpoint(mountpoint, err);
	if (r == 0)
		r = open_store(mount, settings, mountpoint, err);
	if (r == 0)
		r = settings->source == SOURCE_ACCOUNT
			? open_account(mount, settings, err)
			: open_exports(mount, settings, err);
	if (r == 0)
		r = open_fs(mount, settings, err);
	if (r == 0)
		r = open_sync(mount, settings, print, err);
	if (r == 0)
		r = fs_mount(mount->fs, mountpoint, err);
	if (r == 0)
		r = sync_start(mount->sync, err);
	if (r == 0 && mount->renewal != NULL)
		r = renewal_start(mount->renewal, err);
	if (r == 0)
		r = fs_run(mount->fs, err);
	notify_send("STOPPING=1");
	return r;
}

static void
close_all(struct mount *mount)
{
	fs_free(mount->fs);
	renewal_free(mount->renewal);
	sync_free(mount->sync);
	downloads_free(mount->downloads);
	if (mount->remote != NULL)
		mount->remote->ops->free(mount->remote);
	store_close(mount->store);
	if (mount->lock_fd >= 0)
		(void)close(mount->lock_fd);
}

int
cli_mount(struct settings *settings, struct err *err)
{
	struct mount mount = {.lock_fd = -1};
	char mountpoint[PATH_MAX];
	int r;

	if (!heal_absolute(settings->mountpoint, mountpoint))
		return err_set(err, -ENOENT,
		    "%s: there is no such folder; make one with mkdir",
		    settings->mountpoint);
	zone_init_local(&mount.zone);
	r = daemon_start(&mount.daemon, settings->foreground, err);
	if (r != 0)
		return r;
	log_init(!settings->foreground, settings->debug ? 7 : 5);
	r = serve(&mount, settings, mountpoint, err);
	close_all(&mount);
	return r;
}
