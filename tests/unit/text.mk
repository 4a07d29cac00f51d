# tests of src/text
TEXT_TESTS = tests/unit/test_text_names tests/unit/test_text_format \
	tests/unit/test_text_merge
check_PROGRAMS += $(TEXT_TESTS)
TESTS += $(TEXT_TESTS)
EXTRA_DIST += tests/unit/text_exports.h

tests_unit_test_text_names_SOURCES = tests/unit/test_text_names.c
tests_unit_test_text_names_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_text_names_LDADD = $(LIBS_TEXT) $(UNIT_LIBS)

tests_unit_test_text_format_SOURCES = tests/unit/test_text_format.c
tests_unit_test_text_format_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_text_format_LDADD = $(LIBS_TEXT) $(UNIT_LIBS)

tests_unit_test_text_merge_SOURCES = tests/unit/test_text_merge.c
tests_unit_test_text_merge_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_text_merge_LDADD = $(LIBS_TEXT) $(UNIT_LIBS)
