EXTRA_DIST += \
	tests/crash/__init__.py \
	tests/crash/conftest.py \
	tests/crash/test_death.py
