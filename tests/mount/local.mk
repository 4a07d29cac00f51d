EXTRA_DIST += \
	tests/mount/__init__.py \
	tests/mount/conftest.py \
	tests/mount/contract.py \
	tests/mount/expected.py \
	tests/mount/harness.py \
	tests/mount/local.py \
	tests/mount/networks.py \
	tests/mount/servers.py \
	tests/mount/test_account.py \
	tests/mount/test_attributes.py \
	tests/mount/test_demo.py \
	tests/mount/test_export_errors.py \
	tests/mount/test_exports.py \
	tests/mount/test_faults.py \
	tests/mount/test_hostile.py \
	tests/mount/test_kept.py \
	tests/mount/test_large.py \
	tests/mount/test_life.py \
	tests/mount/test_local_files.py \
	tests/mount/test_news.py \
	tests/mount/test_offline.py \
	tests/mount/test_read_only.py \
	tests/mount/test_secrets.py \
	tests/mount/test_start.py \
	tests/mount/test_tools.py \
	tests/mount/test_waiting.py \
	tests/mount/util.py
