# Kept by build-aux/update-lists.
noinst_LIBRARIES += src/control/libcontrol.a
src_control_libcontrol_a_SOURCES = \
	src/control/control.h \
	src/control/peer.h \
	src/control/request.h \
	src/control/status.h \
	src/control/control.c \
	src/control/peer.c \
	src/control/request.c \
	src/control/status.c
upto_control = src/control/libcontrol.a $(upto_page)
