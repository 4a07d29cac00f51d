noinst_LIBRARIES += src/sync/libsync.a
src_sync_libsync_a_SOURCES =
