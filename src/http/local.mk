# Kept by build-aux/update-lists.
noinst_LIBRARIES += src/http/libhttp.a
src_http_libhttp_a_SOURCES = \
	src/http/address.h \
	src/http/cache_control.h \
	src/http/challenge.h \
	src/http/connection_auth.h \
	src/http/content_coding.h \
	src/http/fields.h \
	src/http/message.h \
	src/http/override.h \
	src/http/path_reading.h \
	src/http/response_parser.h \
	src/http/target.h \
	src/http/template.h \
	src/http/url_secret.h \
	src/http/address.c \
	src/http/cache_control.c \
	src/http/challenge.c \
	src/http/connection_auth.c \
	src/http/content_coding.c \
	src/http/fields.c \
	src/http/message.c \
	src/http/override.c \
	src/http/path_reading.c \
	src/http/response_parser.c \
	src/http/target.c \
	src/http/template.c \
	src/http/url_secret.c
upto_http = src/http/libhttp.a $(upto_crypto)
