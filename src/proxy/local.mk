# Kept by build-aux/update-lists.
noinst_LIBRARIES += src/proxy/libproxy.a
src_proxy_libproxy_a_SOURCES = \
	src/proxy/client.h \
	src/proxy/client_writer.h \
	src/proxy/early.h \
	src/proxy/exchange.h \
	src/proxy/front.h \
	src/proxy/gateway.h \
	src/proxy/gather.h \
	src/proxy/guard.h \
	src/proxy/interim_clients.h \
	src/proxy/linger.h \
	src/proxy/listen_address.h \
	src/proxy/listener.h \
	src/proxy/own_page.h \
	src/proxy/place.h \
	src/proxy/place_hook.h \
	src/proxy/plain.h \
	src/proxy/proof.h \
	src/proxy/relay.h \
	src/proxy/reply.h \
	src/proxy/rewrite.h \
	src/proxy/server.h \
	src/proxy/spool.h \
	src/proxy/stub.h \
	src/proxy/tunnel.h \
	src/proxy/websocket.h \
	src/proxy/worker.h \
	src/proxy/client.c \
	src/proxy/client_writer.c \
	src/proxy/early.c \
	src/proxy/exchange.c \
	src/proxy/exchange_client.c \
	src/proxy/front.c \
	src/proxy/gateway.c \
	src/proxy/gather.c \
	src/proxy/guard.c \
	src/proxy/interim_clients.c \
	src/proxy/linger.c \
	src/proxy/listen_address.c \
	src/proxy/listener.c \
	src/proxy/own_page.c \
	src/proxy/place.c \
	src/proxy/place_hook.c \
	src/proxy/plain.c \
	src/proxy/proof.c \
	src/proxy/relay.c \
	src/proxy/reply.c \
	src/proxy/rewrite.c \
	src/proxy/server.c \
	src/proxy/spool.c \
	src/proxy/stub.c \
	src/proxy/tunnel.c \
	src/proxy/websocket.c \
	src/proxy/worker.c
upto_proxy = src/proxy/libproxy.a $(upto_control)
