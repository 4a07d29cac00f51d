# tests of src/util
UTIL_TESTS = \
	tests/unit/test_util_buf \
	tests/unit/test_util_err \
	tests/unit/test_util_log \
	tests/unit/test_util_process \
	tests/unit/test_util_ranges \
	tests/unit/test_util_timeutil \
	tests/unit/test_util_utf8 \
	tests/unit/test_util_vec
check_PROGRAMS += $(UTIL_TESTS)
TESTS += $(UTIL_TESTS)

tests_unit_test_util_buf_SOURCES = tests/unit/test_util_buf.c
tests_unit_test_util_buf_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_util_buf_LDADD = $(LIBS_UTIL) $(UNIT_LIBS)

tests_unit_test_util_err_SOURCES = tests/unit/test_util_err.c
tests_unit_test_util_err_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_util_err_LDADD = $(LIBS_UTIL) $(UNIT_LIBS)

tests_unit_test_util_log_SOURCES = tests/unit/test_util_log.c
tests_unit_test_util_log_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_util_log_LDADD = $(LIBS_UTIL) $(UNIT_LIBS)

tests_unit_test_util_process_SOURCES = tests/unit/test_util_process.c
tests_unit_test_util_process_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_util_process_LDADD = $(LIBS_UTIL) $(UNIT_LIBS)

tests_unit_test_util_ranges_SOURCES = tests/unit/test_util_ranges.c
tests_unit_test_util_ranges_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_util_ranges_LDADD = $(LIBS_UTIL) $(UNIT_LIBS)

tests_unit_test_util_timeutil_SOURCES = tests/unit/test_util_timeutil.c
tests_unit_test_util_timeutil_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_util_timeutil_LDADD = $(LIBS_UTIL) $(UNIT_LIBS)

tests_unit_test_util_utf8_SOURCES = tests/unit/test_util_utf8.c
tests_unit_test_util_utf8_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_util_utf8_LDADD = $(LIBS_UTIL) $(UNIT_LIBS)

tests_unit_test_util_vec_SOURCES = tests/unit/test_util_vec.c
tests_unit_test_util_vec_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_util_vec_LDADD = $(LIBS_UTIL) $(UNIT_LIBS)
