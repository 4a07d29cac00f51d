noinst_LIBRARIES += src/cli/libcli.a
src_cli_libcli_a_SOURCES = \
	src/cli/account.c src/cli/account.h \
	src/cli/browser.c src/cli/browser.h \
	src/cli/callback.c src/cli/callback.h \
	src/cli/config.c src/cli/config.h \
	src/cli/config_edit.c src/cli/config_edit.h \
	src/cli/control.c src/cli/control.h \
	src/cli/credentials.c src/cli/credentials.h \
	src/cli/daemon.c src/cli/daemon.h \
	src/cli/help.c src/cli/help.h \
	src/cli/lock.c src/cli/lock.h \
	src/cli/login.c src/cli/login.h \
	src/cli/logout.c \
	src/cli/mount.c src/cli/mount.h \
	src/cli/mount_options.c src/cli/mount_options.h \
	src/cli/mounts.c src/cli/mounts.h \
	src/cli/notify.c src/cli/notify.h \
	src/cli/options.c src/cli/options.h \
	src/cli/options_command.c src/cli/options_command.h \
	src/cli/paths.c src/cli/paths.h \
	src/cli/prompt.c src/cli/prompt.h \
	src/cli/renewal.c src/cli/renewal.h \
	src/cli/run.c src/cli/run.h \
	src/cli/session.c src/cli/session.h \
	src/cli/settings.c src/cli/settings.h \
	src/cli/status.c src/cli/status.h \
	src/cli/token_command.c src/cli/token_command.h

bin_PROGRAMS += trellofs
trellofs_SOURCES = src/cli/main.c
trellofs_LDADD = $(LIBS_CLI) $(EXTERNAL_LIBS)
