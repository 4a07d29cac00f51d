#ifndef UTIL_HASH_H
#define UTIL_HASH_H

#include <stddef.h>
#include <stdint.h>

/** FNV-1a, 64 bits: continue hash (begin with HASH_INIT) over len bytes. */
#define HASH_INIT 0xcbf29ce484222325ULL
uint64_t hash_add(uint64_t hash, const void *data, size_t len);

#endif
