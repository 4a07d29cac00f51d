# tests of src/store
STORE_TESTS = \
	tests/unit/test_store_apply \
	tests/unit/test_store_boards \
	tests/unit/test_store_cache \
	tests/unit/test_store_find \
	tests/unit/test_store_find_random \
	tests/unit/test_store_former \
	tests/unit/test_store_journal \
	tests/unit/test_store_local \
	tests/unit/test_store_nodes \
	tests/unit/test_store_notes \
	tests/unit/test_store_open \
	tests/unit/test_store_peek \
	tests/unit/test_store_random \
	tests/unit/test_store_revisions \
	tests/unit/test_store_saves \
	tests/unit/test_store_threads \
	tests/unit/test_store_untold \
	tests/unit/test_store_view
check_PROGRAMS += $(STORE_TESTS)
TESTS += $(STORE_TESTS)
UNIT_STORE = tests/unit/store_help.c tests/unit/store_help.h

tests_unit_test_store_apply_SOURCES = \
	tests/unit/test_store_apply.c $(UNIT_STORE)
tests_unit_test_store_apply_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_store_apply_LDADD = $(LIBS_STORE) $(UNIT_LIBS)

tests_unit_test_store_boards_SOURCES = \
	tests/unit/test_store_boards.c $(UNIT_STORE)
tests_unit_test_store_boards_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_store_boards_LDADD = $(LIBS_STORE) $(UNIT_LIBS)

tests_unit_test_store_cache_SOURCES = tests/unit/test_store_cache.c
tests_unit_test_store_cache_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_store_cache_LDADD = $(LIBS_STORE) $(UNIT_LIBS)

tests_unit_test_store_former_SOURCES = \
	tests/unit/test_store_former.c $(UNIT_STORE)
tests_unit_test_store_former_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_store_former_LDADD = $(LIBS_STORE) $(UNIT_LIBS)

tests_unit_test_store_local_SOURCES = \
	tests/unit/test_store_local.c $(UNIT_STORE) $(UNIT_FEED)
tests_unit_test_store_local_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_store_local_LDADD = $(LIBS_STORE) $(UNIT_LIBS)

tests_unit_test_store_nodes_SOURCES = \
	tests/unit/test_store_nodes.c $(UNIT_STORE)
tests_unit_test_store_nodes_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_store_nodes_LDADD = $(LIBS_STORE) $(UNIT_LIBS)

tests_unit_test_store_notes_SOURCES = \
	tests/unit/test_store_notes.c $(UNIT_STORE)
tests_unit_test_store_notes_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_store_notes_LDADD = $(LIBS_STORE) $(UNIT_LIBS)

tests_unit_test_store_open_SOURCES = \
	tests/unit/test_store_open.c $(UNIT_STORE)
tests_unit_test_store_open_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_store_open_LDADD = $(LIBS_STORE) $(UNIT_LIBS)

tests_unit_test_store_peek_SOURCES = tests/unit/test_store_peek.c
tests_unit_test_store_peek_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_store_peek_LDADD = $(LIBS_STORE) $(UNIT_LIBS)
tests_unit_test_store_random_SOURCES = \
	tests/unit/test_store_random.c $(UNIT_STORE) $(UNIT_FEED)
tests_unit_test_store_random_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_store_random_LDADD = $(LIBS_STORE) $(UNIT_LIBS)

tests_unit_test_store_threads_SOURCES = \
	tests/unit/test_store_threads.c $(UNIT_STORE)
tests_unit_test_store_threads_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_store_threads_LDADD = $(LIBS_STORE) $(UNIT_LIBS)

tests_unit_test_store_untold_SOURCES = \
	tests/unit/test_store_untold.c $(UNIT_STORE)
tests_unit_test_store_untold_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_store_untold_LDADD = $(LIBS_STORE) $(UNIT_LIBS)

tests_unit_test_store_journal_SOURCES = \
	tests/unit/test_store_journal.c $(UNIT_STORE)
tests_unit_test_store_journal_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_store_journal_LDADD = $(LIBS_STORE) $(UNIT_LIBS)

tests_unit_test_store_revisions_SOURCES = \
	tests/unit/test_store_revisions.c $(UNIT_STORE)
tests_unit_test_store_revisions_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_store_revisions_LDADD = $(LIBS_STORE) $(UNIT_LIBS)

tests_unit_test_store_saves_SOURCES = \
	tests/unit/test_store_saves.c $(UNIT_STORE)
tests_unit_test_store_saves_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_store_saves_LDADD = $(LIBS_STORE) $(UNIT_LIBS)

tests_unit_test_store_view_SOURCES = \
	tests/unit/test_store_view.c $(UNIT_STORE)
tests_unit_test_store_view_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_store_view_LDADD = $(LIBS_STORE) $(UNIT_LIBS)

tests_unit_test_store_find_SOURCES = \
	tests/unit/test_store_find.c $(UNIT_STORE)
tests_unit_test_store_find_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_store_find_LDADD = $(LIBS_STORE) $(UNIT_LIBS)

tests_unit_test_store_find_random_SOURCES = \
	tests/unit/test_store_find_random.c $(UNIT_STORE)
tests_unit_test_store_find_random_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_store_find_random_LDADD = $(LIBS_STORE) $(UNIT_LIBS)
