#include <dirent.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Runs a fuzz target over the files of its corpus and reports in TAP:
 * fuzz_NAME over $srcdir/tests/fuzz/corpus/NAME, or over the files given.
 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
run_file(const char *path)
{
	FILE *file = fopen(path, "re");
	uint8_t *data = NULL;
	size_t size = 0, n = 0;

	if (file == NULL)
		return -1;
	do {
		uint8_t *grown = realloc(data, size + 65536);

		if (grown == NULL)
			abort();
		data = grown;
		n = fread(data + size, 1, 65536, file);
		size += n;
	} while (n > 0);
	(void)fclose(file);
	/* A block of its own size, so that reading past it is noticed. */
	data = realloc(data, size > 0 ? size : 1);
	if (data == NULL)
		abort();
	(void)LLVMFuzzerTestOneInput(data, size);
	free(data);
	return 0;
}

static int
report(int number, const char *path)
{
	int rc = run_file(path);

	(void)printf("%s %d - %s\n", rc == 0 ? "ok" : "not ok", number, path);
	(void)fflush(stdout);
	return rc;
}

static int
visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static int
run_folder(const char *folder)
{
	struct dirent **entries;
	int n = scandir(folder, &entries, visible, alphasort), bad = 0;

	(void)printf("1..%d\n", n > 0 ? n : 1);
	if (n <= 0)
		(void)printf("not ok 1 - %s has no files\n", folder);
	for (int i = 0; i < n; i++) {
		char path[PATH_MAX + sizeof entries[i]->d_name + 1];

		(void)snprintf(
		    path, sizeof path, "%s/%s", folder, entries[i]->d_name);
		bad |= report(i + 1, path);
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
	return n > 0 && bad == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int
main(int argc, char **argv)
{
	const char *srcdir = getenv("srcdir");
	const char *name = strrchr(argv[0], '/');
	char folder[PATH_MAX];

	for (int i = 1; i < argc; i++)
		if (report(i, argv[i]) != 0)
			return EXIT_FAILURE;
	if (argc > 1)
		return EXIT_SUCCESS;
	name = name != NULL ? name + 1 : argv[0];
	if (strncmp(name, "fuzz_", 5) == 0)
		name += 5;
	(void)snprintf(folder, sizeof folder, "%s/tests/fuzz/corpus/%s",
	    srcdir != NULL ? srcdir : ".", name);
	return run_folder(folder);
}
