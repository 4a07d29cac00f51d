# tests of src/search
SEARCH_TESTS = tests/unit/test_search_query
check_PROGRAMS += $(SEARCH_TESTS)
TESTS += $(SEARCH_TESTS)

tests_unit_test_search_query_SOURCES = tests/unit/test_search_query.c
tests_unit_test_search_query_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_search_query_LDADD = $(LIBS_SEARCH) $(UNIT_LIBS)
