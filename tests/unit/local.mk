# One fragment per layer; each adds its programs to check_PROGRAMS and TESTS.
if HAVE_CMOCKA
UNIT_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS) -I$(top_srcdir)/tests/unit
UNIT_LIBS = $(CMOCKA_LIBS) $(EXTERNAL_LIBS)
include tests/unit/util.mk
include tests/unit/json.mk
include tests/unit/model.mk
include tests/unit/text.mk
include tests/unit/trello.mk
include tests/unit/search.mk
include tests/unit/store.mk
include tests/unit/sync.mk
include tests/unit/fs.mk
include tests/unit/cli.mk
endif
EXTRA_DIST += tests/unit/unit.h
