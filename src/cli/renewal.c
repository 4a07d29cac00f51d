#include "cli/renewal.h"

#include "cli/account.h"
#include "cli/config.h"
#include "cli/credentials.h"
#include "cli/settings.h"
#include "model/ids.h"
#include "model/model.h"
#include "store/store.h"
#include "trello/auth.h"
#include "trello/http.h"
#include "util/err.h"
#include "util/log.h"
#include "util/timeutil.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

/* What could not be asked is asked again. */
#define AGAIN_MS 60000

/* A command may ask the user for a passphrase: seldom enough not to be a
 * nuisance, while the file has not changed. */
#define COMMAND_FIRST_MS 60000
#define COMMAND_LAST_MS (60 * 60000)

/* How soon a folder is seen that was not there. */
#define NO_FOLDER_MS 5000

/* An editor may write a file in steps. */
#define SETTLE_MS 200

struct renewal {
	/* What the mount was told from elsewhere than from the file holds on;
	 * NULL or empty: nothing was. */
	char *profile, *api_url, *ca_file;
	struct secret api_key;
	char *mounted_url;	/* where the mount's requests go */
	bool from_environment;	/* the token that the mount began with */
	char *path, *real_path; /* the file, and what a link leads to */
	struct store *store;
	void (*renewed)(void *cookie, const struct credentials *credentials,
	    const char *print);
	void *cookie;
	pthread_t thread;
	bool started;
	int event_fd; /* stop and poke */
	int watch_fd;
	bool watched; /* the folder of the file is there */
	atomic_bool stop;
	atomic_bool poked;

	/* The thread's. */
	char used[ACCOUNT_PRINT_SIZE];	  /* the mount's */
	char refused[ACCOUNT_PRINT_SIZE]; /* those that will not do */
	bool in_need;			  /* the mount's were refused */
	int64_t again_at_ms;		  /* monotonic; 0: not */
	int64_t command_at_ms;
	int64_t command_wait_ms;
};

static bool
is_fixed(const struct settings *settings, enum settings_key key)
{
	return settings->origin[key] >= ORIGIN_ENVIRONMENT;
}

/* 0 or -ENOMEM. */
static int
copy(const char *from, char **to)
{
	*to = strdup(from);
	return *to != NULL ? 0 : -ENOMEM;
}

static int
copy_settings(struct renewal *renewal, const struct settings *settings)
{
	int r = copy(settings->profile, &renewal->profile);

	if (r == 0)
		r = copy(settings->api_url, &renewal->mounted_url);
	if (r == 0 && is_fixed(settings, KEY_API_URL))
		r = copy(settings->api_url, &renewal->api_url);
	if (r == 0 && is_fixed(settings, KEY_CA_FILE))
		r = copy(settings->ca_file, &renewal->ca_file);
	if (r == 0 && is_fixed(settings, KEY_API_KEY))
		r = secret_set(&renewal->api_key, settings->api_key.data,
		    settings->api_key.len);
	/* credentials_environment() says so. */
	renewal->from_environment = is_fixed(settings, KEY_AUTH);
	return r;
}

int
renewal_new(const struct renewal_options *options, struct renewal **ret_renewal)
{
	struct renewal *renewal = calloc(1, sizeof *renewal);

	if (renewal == NULL)
		return -ENOMEM;
	renewal->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	renewal->watch_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	renewal->store = options->store;
	renewal->renewed = options->renewed;
	renewal->cookie = options->cookie;
	renewal->command_wait_ms = COMMAND_FIRST_MS;
	account_print(options->settings, renewal->used);
	if (renewal->event_fd < 0 || copy(options->path, &renewal->path) != 0 ||
	    copy_settings(renewal, options->settings) != 0) {
		renewal_free(renewal);
		return -ENOMEM;
	}
	*ret_renewal = renewal;
	return 0;
}

static bool
watch_folder(const struct renewal *renewal, const char *path)
{
	const uint32_t what = IN_CLOSE_WRITE | IN_MOVED_TO | IN_ATTRIB;
	char folder[PATH_MAX];

	if (path == NULL || strlen(path) >= sizeof folder)
		return false;
	strcpy(folder, path);
	*strrchr(folder, '/') = '\0';
	return inotify_add_watch(renewal->watch_fd,
		   folder[0] != '\0' ? folder : "/", what) >= 0;
}

/* Folders, since a file that is replaced is not the one that was there.
 * True: the folder is there now, which was not. */
