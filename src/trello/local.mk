noinst_LIBRARIES += src/trello/libtrello.a
src_trello_libtrello_a_SOURCES = \
	src/trello/auth.c src/trello/auth.h \
	src/trello/authorize.c src/trello/authorize.h \
	src/trello/batch.c src/trello/batch.h \
	src/trello/board_load.c src/trello/board_load.h \
	src/trello/budget.c src/trello/budget.h \
	src/trello/budget_file.c src/trello/budget_file.h \
	src/trello/calls.c src/trello/calls.h \
	src/trello/demo.c src/trello/demo.h src/trello/demo_json.h \
	src/trello/http.c src/trello/http.h \
	src/trello/http_easy.c src/trello/http_easy.h \
	src/trello/http_ledger.c src/trello/http_ledger.h \
	src/trello/http_message.c src/trello/http_message.h \
	src/trello/http_private.h src/trello/http_start.c \
	src/trello/http_setup.c src/trello/http_setup.h \
	src/trello/http_transfer.c src/trello/http_transfer.h \
	src/trello/limiter.c src/trello/limiter.h \
	src/trello/limiter_state.c src/trello/limiter_state.h \
	src/trello/local.c src/trello/local.h \
	src/trello/local_account.c src/trello/local_account.h \
	src/trello/local_answer.c \
	src/trello/local_cards.c \
	src/trello/local_items.c \
	src/trello/local_json.c src/trello/local_json.h \
	src/trello/local_labels.c src/trello/local_lists.c \
	src/trello/local_move.c src/trello/local_move.h \
	src/trello/local_parts.c \
	src/trello/local_question.c src/trello/local_question.h \
	src/trello/local_read.c \
	src/trello/local_rules.c src/trello/local_rules.h \
	src/trello/oauth1.c src/trello/oauth1.h \
	src/trello/oauth1_login.c src/trello/oauth1_login.h \
	src/trello/page.c src/trello/page.h \
	src/trello/remote.h \
	src/trello/retry.c src/trello/retry.h \
	src/trello/storage.c src/trello/storage.h \
	src/trello/verdict.c src/trello/verdict.h
nodist_src_trello_libtrello_a_SOURCES = src/trello/demo_json.c
EXTRA_DIST += src/trello/demo.json
CLEANFILES += src/trello/demo_json.c

# The sample board as an array of bytes.
src/trello/demo_json.c: src/trello/demo.json
	$(AM_V_GEN)$(MKDIR_P) src/trello && { \
	  echo '#include "trello/demo_json.h"'; \
	  echo 'const unsigned char demo_json[] = {'; \
	  od -A n -v -t u1 $(srcdir)/src/trello/demo.json | \
	    sed 's/  *\([0-9][0-9]*\)/\1,/g'; \
	  echo '};'; \
	  echo 'const unsigned char *const demo_json_end ='; \
	  echo '    demo_json + sizeof demo_json;'; \
	} > $@.tmp && mv $@.tmp $@
