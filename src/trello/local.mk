noinst_LIBRARIES += src/trello/libtrello.a
src_trello_libtrello_a_SOURCES =
