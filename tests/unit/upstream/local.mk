# Kept by build-aux/update-lists.

UNIT_TESTS += tests/unit/upstream/test_connected
tests_unit_upstream_test_connected_SOURCES = \
	tests/unit/upstream/test_connected.c \
	tests/unit/upstream/bench.h \
	tests/unit/upstream/certs.h \
	tests/unit/upstream/run.h \
	tests/unit/upstream/server.h \
	tests/unit/upstream/stream.h
tests_unit_upstream_test_connected_LDADD = $(upto_upstream) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/upstream/test_conversation
tests_unit_upstream_test_conversation_SOURCES = \
	tests/unit/upstream/test_conversation.c \
	tests/unit/upstream/bench.h \
	tests/unit/upstream/certs.h \
	tests/unit/upstream/run.h \
	tests/unit/upstream/server.h \
	tests/unit/upstream/stream.h
tests_unit_upstream_test_conversation_LDADD = $(upto_upstream) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/upstream/test_curl_fault
tests_unit_upstream_test_curl_fault_SOURCES = \
	tests/unit/upstream/test_curl_fault.c \
	tests/unit/upstream/bench.h \
	tests/unit/upstream/certs.h \
	tests/unit/upstream/run.h \
	tests/unit/upstream/server.h \
	tests/unit/upstream/stream.h
tests_unit_upstream_test_curl_fault_LDADD = $(upto_upstream) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/upstream/test_curl_request
tests_unit_upstream_test_curl_request_SOURCES = \
	tests/unit/upstream/test_curl_request.c \
	tests/unit/upstream/bench.h \
	tests/unit/upstream/certs.h \
	tests/unit/upstream/run.h \
	tests/unit/upstream/server.h \
	tests/unit/upstream/stream.h
tests_unit_upstream_test_curl_request_LDADD = $(upto_upstream) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/upstream/test_curl_response
tests_unit_upstream_test_curl_response_SOURCES = \
	tests/unit/upstream/test_curl_response.c \
	tests/unit/upstream/bench.h \
	tests/unit/upstream/certs.h \
	tests/unit/upstream/run.h \
	tests/unit/upstream/server.h \
	tests/unit/upstream/stream.h
tests_unit_upstream_test_curl_response_LDADD = $(upto_upstream) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/upstream/test_cuts
tests_unit_upstream_test_cuts_SOURCES = \
	tests/unit/upstream/test_cuts.c \
	tests/unit/upstream/bench.h \
	tests/unit/upstream/certs.h \
	tests/unit/upstream/run.h \
	tests/unit/upstream/server.h \
	tests/unit/upstream/stream.h
tests_unit_upstream_test_cuts_LDADD = $(upto_upstream) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/upstream/test_dial
tests_unit_upstream_test_dial_SOURCES = \
	tests/unit/upstream/test_dial.c \
	tests/unit/upstream/bench.h \
	tests/unit/upstream/certs.h \
	tests/unit/upstream/run.h \
	tests/unit/upstream/server.h \
	tests/unit/upstream/stream.h
tests_unit_upstream_test_dial_LDADD = $(upto_upstream) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/upstream/test_endpoint
tests_unit_upstream_test_endpoint_SOURCES = \
	tests/unit/upstream/test_endpoint.c \
	tests/unit/upstream/bench.h \
	tests/unit/upstream/certs.h \
	tests/unit/upstream/run.h \
	tests/unit/upstream/server.h \
	tests/unit/upstream/stream.h
tests_unit_upstream_test_endpoint_LDADD = $(upto_upstream) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/upstream/test_fetch
tests_unit_upstream_test_fetch_SOURCES = \
	tests/unit/upstream/test_fetch.c \
	tests/unit/upstream/bench.h \
	tests/unit/upstream/certs.h \
	tests/unit/upstream/run.h \
	tests/unit/upstream/server.h \
	tests/unit/upstream/stream.h
tests_unit_upstream_test_fetch_LDADD = $(upto_upstream) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/upstream/test_http1_stream
tests_unit_upstream_test_http1_stream_SOURCES = \
	tests/unit/upstream/test_http1_stream.c \
	tests/unit/upstream/bench.h \
	tests/unit/upstream/certs.h \
	tests/unit/upstream/run.h \
	tests/unit/upstream/server.h \
	tests/unit/upstream/stream.h
tests_unit_upstream_test_http1_stream_LDADD = $(upto_upstream) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/upstream/test_http1_upgrade
tests_unit_upstream_test_http1_upgrade_SOURCES = \
	tests/unit/upstream/test_http1_upgrade.c \
	tests/unit/upstream/bench.h \
	tests/unit/upstream/certs.h \
	tests/unit/upstream/run.h \
	tests/unit/upstream/server.h \
	tests/unit/upstream/stream.h
tests_unit_upstream_test_http1_upgrade_LDADD = $(upto_upstream) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/upstream/test_http2
tests_unit_upstream_test_http2_SOURCES = \
	tests/unit/upstream/test_http2.c \
	tests/unit/upstream/bench.h \
	tests/unit/upstream/certs.h \
	tests/unit/upstream/run.h \
	tests/unit/upstream/server.h \
	tests/unit/upstream/stream.h
