# Kept by build-aux/update-lists.

UNIT_TESTS += tests/unit/store/test_file
tests_unit_store_test_file_SOURCES = \
	tests/unit/store/test_file.c \
	tests/unit/store/scratch.h
tests_unit_store_test_file_LDADD = $(upto_store) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/store/test_keeper
tests_unit_store_test_keeper_SOURCES = \
	tests/unit/store/test_keeper.c \
	tests/unit/store/scratch.h
tests_unit_store_test_keeper_LDADD = $(upto_store) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/store/test_key
tests_unit_store_test_key_SOURCES = \
	tests/unit/store/test_key.c \
	tests/unit/store/scratch.h
tests_unit_store_test_key_LDADD = $(upto_store) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/store/test_seal
tests_unit_store_test_seal_SOURCES = \
	tests/unit/store/test_seal.c \
	tests/unit/store/scratch.h
tests_unit_store_test_seal_LDADD = $(upto_store) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/store/test_sqlite
tests_unit_store_test_sqlite_SOURCES = \
	tests/unit/store/test_sqlite.c \
	tests/unit/store/scratch.h
tests_unit_store_test_sqlite_LDADD = $(upto_store) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/store/test_sqlite_crash
tests_unit_store_test_sqlite_crash_SOURCES = \
	tests/unit/store/test_sqlite_crash.c \
	tests/unit/store/scratch.h
tests_unit_store_test_sqlite_crash_LDADD = $(upto_store) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/store/test_sqlite_deleted
tests_unit_store_test_sqlite_deleted_SOURCES = \
	tests/unit/store/test_sqlite_deleted.c \
	tests/unit/store/scratch.h
tests_unit_store_test_sqlite_deleted_LDADD = $(upto_store) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/store/test_store
tests_unit_store_test_store_SOURCES = \
	tests/unit/store/test_store.c \
	tests/unit/store/scratch.h
tests_unit_store_test_store_LDADD = $(upto_store) $(UNIT_LIBS)
