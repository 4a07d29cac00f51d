#ifndef TESTS_MOUNT_PRELOADED_H
#define TESTS_MOUNT_PRELOADED_H

#include <dlfcn.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* What the libraries have in common that are preloaded into trellofs. */

/*
 * The library's own function behind ours.  Any thread may be the first that
 * asks; known is where it is then kept.
 */
static inline void
find_next(const char *name, _Atomic(void *) *known, void *ret_function)
{
	void *found = atomic_load(known);

	if (found == NULL) {
		found = dlsym(RTLD_NEXT, name);
		if (found == NULL)
			abort();
		atomic_store(known, found);
	}
	memcpy(ret_function, &found, sizeof found);
}

/*
 * What trellofs starts does without: with a sanitizer the library would need
 * it there, too, and the sanitizer's own symbolizer would not run.
 */
__attribute__((constructor)) static void
keep_from_children(void)
{
	(void)unsetenv("LD_PRELOAD");
}

#endif
