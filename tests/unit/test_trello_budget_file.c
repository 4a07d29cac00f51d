/* The file of a budget: what it tells, what becomes of it, and who is killed
 * while it is used. */

#include "unit.h"

#include "trello/auth.h"
#include "trello/budget.h"
#include "trello/budget_file.h"
#include "util/err.h"
#include "util/log.h"
#include "util/timeutil.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define KEY "0123456789abcdef0123456789abcdef"
#define TOKEN "ATTAfedcba9876543210fedcba9876543210"

static char top[] = "/tmp/test-budget-XXXXXX";
static char folder[64];
static int64_t now;

static int64_t
clock_ms(void *cookie)
{
	(void)cookie;
	return now;
}

static struct budget *
open_at(const char *where, bool real_time)
{
	struct credentials credentials = {.kind = AUTH_TOKEN};
	const struct budget_options options = {.folder = where,
	    .address = "https://api.trello.com/1",
	    .credentials = &credentials,
	    .quiet = true,
	    .clock_ms = real_time ? NULL : clock_ms};
	struct budget *budget = NULL;

	assert_int_equal(secret_set(&credentials.key, KEY, strlen(KEY)), 0);
	assert_int_equal(
	    secret_set(&credentials.token, TOKEN, strlen(TOKEN)), 0);
	assert_int_equal(budget_new(&options, &budget), 0);
	credentials_fini(&credentials);
	return budget;
}

static struct budget *
open_budget(void)
{
	return open_at(folder, false);
}

static const struct budget_end reached = {.outcome = LIMITER_REACHED};

/* Answer so many at once; how many it were when no more are let go. */
static int
use(struct budget *budget, int n)
{
	struct budget_ticket ticket;
	int i = 0;

	while (
	    i < n && budget_take(budget, PRIORITY_WRITE, false, &ticket) == 0) {
		budget_end(budget, &ticket, &reached);
		i++;
	}
	return i;
}

static unsigned
left(struct budget *budget)
{
	struct remote_stats stats = {0};

	budget_stats(budget, &stats);
	return stats.budget_left;
}

static bool
is_alone(struct budget *budget)
{
	struct remote_stats stats = {0};

	budget_stats(budget, &stats);
	return stats.budget_alone[0] != '\0';
}

/* The only file there. */
static void
find_file(char path[512])
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;
	int n = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL)
		if (entry->d_name[0] != '.') {
			(void)snprintf(
			    path, 512, "%s/%s", folder, entry->d_name);
			n++;
		}
	(void)closedir(dir);
	assert_int_equal(n, 1);
}

static void
test_tells_nothing(void **state)
{
	struct budget *budget = open_budget();
	char path[512], *data;
	struct stat st;
	int fd;

	(void)state;
	assert_int_equal(use(budget, 3), 3);
	find_file(path);
	assert_null(strstr(path, "0123456789"));
	assert_null(strstr(path, "fedcba98"));
	assert_int_equal(strncmp(path + strlen(folder), "/budget-", 8), 0);
	fd = open(path, O_RDONLY);
	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	data = malloc((size_t)st.st_size);
	assert_non_null(data);
	assert_int_equal(read(fd, data, (size_t)st.st_size), st.st_size);
	assert_null(memmem(data, (size_t)st.st_size, KEY, 8));
	assert_null(memmem(data, (size_t)st.st_size, TOKEN, 8));
	free(data);
	(void)close(fd);
	budget_free(budget);
}

/* One after another, as commands in a loop are. */
static void
test_goes_on(void **state)
{
	struct budget *budget;

	(void)state;
	for (int i = 0; i < 8; i++) {
		budget = open_budget();
		assert_int_equal(use(budget, 10), 10);
		budget_free(budget);
	}
	budget = open_budget();
	assert_int_equal(use(budget, 1), 0);
	now += 10000;
	assert_int_equal(use(budget, 1), 1);
	budget_free(budget);
}