static bool
watch(struct renewal *renewal)
{
	bool watched = watch_folder(renewal, renewal->path);
	bool new = watched && !renewal->watched;

	renewal->watched = watched;
	free(renewal->real_path);
	renewal->real_path = realpath(renewal->path, NULL);
	(void)watch_folder(renewal, renewal->real_path);
	return new;
}

static bool
is_name_of(const char *name, const char *path)
{
	return path != NULL && strcmp(strrchr(path, '/') + 1, name) == 0;
}

/* Whether anything has happened to the file; other files of the folders may
 * be written by token_command itself. */
static bool
has_changed(const struct renewal *renewal)
{
	_Alignas(struct inotify_event) char events[4096];
	bool changed = false;
	ssize_t n;

	while ((n = read(renewal->watch_fd, events, sizeof events)) > 0) {
		for (char *at = events; at < events + n;) {
			const struct inotify_event *event = (void *)at;

			if (event->len > 0 &&
			    (is_name_of(event->name, renewal->path) ||
				is_name_of(event->name, renewal->real_path)))
				changed = true;
			at += sizeof *event + event->len;
		}
	}
	return changed;
}

/* What holds on, before the file is read. */
static int
begin(const struct renewal *renewal, struct settings *found)
{
	int r = settings_init(found);

	if (r == 0)
		r = settings_set(found, KEY_PROFILE, renewal->profile,
		    ORIGIN_COMMAND_LINE, NULL);
	if (r == 0 && renewal->api_url != NULL)
		r = settings_set(found, KEY_API_URL, renewal->api_url,
		    ORIGIN_COMMAND_LINE, NULL);
	if (r == 0 && renewal->ca_file != NULL)
		r = settings_set(found, KEY_CA_FILE, renewal->ca_file,
		    ORIGIN_COMMAND_LINE, NULL);
	/* A login may have brought another one. */
	if (r == 0 && secret_is_set(&renewal->api_key))
		r = settings_set(found, KEY_API_KEY, renewal->api_key.data,
		    ORIGIN_DEFAULT, NULL);
	return r;
}

/* What the sources have now.  1: there is a command, and it is not its time. */
static int
collect(struct renewal *renewal, bool file_changed, struct settings *found,
    struct err *err)
{
	struct config_found config;
	int64_t now_ms = time_monotonic_ms();
	int r = begin(renewal, found);

	if (r == 0)
		r = config_read(found, renewal->path, &config, err);
	if (r == 0 && found->token_command != NULL && !file_changed) {
		if (now_ms < renewal->command_at_ms)
			return 1;
		renewal->command_at_ms = now_ms + renewal->command_wait_ms;
		if (renewal->command_wait_ms < COMMAND_LAST_MS)
			renewal->command_wait_ms *= 2;
	}
	if (r == 0)
		r = credentials_complete(
		    found, renewal->path, &config, &renewal->stop, err);
	if (r == 0 && strcmp(found->api_url, renewal->mounted_url) != 0)
		r = err_set(err, -EINVAL,
		    "api_url is another one now: unmount, and mount again");
	return r;
}

/* The account must be the one that the database belongs to. */
static int
check_owner(
    struct renewal *renewal, const struct member *member, struct err *err)
{
	char id[MODEL_ID_SIZE], name[256];
	struct tx *tx;
	int r = store_read(renewal->store, false, &tx);

	if (r == 0) {
		r = store_meta_get(tx, "member", id, sizeof id);
		if (r == 0)
			r = store_meta_get(tx, "username", name, sizeof name);
		store_end(tx);
	}
	/* Nobody's yet: the sync asks for itself. */
	if (r == -ENOENT)
		return 0;
	if (r != 0)
		return err_set(err, r, "the state database cannot be read");
	if (strcmp(id, member->id) == 0)
		return 0;
	return err_set(err, -EPERM,
	    "they are of @%s, but what is mounted belongs to @%s",
	    model_str(member->username), name);
}

static void
hand_on(struct renewal *renewal, const struct settings *found,
    const char *print, const char *username)
{
	struct credentials credentials;
	struct http_options options;

	if (account_options(found, &credentials, &options) == 0) {
		log_notice("profile %s: goes on with new credentials of @%s",
		    renewal->profile, username);
		renewal->renewed(renewal->cookie, &credentials, print);
		memcpy(renewal->used, print, sizeof renewal->used);
		renewal->in_need = false;
		renewal->from_environment = false;
		renewal->command_wait_ms = COMMAND_FIRST_MS;
		renewal->command_at_ms = 0;
	}
	credentials_fini(&credentials);
}

/* Ask Trello whose they are, and use them if they will do. */
static int
try(struct renewal *renewal, const struct settings *found, const char *print,
    struct err *err)
{
	struct account_info info;
	int r = account_ask(found, NULL, &renewal->stop, &info, err);

