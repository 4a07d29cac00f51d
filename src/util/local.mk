noinst_LIBRARIES += src/util/libutil.a
src_util_libutil_a_SOURCES = \
	src/util/buf.c src/util/buf.h \
	src/util/err.c src/util/err.h \
	src/util/hash.c src/util/hash.h \
	src/util/log.c src/util/log.h \
	src/util/nearest.c src/util/nearest.h \
	src/util/process.c src/util/process.h \
	src/util/ranges.c src/util/ranges.h \
	src/util/secret.c src/util/secret.h \
	src/util/strset.c src/util/strset.h \
	src/util/timeutil.c src/util/timeutil.h \
	src/util/utf8.c src/util/utf8.h \
	src/util/vec.c src/util/vec.h \
	src/util/waking.c src/util/waking.h \
	src/util/zone.c src/util/zone.h
