# Kept by build-aux/update-lists.
noinst_LIBRARIES += src/preview/libpreview.a
src_preview_libpreview_a_SOURCES = \
	src/preview/int.h \
	src/preview/preview.h \
	src/preview/text.h \
	src/preview/preview.c \
	src/preview/protected.c \
	src/preview/server.c \
	src/preview/text.c
upto_preview = src/preview/libpreview.a $(upto_authserver)
