# tests of src/model
MODEL_TESTS = \
	tests/unit/test_model_gather \
	tests/unit/test_model_json \
	tests/unit/test_model_oom \
	tests/unit/test_model_recorded \
	tests/unit/test_model_replies \
	tests/unit/test_model_write
check_PROGRAMS += $(MODEL_TESTS)
TESTS += $(MODEL_TESTS)
UNIT_MODEL = \
	tests/unit/model_equal.c tests/unit/model_equal.h \
	tests/unit/model_random.c tests/unit/model_random.h $(UNIT_FEED)

tests_unit_test_model_gather_SOURCES = \
	tests/unit/test_model_gather.c $(UNIT_FEED)
tests_unit_test_model_gather_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_model_gather_LDADD = $(LIBS_MODEL) $(UNIT_LIBS)

tests_unit_test_model_json_SOURCES = \
	tests/unit/test_model_json.c $(UNIT_FEED)
tests_unit_test_model_json_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_model_json_LDADD = $(LIBS_MODEL) $(UNIT_LIBS)

tests_unit_test_model_oom_SOURCES = \
	tests/unit/test_model_oom.c $(UNIT_MODEL)
tests_unit_test_model_oom_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_model_oom_LDADD = $(LIBS_MODEL) $(UNIT_LIBS)
tests_unit_test_model_oom_LDFLAGS = \
	-Wl,--wrap=calloc -Wl,--wrap=realloc -Wl,--wrap=reallocarray \
	-Wl,--wrap=strdup -Wl,--wrap=strndup

tests_unit_test_model_recorded_SOURCES = \
	tests/unit/test_model_recorded.c $(UNIT_FEED)
tests_unit_test_model_recorded_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_model_recorded_LDADD = $(LIBS_MODEL) $(UNIT_LIBS)

tests_unit_test_model_replies_SOURCES = \
	tests/unit/test_model_replies.c $(UNIT_FEED)
tests_unit_test_model_replies_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_model_replies_LDADD = $(LIBS_MODEL) $(UNIT_LIBS)

tests_unit_test_model_write_SOURCES = \
	tests/unit/test_model_write.c $(UNIT_MODEL)
tests_unit_test_model_write_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_model_write_LDADD = $(LIBS_MODEL) $(UNIT_LIBS)
