# Kept by build-aux/update-lists.

UNIT_TESTS += tests/unit/session/test_ask
tests_unit_session_test_ask_SOURCES = \
	tests/unit/session/test_ask.c \
	tests/unit/session/around.h \
	tests/unit/session/by_hand.h \
	tests/unit/session/endpoint.h \
	tests/unit/session/setup.h \
	tests/unit/session/worker.h
tests_unit_session_test_ask_LDADD = $(upto_session) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/session/test_broker
tests_unit_session_test_broker_SOURCES = \
	tests/unit/session/test_broker.c \
	tests/unit/session/around.h \
	tests/unit/session/by_hand.h \
	tests/unit/session/endpoint.h \
	tests/unit/session/setup.h \
	tests/unit/session/worker.h
tests_unit_session_test_broker_LDADD = $(upto_session) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/session/test_broker_refresh
tests_unit_session_test_broker_refresh_SOURCES = \
	tests/unit/session/test_broker_refresh.c \
	tests/unit/session/around.h \
	tests/unit/session/by_hand.h \
	tests/unit/session/endpoint.h \
	tests/unit/session/setup.h \
	tests/unit/session/worker.h
tests_unit_session_test_broker_refresh_LDADD = $(upto_session) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/session/test_broker_store
tests_unit_session_test_broker_store_SOURCES = \
	tests/unit/session/test_broker_store.c \
	tests/unit/session/around.h \
	tests/unit/session/by_hand.h \
	tests/unit/session/endpoint.h \
	tests/unit/session/setup.h \
	tests/unit/session/worker.h
tests_unit_session_test_broker_store_LDADD = $(upto_session) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/session/test_call
tests_unit_session_test_call_SOURCES = \
	tests/unit/session/test_call.c \
	tests/unit/session/around.h \
	tests/unit/session/by_hand.h \
	tests/unit/session/endpoint.h \
	tests/unit/session/setup.h \
	tests/unit/session/worker.h
tests_unit_session_test_call_LDADD = $(upto_session) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/session/test_record
tests_unit_session_test_record_SOURCES = \
	tests/unit/session/test_record.c \
	tests/unit/session/around.h \
	tests/unit/session/by_hand.h \
	tests/unit/session/endpoint.h \
	tests/unit/session/setup.h \
	tests/unit/session/worker.h
tests_unit_session_test_record_LDADD = $(upto_session) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/session/test_refresh
tests_unit_session_test_refresh_SOURCES = \
	tests/unit/session/test_refresh.c \
	tests/unit/session/around.h \
	tests/unit/session/by_hand.h \
	tests/unit/session/endpoint.h \
	tests/unit/session/setup.h \
	tests/unit/session/worker.h
tests_unit_session_test_refresh_LDADD = $(upto_session) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/session/test_session
tests_unit_session_test_session_SOURCES = \
	tests/unit/session/test_session.c \
	tests/unit/session/around.h \
	tests/unit/session/by_hand.h \
	tests/unit/session/endpoint.h \
	tests/unit/session/setup.h \
	tests/unit/session/worker.h
tests_unit_session_test_session_LDADD = $(upto_session) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/session/test_session_key
tests_unit_session_test_session_key_SOURCES = \
	tests/unit/session/test_session_key.c \
	tests/unit/session/around.h \
	tests/unit/session/by_hand.h \
	tests/unit/session/endpoint.h \
	tests/unit/session/setup.h \
	tests/unit/session/worker.h
tests_unit_session_test_session_key_LDADD = $(upto_session) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/session/test_session_refresh
tests_unit_session_test_session_refresh_SOURCES = \
	tests/unit/session/test_session_refresh.c \
	tests/unit/session/around.h \
	tests/unit/session/by_hand.h \
	tests/unit/session/endpoint.h \
	tests/unit/session/setup.h \
	tests/unit/session/worker.h
tests_unit_session_test_session_refresh_LDADD = $(upto_session) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/session/test_shelf
tests_unit_session_test_shelf_SOURCES = \
	tests/unit/session/test_shelf.c \
	tests/unit/session/around.h \
	tests/unit/session/by_hand.h \
	tests/unit/session/endpoint.h \
	tests/unit/session/setup.h \
	tests/unit/session/worker.h
tests_unit_session_test_shelf_LDADD = $(upto_session) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/session/test_snapshot
tests_unit_session_test_snapshot_SOURCES = \
	tests/unit/session/test_snapshot.c \
	tests/unit/session/around.h \
	tests/unit/session/by_hand.h \
	tests/unit/session/endpoint.h \
	tests/unit/session/setup.h \
	tests/unit/session/worker.h
tests_unit_session_test_snapshot_LDADD = $(upto_session) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/session/test_view
tests_unit_session_test_view_SOURCES = \
	tests/unit/session/test_view.c \
	tests/unit/session/around.h \
	tests/unit/session/by_hand.h \
	tests/unit/session/endpoint.h \
	tests/unit/session/setup.h \
	tests/unit/session/worker.h
tests_unit_session_test_view_LDADD = $(upto_session) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/session/test_view_refused
tests_unit_session_test_view_refused_SOURCES = \
	tests/unit/session/test_view_refused.c \
	tests/unit/session/around.h \
	tests/unit/session/by_hand.h \
	tests/unit/session/endpoint.h \
	tests/unit/session/setup.h \
	tests/unit/session/worker.h
tests_unit_session_test_view_refused_LDADD = $(upto_session) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/session/test_words
tests_unit_session_test_words_SOURCES = \
	tests/unit/session/test_words.c \
	tests/unit/session/around.h \
	tests/unit/session/by_hand.h \
	tests/unit/session/endpoint.h \
	tests/unit/session/setup.h \
	tests/unit/session/worker.h
tests_unit_session_test_words_LDADD = $(upto_session) $(UNIT_LIBS)
