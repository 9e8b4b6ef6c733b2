/* SPDX-License-Identifier: MIT */
/* An HTTP/1.1 server on loopback for the tests of upstream/: a thread accepts,
 * a thread each serves a connection by the test's own function. */
#pragma once

#include <arpa/inet.h>
#include <gnutls/gnutls.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/attr.h"

enum { SERVER_PEERS = 512, PEER_HEAD = 65536 };

struct server;

/* One connection. */
struct peer {
	struct server *server;
	int fd;
	gnutls_session_t tls;
	pthread_t thread;
	char head[PEER_HEAD]; /* the last request's, NUL-terminated */
	size_t n;             /* octets in rest */
	char rest[PEER_HEAD]; /* what came behind the head */
	char body[PEER_HEAD]; /* the last request's, as far as it fits */
	size_t n_body;
};

/* Returns when the connection is to be closed. */
typedef void server_fn(struct peer *p);

struct server {
	int fd, port;
	pthread_t thread;
	server_fn *fn;
	const char *reply; /* for server_reply and others */
	gnutls_certificate_credentials_t credentials;
	const char *priority;
	const char *alpn;          /* what is agreed on, or NULL */
	gnutls_certificate_request_t asks; /* for a client's certificate */
	bool resumes;              /* by the last session's identifier */
	gnutls_datum_t ticket_key; /* or by tickets, where there is one */
	gnutls_datum_t session_id, session;
	atomic_int connections; /* TLS ones: whose handshake was whole */
	atomic_int requests;    /* whose head has come */
	atomic_int resumed;
	atomic_long octets;     /* of requests, decrypted, and of bodies sent */
	atomic_bool stop;
	pthread_mutex_t lock;
	struct peer *peers[SERVER_PEERS];
	int n_peers;
	char head[PEER_HEAD], body[PEER_HEAD]; /* of the last request */
	size_t n_body;
};

static inline ssize_t peer_read(struct peer *p, char *to, size_t n)
{
	ssize_t got = p->tls ? gnutls_record_recv(p->tls, to, n)
			     : recv(p->fd, to, n, 0);

	if (got > 0)
		atomic_fetch_add(&p->server->octets, got);
	return got;
}

static inline bool peer_write(struct peer *p, const char *from, size_t n)
{
	while (n > 0) {
		ssize_t put = p->tls ? gnutls_record_send(p->tls, from, n)
				     : send(p->fd, from, n, MSG_NOSIGNAL);

		if (put <= 0)
			return false;
		from += put;
		n -= (size_t)put;
	}
	return true;
}

static inline bool peer_say(struct peer *p, const char *z)
{
	return peer_write(p, z, strlen(z));
}

/* Reads a head into p->head; false where the peer is gone. */
static inline bool peer_head(struct peer *p)
{
	for (;;) {
		char *end = p->n ? memmem(p->rest, p->n, "\r\n\r\n", 4) : NULL;
		ssize_t got;

		if (end) {
			size_t n = (size_t)(end - p->rest) + 4;

			memcpy(p->head, p->rest, n);
			p->head[n] = '\0';
			p->n -= n;
			memmove(p->rest, p->rest + n, p->n);
			break;
		}
		got = peer_read(p, p->rest + p->n, sizeof(p->rest) - p->n - 1);
		if (got <= 0)
			return false;
		p->n += (size_t)got;
	}
	atomic_fetch_add(&p->server->requests, 1);
	pthread_mutex_lock(&p->server->lock);
	strcpy(p->server->head, p->head);
	pthread_mutex_unlock(&p->server->lock);
	return true;
}

/* The next octet of what is not read yet, or -1. */
static inline int peer_octet(struct peer *p)
{
	int octet;

	if (p->n == 0) {
		ssize_t got = peer_read(p, p->rest, sizeof(p->rest) - 1);

		if (got <= 0)
			return -1;
		p->n = (size_t)got;
	}
	octet = (unsigned char)p->rest[0];
	memmove(p->rest, p->rest + 1, --p->n);
	return octet;
}

