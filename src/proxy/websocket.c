/* SPDX-License-Identifier: MIT */
/* Passes WebSocket handshakes on, and their answers back. What else a request's
 * Upgrade names (h2c above all) is dropped, as fields of a single hop are:
 * nobody can say what an unknown protocol would do on a connection with a
 * token. */

#include "proxy/websocket.h"

#include <fcntl.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "data/base64url.h"
#include "proxy/client.h"
#include "proxy/exchange.h"
#include "proxy/front.h"
#include "proxy/tunnel.h"
#include "proxy/worker.h"

enum { WEBSOCKET_KEY = 16 }; /* octets */

static bool websocket_names(const struct fields *fields, struct str name,
			    struct str word)
{
	struct str rest, element;

	for (size_t i = 0; i < fields->n; i++) {
		if (!str_eq_nocase(fields->v[i].name, name))
			continue;
		rest = fields->v[i].value;
		while (str_next_element(&rest, &element))
			if (str_eq_nocase(element, word))
				return true;
	}
	return false;
}

/* RFC 6455 §4.2.1: one field, of 16 octets in base64. */
static bool websocket_has_key(const struct fields *fields)
{
	ATTR_CLEANUP(buf_fini) struct buf key = BUF_INIT(WEBSOCKET_KEY + 2);
	struct str name = STR("Sec-WebSocket-Key");

	return fields_count(fields, name) == 1 &&
	       !base64_decode(&key, fields_find(fields, name)->value) &&
	       buf_ok(&key) && buf_str(&key).n == WEBSOCKET_KEY;
}

/* Of the client's request; and what goes out is still one. */
static bool websocket_is_asked(const struct exchange *x)
{
	const struct fields *asked = &x->request.fields;
	const struct framing *body = &x->upstream.framing;

	/* It has no body; "Content-Length: 0" says so. */
	return !x->request.http10 &&
	       body->body != FRAMING_CHUNKED && body->length == 0 &&
	       str_eq(x->request.method, STR("GET")) &&
	       str_eq(x->upstream.method, STR("GET")) &&
	       websocket_names(asked, STR("Upgrade"), STR("websocket")) &&
	       websocket_names(asked, STR("Connection"), STR("upgrade")) &&
	       websocket_has_key(&x->upstream.fields);
}

void websocket_place(struct exchange *x)
{
	x->upstream.upgrade = websocket_is_asked(x);
	if (!x->upstream.upgrade)
		return;
	x->upstream.framing.body = FRAMING_NONE;
	fields_add(&x->upstream.fields, STR("Connection"), STR("Upgrade"));
	fields_add(&x->upstream.fields, STR("Upgrade"), STR("websocket"));
}

bool websocket_is_taken(const struct fields *answer)
{
	const struct field *f = fields_find(answer, STR("Upgrade"));

	return f && fields_count(answer, STR("Upgrade")) == 1 &&
	       str_eq_nocase(f->value, STR("websocket")) &&
	       websocket_names(answer, STR("Connection"), STR("upgrade"));
}

/* libmicrohttpd has sent the 101. Of a connection that it keeps it would hold
 * memory and a place in its lists: the tunnel gets a descriptor of its own,
 * and libmicrohttpd closes the other. */
static void websocket_on_upgrade(void *cls, struct MHD_Connection *conn,
				 void *context, const char *first, size_t n,
				 MHD_socket fd,
				 struct MHD_UpgradeResponseHandle *handle)
{
	struct exchange *x = cls;
	const int one = 1;
	struct tunnel_request r = {
		.way = &tunnel_plain,
		.first = { first, n },
		.transfer = x->upstream.transfer,
		.service = x->route.service->name,
		.idle_timeout = x->route.service->route->tunnel_idle_timeout,
	};

	(void)conn;
	(void)context;
	r.fd = r.transfer ? fcntl(fd, F_DUPFD_CLOEXEC, 0) : -1;
	if (r.fd >= 0) {
		x->upstream.transfer = NULL;
		x->client->tunnelled = true;
		/* Fails on a Unix socket, which holds nothing back. */
		setsockopt(r.fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		tunnel_begin(x->worker, &r);
	}
	MHD_upgrade_action(handle, MHD_UPGRADE_ACTION_CLOSE);
	front_wants_run(x->worker->front);
}

struct MHD_Response *websocket_response(struct exchange *x)
{
	struct MHD_Response *r =
		MHD_create_response_for_upgrade(websocket_on_upgrade, x);

	if (r)
		MHD_add_response_header(r, "Upgrade", "websocket");
	return r;
}
