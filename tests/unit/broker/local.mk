# Kept by build-aux/update-lists.

UNIT_TESTS += tests/unit/broker/test_broker
tests_unit_broker_test_broker_SOURCES = \
	tests/unit/broker/test_broker.c \
	tests/unit/broker/broker_running.h \
	tests/unit/broker/broker_threadless.h \
	tests/unit/broker/login_fixture.h \
	tests/unit/broker/worker.h
tests_unit_broker_test_broker_LDADD = $(upto_broker) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/broker/test_broker_refresh
tests_unit_broker_test_broker_refresh_SOURCES = \
	tests/unit/broker/test_broker_refresh.c \
	tests/unit/broker/broker_running.h \
	tests/unit/broker/broker_threadless.h \
	tests/unit/broker/login_fixture.h \
	tests/unit/broker/worker.h
tests_unit_broker_test_broker_refresh_LDADD = $(upto_broker) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/broker/test_broker_store
tests_unit_broker_test_broker_store_SOURCES = \
	tests/unit/broker/test_broker_store.c \
	tests/unit/broker/broker_running.h \
	tests/unit/broker/broker_threadless.h \
	tests/unit/broker/login_fixture.h \
	tests/unit/broker/worker.h
tests_unit_broker_test_broker_store_LDADD = $(upto_broker) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/broker/test_entry
tests_unit_broker_test_entry_SOURCES = \
	tests/unit/broker/test_entry.c \
	tests/unit/broker/broker_running.h \
	tests/unit/broker/broker_threadless.h \
	tests/unit/broker/login_fixture.h \
	tests/unit/broker/worker.h
tests_unit_broker_test_entry_LDADD = $(upto_broker) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/broker/test_login
tests_unit_broker_test_login_SOURCES = \
	tests/unit/broker/test_login.c \
	tests/unit/broker/broker_running.h \
	tests/unit/broker/broker_threadless.h \
	tests/unit/broker/login_fixture.h \
	tests/unit/broker/worker.h
tests_unit_broker_test_login_LDADD = $(upto_broker) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/broker/test_login_browser
tests_unit_broker_test_login_browser_SOURCES = \
	tests/unit/broker/test_login_browser.c \
	tests/unit/broker/broker_running.h \
	tests/unit/broker/broker_threadless.h \
	tests/unit/broker/login_fixture.h \
	tests/unit/broker/worker.h
tests_unit_broker_test_login_browser_LDADD = $(upto_broker) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/broker/test_login_device
tests_unit_broker_test_login_device_SOURCES = \
	tests/unit/broker/test_login_device.c \
	tests/unit/broker/broker_running.h \
	tests/unit/broker/broker_threadless.h \
	tests/unit/broker/login_fixture.h \
	tests/unit/broker/worker.h
tests_unit_broker_test_login_device_LDADD = $(upto_broker) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/broker/test_login_import
tests_unit_broker_test_login_import_SOURCES = \
	tests/unit/broker/test_login_import.c \
	tests/unit/broker/broker_running.h \
	tests/unit/broker/broker_threadless.h \
	tests/unit/broker/login_fixture.h \
	tests/unit/broker/worker.h
tests_unit_broker_test_login_import_LDADD = $(upto_broker) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/broker/test_login_limit
tests_unit_broker_test_login_limit_SOURCES = \
	tests/unit/broker/test_login_limit.c \
	tests/unit/broker/broker_running.h \
	tests/unit/broker/broker_threadless.h \
	tests/unit/broker/login_fixture.h \
	tests/unit/broker/worker.h
tests_unit_broker_test_login_limit_LDADD = $(upto_broker) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/broker/test_login_mail
tests_unit_broker_test_login_mail_SOURCES = \
	tests/unit/broker/test_login_mail.c \
	tests/unit/broker/broker_running.h \
	tests/unit/broker/broker_threadless.h \
	tests/unit/broker/login_fixture.h \
	tests/unit/broker/worker.h
tests_unit_broker_test_login_mail_LDADD = $(upto_broker) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/broker/test_login_paste
tests_unit_broker_test_login_paste_SOURCES = \
	tests/unit/broker/test_login_paste.c \
	tests/unit/broker/broker_running.h \
	tests/unit/broker/broker_threadless.h \
	tests/unit/broker/login_fixture.h \
	tests/unit/broker/worker.h
tests_unit_broker_test_login_paste_LDADD = $(upto_broker) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/broker/test_login_request
tests_unit_broker_test_login_request_SOURCES = \
	tests/unit/broker/test_login_request.c \
	tests/unit/broker/broker_running.h \
	tests/unit/broker/broker_threadless.h \
	tests/unit/broker/login_fixture.h \
	tests/unit/broker/worker.h
tests_unit_broker_test_login_request_LDADD = $(upto_broker) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/broker/test_logout
tests_unit_broker_test_logout_SOURCES = \
	tests/unit/broker/test_logout.c \
	tests/unit/broker/broker_running.h \
	tests/unit/broker/broker_threadless.h \
	tests/unit/broker/login_fixture.h \
	tests/unit/broker/worker.h
tests_unit_broker_test_logout_LDADD = $(upto_broker) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/broker/test_notify
tests_unit_broker_test_notify_SOURCES = \
	tests/unit/broker/test_notify.c \
	tests/unit/broker/broker_running.h \
	tests/unit/broker/broker_threadless.h \
	tests/unit/broker/login_fixture.h \
	tests/unit/broker/worker.h
tests_unit_broker_test_notify_LDADD = $(upto_broker) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/broker/test_reply
tests_unit_broker_test_reply_SOURCES = \
	tests/unit/broker/test_reply.c \
	tests/unit/broker/broker_running.h \
	tests/unit/broker/broker_threadless.h \
	tests/unit/broker/login_fixture.h \
	tests/unit/broker/worker.h
tests_unit_broker_test_reply_LDADD = $(upto_broker) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/broker/test_request
tests_unit_broker_test_request_SOURCES = \
	tests/unit/broker/test_request.c \
	tests/unit/broker/broker_running.h \
	tests/unit/broker/broker_threadless.h \
	tests/unit/broker/login_fixture.h \
	tests/unit/broker/worker.h
tests_unit_broker_test_request_LDADD = $(upto_broker) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/broker/test_session_store
tests_unit_broker_test_session_store_SOURCES = \
	tests/unit/broker/test_session_store.c \
	tests/unit/broker/broker_running.h \
	tests/unit/broker/broker_threadless.h \
	tests/unit/broker/login_fixture.h \
	tests/unit/broker/worker.h
tests_unit_broker_test_session_store_LDADD = $(upto_broker) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/broker/test_token_wait
tests_unit_broker_test_token_wait_SOURCES = \
	tests/unit/broker/test_token_wait.c \
	tests/unit/broker/broker_running.h \
	tests/unit/broker/broker_threadless.h \
	tests/unit/broker/login_fixture.h \
	tests/unit/broker/worker.h
tests_unit_broker_test_token_wait_LDADD = $(upto_broker) $(UNIT_LIBS)
