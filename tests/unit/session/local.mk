# Kept by build-aux/update-lists.

UNIT_TESTS += tests/unit/session/test_ask
tests_unit_session_test_ask_SOURCES = \
	tests/unit/session/test_ask.c \
	tests/unit/session/around.h \
	tests/unit/session/by_hand.h \
	tests/unit/session/by_turns.h \
	tests/unit/session/endpoint.h \
	tests/unit/session/person.h \
	tests/unit/session/setup.h \
	tests/unit/session/turned.h \
	tests/unit/session/worker.h
tests_unit_session_test_ask_LDADD = $(upto_session) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/session/test_broker
tests_unit_session_test_broker_SOURCES = \
	tests/unit/session/test_broker.c \
	tests/unit/session/around.h \
	tests/unit/session/by_hand.h \
	tests/unit/session/by_turns.h \
	tests/unit/session/endpoint.h \
	tests/unit/session/person.h \
	tests/unit/session/setup.h \
	tests/unit/session/turned.h \
	tests/unit/session/worker.h
tests_unit_session_test_broker_LDADD = $(upto_session) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/session/test_broker_refresh
tests_unit_session_test_broker_refresh_SOURCES = \
	tests/unit/session/test_broker_refresh.c \
	tests/unit/session/around.h \
	tests/unit/session/by_hand.h \
	tests/unit/session/by_turns.h \
	tests/unit/session/endpoint.h \
	tests/unit/session/person.h \
	tests/unit/session/setup.h \
	tests/unit/session/turned.h \
	tests/unit/session/worker.h
tests_unit_session_test_broker_refresh_LDADD = $(upto_session) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/session/test_broker_store
tests_unit_session_test_broker_store_SOURCES = \
	tests/unit/session/test_broker_store.c \
	tests/unit/session/around.h \
	tests/unit/session/by_hand.h \
	tests/unit/session/by_turns.h \
	tests/unit/session/endpoint.h \
	tests/unit/session/person.h \
	tests/unit/session/setup.h \
	tests/unit/session/turned.h \
	tests/unit/session/worker.h
tests_unit_session_test_broker_store_LDADD = $(upto_session) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/session/test_call
tests_unit_session_test_call_SOURCES = \
	tests/unit/session/test_call.c \
	tests/unit/session/around.h \
	tests/unit/session/by_hand.h \
	tests/unit/session/by_turns.h \
	tests/unit/session/endpoint.h \
	tests/unit/session/person.h \
	tests/unit/session/setup.h \
	tests/unit/session/turned.h \
	tests/unit/session/worker.h
tests_unit_session_test_call_LDADD = $(upto_session) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/session/test_call_proof
tests_unit_session_test_call_proof_SOURCES = \
	tests/unit/session/test_call_proof.c \
	tests/unit/session/around.h \
	tests/unit/session/by_hand.h \
	tests/unit/session/by_turns.h \
	tests/unit/session/endpoint.h \
	tests/unit/session/person.h \
	tests/unit/session/setup.h \
	tests/unit/session/turned.h \
	tests/unit/session/worker.h
tests_unit_session_test_call_proof_LDADD = $(upto_session) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/session/test_discovery
tests_unit_session_test_discovery_SOURCES = \
	tests/unit/session/test_discovery.c \
	tests/unit/session/around.h \
	tests/unit/session/by_hand.h \
	tests/unit/session/by_turns.h \
	tests/unit/session/endpoint.h \
	tests/unit/session/person.h \
	tests/unit/session/setup.h \
	tests/unit/session/turned.h \
	tests/unit/session/worker.h
tests_unit_session_test_discovery_LDADD = $(upto_session) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/session/test_introspect
tests_unit_session_test_introspect_SOURCES = \
	tests/unit/session/test_introspect.c \
	tests/unit/session/around.h \
	tests/unit/session/by_hand.h \
	tests/unit/session/by_turns.h \
	tests/unit/session/endpoint.h \
	tests/unit/session/person.h \
	tests/unit/session/setup.h \
	tests/unit/session/turned.h \
	tests/unit/session/worker.h
