noinst_LIBRARIES += src/text/libtext.a
src_text_libtext_a_SOURCES = \
	src/text/board_text.c src/text/board_text.h \
	src/text/card_change.c src/text/card_change.h \
	src/text/card_diff.c \
	src/text/card_text.c src/text/card_text.h \
	src/text/card_text_parse.c \
	src/text/comment_text.c src/text/comment_text.h \
	src/text/date_text.c src/text/date_text.h \
	src/text/field_text.c src/text/field_text.h \
	src/text/front_matter.c src/text/front_matter.h \
	src/text/heading.c src/text/heading.h \
	src/text/inline.c src/text/inline.h \
	src/text/line_diff.c src/text/line_diff.h \
	src/text/match.c src/text/match.h \
	src/text/merge.c src/text/merge.h \
	src/text/name_set.c src/text/name_set.h \
	src/text/names.c src/text/names.h \
	src/text/order_text.c src/text/order_text.h \
	src/text/origin.c src/text/origin.h \
	src/text/positions.c src/text/positions.h \
	src/text/rev.c src/text/rev.h \
	src/text/shown.c src/text/shown.h \
	src/text/text_error.c src/text/text_error.h \
	src/text/text_quotes.c src/text/text_quotes.h \
	src/text/text_reader.h \
	src/text/text_reader_body.c \
	src/text/text_reader_checklists.c \
	src/text/text_reader_comments.c \
	src/text/text_reader_cut.c \
	src/text/text_reader_fields.c \
	src/text/text_reader_front.c \
	src/text/text_reader_words.c \
	src/text/yaml_scalar.c src/text/yaml_scalar.h
