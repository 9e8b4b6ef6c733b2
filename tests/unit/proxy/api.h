/* SPDX-License-Identifier: MIT */
/* An upstream on loopback for the tests of proxy/: a thread accepts, a thread
 * each serves a connection by the test's own function. */
#pragma once

#include <arpa/inet.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/attr.h"

enum { API_PEERS = 64, API_HEAD = 64 * 1024, API_WAIT = 10 };

struct api;

/* One connection. */
struct peer {
	struct api *api;
	int fd;
	pthread_t thread;
	char in[API_HEAD];    /* read, not yet used */
	size_t n;
	char head[API_HEAD];  /* the last request's, NUL-terminated */
	uint64_t octets;      /* of the last request's body */
	uint64_t sum;         /* of those octets, each times its place */
	char body[256];       /* their beginning, NUL-terminated */
};

/* Returns when the connection is to be closed. */
typedef void api_fn(struct peer *p);

struct api {
	int fd, port;
	api_fn *fn;
	pthread_t thread;
	pthread_mutex_t lock;
	struct peer *peers[API_PEERS];
	int n;
	atomic_int requests;   /* whose head has come */
	atomic_int tokens;     /* for the test's own use */
	atomic_int trailers;   /* "X-T: 1" behind a chunked body */
	atomic_int gone;       /* connections that the proxy has closed */
	atomic_long written;   /* octets of bodies, by peer_flood */
	char head[API_HEAD];   /* of the last request */
};

static inline ssize_t peer_fill(struct peer *p)
{
	ssize_t got = recv(p->fd, p->in + p->n, sizeof(p->in) - p->n, 0);

	if (got > 0)
		p->n += (size_t)got;
	return got;
}

static inline void peer_used(struct peer *p, size_t n)
{
	p->n -= n;
	memmove(p->in, p->in + n, p->n);
}

static inline bool peer_write(struct peer *p, const char *from, size_t n)
{
	while (n > 0) {
		ssize_t put = send(p->fd, from, n, MSG_NOSIGNAL);

		if (put <= 0)
			return false;
		from += put;
		n -= (size_t)put;
	}
	return true;
}

ATTR_PRINTF(2, 3)
static inline bool peer_say(struct peer *p, const char *fmt, ...)
{
	char text[4096];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return peer_write(p, text, (size_t)n);
}

/* Reads a head; false where the proxy has closed. */
static inline bool peer_head(struct peer *p)
{
	char *end;

	while (!(end = memmem(p->in, p->n, "\r\n\r\n", 4))) {
		if (peer_fill(p) <= 0)
			return false;
	}
	end += 4;
	memcpy(p->head, p->in, (size_t)(end - p->in));
	p->head[end - p->in] = '\0';
	peer_used(p, (size_t)(end - p->in));
	p->octets = p->sum = 0;
	p->body[0] = '\0';
	pthread_mutex_lock(&p->api->lock);
	strcpy(p->api->head, p->head);
	pthread_mutex_unlock(&p->api->lock);
	atomic_fetch_add(&p->api->requests, 1);
	return true;
}

static inline bool peer_take(struct peer *p, uint64_t n)
{
	while (n > 0) {
		size_t some = p->n < n ? p->n : (size_t)n;

		if (some == 0 && peer_fill(p) <= 0)
			return false;
		for (size_t i = 0; i < some; i++, p->octets++) {
			p->sum += (uint64_t)(unsigned char)p->in[i] *
				  (p->octets % 251 + 1);
			if (p->octets < sizeof(p->body) - 1) {
				p->body[p->octets] = p->in[i];
				p->body[p->octets + 1] = '\0';
			}
		}
		peer_used(p, some);
		n -= some;
	}
	return true;
}

/* Reads what stands behind the last chunk. */
static inline bool peer_trailers(struct peer *p)
{
	char *end;

	for (;;) {
		while (!(end = memmem(p->in, p->n, "\r\n", 2))) {
			if (peer_fill(p) <= 0)
				return false;
		}
		if (memmem(p->in, (size_t)(end - p->in), "X-T: 1", 6))
			atomic_fetch_add(&p->api->trailers, 1);
		peer_used(p, (size_t)(end + 2 - p->in));
		if (end == p->in)
			return true;
	}
}