static void
test_others(void **state)
{
	struct budget *one = open_budget(), *two = open_budget();
	struct remote_stats stats = {0};

	(void)state;
	assert_int_equal(use(one, 5), 5);
	budget_stats(one, &stats);
	assert_int_equal(stats.budget_others, 0);
	assert_int_equal(use(two, 5), 5);
	budget_stats(one, &stats);
	assert_int_equal(stats.budget_others, 1);
	assert_int_equal(stats.budget_left, 70);
	assert_string_equal(stats.budget_alone, "");
	budget_free(two);
	budget_stats(one, &stats);
	assert_int_equal(stats.budget_others, 0);
	budget_free(one);
}

/* What was out with one that is gone counts for one window. */
static void
test_gone(void **state)
{
	struct budget *one = open_budget(), *two = open_budget();
	struct budget_ticket ticket;

	(void)state;
	assert_int_equal(use(one, 1), 1);
	for (int i = 0; i < 79; i++)
		assert_int_equal(
		    budget_take(one, PRIORITY_WRITE, false, &ticket), 0);
	now += 60000;
	assert_int_equal(use(two, 80), 1);
	budget_free(one);
	now += 1000;
	assert_int_equal(use(two, 80), 0);
	now += 13000;
	assert_int_equal(use(two, 80), 80);
	budget_free(two);
}

/* Who only looks sees that end, too, however often. */
static void
test_gone_for_who_looks(void **state)
{
	struct budget *one = open_budget(), *two = open_budget();
	struct budget_ticket ticket;

	(void)state;
	assert_int_equal(budget_take(one, PRIORITY_WRITE, false, &ticket), 0);
	assert_int_equal(left(two), 79);
	budget_free(one);
	for (int i = 0; i < 13; i++) {
		now += 1000;
		(void)left(two);
	}
	assert_int_equal(left(two), 80);
	budget_free(two);
}

static void
overwrite(const char *path, off_t at, const void *data, size_t len)
{
	int fd = open(path, O_WRONLY);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, data, len, at), len);
	(void)close(fd);
}

/* Whatever is in the file: nothing too much, and all is well a window later. */
static void
test_garbage(void **state)
{
	unsigned char junk[40000];
	uint32_t x = 12345;
	char path[512];

	(void)state;
	for (int round = 0; round < 60; round++) {
		struct budget *one = open_budget(), *two;

		assert_int_equal(use(one, 40), 40);
		find_file(path);
		for (size_t i = 0; i < sizeof junk; i++) {
			x = x * 1664525 + 1013904223;
			junk[i] = round % 3 == 0   ? 0xff
				  : round % 3 == 1 ? 0
						   : (unsigned char)(x >> 24);
		}
		if (round < 30)
			overwrite(path, round, junk, 1 + (size_t)round * 700);
		else
			assert_int_equal(
			    truncate(path, (off_t)(round - 30) * 700), 0);
		/* Who has seen it knows, and tells those who come. */
		assert_true(use(one, 80) <= 40);
		two = open_budget();
		assert_true(use(two, 80) <= 40);
		now += 3600000;
		assert_false(is_alone(one));
		assert_false(is_alone(two));
		assert_true(use(one, 80) + use(two, 80) <= 80);
		budget_free(one);
		budget_free(two);
		assert_int_equal(unlink(path), 0);
		now += 1000000;
	}
}

/* Nobody is left who knows: then what may have been sent is waited for. */
static void
test_garbage_alone(void **state)
{
	struct budget *budget = open_budget();
	char path[512];

	(void)state;
	assert_int_equal(use(budget, 40), 40);
	budget_free(budget);
	find_file(path);
	overwrite(path, 0, "garbage!", 8);
	budget = open_budget();
	assert_int_equal(use(budget, 1), 0);
	now += 10000;
	assert_int_equal(use(budget, 80), 80);
	budget_free(budget);
}

static void
test_removed(void **state)
{
	struct budget *one = open_budget(), *two = open_budget();
	char path[512];

	(void)state;
	assert_int_equal(use(one, 30), 30);
	assert_int_equal(use(two, 30), 30);
	find_file(path);
	assert_int_equal(unlink(path), 0);
	/* Others may have done more than we have seen. */
	assert_int_equal(use(two, 1), 0);
	find_file(path);
	assert_int_equal(use(one, 1), 0);
	now += 10000;
	assert_int_equal(use(two, 10), 10);
	assert_int_equal(use(one, 80), 70);
	budget_free(one);
	budget_free(two);
}

