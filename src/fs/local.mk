noinst_LIBRARIES += src/fs/libfs.a
src_fs_libfs_a_SOURCES = \
	src/fs/alias.c src/fs/alias.h \
	src/fs/archive.c src/fs/archive.h \
	src/fs/attach.c src/fs/attach.h \
	src/fs/attach_queue.c src/fs/attach_queue.h \
	src/fs/attr.c \
	src/fs/card.c src/fs/card.h \
	src/fs/change.c \
	src/fs/dir.c \
	src/fs/file.c \
	src/fs/fs.h \
	src/fs/guard.c src/fs/guard.h \
	src/fs/heal.c src/fs/heal.h \
	src/fs/mount.c \
	src/fs/names.c \
	src/fs/notifier.c src/fs/notifier.h \
	src/fs/order.c \
	src/fs/park.c src/fs/private.h \
	src/fs/rename.c src/fs/rename_unlisted.c src/fs/renaming.h \
	src/fs/reply.c \
	src/fs/run.c \
	src/fs/searches.c src/fs/searches.h \
	src/fs/snapshots.c src/fs/snapshots.h \
	src/fs/structure.c src/fs/structure.h \
	src/fs/unlisted.c src/fs/unlisted.h \
	src/fs/upload.c src/fs/upload.h \
	src/fs/virtual.c src/fs/virtual.h \
	src/fs/xattr.c \
	src/fs/watch.c src/fs/watch.h \
	src/fs/watch_folders.c src/fs/watch_folders.h