tests_unit_session_test_introspect_LDADD = $(upto_session) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/session/test_jwks
tests_unit_session_test_jwks_SOURCES = \
	tests/unit/session/test_jwks.c \
	tests/unit/session/around.h \
	tests/unit/session/by_hand.h \
	tests/unit/session/by_turns.h \
	tests/unit/session/endpoint.h \
	tests/unit/session/person.h \
	tests/unit/session/setup.h \
	tests/unit/session/turned.h \
	tests/unit/session/worker.h
tests_unit_session_test_jwks_LDADD = $(upto_session) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/session/test_login
tests_unit_session_test_login_SOURCES = \
	tests/unit/session/test_login.c \
	tests/unit/session/around.h \
	tests/unit/session/by_hand.h \
	tests/unit/session/by_turns.h \
	tests/unit/session/endpoint.h \
	tests/unit/session/person.h \
	tests/unit/session/setup.h \
	tests/unit/session/turned.h \
	tests/unit/session/worker.h
tests_unit_session_test_login_LDADD = $(upto_session) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/session/test_login_browser
tests_unit_session_test_login_browser_SOURCES = \
	tests/unit/session/test_login_browser.c \
	tests/unit/session/around.h \
	tests/unit/session/by_hand.h \
	tests/unit/session/by_turns.h \
	tests/unit/session/endpoint.h \
	tests/unit/session/person.h \
	tests/unit/session/setup.h \
	tests/unit/session/turned.h \
	tests/unit/session/worker.h
tests_unit_session_test_login_browser_LDADD = $(upto_session) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/session/test_login_device
tests_unit_session_test_login_device_SOURCES = \
	tests/unit/session/test_login_device.c \
	tests/unit/session/around.h \
	tests/unit/session/by_hand.h \
	tests/unit/session/by_turns.h \
	tests/unit/session/endpoint.h \
	tests/unit/session/person.h \
	tests/unit/session/setup.h \
	tests/unit/session/turned.h \
	tests/unit/session/worker.h
tests_unit_session_test_login_device_LDADD = $(upto_session) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/session/test_login_mail
tests_unit_session_test_login_mail_SOURCES = \
	tests/unit/session/test_login_mail.c \
	tests/unit/session/around.h \
	tests/unit/session/by_hand.h \
	tests/unit/session/by_turns.h \
	tests/unit/session/endpoint.h \
	tests/unit/session/person.h \
	tests/unit/session/setup.h \
	tests/unit/session/turned.h \
	tests/unit/session/worker.h
tests_unit_session_test_login_mail_LDADD = $(upto_session) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/session/test_login_paste
tests_unit_session_test_login_paste_SOURCES = \
	tests/unit/session/test_login_paste.c \
	tests/unit/session/around.h \
	tests/unit/session/by_hand.h \
	tests/unit/session/by_turns.h \
	tests/unit/session/endpoint.h \
	tests/unit/session/person.h \
	tests/unit/session/setup.h \
	tests/unit/session/turned.h \
	tests/unit/session/worker.h
tests_unit_session_test_login_paste_LDADD = $(upto_session) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/session/test_login_request
tests_unit_session_test_login_request_SOURCES = \
	tests/unit/session/test_login_request.c \
	tests/unit/session/around.h \
	tests/unit/session/by_hand.h \
	tests/unit/session/by_turns.h \
	tests/unit/session/endpoint.h \
	tests/unit/session/person.h \
	tests/unit/session/setup.h \
	tests/unit/session/turned.h \
	tests/unit/session/worker.h
tests_unit_session_test_login_request_LDADD = $(upto_session) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/session/test_logout
tests_unit_session_test_logout_SOURCES = \
	tests/unit/session/test_logout.c \
	tests/unit/session/around.h \
	tests/unit/session/by_hand.h \
	tests/unit/session/by_turns.h \
	tests/unit/session/endpoint.h \
	tests/unit/session/person.h \
	tests/unit/session/setup.h \
	tests/unit/session/turned.h \
	tests/unit/session/worker.h
tests_unit_session_test_logout_LDADD = $(upto_session) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/session/test_metadata_fetch
tests_unit_session_test_metadata_fetch_SOURCES = \
	tests/unit/session/test_metadata_fetch.c \
	tests/unit/session/around.h \
	tests/unit/session/by_hand.h \
	tests/unit/session/by_turns.h \
	tests/unit/session/endpoint.h \
	tests/unit/session/person.h \
	tests/unit/session/setup.h \
	tests/unit/session/turned.h \
	tests/unit/session/worker.h