/* Another version, while it runs and when it does not any more. */
static void
test_version(void **state)
{
	const uint32_t version = 77;
	struct budget *one = open_budget(), *two;
	char path[512];

	(void)state;
	assert_int_equal(use(one, 5), 5);
	find_file(path);
	overwrite(path, 8, &version, sizeof version);
	two = open_budget();
	assert_int_equal(use(two, 80), 80);
	assert_true(is_alone(two));
	budget_free(one);
	now += 60000;
	assert_int_equal(use(two, 1), 0);
	now += 10000;
	assert_int_equal(use(two, 80), 80);
	assert_false(is_alone(two));
	budget_free(two);
}

/* No folder, no file, no right, no room: each for itself. */
static void
test_cannot(void **state)
{
	struct budget *budget;
	struct rlimit before, none = {100, 100};
	char path[512];

	(void)state;
	(void)snprintf(path, sizeof path, "%s/none", folder);
	budget = open_at(path, false);
	assert_int_equal(use(budget, 100), 80);
	assert_true(is_alone(budget));
	/* As soon as it can, and nothing is left to count. */
	assert_int_equal(mkdir(path, 0700), 0);
	now += 20000;
	assert_true(is_alone(budget));
	now += 20000;
	assert_false(is_alone(budget));
	budget_free(budget);

	/* A disk that is full behaves as a limit. */
	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	none.rlim_max = before.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
	budget = open_budget();
	assert_int_equal(use(budget, 100), 80);
	assert_true(is_alone(budget));
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	budget_free(budget);
}

static void
test_not_ours(void **state)
{
	struct budget *budget = open_budget();
	char path[512];

	(void)state;
	assert_int_equal(use(budget, 1), 1);
	budget_free(budget);
	find_file(path);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("/dev/zero", path), 0);
	budget = open_budget();
	assert_int_equal(use(budget, 100), 80);
	assert_true(is_alone(budget));
	budget_free(budget);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	budget = open_budget();
	assert_int_equal(use(budget, 100), 80);
	assert_true(is_alone(budget));
	budget_free(budget);
}

/* The machine slept, or its clock begins anew. */
static void
test_clock(void **state)
{
	struct budget *budget = open_budget();

	(void)state;
	assert_int_equal(use(budget, 80), 80);
	now += 10LL * 3600 * 1000;
	assert_int_equal(use(budget, 80), 80);
	now = 100;
	budget_free(budget);
	budget = open_budget();
	assert_int_equal(use(budget, 1), 0);
	now += 10000;
	assert_int_equal(use(budget, 80), 80);
	budget_free(budget);
}

/* Other credentials: what was out with those before does not stay. */
static void
test_other_credentials(void **state)
{
	struct credentials other = {.kind = AUTH_TOKEN};
	struct budget *one = open_budget(), *two = open_budget();
	struct budget_ticket ticket;

	(void)state;
	assert_int_equal(use(one, 1), 1);
	for (int i = 0; i < 79; i++)
		assert_int_equal(
		    budget_take(one, PRIORITY_WRITE, false, &ticket), 0);
	assert_int_equal(secret_set(&other.key, KEY, strlen(KEY)), 0);
	assert_int_equal(secret_set(&other.token, "other", 5), 0);
	assert_int_equal(budget_use(one, &other), 0);
	credentials_fini(&other);
	budget_end(one, &ticket, &reached);
	assert_int_equal(use(one, 80), 80);
	assert_int_equal(use(two, 80), 0);
	now += 15000;
	assert_int_equal(use(two, 80), 80);
	budget_free(one);
	budget_free(two);
}

/* What programs in a real world share: when each request was sent. */
#define STAMPS_MAX 20000
struct log {
	int n;
	int64_t sent_ms[STAMPS_MAX];
};

