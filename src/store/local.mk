# Kept by build-aux/update-lists.
noinst_HEADERS += \
	src/store/keeper.h \
	src/store/key.h \
	src/store/store.h
upto_store = $(upto_oauth)
