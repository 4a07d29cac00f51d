noinst_LIBRARIES += src/store/libstore.a
src_store_libstore_a_SOURCES = \
	src/store/accept.c src/store/accept.h \
	src/store/accept_overwritten.c src/store/accept_show.c \
	src/store/apply.c \
	src/store/apply_names.c \
	src/store/apply_plan.c src/store/apply_plan.h src/store/planner.h \
	src/store/archived.c src/store/archived.h \
	src/store/archived_apply.c \
	src/store/archives.c src/store/archives.h \
	src/store/base.c src/store/base.h \
	src/store/board_file.c src/store/board_file.h \
	src/store/cache.c src/store/cache.h \
	src/store/cache_map.c src/store/cache_private.h \
	src/store/checkpoint.c src/store/checkpoint.h \
	src/store/db.c src/store/db.h \
	src/store/events.c src/store/events.h \
	src/store/find.c src/store/find.h \
	src/store/find_names.c src/store/find_names.h \
	src/store/folder.c src/store/folder.h \
	src/store/former.c src/store/former.h \
	src/store/found.c src/store/found.h \
	src/store/given.c src/store/given.h \
	src/store/index.c src/store/index.h \
	src/store/inos.c src/store/inos.h \
	src/store/invalidate.c src/store/invalidate.h \
	src/store/journal.c src/store/journal.h src/store/journal_rename.c \
	src/store/local.c src/store/local.h \
	src/store/naming.c src/store/naming.h \
	src/store/nodes.c src/store/nodes.h \
	src/store/notes.c src/store/notes.h \
	src/store/numbering.c src/store/numbering.h \
	src/store/observed.c src/store/observed.h \
	src/store/order.c src/store/order.h \
	src/store/peek.c src/store/peek.h \
	src/store/problems.c src/store/problems.h \
	src/store/refused.c src/store/refused.h \
	src/store/rescue.c src/store/rescue.h \
	src/store/resettle.c src/store/resettle.h \
	src/store/revisions.c src/store/revisions.h \
	src/store/saves.c src/store/saves.h \
	src/store/schema.c src/store/schema.h \
	src/store/show.c \
	src/store/spool.c src/store/spool.h \
	src/store/spool_folder.c src/store/spool_folder.h \
	src/store/store.c src/store/store.h src/store/tx.h \
	src/store/tokens.c src/store/tokens.h \
	src/store/unmake.c src/store/unmake.h \
	src/store/untold.c src/store/untold.h \
	src/store/uploads.c src/store/uploads.h \
	src/store/view.c src/store/view.h src/store/view_show.c