tests_unit_session_test_metadata_fetch_LDADD = $(upto_session) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/session/test_metadata_shelf
tests_unit_session_test_metadata_shelf_SOURCES = \
	tests/unit/session/test_metadata_shelf.c \
	tests/unit/session/around.h \
	tests/unit/session/by_hand.h \
	tests/unit/session/by_turns.h \
	tests/unit/session/endpoint.h \
	tests/unit/session/person.h \
	tests/unit/session/setup.h \
	tests/unit/session/turned.h \
	tests/unit/session/worker.h
tests_unit_session_test_metadata_shelf_LDADD = $(upto_session) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/session/test_need
tests_unit_session_test_need_SOURCES = \
	tests/unit/session/test_need.c \
	tests/unit/session/around.h \
	tests/unit/session/by_hand.h \
	tests/unit/session/by_turns.h \
	tests/unit/session/endpoint.h \
	tests/unit/session/person.h \
	tests/unit/session/setup.h \
	tests/unit/session/turned.h \
	tests/unit/session/worker.h
tests_unit_session_test_need_LDADD = $(upto_session) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/session/test_post
tests_unit_session_test_post_SOURCES = \
	tests/unit/session/test_post.c \
	tests/unit/session/around.h \
	tests/unit/session/by_hand.h \
	tests/unit/session/by_turns.h \
	tests/unit/session/endpoint.h \
	tests/unit/session/person.h \
	tests/unit/session/setup.h \
	tests/unit/session/turned.h \
	tests/unit/session/worker.h
tests_unit_session_test_post_LDADD = $(upto_session) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/session/test_record
tests_unit_session_test_record_SOURCES = \
	tests/unit/session/test_record.c \
	tests/unit/session/around.h \
	tests/unit/session/by_hand.h \
	tests/unit/session/by_turns.h \
	tests/unit/session/endpoint.h \
	tests/unit/session/person.h \
	tests/unit/session/setup.h \
	tests/unit/session/turned.h \
	tests/unit/session/worker.h
tests_unit_session_test_record_LDADD = $(upto_session) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/session/test_refresh
tests_unit_session_test_refresh_SOURCES = \
	tests/unit/session/test_refresh.c \
	tests/unit/session/around.h \
	tests/unit/session/by_hand.h \
	tests/unit/session/by_turns.h \
	tests/unit/session/endpoint.h \
	tests/unit/session/person.h \
	tests/unit/session/setup.h \
	tests/unit/session/turned.h \
	tests/unit/session/worker.h
tests_unit_session_test_refresh_LDADD = $(upto_session) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/session/test_session
tests_unit_session_test_session_SOURCES = \
	tests/unit/session/test_session.c \
	tests/unit/session/around.h \
	tests/unit/session/by_hand.h \
	tests/unit/session/by_turns.h \
	tests/unit/session/endpoint.h \
	tests/unit/session/person.h \
	tests/unit/session/setup.h \
	tests/unit/session/turned.h \
	tests/unit/session/worker.h
tests_unit_session_test_session_LDADD = $(upto_session) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/session/test_session_key
tests_unit_session_test_session_key_SOURCES = \
	tests/unit/session/test_session_key.c \
	tests/unit/session/around.h \
	tests/unit/session/by_hand.h \
	tests/unit/session/by_turns.h \
	tests/unit/session/endpoint.h \
	tests/unit/session/person.h \
	tests/unit/session/setup.h \
	tests/unit/session/turned.h \
	tests/unit/session/worker.h
tests_unit_session_test_session_key_LDADD = $(upto_session) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/session/test_session_person
tests_unit_session_test_session_person_SOURCES = \
	tests/unit/session/test_session_person.c \
	tests/unit/session/around.h \
	tests/unit/session/by_hand.h \
	tests/unit/session/by_turns.h \
	tests/unit/session/endpoint.h \
	tests/unit/session/person.h \
	tests/unit/session/setup.h \
	tests/unit/session/turned.h \
	tests/unit/session/worker.h
