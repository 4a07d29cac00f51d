# tests of src/model
MODEL_TESTS = \
	tests/unit/test_model_gather \
	tests/unit/test_model_json \
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

tests_unit_test_model_write_SOURCES = \
	tests/unit/test_model_write.c $(UNIT_MODEL)
tests_unit_test_model_write_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_model_write_LDADD = $(LIBS_MODEL) $(UNIT_LIBS)
