# tests of src/cli
CLI_TESTS = \
	tests/unit/test_cli_config \
	tests/unit/test_cli_config_edit \
	tests/unit/test_cli_credentials \
	tests/unit/test_cli_options \
	tests/unit/test_cli_paths \
	tests/unit/test_cli_run \
	tests/unit/test_cli_settings \
	tests/unit/test_cli_token_command
check_PROGRAMS += $(CLI_TESTS)
TESTS += $(CLI_TESTS)

tests_unit_test_cli_config_SOURCES = tests/unit/test_cli_config.c
tests_unit_test_cli_config_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_cli_config_LDADD = $(LIBS_CLI) $(UNIT_LIBS)

tests_unit_test_cli_config_edit_SOURCES = tests/unit/test_cli_config_edit.c
tests_unit_test_cli_config_edit_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_cli_config_edit_LDADD = $(LIBS_CLI) $(UNIT_LIBS)

tests_unit_test_cli_credentials_SOURCES = tests/unit/test_cli_credentials.c
tests_unit_test_cli_credentials_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_cli_credentials_LDADD = $(LIBS_CLI) $(UNIT_LIBS)

tests_unit_test_cli_options_SOURCES = tests/unit/test_cli_options.c
tests_unit_test_cli_options_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_cli_options_LDADD = $(LIBS_CLI) $(UNIT_LIBS)

tests_unit_test_cli_paths_SOURCES = tests/unit/test_cli_paths.c
tests_unit_test_cli_paths_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_cli_paths_LDADD = $(LIBS_CLI) $(UNIT_LIBS)

tests_unit_test_cli_run_SOURCES = tests/unit/test_cli_run.c
tests_unit_test_cli_run_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_cli_run_LDADD = $(LIBS_CLI) $(UNIT_LIBS)

tests_unit_test_cli_settings_SOURCES = tests/unit/test_cli_settings.c
tests_unit_test_cli_settings_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_cli_settings_LDADD = $(LIBS_CLI) $(UNIT_LIBS)

tests_unit_test_cli_token_command_SOURCES = tests/unit/test_cli_token_command.c
tests_unit_test_cli_token_command_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_cli_token_command_LDADD = $(LIBS_CLI) $(UNIT_LIBS)
