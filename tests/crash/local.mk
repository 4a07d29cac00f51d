EXTRA_DIST += \
	tests/crash/__init__.py \
	tests/crash/account.py \
	tests/crash/conftest.py \
	tests/crash/runs.py \
	tests/crash/steps.py \
	tests/crash/test_death.py \
	tests/crash/test_full_disk.py \
	tests/crash/test_lost_answers.py \
	tests/crash/test_points.py \
	tests/crash/test_unclosed.py

# Preloaded into the program by tests/crash; nothing of it is installed.
check_PROGRAMS += tests/crash/points.so
tests_crash_points_so_SOURCES = \
	tests/mount/preloaded.h tests/crash/points.c
tests_crash_points_so_CFLAGS = $(BUILD_CFLAGS) -fPIC
tests_crash_points_so_LDFLAGS = -shared
