/* SPDX-License-Identifier: MIT */
/* Opens and checks the connection that a request leaves on, for the libcurl
 * carrier: opened where its transport allows, and looked at once more before
 * the request's first octet, because libcurl verifies nothing and keeps what
 * has ended. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/socket.h>

#include "upstream/pool.h"
#include "upstream/tls.h"
#include "upstream/transfer_curl.h"
#include "upstream/transport.h"

/* Called for each address that is tried; also when a dead connection is
 * replaced: then the time to connect begins again. */
static curl_socket_t on_socket(void *arg, curlsocktype purpose ATTR_UNUSED,
			       struct curl_sockaddr *addr)
{
	struct curl_transfer *t = arg;
	const struct transport *transport = t->origin->transport;
	curl_socket_t fd;

	t->resolved = true;
	if (t->connected) {
		t->connected = false;
		transfer_watch(t);
	}
	if (transport->allows &&
	    !transport->allows(transport->allows_arg, &addr->addr)) {
		t->prohibited = true;
		return CURL_SOCKET_BAD;
	}
	t->tried = true;
	fd = lookup_socket(&t->lookup, addr);
	if (fd != CURL_SOCKET_BAD)
		return sockets_adopt(&t->pool->upstream->sockets, fd, t);
	fd = sockets_open(&t->pool->upstream->sockets, addr, t);
	t->starved = fd == CURL_SOCKET_BAD &&
		     (errno == EMFILE || errno == ENFILE);
	return fd;
}

/* Of the connection that the request is about to leave on: the upstream's own
 * session, whatever proxies are before it. Each is verified once; many
 * requests may be on one, and one that was refused may still be there. */
static void *session_of(struct curl_transfer *t)
{
	struct curl_tlssessioninfo *tls = NULL;

	curl_easy_getinfo(t->easy, CURLINFO_TLS_SSL_PTR, &tls);
	if (tls && tls->backend == CURLSSLBACKEND_GNUTLS && tls->internals)
		return tls->internals;
	transfer_fail(t, 500, "proxy_internal_error",
		      "the connection's TLS session is not known");
	return NULL;
}

static bool is_trusted(struct curl_transfer *t, void *session)
{
	struct fault f;

	if (tls_is_verified(session))
		return true;
	if (trust_verify(t->pool->transport->trust, session,
			 t->pool->transport->profile, t->origin->host,
			 &f) < 0) {
		transfer_fail(t, 502, "tls_certificate_error", "%s", f.text);
		return false;
	}
	tls_mark_verified(session);
	return true;
}

/* Whether this is the connection that was asked for; session is NULL without
 * TLS. */
static bool is_right(struct curl_transfer *t, void *session)
{
	t->http2 = t->wants_http2;
	if (!session)
		return true;
	if (!is_trusted(t, session))
		return false;
	t->http2 = tls_is_http2(session);
	if (t->http2 || !t->wants_http2 ||
	    t->pool->transport->http != TRANSPORT_HTTP_2)
		return true;
	transfer_fail(t, 502, "http_protocol_error",
		      "it does not offer HTTP/2, which http_version asks for");
	return false;
}

/* Whether a connection that was kept has been ended by its upstream, or holds
 * what nobody asked for and would be taken for this request's answer. Frames
 * of HTTP/2 say whose they are. libcurl reads no more of a TLS record than the
 * last answer's length: the rest is decrypted already. */
static bool is_stale(struct curl_transfer *t, const struct socket *s,
		     void *session)
{
	if (t->http2)
		return s->ended;
	return socket_has_news(s) || (session && tls_has_unread(session));
}

/* The connection is this one, if it may be. */
static bool take(struct curl_transfer *t, const struct socket_ends *ends,
		 void *session)
{
	struct socket *s;
	bool kept;

	socket_leave(&t->on_socket);
	s = sockets_find(&t->pool->upstream->sockets, ends, t, &kept);
	if (!s)
		return true;
	t->stale = kept && is_stale(t, s, session);
	if (!t->stale)
		socket_use(s, &t->on_socket);
	t->socket = t->stale ? NULL : s;
	return !t->stale;
}

static void ends_set(struct socket_ends *ends, const char *remote,
		     int remote_port, const char *local, int local_port)
{
	snprintf(ends->remote, sizeof(ends->remote), "%s", remote);
	snprintf(ends->local, sizeof(ends->local), "%s", local);
	ends->remote_port = remote_port;
	ends->local_port = local_port;
}

/* Before each sending of the request, of which libcurl makes a second one by
 * itself when a reused connection dies without an answer. */
static int on_request(void *arg, char *remote, char *local, int remote_port,
		      int local_port)
{
	struct curl_transfer *t = arg;
	struct socket_ends ends;
	void *session = NULL;

	if (t->cancelled)
		return CURL_PREREQFUNC_ABORT;
	if (t->sent && !transfer_may_go_again(t)) {
		transfer_fail(t, 502, "connection_terminated",
			      t->http2 ? "the upstream refused the stream, or "
					 "closed its connection, before an "
					 "answer"
				       : "the connection was closed before an "
					 "answer");
		return CURL_PREREQFUNC_ABORT;
	}
	if (t->origin->is_https)
		session = session_of(t);
	if (t->failed || !is_right(t, session))
		return CURL_PREREQFUNC_ABORT;
	ends_set(&ends, remote, remote_port, local, local_port);
	if (!take(t, &ends, session))
		return CURL_PREREQFUNC_ABORT;
	t->connected = t->sent = true;
	t->write_paused = false;
	t->body_done = t->framing.body == FRAMING_NONE ||
		       (t->framing.body == FRAMING_SIZED && t->body_left == 0);
	transfer_watch(t);
	return CURL_PREREQFUNC_OK;
}

/* Its answer comes: where there are too many idle ones it is not kept. */
void curl_connection_look(struct curl_transfer *t)
{
	if (t->socket && !socket_may_rest(t->socket))
		curl_easy_setopt(t->easy, CURLOPT_FORBID_REUSE, 1L);
}

/* A stream that is slow says nothing of others. Half of the time: what comes
 * right behind the request (a window's update) is no answer. */
void curl_connection_doubt(struct curl_transfer *t)
{
	struct tcp_info info = { 0 };
	socklen_t n = sizeof(info);

	if (t->socket && getsockopt(t->socket->io.fd, IPPROTO_TCP, TCP_INFO,
				    &info, &n) == 0 &&
	    (int64_t)info.tcpi_last_data_recv >= t->watched / 2)
		socket_give_up(t->socket);
	curl_easy_setopt(t->easy, CURLOPT_FORBID_REUSE, 1L);
}

void curl_connection_bind(struct curl_transfer *t)
{
	CURL *e = t->easy;

	curl_easy_setopt(e, CURLOPT_OPENSOCKETFUNCTION, on_socket);
	curl_easy_setopt(e, CURLOPT_OPENSOCKETDATA, t);
	curl_easy_setopt(e, CURLOPT_CLOSESOCKETFUNCTION, sockets_close);
	curl_easy_setopt(e, CURLOPT_CLOSESOCKETDATA,
			 &t->pool->upstream->sockets);
	curl_easy_setopt(e, CURLOPT_PREREQFUNCTION, on_request);
	curl_easy_setopt(e, CURLOPT_PREREQDATA, t);
}
