# Kept by build-aux/update-lists.
noinst_LIBRARIES += src/page/libpage.a
src_page_libpage_a_SOURCES = \
	src/page/health.h \
	src/page/html.h \
	src/page/login_page.h \
	src/page/page_request.h \
	src/page/pages.h \
	src/page/health.c \
	src/page/html.c \
	src/page/login_page.c \
	src/page/pages.c
upto_page = src/page/libpage.a $(upto_broker)