static inline bool peer_chunks(struct peer *p)
{
	for (;;) {
		uint64_t n;
		char *end;

		while (!(end = memmem(p->in, p->n, "\r\n", 2))) {
			if (peer_fill(p) <= 0)
				return false;
		}
		n = strtoull(p->in, NULL, 16);
		peer_used(p, (size_t)(end + 2 - p->in));
		if (n == 0)
			return peer_trailers(p);
		if (!peer_take(p, n))
			return false;
		while (p->n < 2) {
			if (peer_fill(p) <= 0)
				return false;
		}
		if (memcmp(p->in, "\r\n", 2) != 0)
			return false;
		peer_used(p, 2);
	}
}

/* Reads the body of the request whose head was read. */
static inline bool peer_body(struct peer *p)
{
	char *length = strcasestr(p->head, "\r\nContent-Length: ");

	if (length)
		return peer_take(p, strtoull(length + 18, NULL, 10));
	if (strcasestr(p->head, "\r\nTransfer-Encoding: chunked"))
		return peer_chunks(p);
	return true;
}

/* Writes n octets of a body, letters by their place. */
static inline bool peer_flood(struct peer *p, size_t n)
{
	char block[8192];

	for (size_t i = 0; i < sizeof(block); i++)
		block[i] = (char)('a' + i % 26);
	while (n > 0) {
		size_t some = n < sizeof(block) ? n : sizeof(block);

		if (!peer_write(p, block, some))
			return false;
		atomic_fetch_add(&p->api->written, (long)some);
		n -= some;
	}
	return true;
}

/* Waits until the proxy closes; true where it did. */
static inline bool peer_waits_for_end(struct peer *p)
{
	char c;

	if (recv(p->fd, &c, 1, 0) > 0)
		return false;
	atomic_fetch_add(&p->api->gone, 1);
	return true;
}

static inline void *peer_run(void *arg)
{
	struct peer *p = arg;

	p->api->fn(p);
	shutdown(p->fd, SHUT_RDWR);
	return NULL;
}

static inline void *api_run(void *arg)
{
	struct api *a = arg;

	for (;;) {
		const struct timeval wait = { .tv_sec = API_WAIT };
		int fd = accept(a->fd, NULL, NULL);
		struct peer *p;

		if (fd < 0 || a->n == API_PEERS)
			return NULL;
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
		setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
		p = calloc(1, sizeof(*p));
		p->api = a;
		p->fd = fd;
		pthread_mutex_lock(&a->lock);
		a->peers[a->n++] = p;
		pthread_mutex_unlock(&a->lock);
		pthread_create(&p->thread, NULL, peer_run, p);
	}
}

/* Listens on 127.0.0.1, on a free port, with small buffers. */
static inline struct api *api_start(api_fn *fn)
{
	struct api *a = calloc(1, sizeof(*a));
	struct sockaddr_in addr = { .sin_family = AF_INET };
	socklen_t n = sizeof(addr);
	int small = 64 * 1024;

	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	a->fn = fn;
	pthread_mutex_init(&a->lock, NULL);
	a->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setsockopt(a->fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	setsockopt(a->fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
	if (a->fd < 0 || bind(a->fd, (struct sockaddr *)&addr, n) < 0 ||
	    listen(a->fd, 64) < 0 ||
	    getsockname(a->fd, (struct sockaddr *)&addr, &n) < 0)
		abort();
	a->port = ntohs(addr.sin_port);
	pthread_create(&a->thread, NULL, api_run, a);
	return a;
}

static inline void api_stop(struct api *a)
{
	shutdown(a->fd, SHUT_RDWR);
	pthread_join(a->thread, NULL);
	for (int i = 0; i < a->n; i++)
		shutdown(a->peers[i]->fd, SHUT_RDWR);
	for (int i = 0; i < a->n; i++) {
		pthread_join(a->peers[i]->thread, NULL);
		close(a->peers[i]->fd);
		free(a->peers[i]);
	}
	close(a->fd);
	pthread_mutex_destroy(&a->lock);
	free(a);
}

/* Whether the last request's head holds this. */
static inline bool api_saw(struct api *a, const char *part)
{
	bool saw;

	pthread_mutex_lock(&a->lock);
	saw = strstr(a->head, part) != NULL;
	pthread_mutex_unlock(&a->lock);
	return saw;
}
