# A target is one file with LLVMFuzzerTestOneInput().  With --enable-fuzzers
# (CC=clang) it becomes a fuzzer:
#	tests/fuzz/fuzz_json /tmp/work tests/fuzz/corpus/json
# Otherwise replay.c is its main and `make check` runs it over its corpus.  A
# new one: its name here, its block below, seeds in corpus/NAME.
FUZZ_TARGETS = \
	tests/fuzz/fuzz_card \
	tests/fuzz/fuzz_config \
	tests/fuzz/fuzz_edits \
	tests/fuzz/fuzz_json \
	tests/fuzz/fuzz_merge \
	tests/fuzz/fuzz_names \
	tests/fuzz/fuzz_oauth1

if FUZZERS
noinst_PROGRAMS += $(FUZZ_TARGETS)
FUZZ_MAIN =
else
check_PROGRAMS += $(FUZZ_TARGETS)
TESTS += $(FUZZ_TARGETS)
FUZZ_MAIN = tests/fuzz/replay.c
endif
EXTRA_DIST += tests/fuzz/corpus

tests_fuzz_fuzz_json_SOURCES = tests/fuzz/fuzz_json.c $(FUZZ_MAIN)
tests_fuzz_fuzz_json_LDADD = $(LIBS_MODEL) $(EXTERNAL_LIBS)
tests_fuzz_fuzz_json_LDFLAGS = $(FUZZ_CFLAGS)

tests_fuzz_fuzz_config_SOURCES = tests/fuzz/fuzz_config.c $(FUZZ_MAIN)
tests_fuzz_fuzz_config_LDADD = $(LIBS_CLI) $(EXTERNAL_LIBS)
tests_fuzz_fuzz_config_LDFLAGS = $(FUZZ_CFLAGS)

tests_fuzz_fuzz_card_SOURCES = tests/fuzz/fuzz_card.c \
	tests/fuzz/card.c tests/fuzz/card.h $(FUZZ_MAIN)
tests_fuzz_fuzz_card_LDADD = $(LIBS_TEXT) $(EXTERNAL_LIBS)
tests_fuzz_fuzz_card_LDFLAGS = $(FUZZ_CFLAGS)

tests_fuzz_fuzz_edits_SOURCES = tests/fuzz/fuzz_edits.c \
	tests/fuzz/card.c tests/fuzz/card.h $(FUZZ_MAIN)
tests_fuzz_fuzz_edits_LDADD = $(LIBS_TEXT) $(EXTERNAL_LIBS)
tests_fuzz_fuzz_edits_LDFLAGS = $(FUZZ_CFLAGS)

tests_fuzz_fuzz_merge_SOURCES = tests/fuzz/fuzz_merge.c $(FUZZ_MAIN)
tests_fuzz_fuzz_merge_LDADD = $(LIBS_TEXT) $(EXTERNAL_LIBS)
tests_fuzz_fuzz_merge_LDFLAGS = $(FUZZ_CFLAGS)

tests_fuzz_fuzz_oauth1_SOURCES = tests/fuzz/fuzz_oauth1.c $(FUZZ_MAIN)
tests_fuzz_fuzz_oauth1_LDADD = $(LIBS_TRELLO) $(EXTERNAL_LIBS)
tests_fuzz_fuzz_oauth1_LDFLAGS = $(FUZZ_CFLAGS)

tests_fuzz_fuzz_names_SOURCES = tests/fuzz/fuzz_names.c $(FUZZ_MAIN)
tests_fuzz_fuzz_names_LDADD = $(LIBS_TEXT) $(EXTERNAL_LIBS)
tests_fuzz_fuzz_names_LDFLAGS = $(FUZZ_CFLAGS)
