# Kept by build-aux/update-lists.
noinst_LIBRARIES += src/store/libstore.a
src_store_libstore_a_SOURCES = \
	src/store/file.h \
	src/store/keeper.h \
	src/store/key.h \
	src/store/seal.h \
	src/store/sqlite_int.h \
	src/store/store.h \
	src/store/file.c \
	src/store/keeper.c \
	src/store/key.c \
	src/store/memory.c \
	src/store/seal.c \
	src/store/sqlite.c \
	src/store/sqlite_deleted.c \
	src/store/store.c
upto_store = src/store/libstore.a $(upto_oauth)
