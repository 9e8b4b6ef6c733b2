# Kept by build-aux/update-lists.
noinst_LIBRARIES += src/upstream/libupstream.a
src_upstream_libupstream_a_SOURCES = \
	src/upstream/carrier.h \
	src/upstream/connection.h \
	src/upstream/curl_fault.h \
	src/upstream/curl_transport.h \
	src/upstream/dial.h \
	src/upstream/endpoint.h \
	src/upstream/fetch.h \
	src/upstream/http1.h \
	src/upstream/known.h \
	src/upstream/limit.h \
	src/upstream/lookup.h \
	src/upstream/multi.h \
	src/upstream/pool.h \
	src/upstream/reaper.h \
	src/upstream/resolver.h \
	src/upstream/sockets.h \
	src/upstream/tls.h \
	src/upstream/tls_stream.h \
	src/upstream/transfer.h \
	src/upstream/transfer_curl.h \
	src/upstream/transport.h \
	src/upstream/upstream.h \
	src/upstream/connection.c \
	src/upstream/curl_again.c \
	src/upstream/curl_connection.c \
	src/upstream/curl_fault.c \
	src/upstream/curl_interim.c \
	src/upstream/curl_request.c \
	src/upstream/curl_response.c \
	src/upstream/curl_transport.c \
	src/upstream/dial.c \
	src/upstream/endpoint.c \
	src/upstream/fetch.c \
	src/upstream/http1_request.c \
	src/upstream/http1_response.c \
	src/upstream/http1_stream.c \
	src/upstream/known.c \
	src/upstream/limit.c \
	src/upstream/lookup.c \
	src/upstream/multi.c \
	src/upstream/origin.c \
	src/upstream/pool.c \
	src/upstream/reaper.c \
	src/upstream/resolver.c \
	src/upstream/sockets.c \
	src/upstream/tls.c \
	src/upstream/tls_stream.c \
	src/upstream/transfer.c \
	src/upstream/transfer_curl.c \
	src/upstream/transfer_http1.c \
	src/upstream/transport.c \
	src/upstream/upstream.c
upto_upstream = src/upstream/libupstream.a $(upto_store)
