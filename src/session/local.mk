# Kept by build-aux/update-lists.
noinst_HEADERS += \
	src/session/broker.h \
	src/session/snapshot.h \
	src/session/view.h
upto_session = $(upto_upstream)
