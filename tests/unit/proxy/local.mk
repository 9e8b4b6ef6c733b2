# Kept by build-aux/update-lists.

UNIT_TESTS += tests/unit/proxy/test_client
tests_unit_proxy_test_client_SOURCES = \
	tests/unit/proxy/test_client.c \
	tests/unit/proxy/api.h \
	tests/unit/proxy/browser.h \
	tests/unit/proxy/requests.h \
	tests/unit/proxy/running.h
tests_unit_proxy_test_client_LDADD = $(upto_proxy) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/proxy/test_client_writer
tests_unit_proxy_test_client_writer_SOURCES = \
	tests/unit/proxy/test_client_writer.c \
	tests/unit/proxy/api.h \
	tests/unit/proxy/browser.h \
	tests/unit/proxy/requests.h \
	tests/unit/proxy/running.h
tests_unit_proxy_test_client_writer_LDADD = $(upto_proxy) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/proxy/test_exchange
tests_unit_proxy_test_exchange_SOURCES = \
	tests/unit/proxy/test_exchange.c \
	tests/unit/proxy/api.h \
	tests/unit/proxy/browser.h \
	tests/unit/proxy/requests.h \
	tests/unit/proxy/running.h
tests_unit_proxy_test_exchange_LDADD = $(upto_proxy) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/proxy/test_exchange_client
tests_unit_proxy_test_exchange_client_SOURCES = \
	tests/unit/proxy/test_exchange_client.c \
	tests/unit/proxy/api.h \
	tests/unit/proxy/browser.h \
	tests/unit/proxy/requests.h \
	tests/unit/proxy/running.h
tests_unit_proxy_test_exchange_client_LDADD = $(upto_proxy) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/proxy/test_exchange_token
tests_unit_proxy_test_exchange_token_SOURCES = \
	tests/unit/proxy/test_exchange_token.c \
	tests/unit/proxy/api.h \
	tests/unit/proxy/browser.h \
	tests/unit/proxy/requests.h \
	tests/unit/proxy/running.h
tests_unit_proxy_test_exchange_token_LDADD = $(upto_proxy) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/proxy/test_front
tests_unit_proxy_test_front_SOURCES = \
	tests/unit/proxy/test_front.c \
	tests/unit/proxy/api.h \
	tests/unit/proxy/browser.h \
	tests/unit/proxy/requests.h \
	tests/unit/proxy/running.h
tests_unit_proxy_test_front_LDADD = $(upto_proxy) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/proxy/test_gateway
tests_unit_proxy_test_gateway_SOURCES = \
	tests/unit/proxy/test_gateway.c \
	tests/unit/proxy/api.h \
	tests/unit/proxy/browser.h \
	tests/unit/proxy/requests.h \
	tests/unit/proxy/running.h
tests_unit_proxy_test_gateway_LDADD = $(upto_proxy) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/proxy/test_gather
tests_unit_proxy_test_gather_SOURCES = \
	tests/unit/proxy/test_gather.c \
	tests/unit/proxy/api.h \
	tests/unit/proxy/browser.h \
	tests/unit/proxy/requests.h \
	tests/unit/proxy/running.h
tests_unit_proxy_test_gather_LDADD = $(upto_proxy) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/proxy/test_guard
tests_unit_proxy_test_guard_SOURCES = \
	tests/unit/proxy/test_guard.c \
	tests/unit/proxy/api.h \
	tests/unit/proxy/browser.h \
	tests/unit/proxy/requests.h \
	tests/unit/proxy/running.h
tests_unit_proxy_test_guard_LDADD = $(upto_proxy) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/proxy/test_kept_answer
tests_unit_proxy_test_kept_answer_SOURCES = \
	tests/unit/proxy/test_kept_answer.c \
	tests/unit/proxy/api.h \
	tests/unit/proxy/browser.h \
	tests/unit/proxy/requests.h \
	tests/unit/proxy/running.h
