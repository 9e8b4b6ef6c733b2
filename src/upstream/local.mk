# Kept by build-aux/update-lists.
noinst_HEADERS += \
	src/upstream/fetch.h \
	src/upstream/tls.h \
	src/upstream/transfer.h
upto_upstream = $(upto_store)
