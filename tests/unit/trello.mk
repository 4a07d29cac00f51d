# tests of src/trello
TRELLO_TESTS = tests/unit/test_trello_http tests/unit/test_trello_local
check_PROGRAMS += $(TRELLO_TESTS)
TESTS += $(TRELLO_TESTS)

tests_unit_test_trello_http_SOURCES = tests/unit/test_trello_http.c \
	tests/unit/trello_responder.c tests/unit/trello_responder.h
tests_unit_test_trello_http_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_trello_http_LDADD = $(LIBS_TRELLO) $(UNIT_LIBS)
tests_unit_test_trello_local_SOURCES = tests/unit/test_trello_local.c
tests_unit_test_trello_local_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_trello_local_LDADD = $(LIBS_TRELLO) $(UNIT_LIBS)
