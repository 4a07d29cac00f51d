# tests of src/store
STORE_TESTS = \
	tests/unit/test_store_apply
check_PROGRAMS += $(STORE_TESTS)
TESTS += $(STORE_TESTS)
UNIT_STORE = tests/unit/store_help.c tests/unit/store_help.h

tests_unit_test_store_apply_SOURCES = \
	tests/unit/test_store_apply.c $(UNIT_STORE)
tests_unit_test_store_apply_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_store_apply_LDADD = $(LIBS_STORE) $(UNIT_LIBS)