static void
be_a_program(struct log *log)
{
	const struct budget_limits limits = {
	    .retry_after_ms = -1, .window = {{200, 50, 50}, {200, 500, 500}}};
	const struct budget_end end = {
	    .outcome = LIMITER_REACHED, .limits = &limits};
	const struct timespec pause = {.tv_nsec = 300000};
	struct budget *budget = open_at(folder, true);
	struct budget_ticket tickets[4];

	for (;;) {
		int n = 0;

		while (n < 4 && budget_take(budget, PRIORITY_WRITE, false,
				    &tickets[n]) == 0) {
			int i =
			    __atomic_fetch_add(&log->n, 1, __ATOMIC_SEQ_CST);

			if (i < STAMPS_MAX)
				log->sent_ms[i] = time_monotonic_ms();
			n++;
		}
		(void)nanosleep(&pause, NULL);
		while (n > 0)
			budget_end(budget, &tickets[--n], &end);
	}
}

static pid_t
start_program(struct log *log)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		be_a_program(log);
	}
	return pid;
}

static void
end_program(pid_t pid)
{
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static int
compare_ms(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Processes that are killed anywhere: no window has too much, and it goes
 * on. */
static void
test_processes(void **state)
{
	struct log *log = mmap(NULL, sizeof *log, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	const struct timespec pause = {.tv_nsec = 13700000};
	struct budget *budget = open_at(folder, true);
	pid_t programs[5];
	size_t n, first = 0;

	(void)state;
	assert_ptr_not_equal(log, MAP_FAILED);
	for (int i = 0; i < 5; i++)
		programs[i] = start_program(log);
	for (int i = 0; i < 60; i++) {
		(void)nanosleep(&pause, NULL);
		end_program(programs[i % 5]);
		programs[i % 5] = start_program(log);
	}
	for (int i = 0; i < 5; i++)
		end_program(programs[i]);
	n = (size_t)log->n < STAMPS_MAX ? (size_t)log->n : STAMPS_MAX;
	qsort(log->sent_ms, n, sizeof *log->sent_ms, compare_ms);
	/* Until the first reply the limits are those of 10 s. */
	assert_true(n > 4);
	for (size_t i = 0; i < n; i++) {
		while (log->sent_ms[first] + 200 <= log->sent_ms[i])
			first++;
		assert_true(i - first + 1 <= 40);
	}
	/* Whatever they held is free again, a little later. */
	for (int i = 0; left(budget) < 40; i++) {
		assert_true(i < 8000);
		(void)nanosleep(&pause, NULL);
	}
	budget_free(budget);
	(void)munmap(log, sizeof *log);
}

static void
remove_all(const char *where)
{
	DIR *dir = opendir(where);
	const struct dirent *entry;
	char path[512];

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		(void)snprintf(
		    path, sizeof path, "%s/%s", where, entry->d_name);
		if (unlink(path) != 0)
			remove_all(path);
	}
	if (dir != NULL)
		(void)closedir(dir);
	(void)rmdir(where);
}

static int
set_up(void **state)
{
	static int n;

	(void)state;
	now = 100000000;
	(void)snprintf(folder, sizeof folder, "%s/%d", top, n++);
	return mkdir(folder, 0700);
}

static int
tear_down(void **state)
{
	(void)state;
	remove_all(folder);
	return 0;
}

static int
set_up_all(void **state)
{
	(void)state;
	return mkdtemp(top) != NULL ? 0 : -1;
}

static int
tear_down_all(void **state)
{
	(void)state;
	remove_all(top);
	return 0;
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

static const struct CMUnitTest tests[] = {
    EACH(test_tells_nothing),
    EACH(test_goes_on),
    EACH(test_others),
    EACH(test_gone),
    EACH(test_gone_for_who_looks),
    EACH(test_garbage),
    EACH(test_garbage_alone),
    EACH(test_removed),
    EACH(test_version),
    EACH(test_cannot),
    EACH(test_not_ours),
    EACH(test_clock),
    EACH(test_other_credentials),
    EACH(test_processes),
};

int
main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, set_up_all, tear_down_all);
}