/* Reads n octets of a body, and keeps what fits. */
static inline bool peer_take(struct peer *p, size_t n)
{
	while (n > 0) {
		size_t some = p->n < n ? p->n : n, keep;

		if (some == 0) {
			ssize_t got = peer_read(p, p->rest,
						sizeof(p->rest) - 1);

			if (got <= 0)
				return false;
			p->n = (size_t)got;
			continue;
		}
		keep = sizeof(p->body) - 1 - p->n_body;
		if (keep > some)
			keep = some;
		memcpy(p->body + p->n_body, p->rest, keep);
		p->n_body += keep;
		p->n -= some;
		memmove(p->rest, p->rest + some, p->n);
		n -= some;
	}
	return true;
}

static inline bool peer_chunks(struct peer *p)
{
	for (;;) {
		char line[64];
		size_t n = 0;
		int c;

		while ((c = peer_octet(p)) != '\n' && c >= 0)
			if (n < sizeof(line) - 1)
				line[n++] = (char)c;
		if (c < 0)
			return false;
		line[n] = '\0';
		n = strtoul(line, NULL, 16);
		if (!peer_take(p, n))
			return false;
		if (peer_octet(p) != '\r' || peer_octet(p) != '\n')
			return false;
		if (n == 0)
			return true;
	}
}

/* The body of the request whose head was read. */
static inline bool peer_body(struct peer *p)
{
	char *length = strcasestr(p->head, "\r\nContent-Length: ");
	bool ok = true;

	p->n_body = 0;
	if (length)
		ok = peer_take(p, strtoul(length + 18, NULL, 10));
	else if (strcasestr(p->head, "\r\nTransfer-Encoding: chunked"))
		ok = peer_chunks(p);
	if (!ok)
		return false;
	p->body[p->n_body] = '\0';
	pthread_mutex_lock(&p->server->lock);
	memcpy(p->server->body, p->body, p->n_body + 1);
	p->server->n_body = p->n_body;
	pthread_mutex_unlock(&p->server->lock);
	return true;
}

/* Serves server->reply to every request, and keeps the connection. */
static inline void server_reply(struct peer *p)
{
	while (peer_head(p) && peer_body(p))
		if (!peer_say(p, p->server->reply))
			return;
}

/* As server_reply, but one reply a connection. */
static inline void server_reply_once(struct peer *p)
{
	if (peer_head(p) && peer_body(p))
		peer_say(p, p->server->reply);
}

static inline void datum_set(gnutls_datum_t *to, gnutls_datum_t from)
{
	free(to->data);
	to->data = malloc(from.size);
	memcpy(to->data, from.data, from.size);
	to->size = from.size;
}

static inline int session_store(void *arg, gnutls_datum_t id,
				gnutls_datum_t data)
{
	struct server *s = arg;

	pthread_mutex_lock(&s->lock);
	datum_set(&s->session_id, id);
	datum_set(&s->session, data);
	pthread_mutex_unlock(&s->lock);
	return 0;
}

/* GnuTLS frees what it is given. */
static inline gnutls_datum_t session_find(void *arg, gnutls_datum_t id)
{
	struct server *s = arg;
	gnutls_datum_t out = { NULL, 0 };

	pthread_mutex_lock(&s->lock);
	if (s->session_id.size == id.size &&
	    memcmp(s->session_id.data, id.data, id.size) == 0) {
		out.data = gnutls_malloc(s->session.size);
		memcpy(out.data, s->session.data, s->session.size);
		out.size = s->session.size;
	}
	pthread_mutex_unlock(&s->lock);
	return out;
}

static inline int session_drop(void *arg, gnutls_datum_t id)
{
	(void)arg;
	(void)id;
	return 0;
}

static inline void session_resume(struct peer *p)
{
	gnutls_db_set_ptr(p->tls, p->server);
	gnutls_db_set_store_function(p->tls, session_store);
	gnutls_db_set_retrieve_function(p->tls, session_find);
	gnutls_db_set_remove_function(p->tls, session_drop);
}

