noinst_LIBRARIES += src/cli/libcli.a
src_cli_libcli_a_SOURCES = \
	src/cli/settings.c src/cli/settings.h

bin_PROGRAMS += trellofs
trellofs_SOURCES = src/cli/main.c
trellofs_LDADD = $(LIBS_CLI) $(EXTERNAL_LIBS)
