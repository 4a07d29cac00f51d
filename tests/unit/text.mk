# tests of src/text
TEXT_TESTS = tests/unit/test_text_names \
	tests/unit/test_text_format \
	tests/unit/test_text_parse \
	tests/unit/test_text_cut \
	tests/unit/test_text_diff \
	tests/unit/test_text_board \
	tests/unit/test_text_merge \
	tests/unit/test_text_order \
	tests/unit/test_text_oom
check_PROGRAMS += $(TEXT_TESTS)
TESTS += $(TEXT_TESTS)
EXTRA_DIST += tests/unit/text_cards.h tests/unit/text_exports.h

tests_unit_test_text_names_SOURCES = tests/unit/test_text_names.c
tests_unit_test_text_names_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_text_names_LDADD = $(LIBS_TEXT) $(UNIT_LIBS)

tests_unit_test_text_format_SOURCES = tests/unit/test_text_format.c
tests_unit_test_text_format_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_text_format_LDADD = $(LIBS_TEXT) $(UNIT_LIBS)

tests_unit_test_text_parse_SOURCES = tests/unit/test_text_parse.c
tests_unit_test_text_parse_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_text_parse_LDADD = $(LIBS_TEXT) $(UNIT_LIBS)

tests_unit_test_text_cut_SOURCES = tests/unit/test_text_cut.c
tests_unit_test_text_cut_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_text_cut_LDADD = $(LIBS_TEXT) $(UNIT_LIBS)

tests_unit_test_text_diff_SOURCES = tests/unit/test_text_diff.c
tests_unit_test_text_diff_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_text_diff_LDADD = $(LIBS_TEXT) $(UNIT_LIBS)

tests_unit_test_text_merge_SOURCES = tests/unit/test_text_merge.c
tests_unit_test_text_merge_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_text_merge_LDADD = $(LIBS_TEXT) $(UNIT_LIBS)

tests_unit_test_text_order_SOURCES = tests/unit/test_text_order.c
tests_unit_test_text_order_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_text_order_LDADD = $(LIBS_TEXT) $(UNIT_LIBS)

tests_unit_test_text_board_SOURCES = tests/unit/test_text_board.c
tests_unit_test_text_board_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_text_board_LDADD = $(LIBS_TEXT) $(UNIT_LIBS)

tests_unit_test_text_oom_SOURCES = tests/unit/test_text_oom.c
tests_unit_test_text_oom_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_text_oom_LDADD = $(LIBS_TEXT) $(UNIT_LIBS)
tests_unit_test_text_oom_LDFLAGS = \
	-Wl,--wrap=malloc -Wl,--wrap=calloc -Wl,--wrap=realloc \
	-Wl,--wrap=reallocarray -Wl,--wrap=strdup -Wl,--wrap=strndup