	if (r != 0)
		return r;
	r = check_owner(renewal, &info.member, err);
	if (r == 0)
		hand_on(renewal, found, print, model_str(info.member.username));
	account_info_fini(&info);
	return r;
}

static bool
will_do(struct renewal *renewal, const char *print)
{
	return strcmp(print, renewal->used) != 0 &&
	       strcmp(print, renewal->refused) != 0 &&
	       (renewal->in_need || !renewal->from_environment);
}

static void
look(struct renewal *renewal, bool file_changed)
{
	char print[ACCOUNT_PRINT_SIZE];
	struct settings found;
	struct err err = {0};
	int r = collect(renewal, file_changed, &found, &err);

	renewal->again_at_ms = 0;
	if (r == 0) {
		account_print(&found, print);
		if (!will_do(renewal, print)) {
			settings_fini(&found);
			return;
		}
		r = try(renewal, &found, print, &err);
		if (r == -EACCES || r == -EPERM)
			memcpy(renewal->refused, print, sizeof print);
		else if (r != 0 && r != -ECANCELED)
			renewal->again_at_ms = time_monotonic_ms() + AGAIN_MS;
	}
	settings_fini(&found);
	/* A file without credentials is only worth a word to who changed it. */
	if (r < 0 && r != -ECANCELED && (file_changed || r == -EPERM))
		log_warning("profile %s: new credentials are not used: %s",
		    renewal->profile, err.text);
}

static bool
is_due(const struct renewal *renewal)
{
	return renewal->again_at_ms != 0 &&
	       time_monotonic_ms() >= renewal->again_at_ms;
}

static int
wait_ms(const struct renewal *renewal)
{
	int64_t left_ms = INT_MAX;

	if (renewal->again_at_ms != 0)
		left_ms = renewal->again_at_ms - time_monotonic_ms();
	if (!renewal->watched && left_ms > NO_FOLDER_MS)
		left_ms = NO_FOLDER_MS;
	return left_ms == INT_MAX ? -1 : left_ms > 0 ? (int)left_ms : 0;
}

static void *
thread_main(void *cookie)
{
	struct renewal *renewal = cookie;
	uint64_t count;

	while (!atomic_load(&renewal->stop)) {
		struct pollfd polls[2] = {
		    {.fd = renewal->event_fd, .events = POLLIN},
		    {.fd = renewal->watch_fd, .events = POLLIN}};
		bool changed, poked;

		(void)poll(polls, 2, wait_ms(renewal));
		changed = has_changed(renewal);
		changed = watch(renewal) || changed;
		if (changed && !atomic_load(&renewal->stop)) {
			(void)poll(NULL, 0, SETTLE_MS);
			(void)has_changed(renewal);
		}
		(void)!read(renewal->event_fd, &count, sizeof count);
		poked = atomic_exchange(&renewal->poked, false);
		renewal->in_need = renewal->in_need || poked;
		if ((changed || poked || is_due(renewal)) &&
		    !atomic_load(&renewal->stop))
			look(renewal, changed);
	}
	return NULL;
}

int
renewal_start(struct renewal *renewal, struct err *err)
{
	sigset_t all, old;
	int code;

	/* Before anything can happen that should be seen. */
	(void)watch(renewal);
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_BLOCK, &all, &old);
	code = pthread_create(&renewal->thread, NULL, thread_main, renewal);
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (code != 0)
		return err_set(
		    err, -code, "no thread can be started: %s", strerror(code));
	renewal->started = true;
	return 0;
}

static void
wake(struct renewal *renewal)
{
	const uint64_t one = 1;

	(void)!write(renewal->event_fd, &one, sizeof one);
}

void
renewal_poke(struct renewal *renewal)
{
	if (renewal == NULL)
		return;
	atomic_store(&renewal->poked, true);
	wake(renewal);
}

void
renewal_free(struct renewal *renewal)
{
	if (renewal == NULL)
		return;
	if (renewal->started) {
		atomic_store(&renewal->stop, true);
		wake(renewal);
		(void)pthread_join(renewal->thread, NULL);
	}
	if (renewal->event_fd >= 0)
		(void)close(renewal->event_fd);
	if (renewal->watch_fd >= 0)
		(void)close(renewal->watch_fd);
	secret_fini(&renewal->api_key);
	free(renewal->profile);
	free(renewal->api_url);
	free(renewal->ca_file);
	free(renewal->mounted_url);
	free(renewal->path);
	free(renewal->real_path);
	free(renewal);
}