tests_unit_upstream_test_http2_LDADD = $(upto_upstream) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/upstream/test_interim
tests_unit_upstream_test_interim_SOURCES = \
	tests/unit/upstream/test_interim.c \
	tests/unit/upstream/bench.h \
	tests/unit/upstream/certs.h \
	tests/unit/upstream/run.h \
	tests/unit/upstream/server.h \
	tests/unit/upstream/stream.h
tests_unit_upstream_test_interim_LDADD = $(upto_upstream) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/upstream/test_known
tests_unit_upstream_test_known_SOURCES = \
	tests/unit/upstream/test_known.c \
	tests/unit/upstream/bench.h \
	tests/unit/upstream/certs.h \
	tests/unit/upstream/run.h \
	tests/unit/upstream/server.h \
	tests/unit/upstream/stream.h
tests_unit_upstream_test_known_LDADD = $(upto_upstream) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/upstream/test_limit
tests_unit_upstream_test_limit_SOURCES = \
	tests/unit/upstream/test_limit.c \
	tests/unit/upstream/bench.h \
	tests/unit/upstream/certs.h \
	tests/unit/upstream/run.h \
	tests/unit/upstream/server.h \
	tests/unit/upstream/stream.h
tests_unit_upstream_test_limit_LDADD = $(upto_upstream) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/upstream/test_multi
tests_unit_upstream_test_multi_SOURCES = \
	tests/unit/upstream/test_multi.c \
	tests/unit/upstream/bench.h \
	tests/unit/upstream/certs.h \
	tests/unit/upstream/run.h \
	tests/unit/upstream/server.h \
	tests/unit/upstream/stream.h
tests_unit_upstream_test_multi_LDADD = $(upto_upstream) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/upstream/test_origin
tests_unit_upstream_test_origin_SOURCES = \
	tests/unit/upstream/test_origin.c \
	tests/unit/upstream/bench.h \
	tests/unit/upstream/certs.h \
	tests/unit/upstream/run.h \
	tests/unit/upstream/server.h \
	tests/unit/upstream/stream.h
tests_unit_upstream_test_origin_LDADD = $(upto_upstream) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/upstream/test_pool
tests_unit_upstream_test_pool_SOURCES = \
	tests/unit/upstream/test_pool.c \
	tests/unit/upstream/bench.h \
	tests/unit/upstream/certs.h \
	tests/unit/upstream/run.h \
	tests/unit/upstream/server.h \
	tests/unit/upstream/stream.h
tests_unit_upstream_test_pool_LDADD = $(upto_upstream) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/upstream/test_races
tests_unit_upstream_test_races_SOURCES = \
	tests/unit/upstream/test_races.c \
	tests/unit/upstream/bench.h \
	tests/unit/upstream/certs.h \
	tests/unit/upstream/run.h \
	tests/unit/upstream/server.h \
	tests/unit/upstream/stream.h
tests_unit_upstream_test_races_LDADD = $(upto_upstream) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/upstream/test_resolver
tests_unit_upstream_test_resolver_SOURCES = \
	tests/unit/upstream/test_resolver.c \
	tests/unit/upstream/bench.h \
	tests/unit/upstream/certs.h \
	tests/unit/upstream/run.h \
	tests/unit/upstream/server.h \
	tests/unit/upstream/stream.h
tests_unit_upstream_test_resolver_LDADD = $(upto_upstream) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/upstream/test_sockets
tests_unit_upstream_test_sockets_SOURCES = \
	tests/unit/upstream/test_sockets.c \
	tests/unit/upstream/bench.h \
	tests/unit/upstream/certs.h \
	tests/unit/upstream/run.h \
	tests/unit/upstream/server.h \
	tests/unit/upstream/stream.h
tests_unit_upstream_test_sockets_LDADD = $(upto_upstream) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/upstream/test_tls
tests_unit_upstream_test_tls_SOURCES = \
	tests/unit/upstream/test_tls.c \
	tests/unit/upstream/bench.h \
	tests/unit/upstream/certs.h \
	tests/unit/upstream/run.h \
	tests/unit/upstream/server.h \
	tests/unit/upstream/stream.h
tests_unit_upstream_test_tls_LDADD = $(upto_upstream) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/upstream/test_transfer_curl
tests_unit_upstream_test_transfer_curl_SOURCES = \
	tests/unit/upstream/test_transfer_curl.c \
	tests/unit/upstream/bench.h \
	tests/unit/upstream/certs.h \
	tests/unit/upstream/run.h \
	tests/unit/upstream/server.h \
	tests/unit/upstream/stream.h
tests_unit_upstream_test_transfer_curl_LDADD = $(upto_upstream) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/upstream/test_transfer_http1
tests_unit_upstream_test_transfer_http1_SOURCES = \
	tests/unit/upstream/test_transfer_http1.c \
	tests/unit/upstream/bench.h \
	tests/unit/upstream/certs.h \
	tests/unit/upstream/run.h \
	tests/unit/upstream/server.h \
	tests/unit/upstream/stream.h
tests_unit_upstream_test_transfer_http1_LDADD = $(upto_upstream) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/upstream/test_transport
tests_unit_upstream_test_transport_SOURCES = \
	tests/unit/upstream/test_transport.c \
	tests/unit/upstream/bench.h \
	tests/unit/upstream/certs.h \
	tests/unit/upstream/run.h \
	tests/unit/upstream/server.h \
	tests/unit/upstream/stream.h
tests_unit_upstream_test_transport_LDADD = $(upto_upstream) $(UNIT_LIBS)
