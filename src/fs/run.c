#include "fs/private.h"

#include "fs/notifier.h"
#include "sync/sync.h"
#include "util/err.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>

/*
 * Serving, and its end.  What asks the kernel or ourselves ends while we still
 * answer: a notification waits for its folder's lock, which who looks up a
 * name there holds until we answer, the watches' thread perhaps.  With nobody
 * left to answer they would wait for ever, and the device, which the
 * notification has open, could not even be closed.
 */

/* Ends the wait of libfuse's loop; any signal that does nothing. */
#define KNOCK SIGUSR1
#define KNOCK_MS 10

struct serving {
	struct fs *fs;
	pthread_t loop;	 /* in fs_run() */
	pthread_t ender; /* waits for a signal */
	sigset_t signals;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool over; /* the loop has ended */
};

/* Those that end the program and that it was not started to ignore. */
static void
ending_signals(sigset_t *ret_signals)
{
	static const int numbers[] = {SIGTERM, SIGINT, SIGHUP};
	struct sigaction action;

	(void)sigemptyset(ret_signals);
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		if (sigaction(numbers[i], NULL, &action) == 0 &&
		    action.sa_handler != SIG_IGN)
			(void)sigaddset(ret_signals, numbers[i]);
}

void
fs_hold_signals(void)
{
	sigset_t signals;

	ending_signals(&signals);
	(void)pthread_sigmask(SIG_BLOCK, &signals, NULL);
}

void
fs_quiet(struct fs *fs)
{
	if (fs->writable && fs->mounted) {
		watch_settle_now(fs->watch);
		sync_flush(fs->sync);
	}
	sync_stop(fs->sync);
	watch_stop(fs->watch);
	notifier_stop(fs->notifier);
}

static struct timespec
from_now(int64_t ms)
{
	struct timespec at;

	(void)clock_gettime(CLOCK_REALTIME, &at);
	at.tv_nsec += ms * 1000000;
	at.tv_sec += at.tv_nsec / 1000000000;
	at.tv_nsec %= 1000000000;
	return at;
}

/* The loop looks whether it is to end before it waits, so that one knock may
 * come too early. */
static void
end_loop(struct serving *serving)
{
	fuse_session_exit(serving->fs->session);
	(void)pthread_mutex_lock(&serving->lock);
	while (!serving->over) {
		struct timespec until = from_now(KNOCK_MS);

		(void)pthread_kill(serving->loop, KNOCK);
		(void)pthread_cond_timedwait(
		    &serving->changed, &serving->lock, &until);
	}
	(void)pthread_mutex_unlock(&serving->lock);
}

static bool
is_over(struct serving *serving)
{
	bool over;

	(void)pthread_mutex_lock(&serving->lock);
	over = serving->over;
	(void)pthread_mutex_unlock(&serving->lock);
	return over;
}

static void *
ender_main(void *cookie)
{
	struct serving *serving = cookie;
	int number;

	(void)sigwait(&serving->signals, &number);
	if (!is_over(serving)) {
		fs_quiet(serving->fs);
		end_loop(serving);
	}
	return NULL;
}

static void
end_ender(struct serving *serving)
{
	(void)pthread_mutex_lock(&serving->lock);
	serving->over = true;
	(void)pthread_cond_signal(&serving->changed);
	(void)pthread_mutex_unlock(&serving->lock);
	(void)pthread_kill(serving->ender, SIGTERM);
	(void)pthread_join(serving->ender, NULL);
}

static void
knocked(int number)
{
	(void)number;
}

static int
start_ender(struct serving *serving)
{
	struct sigaction knock = {.sa_handler = knocked};
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	sigset_t all, old;
	int code;

	(void)sigemptyset(&knock.sa_mask);
	(void)sigaction(KNOCK, &knock, NULL);
	(void)sigemptyset(&ignore.sa_mask);
	(void)sigaction(SIGPIPE, &ignore, NULL);
	ending_signals(&serving->signals);
	(void)sigaddset(&serving->signals, SIGTERM);
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_BLOCK, &all, &old);
	code = pthread_create(&serving->ender, NULL, ender_main, serving);
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	return -code;
}

static int
loop(struct fs *fs)
{
	struct fuse_loop_config *config = fuse_loop_cfg_create();
	int r;

	if (config == NULL)
		return -ENOMEM;
	fuse_loop_cfg_set_clone_fd(config, 0);
	fuse_loop_cfg_set_max_threads(config, 10);
	fuse_loop_cfg_set_idle_threads(config, 10);
	r = fuse_session_loop_mt(fs->session, config);
	fuse_loop_cfg_destroy(config);
	return r;
}

int
fs_run(struct fs *fs, struct err *err)
{
	struct serving serving = {.fs = fs, .loop = pthread_self()};
	int r;

	(void)pthread_mutex_init(&serving.lock, NULL);
	(void)pthread_cond_init(&serving.changed, NULL);
	r = start_ender(&serving);
	if (r == 0) {
		r = loop(fs);
		end_ender(&serving);
	}
	(void)pthread_mutex_destroy(&serving.lock);
	(void)pthread_cond_destroy(&serving.changed);
	return r < 0 ? err_set(err, r, "the mount ended: %s", strerror(-r)) : 0;
}
