EXTRA_DIST += contrib/try contrib/check contrib/packages.sh .ci/run

# A user's service, and what shells complete.
systemduserunitdir = $(prefix)/lib/systemd/user
bashcompletiondir = $(datadir)/bash-completion/completions
zshcompletiondir = $(datadir)/zsh/site-functions
fishcompletiondir = $(datadir)/fish/vendor_completions.d
nodist_systemduserunit_DATA = contrib/trellofs@.service
dist_bashcompletion_DATA = contrib/completion/trellofs.bash
dist_zshcompletion_DATA = contrib/completion/_trellofs
dist_fishcompletion_DATA = contrib/completion/trellofs.fish
EXTRA_DIST += contrib/trellofs@.service.in
CLEANFILES += contrib/trellofs@.service

contrib/trellofs@.service: contrib/trellofs@.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) contrib && \
		sed 's|@bindir[@]|$(bindir)|g' \
		'$(srcdir)/contrib/trellofs@.service.in' >'$@.tmp' && \
		mv '$@.tmp' '$@'
