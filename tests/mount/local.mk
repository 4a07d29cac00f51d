EXTRA_DIST += tests/mount/__init__.py tests/mount/conftest.py \
	tests/mount/harness.py tests/mount/servers.py tests/mount/util.py \
	tests/mount/test_start.py
