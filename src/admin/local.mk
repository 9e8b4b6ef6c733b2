# Kept by build-aux/update-lists.
noinst_LIBRARIES += src/admin/libadmin.a
src_admin_libadmin_a_SOURCES = \
	src/admin/health.h \
	src/admin/html.h \
	src/admin/login_page.h \
	src/admin/pages.h \
	src/admin/health.c \
	src/admin/html.c \
	src/admin/login_page.c \
	src/admin/pages.c
upto_admin = src/admin/libadmin.a $(upto_session)