tests_unit_session_test_session_person_LDADD = $(upto_session) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/session/test_session_refresh
tests_unit_session_test_session_refresh_SOURCES = \
	tests/unit/session/test_session_refresh.c \
	tests/unit/session/around.h \
	tests/unit/session/by_hand.h \
	tests/unit/session/by_turns.h \
	tests/unit/session/endpoint.h \
	tests/unit/session/person.h \
	tests/unit/session/setup.h \
	tests/unit/session/turned.h \
	tests/unit/session/worker.h
tests_unit_session_test_session_refresh_LDADD = $(upto_session) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/session/test_session_wishes
tests_unit_session_test_session_wishes_SOURCES = \
	tests/unit/session/test_session_wishes.c \
	tests/unit/session/around.h \
	tests/unit/session/by_hand.h \
	tests/unit/session/by_turns.h \
	tests/unit/session/endpoint.h \
	tests/unit/session/person.h \
	tests/unit/session/setup.h \
	tests/unit/session/turned.h \
	tests/unit/session/worker.h
tests_unit_session_test_session_wishes_LDADD = $(upto_session) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/session/test_shelf
tests_unit_session_test_shelf_SOURCES = \
	tests/unit/session/test_shelf.c \
	tests/unit/session/around.h \
	tests/unit/session/by_hand.h \
	tests/unit/session/by_turns.h \
	tests/unit/session/endpoint.h \
	tests/unit/session/person.h \
	tests/unit/session/setup.h \
	tests/unit/session/turned.h \
	tests/unit/session/worker.h
tests_unit_session_test_shelf_LDADD = $(upto_session) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/session/test_snapshot
tests_unit_session_test_snapshot_SOURCES = \
	tests/unit/session/test_snapshot.c \
	tests/unit/session/around.h \
	tests/unit/session/by_hand.h \
	tests/unit/session/by_turns.h \
	tests/unit/session/endpoint.h \
	tests/unit/session/person.h \
	tests/unit/session/setup.h \
	tests/unit/session/turned.h \
	tests/unit/session/worker.h
tests_unit_session_test_snapshot_LDADD = $(upto_session) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/session/test_view
tests_unit_session_test_view_SOURCES = \
	tests/unit/session/test_view.c \
	tests/unit/session/around.h \
	tests/unit/session/by_hand.h \
	tests/unit/session/by_turns.h \
	tests/unit/session/endpoint.h \
	tests/unit/session/person.h \
	tests/unit/session/setup.h \
	tests/unit/session/turned.h \
	tests/unit/session/worker.h
tests_unit_session_test_view_LDADD = $(upto_session) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/session/test_view_refused
tests_unit_session_test_view_refused_SOURCES = \
	tests/unit/session/test_view_refused.c \
	tests/unit/session/around.h \
	tests/unit/session/by_hand.h \
	tests/unit/session/by_turns.h \
	tests/unit/session/endpoint.h \
	tests/unit/session/person.h \
	tests/unit/session/setup.h \
	tests/unit/session/turned.h \
	tests/unit/session/worker.h
tests_unit_session_test_view_refused_LDADD = $(upto_session) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/session/test_wish
tests_unit_session_test_wish_SOURCES = \
	tests/unit/session/test_wish.c \
	tests/unit/session/around.h \
	tests/unit/session/by_hand.h \
	tests/unit/session/by_turns.h \
	tests/unit/session/endpoint.h \
	tests/unit/session/person.h \
	tests/unit/session/setup.h \
	tests/unit/session/turned.h \
	tests/unit/session/worker.h
tests_unit_session_test_wish_LDADD = $(upto_session) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/session/test_words
tests_unit_session_test_words_SOURCES = \
	tests/unit/session/test_words.c \
	tests/unit/session/around.h \
	tests/unit/session/by_hand.h \
	tests/unit/session/by_turns.h \
	tests/unit/session/endpoint.h \
	tests/unit/session/person.h \
	tests/unit/session/setup.h \
	tests/unit/session/turned.h \
	tests/unit/session/worker.h
tests_unit_session_test_words_LDADD = $(upto_session) $(UNIT_LIBS)
