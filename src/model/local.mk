noinst_LIBRARIES += src/model/libmodel.a
src_model_libmodel_a_SOURCES = \
	src/model/ids.h \
	src/model/model.c src/model/model.h \
	src/model/model_copy.c \
	src/model/model_fini.c src/model/model_fini.h \
	src/model/model_gather.c \
	src/model/model_ids.c src/model/model_ids.h \
	src/model/model_json.c src/model/model_json.h \
	src/model/model_set.c src/model/model_set.h \
	src/model/model_write.c
