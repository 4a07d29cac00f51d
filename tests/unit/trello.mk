# tests of src/trello
TRELLO_TESTS = \
	tests/unit/test_trello_auth \
	tests/unit/test_trello_batch \
	tests/unit/test_trello_board_load \
	tests/unit/test_trello_budget \
	tests/unit/test_trello_budget_file \
	tests/unit/test_trello_calls \
	tests/unit/test_trello_http \
	tests/unit/test_trello_http_writes \
	tests/unit/test_trello_limiter \
	tests/unit/test_trello_local \
	tests/unit/test_trello_local_rules \
	tests/unit/test_trello_local_writes \
	tests/unit/test_trello_oauth1 \
	tests/unit/test_trello_oauth1_server \
	tests/unit/test_trello_oom \
	tests/unit/test_trello_retry \
	tests/unit/test_trello_server \
	tests/unit/test_trello_server_writes \
	tests/unit/test_trello_storage \
	tests/unit/test_trello_twins \
	tests/unit/test_trello_verdict \
	tests/unit/test_trello_write_calls
check_PROGRAMS += $(TRELLO_TESTS)
TESTS += $(TRELLO_TESTS)

tests_unit_test_trello_auth_SOURCES = tests/unit/test_trello_auth.c
tests_unit_test_trello_auth_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_trello_auth_LDADD = $(LIBS_TRELLO) $(UNIT_LIBS)
tests_unit_test_trello_storage_SOURCES = tests/unit/test_trello_storage.c
tests_unit_test_trello_storage_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_trello_storage_LDADD = $(LIBS_TRELLO) $(UNIT_LIBS)
tests_unit_test_trello_batch_SOURCES = tests/unit/test_trello_batch.c \
	tests/unit/trello_responder.c tests/unit/trello_responder.h \
	tests/unit/trello_server.c tests/unit/trello_server.h
tests_unit_test_trello_batch_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_trello_batch_LDADD = $(LIBS_TRELLO) $(UNIT_LIBS)
tests_unit_test_trello_board_load_SOURCES = tests/unit/test_trello_board_load.c
tests_unit_test_trello_board_load_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_trello_board_load_LDADD = $(LIBS_TRELLO) $(UNIT_LIBS)
tests_unit_test_trello_budget_SOURCES = tests/unit/test_trello_budget.c
tests_unit_test_trello_budget_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_trello_budget_LDADD = $(LIBS_TRELLO) $(UNIT_LIBS)
tests_unit_test_trello_budget_file_SOURCES = \
	tests/unit/test_trello_budget_file.c
tests_unit_test_trello_budget_file_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_trello_budget_file_LDADD = $(LIBS_TRELLO) $(UNIT_LIBS)
tests_unit_test_trello_calls_SOURCES = tests/unit/test_trello_calls.c
tests_unit_test_trello_calls_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_trello_calls_LDADD = $(LIBS_TRELLO) $(UNIT_LIBS)
tests_unit_test_trello_http_SOURCES = tests/unit/test_trello_http.c \
	tests/unit/trello_responder.c tests/unit/trello_responder.h
tests_unit_test_trello_http_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_trello_http_LDADD = $(LIBS_TRELLO) $(UNIT_LIBS)
tests_unit_test_trello_http_writes_SOURCES = \
	tests/unit/test_trello_http_writes.c \
	tests/unit/trello_responder.c tests/unit/trello_responder.h
tests_unit_test_trello_http_writes_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_trello_http_writes_LDADD = $(LIBS_TRELLO) $(UNIT_LIBS)
tests_unit_test_trello_limiter_SOURCES = tests/unit/test_trello_limiter.c
tests_unit_test_trello_limiter_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_trello_limiter_LDADD = $(LIBS_TRELLO) $(UNIT_LIBS)
tests_unit_test_trello_local_SOURCES = tests/unit/test_trello_local.c
tests_unit_test_trello_local_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_trello_local_LDADD = $(LIBS_TRELLO) $(UNIT_LIBS)
tests_unit_test_trello_local_writes_SOURCES = \
	tests/unit/test_trello_local_writes.c
tests_unit_test_trello_local_writes_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_trello_local_writes_LDADD = $(LIBS_TRELLO) $(UNIT_LIBS)
tests_unit_test_trello_oauth1_SOURCES = tests/unit/test_trello_oauth1.c
tests_unit_test_trello_oauth1_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_trello_oauth1_LDADD = $(LIBS_TRELLO) $(UNIT_LIBS)
tests_unit_test_trello_oauth1_server_SOURCES = \
	tests/unit/test_trello_oauth1_server.c \
	tests/unit/trello_server.c tests/unit/trello_server.h
tests_unit_test_trello_oauth1_server_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_trello_oauth1_server_LDADD = $(LIBS_TRELLO) $(UNIT_LIBS)
tests_unit_test_trello_oom_SOURCES = tests/unit/test_trello_oom.c \
	tests/unit/trello_responder.c tests/unit/trello_responder.h
tests_unit_test_trello_oom_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_trello_oom_LDADD = $(LIBS_TRELLO) $(UNIT_LIBS)
tests_unit_test_trello_oom_LDFLAGS = -Wl,--wrap=malloc \
	-Wl,--wrap=calloc -Wl,--wrap=realloc -Wl,--wrap=reallocarray \
	-Wl,--wrap=strdup -Wl,--wrap=strndup
tests_unit_test_trello_local_rules_SOURCES = \
	tests/unit/test_trello_local_rules.c
tests_unit_test_trello_local_rules_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_trello_local_rules_LDADD = $(LIBS_TRELLO) $(UNIT_LIBS)
tests_unit_test_trello_retry_SOURCES = tests/unit/test_trello_retry.c
tests_unit_test_trello_retry_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_trello_retry_LDADD = $(LIBS_TRELLO) $(UNIT_LIBS)
tests_unit_test_trello_server_SOURCES = tests/unit/test_trello_server.c \
	tests/unit/trello_server.c tests/unit/trello_server.h
tests_unit_test_trello_server_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_trello_server_LDADD = $(LIBS_TRELLO) $(UNIT_LIBS)
tests_unit_test_trello_server_writes_SOURCES = \
	tests/unit/test_trello_server_writes.c \
	tests/unit/trello_server.c tests/unit/trello_server.h
tests_unit_test_trello_server_writes_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_trello_server_writes_LDADD = $(LIBS_TRELLO) $(UNIT_LIBS)
tests_unit_test_trello_twins_SOURCES = tests/unit/test_trello_twins.c \
	tests/unit/trello_server.c tests/unit/trello_server.h \
	tests/unit/trello_twin.c tests/unit/trello_twin.h
tests_unit_test_trello_twins_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_trello_twins_LDADD = $(LIBS_TRELLO) $(UNIT_LIBS)
tests_unit_test_trello_verdict_SOURCES = tests/unit/test_trello_verdict.c
tests_unit_test_trello_verdict_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_trello_verdict_LDADD = $(LIBS_TRELLO) $(UNIT_LIBS)
tests_unit_test_trello_write_calls_SOURCES = \
	tests/unit/test_trello_write_calls.c
tests_unit_test_trello_write_calls_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_trello_write_calls_LDADD = $(LIBS_TRELLO) $(UNIT_LIBS)
