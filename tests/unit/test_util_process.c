#include "unit.h"

#include "util/process.h"

#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t
start(void)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		for (;;)
			(void)pause();
	return pid;
}

static void
end(pid_t pid)
{
	(void)kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void
tells_processes_apart(void **state)
{
	pid_t one = start(), two = start();
	uint64_t first = process_identity(one);

	(void)state;
	assert_true(first != 0);
	assert_true(first <= INT64_MAX);
	assert_true(process_identity(one) == first);
	assert_true(process_identity(two) != first);
	assert_true(process_identity(getpid()) != first);
	end(one);
	end(two);
	assert_true(process_identity(one) == 0);
	assert_true(process_identity(0) == 0);
	assert_true(process_identity(-1) == 0);
}

static void *
identity_of_thread(void *cookie)
{
	*(uint64_t *)cookie = process_identity(gettid());
	return NULL;
}

/* All threads of a process are the process. */
static void
takes_threads_together(void **state)
{
	pthread_t thread;
	uint64_t found = 0;

	(void)state;
	assert_int_equal(
	    pthread_create(&thread, NULL, identity_of_thread, &found), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_true(found == process_identity(getpid()));
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(tells_processes_apart),
    cmocka_unit_test(takes_threads_together),
};

UNIT_MAIN(tests)
