noinst_LIBRARIES += src/text/libtext.a
src_text_libtext_a_SOURCES = \
	src/text/card_text.c src/text/card_text.h \
	src/text/comment_text.c src/text/comment_text.h \
	src/text/date_text.c src/text/date_text.h \
	src/text/heading.c src/text/heading.h \
	src/text/inline.c src/text/inline.h \
	src/text/line_diff.c src/text/line_diff.h \
	src/text/merge.c src/text/merge.h \
	src/text/name_set.c src/text/name_set.h \
	src/text/names.c src/text/names.h \
	src/text/shown.c src/text/shown.h \
	src/text/yaml_scalar.c src/text/yaml_scalar.h
