/* SPDX-License-Identifier: MIT */
/* A client for the tests of proxy/: sends octets as they are given, and reads
 * answers strictly. */
#pragma once

#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/attr.h"

enum { BROWSER_HEAD = 64 * 1024, BROWSER_WAIT = 10 };

/* How an answer ended. */
enum browser_end {
	END_WHOLE, /* by its length, or its last chunk, or it has no body */
	END_CLOSE, /* by a close, where nothing else said where */
	END_SHORT, /* by a close before its end */
	END_RESET, /* by a reset */
	END_NONE,  /* there was none */
};

struct browser {
	int fd;
	char in[BROWSER_HEAD];
	size_t n;
	int status;              /* of the last answer */
	char head[BROWSER_HEAD];
	uint64_t octets;         /* of its body */
	char body[4096];         /* its beginning, NUL-terminated */
	bool continued;          /* a 100 came before it */
	int error;               /* errno of the last read */
};

static inline struct browser *browser_open(int port)
{
	struct browser *b = calloc(1, sizeof(*b));
	const struct timeval wait = { .tv_sec = BROWSER_WAIT };
	struct sockaddr_in a = { .sin_family = AF_INET };

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	a.sin_port = htons((uint16_t)port);
	b->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setsockopt(b->fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	setsockopt(b->fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
	if (connect(b->fd, (struct sockaddr *)&a, sizeof(a)) < 0)
		abort();
	return b;
}

static inline void browser_close(struct browser *b)
{
	close(b->fd);
	free(b);
}

static inline bool browser_send(struct browser *b, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t put = send(b->fd, p, n, MSG_NOSIGNAL);

		if (put <= 0)
			return false;
		p += put;
		n -= (size_t)put;
	}
	return true;
}

ATTR_PRINTF(2, 3)
static inline bool browser_say(struct browser *b, const char *fmt, ...)
{
	char text[8192];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return browser_send(b, text, (size_t)n);
}

static inline ssize_t browser_fill(struct browser *b)
{
	ssize_t got = recv(b->fd, b->in + b->n, sizeof(b->in) - b->n, 0);

	b->error = got < 0 ? errno : 0;
	if (got > 0)
		b->n += (size_t)got;
	return got;
}

static inline void browser_used(struct browser *b, size_t n)
{
	b->n -= n;
	memmove(b->in, b->in + n, b->n);
}

/* The field's value up to its line's end, or NULL. */
static inline const char *browser_field(struct browser *b, const char *name)
{
	char key[64];
	char *at;

	snprintf(key, sizeof(key), "\r\n%s: ", name);
	at = strcasestr(b->head, key);
	return at ? at + strlen(key) : NULL;
}

static inline bool browser_has(struct browser *b, const char *line)
{
	char text[256];

	snprintf(text, sizeof(text), "\r\n%s\r\n", line);
	return strcasestr(b->head, text) != NULL;
}

static inline enum browser_end browser_end_of(struct browser *b,
					      enum browser_end by_close)
{
	return b->error == ECONNRESET ? END_RESET :
	       b->error != 0	      ? END_NONE :
					by_close;
}

static inline enum browser_end browser_take(struct browser *b, uint64_t n,
					    enum browser_end by_close)
{
	while (n > 0) {
		size_t some = b->n < n ? b->n : (size_t)n, keep;

		if (some == 0 && browser_fill(b) <= 0)
			return browser_end_of(b, by_close);
		keep = b->octets >= sizeof(b->body) - 1 ? 0 :
			sizeof(b->body) - 1 - (size_t)b->octets;
		if (keep > some)
			keep = some;
		if (keep > 0)
			memcpy(b->body + b->octets, b->in, keep);
		b->octets += some;
		browser_used(b, some);
		n -= some;
	}
	return END_WHOLE;
}

static inline enum browser_end browser_chunks(struct browser *b)
{
	enum browser_end end;
	uint64_t n;
	char *line;

	do {
		while (!(line = memmem(b->in, b->n, "\r\n", 2))) {
			if (browser_fill(b) <= 0)
				return browser_end_of(b, END_SHORT);
		}
		n = strtoull(b->in, NULL, 16);
		browser_used(b, (size_t)(line + 2 - b->in));
		end = browser_take(b, n, END_SHORT);
		while (end == END_WHOLE && b->n < 2) {
			if (browser_fill(b) <= 0)
				return browser_end_of(b, END_SHORT);
		}
		if (end == END_WHOLE)
			browser_used(b, 2);
	} while (n > 0 && end == END_WHOLE);
	return end;
}

/* One head into b->head. */
static inline bool browser_head(struct browser *b)
{
	char *end;

	while (!(end = memmem(b->in, b->n, "\r\n\r\n", 4))) {
		if (b->n == sizeof(b->in) || browser_fill(b) <= 0)
			return false;
	}
	end += 4;
	memcpy(b->head, b->in, (size_t)(end - b->in));
	b->head[end - b->in] = '\0';
	browser_used(b, (size_t)(end - b->in));
	b->status = atoi(b->head + 9);
	return strncmp(b->head, "HTTP/1.1 ", 9) == 0;
}

/* Reads one answer; to_head: that of a HEAD request. */
static inline enum browser_end browser_answer(struct browser *b, bool to_head)
{
	const char *length;
	enum browser_end end;

	b->status = 0;
	b->octets = 0;
	b->continued = false;
	memset(b->body, 0, sizeof(b->body));
	do {
		b->continued |= b->status == 100;
		if (!browser_head(b))
			return browser_end_of(b, END_NONE);
	} while (b->status / 100 == 1);
	if (to_head || b->status == 204 || b->status == 304)
		return END_WHOLE;
	if (browser_has(b, "Transfer-Encoding: chunked"))
		return browser_chunks(b);
	length = browser_field(b, "Content-Length");
	if (length)
		return browser_take(b, strtoull(length, NULL, 10), END_SHORT);
	end = browser_take(b, UINT64_MAX, END_CLOSE);
	return end;
}

/* Whether nothing more comes and the proxy has closed. */
static inline bool browser_ended(struct browser *b)
{
	return b->n == 0 && browser_fill(b) == 0;
}

/* Sends n octets of a body from another thread. */
struct browser_upload {
	struct browser *b;
	size_t n;
	bool chunked, whole;
	uint64_t sum; /* as struct peer has it */
	pthread_t thread;
};

static inline void *browser_upload_run(void *arg)
{
	struct browser_upload *u = arg;
	char block[8192];
	uint64_t at = 0;

	u->whole = true;
	while (u->whole && at < u->n) {
		size_t some = sizeof(block);

		if (u->n - at < some)
			some = (size_t)(u->n - at);
		for (size_t i = 0; i < some; i++) {
			block[i] = (char)('A' + (at + i) % 23);
			u->sum += (uint64_t)(unsigned char)block[i] *
				  ((at + i) % 251 + 1);
		}
		if (u->chunked)
			u->whole = browser_say(u->b, "%zx\r\n", some);
		u->whole = u->whole && browser_send(u->b, block, some);
		if (u->chunked)
			u->whole = u->whole && browser_say(u->b, "\r\n");
		at += some;
	}
	if (u->chunked)
		u->whole = u->whole && browser_say(u->b, "0\r\n\r\n");
	return NULL;
}

static inline void browser_upload_begin(struct browser_upload *u,
					struct browser *b, size_t n)
{
	u->b = b;
	u->n = n;
	u->sum = 0;
	pthread_create(&u->thread, NULL, browser_upload_run, u);
}

static inline void browser_upload_end(struct browser_upload *u)
{
	pthread_join(u->thread, NULL);
}
