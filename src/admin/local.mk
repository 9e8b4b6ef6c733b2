# Kept by build-aux/update-lists.
noinst_LIBRARIES += src/admin/libadmin.a
src_admin_libadmin_a_SOURCES = \
	src/admin/control.h \
	src/admin/control_peer.h \
	src/admin/control_request.h \
	src/admin/health.h \
	src/admin/html.h \
	src/admin/login_page.h \
	src/admin/pages.h \
	src/admin/status.h \
	src/admin/control.c \
	src/admin/control_commands.c \
	src/admin/control_introspect.c \
	src/admin/control_login.c \
	src/admin/control_peer.c \
	src/admin/control_request.c \
	src/admin/health.c \
	src/admin/html.c \
	src/admin/login_page.c \
	src/admin/pages.c \
	src/admin/status.c
upto_admin = src/admin/libadmin.a $(upto_session)
