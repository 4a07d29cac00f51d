noinst_LIBRARIES += src/fs/libfs.a
src_fs_libfs_a_SOURCES = \
	src/fs/attr.c \
	src/fs/change.c \
	src/fs/dir.c \
	src/fs/file.c \
	src/fs/fs.h \
	src/fs/heal.c src/fs/heal.h \
	src/fs/mount.c \
	src/fs/names.c \
	src/fs/notifier.c src/fs/notifier.h \
	src/fs/park.c src/fs/private.h \
	src/fs/virtual.c src/fs/virtual.h \
	src/fs/xattr.c