tests_unit_proxy_test_kept_answer_LDADD = $(upto_proxy) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/proxy/test_listen_address
tests_unit_proxy_test_listen_address_SOURCES = \
	tests/unit/proxy/test_listen_address.c \
	tests/unit/proxy/api.h \
	tests/unit/proxy/browser.h \
	tests/unit/proxy/requests.h \
	tests/unit/proxy/running.h
tests_unit_proxy_test_listen_address_LDADD = $(upto_proxy) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/proxy/test_own_page
tests_unit_proxy_test_own_page_SOURCES = \
	tests/unit/proxy/test_own_page.c \
	tests/unit/proxy/api.h \
	tests/unit/proxy/browser.h \
	tests/unit/proxy/requests.h \
	tests/unit/proxy/running.h
tests_unit_proxy_test_own_page_LDADD = $(upto_proxy) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/proxy/test_place
tests_unit_proxy_test_place_SOURCES = \
	tests/unit/proxy/test_place.c \
	tests/unit/proxy/api.h \
	tests/unit/proxy/browser.h \
	tests/unit/proxy/requests.h \
	tests/unit/proxy/running.h
tests_unit_proxy_test_place_LDADD = $(upto_proxy) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/proxy/test_place_hook
tests_unit_proxy_test_place_hook_SOURCES = \
	tests/unit/proxy/test_place_hook.c \
	tests/unit/proxy/api.h \
	tests/unit/proxy/browser.h \
	tests/unit/proxy/requests.h \
	tests/unit/proxy/running.h
tests_unit_proxy_test_place_hook_LDADD = $(upto_proxy) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/proxy/test_proof
tests_unit_proxy_test_proof_SOURCES = \
	tests/unit/proxy/test_proof.c \
	tests/unit/proxy/api.h \
	tests/unit/proxy/browser.h \
	tests/unit/proxy/requests.h \
	tests/unit/proxy/running.h
tests_unit_proxy_test_proof_LDADD = $(upto_proxy) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/proxy/test_relay
tests_unit_proxy_test_relay_SOURCES = \
	tests/unit/proxy/test_relay.c \
	tests/unit/proxy/api.h \
	tests/unit/proxy/browser.h \
	tests/unit/proxy/requests.h \
	tests/unit/proxy/running.h
tests_unit_proxy_test_relay_LDADD = $(upto_proxy) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/proxy/test_reply
tests_unit_proxy_test_reply_SOURCES = \
	tests/unit/proxy/test_reply.c \
	tests/unit/proxy/api.h \
	tests/unit/proxy/browser.h \
	tests/unit/proxy/requests.h \
	tests/unit/proxy/running.h
tests_unit_proxy_test_reply_LDADD = $(upto_proxy) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/proxy/test_rewrite
tests_unit_proxy_test_rewrite_SOURCES = \
	tests/unit/proxy/test_rewrite.c \
	tests/unit/proxy/api.h \
	tests/unit/proxy/browser.h \
	tests/unit/proxy/requests.h \
	tests/unit/proxy/running.h
tests_unit_proxy_test_rewrite_LDADD = $(upto_proxy) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/proxy/test_spool
tests_unit_proxy_test_spool_SOURCES = \
	tests/unit/proxy/test_spool.c \
	tests/unit/proxy/api.h \
	tests/unit/proxy/browser.h \
	tests/unit/proxy/requests.h \
	tests/unit/proxy/running.h
tests_unit_proxy_test_spool_LDADD = $(upto_proxy) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/proxy/test_worker
tests_unit_proxy_test_worker_SOURCES = \
	tests/unit/proxy/test_worker.c \
	tests/unit/proxy/api.h \
	tests/unit/proxy/browser.h \
	tests/unit/proxy/requests.h \
	tests/unit/proxy/running.h
tests_unit_proxy_test_worker_LDADD = $(upto_proxy) $(UNIT_LIBS)
