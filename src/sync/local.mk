noinst_LIBRARIES += src/sync/libsync.a
src_sync_libsync_a_SOURCES = \
	src/sync/confirm.c src/sync/confirm.h \
	src/sync/identity.c \
	src/sync/poll.c src/sync/private.h \
	src/sync/status.c \
	src/sync/sync.c src/sync/sync.h \
	src/sync/tasks.c \
	src/sync/waits.c
