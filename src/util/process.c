#include "util/process.h"

#include "util/hash.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A small file of /proc as a string.  Its length, or -errno. */
static ssize_t
read_file(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = read(fd, text, size - 1);
	(void)close(fd);
	text[n > 0 ? n : 0] = '\0';
	return n;
}

/* The process of a thread, 0 if that is not to be known: proc(5). */
static long
thread_group(pid_t thread)
{
	static const char mark[] = "\nTgid:";
	char path[64], text[2048];
	const char *at;

	(void)snprintf(path, sizeof path, "/proc/%ld/status", (long)thread);
	if (read_file(path, text, sizeof text) <= 0)
		return 0;
	at = strstr(text, mark);
	return at != NULL ? strtol(at + sizeof mark - 1, NULL, 10) : 0;
}

/* Field 22 of stat: when it began.  The second field is a name in
 * parentheses, and may hold anything. */
static const char *
find_start(char *stat)
{
	char *at = strrchr(stat, ')');

	for (int field = 2; at != NULL && field < 22; field++)
		at = strchr(at + 1, ' ');
	if (at != NULL)
		at[1 + strcspn(at + 1, " ")] = '\0';
	return at != NULL ? at + 1 : NULL;
}

/* It stays while the machine runs. */
static pthread_once_t boot_once = PTHREAD_ONCE_INIT;
static char boot_id[64];

static void
read_boot_id(void)
{
	(void)read_file(
	    "/proc/sys/kernel/random/boot_id", boot_id, sizeof boot_id);
}

uint64_t
process_identity(pid_t thread)
{
	char path[64], stat[1024];
	long process = thread > 0 ? thread_group(thread) : 0;
	uint64_t hash = HASH_INIT;
	const char *start;

	(void)snprintf(path, sizeof path, "/proc/%ld/stat", process);
	if (process <= 0 || read_file(path, stat, sizeof stat) <= 0)
		return 0;
	start = find_start(stat);
	(void)pthread_once(&boot_once, read_boot_id);
	if (start == NULL || boot_id[0] == '\0')
		return 0;
	hash = hash_add(hash, &process, sizeof process);
	hash = hash_add(hash, start, strlen(start));
	hash = hash_add(hash, boot_id, strlen(boot_id));
	/* The database keeps it as a number with a sign. */
	return hash >> 1;
}