static inline bool peer_handshake(struct peer *p)
{
	int e;

	gnutls_init(&p->tls, GNUTLS_SERVER | GNUTLS_NO_SIGNAL);
	if (p->server->resumes)
		session_resume(p);
	if (p->server->ticket_key.data)
		gnutls_session_ticket_enable_server(p->tls,
						    &p->server->ticket_key);
	gnutls_priority_set_direct(
		p->tls, p->server->priority ? p->server->priority : "NORMAL",
		NULL);
	gnutls_credentials_set(p->tls, GNUTLS_CRD_CERTIFICATE,
			       p->server->credentials);
	if (p->server->alpn) {
		gnutls_datum_t name = {
			(unsigned char *)(uintptr_t)p->server->alpn,
			(unsigned)strlen(p->server->alpn),
		};

		gnutls_alpn_set_protocols(p->tls, &name, 1, 0);
	}
	gnutls_certificate_server_set_request(p->tls, p->server->asks);
	gnutls_transport_set_int(p->tls, p->fd);
	do
		e = gnutls_handshake(p->tls);
	while (e < 0 && !gnutls_error_is_fatal(e));
	if (e < 0)
		return false;
	if (gnutls_session_is_resumed(p->tls))
		atomic_fetch_add(&p->server->resumed, 1);
	return true;
}

static inline void *peer_run(void *arg)
{
	struct peer *p = arg;

	if (!p->server->credentials || peer_handshake(p)) {
		atomic_fetch_add(&p->server->connections, 1);
		p->server->fn(p);
	}
	if (p->tls) {
		gnutls_bye(p->tls, GNUTLS_SHUT_WR);
		gnutls_deinit(p->tls);
	}
	shutdown(p->fd, SHUT_RDWR);
	return NULL;
}

static inline void *server_run(void *arg)
{
	struct server *s = arg;

	while (s->n_peers < SERVER_PEERS) {
		int fd = accept(s->fd, NULL, NULL);
		int one = 1;
		struct peer *p;

		if (fd < 0)
			break;
		/* What was written has arrived. */
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		p = calloc(1, sizeof(*p));
		p->server = s;
		p->fd = fd;
		pthread_mutex_lock(&s->lock);
		s->peers[s->n_peers++] = p;
		pthread_mutex_unlock(&s->lock);
		pthread_create(&p->thread, NULL, peer_run, p);
	}
	return NULL;
}

/* Listens on 127.0.0.1, on a free port. */
static inline struct server *server_new(server_fn *fn, const char *reply)
{
	struct server *s = calloc(1, sizeof(*s));
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t n = sizeof(a);

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	s->fn = fn;
	s->reply = reply;
	pthread_mutex_init(&s->lock, NULL);
	s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (s->fd < 0 || bind(s->fd, (struct sockaddr *)&a, n) < 0 ||
	    listen(s->fd, 256) < 0 ||
	    getsockname(s->fd, (struct sockaddr *)&a, &n) < 0)
		abort();
	s->port = ntohs(a.sin_port);
	return s;
}

static inline void server_start(struct server *s)
{
	pthread_create(&s->thread, NULL, server_run, s);
}

static inline void server_free(struct server *s)
{
	atomic_store(&s->stop, true);
	shutdown(s->fd, SHUT_RDWR);
	pthread_join(s->thread, NULL);
	for (int i = 0; i < s->n_peers; i++)
		shutdown(s->peers[i]->fd, SHUT_RDWR);
	for (int i = 0; i < s->n_peers; i++) {
		pthread_join(s->peers[i]->thread, NULL);
		close(s->peers[i]->fd);
		free(s->peers[i]);
	}
	close(s->fd);
	gnutls_free(s->ticket_key.data);
	free(s->session_id.data);
	free(s->session.data);
	pthread_mutex_destroy(&s->lock);
	free(s);
}
