# tests of src/fs
FS_TESTS = \
	tests/unit/test_fs_snapshots
check_PROGRAMS += $(FS_TESTS)
TESTS += $(FS_TESTS)

tests_unit_test_fs_snapshots_SOURCES = tests/unit/test_fs_snapshots.c
tests_unit_test_fs_snapshots_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_fs_snapshots_LDADD = src/fs/libfs.a $(LIBS_UTIL) $(UNIT_LIBS)
