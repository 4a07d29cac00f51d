# tests of src/sync
SYNC_TESTS = \
	tests/unit/test_sync_boards \
	tests/unit/test_sync_look \
	tests/unit/test_sync_push \
	tests/unit/test_sync_push_crash \
	tests/unit/test_sync_push_faults \
	tests/unit/test_sync_push_mend \
	tests/unit/test_sync_push_news \
	tests/unit/test_sync_push_order \
	tests/unit/test_sync_push_random \
	tests/unit/test_sync_push_undo \
	tests/unit/test_sync_renew \
	tests/unit/test_sync_rights \
	tests/unit/test_sync_run \
	tests/unit/test_sync_status \
	tests/unit/test_sync_threads \
	tests/unit/test_sync_waits
check_PROGRAMS += $(SYNC_TESTS)
TESTS += $(SYNC_TESTS)
UNIT_SYNC = \
	tests/unit/sync_help.c tests/unit/sync_help.h \
	tests/unit/sync_session.c tests/unit/sync_session.h $(UNIT_STORE)
SYNC_WRAP = -Wl,--wrap=time_monotonic_ms

tests_unit_test_sync_boards_SOURCES = \
	tests/unit/test_sync_boards.c $(UNIT_SYNC)
tests_unit_test_sync_boards_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_sync_boards_LDADD = $(LIBS_SYNC) $(UNIT_LIBS)
tests_unit_test_sync_boards_LDFLAGS = $(SYNC_WRAP)

tests_unit_test_sync_renew_SOURCES = \
	tests/unit/test_sync_renew.c $(UNIT_SYNC)
tests_unit_test_sync_renew_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_sync_renew_LDADD = $(LIBS_SYNC) $(UNIT_LIBS)
tests_unit_test_sync_renew_LDFLAGS = $(SYNC_WRAP)

tests_unit_test_sync_rights_SOURCES = tests/unit/test_sync_rights.c
tests_unit_test_sync_rights_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_sync_rights_LDADD = $(LIBS_SYNC) $(UNIT_LIBS)

tests_unit_test_sync_push_mend_SOURCES = \
	tests/unit/test_sync_push_mend.c $(UNIT_PUSH)
tests_unit_test_sync_push_mend_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_sync_push_mend_LDADD = $(LIBS_SYNC) $(UNIT_LIBS)

tests_unit_test_sync_push_undo_SOURCES = \
	tests/unit/test_sync_push_undo.c $(UNIT_PUSH)
tests_unit_test_sync_push_undo_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_sync_push_undo_LDADD = $(LIBS_SYNC) $(UNIT_LIBS)

tests_unit_test_sync_run_SOURCES = \
	tests/unit/test_sync_run.c $(UNIT_SYNC)
tests_unit_test_sync_run_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_sync_run_LDADD = $(LIBS_SYNC) $(UNIT_LIBS)
tests_unit_test_sync_run_LDFLAGS = $(SYNC_WRAP)

tests_unit_test_sync_status_SOURCES = \
	tests/unit/test_sync_status.c $(UNIT_SYNC)
tests_unit_test_sync_status_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_sync_status_LDADD = $(LIBS_SYNC) $(UNIT_LIBS)
tests_unit_test_sync_status_LDFLAGS = $(SYNC_WRAP)

tests_unit_test_sync_threads_SOURCES = \
	tests/unit/test_sync_threads.c $(UNIT_SYNC)
tests_unit_test_sync_threads_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_sync_threads_LDADD = $(LIBS_SYNC) $(UNIT_LIBS)
tests_unit_test_sync_threads_LDFLAGS = $(SYNC_WRAP)

tests_unit_test_sync_look_SOURCES = \
	tests/unit/test_sync_look.c $(UNIT_SYNC)
tests_unit_test_sync_look_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_sync_look_LDADD = $(LIBS_SYNC) $(UNIT_LIBS)
tests_unit_test_sync_look_LDFLAGS = $(SYNC_WRAP)

tests_unit_test_sync_waits_SOURCES = \
	tests/unit/test_sync_waits.c $(UNIT_SYNC)
tests_unit_test_sync_waits_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_sync_waits_LDADD = $(LIBS_SYNC) $(UNIT_LIBS)
tests_unit_test_sync_waits_LDFLAGS = $(SYNC_WRAP)

UNIT_PUSH = \
	tests/unit/push_account.c tests/unit/push_account.h \
	tests/unit/push_compare.c tests/unit/push_files.c \
	tests/unit/push_help.c tests/unit/push_help.h $(UNIT_STORE)

tests_unit_test_sync_push_SOURCES = \
	tests/unit/test_sync_push.c $(UNIT_PUSH)
tests_unit_test_sync_push_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_sync_push_LDADD = $(LIBS_SYNC) $(UNIT_LIBS)

tests_unit_test_sync_push_faults_SOURCES = \
	tests/unit/test_sync_push_faults.c $(UNIT_PUSH)
tests_unit_test_sync_push_faults_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_sync_push_faults_LDADD = $(LIBS_SYNC) $(UNIT_LIBS)

tests_unit_test_sync_push_random_SOURCES = \
	tests/unit/test_sync_push_random.c $(UNIT_PUSH) $(UNIT_FEED)
tests_unit_test_sync_push_random_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_sync_push_random_LDADD = $(LIBS_SYNC) $(UNIT_LIBS)

tests_unit_test_sync_push_crash_SOURCES = \
	tests/unit/test_sync_push_crash.c $(UNIT_PUSH)
tests_unit_test_sync_push_crash_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_sync_push_crash_LDADD = $(LIBS_SYNC) $(UNIT_LIBS)

tests_unit_test_sync_push_news_SOURCES = \
	tests/unit/test_sync_push_news.c $(UNIT_PUSH)
tests_unit_test_sync_push_news_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_sync_push_news_LDADD = $(LIBS_SYNC) $(UNIT_LIBS)

tests_unit_test_sync_push_order_SOURCES = \
	tests/unit/test_sync_push_order.c $(UNIT_PUSH)
tests_unit_test_sync_push_order_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_sync_push_order_LDADD = $(LIBS_SYNC) $(UNIT_LIBS)
