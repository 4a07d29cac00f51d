EXTRA_DIST += \
	tests/mount/__init__.py \
	tests/mount/conftest.py \
	tests/mount/contract.py \
	tests/mount/editors.py \
	tests/mount/expected.py \
	tests/mount/harness.py \
	tests/mount/local.py \
	tests/mount/logins.py \
	tests/mount/networks.py \
	tests/mount/program.py \
	tests/mount/proxies.py \
	tests/mount/servers.py \
	tests/mount/surroundings.py \
	tests/mount/terminal.py \
	tests/mount/test_account.py \
	tests/mount/test_archive.py \
	tests/mount/test_attributes.py \
	tests/mount/test_between.py \
	tests/mount/test_both_changed.py \
	tests/mount/test_breaker.py \
	tests/mount/test_budget.py \
	tests/mount/test_clocks.py \
	tests/mount/test_comments_sent.py \
	tests/mount/test_commands.py \
	tests/mount/test_config.py \
	tests/mount/test_demo.py \
	tests/mount/test_descriptions.py \
	tests/mount/test_dread_written.py \
	tests/mount/test_editors.py \
	tests/mount/test_editors_news.py \
	tests/mount/test_editors_sent.py \
	tests/mount/test_events.py \
	tests/mount/test_everyday.py \
	tests/mount/test_export_errors.py \
	tests/mount/test_exports.py \
	tests/mount/test_exports_written.py \
	tests/mount/test_faults.py \
	tests/mount/test_hostile.py \
	tests/mount/test_kept.py \
	tests/mount/test_large.py \
	tests/mount/test_life.py \
	tests/mount/test_local_files.py \
	tests/mount/test_login.py \
	tests/mount/test_login_terminal.py \
	tests/mount/test_lost_places.py \
	tests/mount/test_lost_texts.py \
	tests/mount/test_made_here.py \
	tests/mount/test_names.py \
	tests/mount/test_news.py \
	tests/mount/test_numbered.py \
	tests/mount/test_observer.py \
	tests/mount/test_offline.py \
	tests/mount/test_order.py \
	tests/mount/test_pieces_sent.py \
	tests/mount/test_read_only.py \
	tests/mount/test_refresh.py \
	tests/mount/test_refusals.py \
	tests/mount/test_renewal.py \
	tests/mount/test_search.py \
	tests/mount/test_secrets.py \
	tests/mount/test_soak.py \
	tests/mount/test_start.py \
	tests/mount/test_sync_option.py \
	tests/mount/test_tools.py \
	tests/mount/test_tools_sent.py \
	tests/mount/test_two_machines.py \
	tests/mount/test_unmount.py \
	tests/mount/test_waiting.py \
	tests/mount/test_write_boards.py \
	tests/mount/test_write_cards.py \
	tests/mount/test_write_elsewhere.py \
	tests/mount/test_write_errors.py \
	tests/mount/test_write_news.py \
	tests/mount/test_write_patterns.py \
	tests/mount/test_write_storm.py \
	tests/mount/test_write_tools.py \
	tests/mount/test_write_undone.py \
	tests/mount/test_zones.py \
	tests/mount/util.py \
	tests/mount/writing.py \
	tests/parts.py

# Preloaded into the program by tests/mount; nothing of it is installed.
check_PROGRAMS += tests/mount/surroundings.so
tests_mount_surroundings_so_SOURCES = tests/mount/surroundings.c
tests_mount_surroundings_so_CFLAGS = $(BUILD_CFLAGS) -fPIC
tests_mount_surroundings_so_LDFLAGS = -shared
