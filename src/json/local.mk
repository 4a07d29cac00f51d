noinst_LIBRARIES += src/json/libjson.a
src_json_libjson_a_SOURCES = \
	src/json/json_number.c src/json/json_number.h \
	src/json/json_reader.c src/json/json_reader.h \
	src/json/json_scan.c src/json/json_scan.h \
	src/json/json_set.c src/json/json_set.h \
	src/json/json_writer.c src/json/json_writer.h
