noinst_LIBRARIES += src/search/libsearch.a
src_search_libsearch_a_SOURCES = \
	src/search/query.c src/search/query.h \
	src/search/words.c src/search/words.h
