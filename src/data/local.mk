# Kept by build-aux/update-lists.
noinst_LIBRARIES += src/data/libdata.a
src_data_libdata_a_SOURCES = \
	src/data/base64url.h \
	src/data/date.h \
	src/data/form.h \
	src/data/json.h \
	src/data/json_int.h \
	src/data/json_path.h \
	src/data/parameters.h \
	src/data/uri.h \
	src/data/utf8.h \
	src/data/base64url.c \
	src/data/date.c \
	src/data/form.c \
	src/data/json.c \
	src/data/json_number.c \
	src/data/json_out.c \
	src/data/json_path.c \
	src/data/json_refusal.c \
	src/data/parameters.c \
	src/data/uri.c \
	src/data/utf8.c
upto_data = src/data/libdata.a $(upto_base)
