/* SPDX-License-Identifier: MIT */
/* A token endpoint on loopback: a thread that answers one request a
 * connection as the test has planned, and counts. */
#pragma once

#include <arpa/inet.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ENDPOINT_ANSWERS = 16, ENDPOINT_TEXT = 8192 };

/* The last one planned answers all that come later. In body each "$" is the
 * number of the request. */
struct endpoint_answer {
	int status;         /* 0: closes without an answer */
	const char *fields; /* with CRLF, or NULL */
	const char *body;
	int delay;          /* ms */
};

struct fake_endpoint {
	int fd;
	char port[8];
	pthread_t thread;
	pthread_mutex_t lock;
	struct endpoint_answer answers[ENDPOINT_ANSWERS];
	int n, at;
	atomic_int requests, at_once, most_at_once;
	char text[ENDPOINT_TEXT]; /* the last request, head and body */
};

#define ENDPOINT_OK \
	"{\"access_token\":\"tok$\",\"token_type\":\"Bearer\"," \
	"\"expires_in\":3600}"

static inline void endpoint_plan(struct fake_endpoint *e,
				 struct endpoint_answer answer)
{
	pthread_mutex_lock(&e->lock);
	e->answers[e->n++] = answer;
	pthread_mutex_unlock(&e->lock);
}

static inline bool endpoint_read(int fd, char *text)
{
	size_t n = 0;

	for (;;) {
		ssize_t got = recv(fd, text + n, ENDPOINT_TEXT - 1 - n, 0);
		char *end, *length;

		if (got <= 0)
			return false;
		n += (size_t)got;
		text[n] = '\0';
		end = strstr(text, "\r\n\r\n");
		length = strcasestr(text, "\r\nContent-Length: ");
		if (end && (!length || n - (size_t)(end + 4 - text) >=
					       strtoul(length + 18, NULL, 10)))
			return true;
	}
}

/* What the endpoint's threads did before they answered has been done, also in
 * the thread sanitizer's eyes. */
static inline void endpoint_sync(struct fake_endpoint *e)
{
	pthread_mutex_lock(&e->lock);
	pthread_mutex_unlock(&e->lock);
}

/* The last request, as it is now: a further one does not change it. */
static inline const char *endpoint_seen(struct fake_endpoint *e)
{
	static char seen[ENDPOINT_TEXT];

	pthread_mutex_lock(&e->lock);
	memcpy(seen, e->text, sizeof(seen));
	pthread_mutex_unlock(&e->lock);
	return seen;
}

/* The answer, or an empty one where there is to be none. */
static inline void endpoint_make(struct fake_endpoint *e, int fd, char *reply,
				 size_t size)
{
	char text[ENDPOINT_TEXT], body[2048];
	struct endpoint_answer a;
	size_t n = 0;
	int number;

	reply[0] = '\0';
	if (!endpoint_read(fd, text))
		return;
	pthread_mutex_lock(&e->lock);
	number = atomic_fetch_add(&e->requests, 1) + 1;
	strcpy(e->text, text);
	a = e->answers[e->at];
	if (e->at + 1 < e->n)
		e->at++;
	pthread_mutex_unlock(&e->lock);
	usleep((useconds_t)a.delay * 1000);
	if (a.status == 0)
		return;
	for (const char *p = a.body ? a.body : ""; *p; p++)
		n += (size_t)snprintf(body + n, sizeof(body) - n,
				      *p == '$' ? "%d" : "%c",
				      *p == '$' ? number : *p);
	body[n] = '\0';
	snprintf(reply, size,
		 "HTTP/1.1 %d X\r\n%sContent-Length: %zu\r\n"
		 "Connection: close\r\n\r\n%s",
		 a.status, a.fields ? a.fields : "", n, body);
}

struct endpoint_peer {
	struct fake_endpoint *e;
	int fd;
};

static inline void *endpoint_peer(void *arg)
{
	struct endpoint_peer p = *(struct endpoint_peer *)arg;
	char reply[4096];
	int now = atomic_fetch_add(&p.e->at_once, 1) + 1;

	free(arg);
	if (now > atomic_load(&p.e->most_at_once))
		atomic_store(&p.e->most_at_once, now);
	endpoint_make(p.e, p.fd, reply, sizeof(reply));
	/* before the client can know that it is over, which it does when it
	 * has read as much as there is to be */
	atomic_fetch_sub(&p.e->at_once, 1);
	endpoint_sync(p.e);
	(void)!send(p.fd, reply, strlen(reply), MSG_NOSIGNAL);
	shutdown(p.fd, SHUT_WR);
	close(p.fd);
	return NULL;
}

static inline void *endpoint_run(void *arg)
{
	struct fake_endpoint *e = arg;
	pthread_t peers[256];
	int n = 0, fd;

	while (n < 256 && (fd = accept(e->fd, NULL, NULL)) >= 0) {
		struct endpoint_peer *p = malloc(sizeof(*p));

		*p = (struct endpoint_peer){ e, fd };
		pthread_create(&peers[n++], NULL, endpoint_peer, p);
	}
	while (n > 0)
		pthread_join(peers[--n], NULL);
	return NULL;
}

static inline struct fake_endpoint *endpoint_new(void)
{
	struct fake_endpoint *e = calloc(1, sizeof(*e));
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t n = sizeof(a);

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	pthread_mutex_init(&e->lock, NULL);
	e->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (e->fd < 0 || bind(e->fd, (struct sockaddr *)&a, n) < 0 ||
	    listen(e->fd, 256) < 0 ||
	    getsockname(e->fd, (struct sockaddr *)&a, &n) < 0)
		abort();
	snprintf(e->port, sizeof(e->port), "%u", ntohs(a.sin_port));
	pthread_create(&e->thread, NULL, endpoint_run, e);
	return e;
}

static inline void endpoint_free(struct fake_endpoint *e)
{
	shutdown(e->fd, SHUT_RDWR);
	pthread_join(e->thread, NULL);
	close(e->fd);
	pthread_mutex_destroy(&e->lock);
	free(e);
}
