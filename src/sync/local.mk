noinst_LIBRARIES += src/sync/libsync.a
src_sync_libsync_a_SOURCES = \
	src/sync/confirm.c src/sync/confirm.h \
	src/sync/events.c \
	src/sync/elsewhere.c src/sync/elsewhere.h \
	src/sync/fetch.c src/sync/fetch.h \
	src/sync/identity.c \
	src/sync/indexing.c \
	src/sync/join.c src/sync/join.h \
	src/sync/join_board.c \
	src/sync/join_place.c \
	src/sync/downloads.c src/sync/downloads.h src/sync/downloads_private.h \
	src/sync/downloads_thread.c \
	src/sync/pieces.c \
	src/sync/locate.c src/sync/locate.h \
	src/sync/look.c src/sync/look.h \
	src/sync/observed.c src/sync/observed.h \
	src/sync/orders.c src/sync/orders.h \
	src/sync/pending.c \
	src/sync/poll.c src/sync/private.h \
	src/sync/push.c src/sync/push.h \
	src/sync/push_accept.c \
	src/sync/push_clock.c \
	src/sync/push_board.c \
	src/sync/push_control.c \
	src/sync/push_find.c \
	src/sync/push_look.c \
	src/sync/push_labels.c \
	src/sync/push_mend.c \
	src/sync/push_moved.c \
	src/sync/push_prepare.c \
	src/sync/push_refuse.c \
	src/sync/push_reply.c \
	src/sync/push_request.c src/sync/push_request.h \
	src/sync/push_request_file.c \
	src/sync/push_return.c \
	src/sync/push_state.c \
	src/sync/push_step.c src/sync/push_step.h \
	src/sync/push_theirs.c \
	src/sync/push_words.c src/sync/push_words.h \
	src/sync/renew.c src/sync/renew.h \
	src/sync/rights.c src/sync/rights.h \
	src/sync/settle_board.c src/sync/settle_board.h \
	src/sync/settle_order.c src/sync/settle_order.h \
	src/sync/settle.c src/sync/settle.h \
	src/sync/settling.c src/sync/settling.h \
	src/sync/status.c \
	src/sync/sync.c src/sync/sync.h \
	src/sync/tasks.c \
	src/sync/waits.c \
	src/sync/written.c src/sync/written.h
