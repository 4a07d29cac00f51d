# tests of src/json
JSON_TESTS = \
	tests/unit/test_json_bounds \
	tests/unit/test_json_reader \
	tests/unit/test_json_writer
check_PROGRAMS += $(JSON_TESTS)
TESTS += $(JSON_TESTS)
UNIT_FEED = tests/unit/feed.c tests/unit/feed.h

tests_unit_test_json_bounds_SOURCES = \
	tests/unit/test_json_bounds.c $(UNIT_FEED)
tests_unit_test_json_bounds_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_json_bounds_LDADD = $(LIBS_JSON) $(UNIT_LIBS)

tests_unit_test_json_reader_SOURCES = \
	tests/unit/test_json_reader.c $(UNIT_FEED)
tests_unit_test_json_reader_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_json_reader_LDADD = $(LIBS_JSON) $(UNIT_LIBS)

tests_unit_test_json_writer_SOURCES = tests/unit/test_json_writer.c
tests_unit_test_json_writer_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_json_writer_LDADD = $(LIBS_JSON) $(UNIT_LIBS)
