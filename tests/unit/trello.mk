# tests of src/trello
TRELLO_TESTS = tests/unit/test_trello_local
check_PROGRAMS += $(TRELLO_TESTS)
TESTS += $(TRELLO_TESTS)

tests_unit_test_trello_local_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_trello_local_LDADD = $(LIBS_TRELLO) $(UNIT_LIBS)
