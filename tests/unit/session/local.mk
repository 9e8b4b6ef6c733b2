# Kept by build-aux/update-lists.

UNIT_TESTS += tests/unit/session/test_refresh
tests_unit_session_test_refresh_SOURCES = \
	tests/unit/session/test_refresh.c \
	tests/unit/session/setup.h
tests_unit_session_test_refresh_LDADD = $(upto_session) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/session/test_snapshot
tests_unit_session_test_snapshot_SOURCES = \
	tests/unit/session/test_snapshot.c \
	tests/unit/session/setup.h
tests_unit_session_test_snapshot_LDADD = $(upto_session) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/session/test_words
tests_unit_session_test_words_SOURCES = \
	tests/unit/session/test_words.c \
	tests/unit/session/setup.h
tests_unit_session_test_words_LDADD = $(upto_session) $(UNIT_LIBS)
