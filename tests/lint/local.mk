# What a compiler does not look at: layers, sizes, layout, manual pages, and
# what configure says when something is missing.
LINT_TESTS = tests/lint/completions tests/lint/configure tests/lint/format tests/lint/headers \
	tests/lint/layers tests/lint/man tests/lint/sizes
TESTS += $(LINT_TESTS)
EXTRA_DIST += $(LINT_TESTS)
AM_TESTS_ENVIRONMENT += LINT_CC='$(CC)'; export LINT_CC; \
	LINT_FLAGS='-I. $(AM_CPPFLAGS) $(BUILD_CFLAGS)'; export LINT_FLAGS;
