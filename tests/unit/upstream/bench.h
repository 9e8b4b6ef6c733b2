/* SPDX-License-Identifier: MIT */
/* A loop, the carrier and a server, for the tests of its parts. */
#pragma once

#include "upstream/run.h"
#include "upstream/server.h"

#include <dirent.h>
#include <netdb.h>
#include <sys/resource.h>

#ifdef __SANITIZE_ADDRESS__
/* What is freed shall not count as memory in use. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "quarantine_size_mb=1";
}
#endif

#define OK_HEAD "HTTP/1.1 200 OK\r\n"
#define HELLO OK_HEAD "Content-Length: 5\r\nX-Test: a\r\n\r\nhello"

/* Stands in front of the C library's, so that no name leaves this machine:
 * the resolver's threads come here. */
static atomic_bool resolver_hangs;

int getaddrinfo(const char *host, const char *port,
		const struct addrinfo *hints, struct addrinfo **out)
{
	struct addrinfo *a;
	struct sockaddr_in *in;

	(void)hints;
	for (int i = 0; i < 300 && atomic_load(&resolver_hangs); i++)
		usleep(10000);
	if (strcmp(host, "up.test") != 0)
		return EAI_NONAME;
	a = calloc(1, sizeof(*a) + sizeof(*in));
	in = (struct sockaddr_in *)(void *)(a + 1);
	in->sin_family = AF_INET;
	in->sin_port = htons((uint16_t)(port ? atoi(port) : 0));
	in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	a->ai_family = AF_INET;
	a->ai_socktype = SOCK_STREAM;
	a->ai_addr = (struct sockaddr *)in;
	a->ai_addrlen = sizeof(*in);
	*out = a;
	return 0;
}

void freeaddrinfo(struct addrinfo *a)
{
	free(a);
}

struct bench {
	struct loop *loop;
	struct upstream *upstream;
	struct server *server;
	struct origin origin;
	struct run run;
};

static inline void bench_init(struct bench *b, server_fn *fn,
			      const char *reply)
{
	struct fault f;

	memset(b, 0, sizeof(*b));
	b->loop = loop_new(&f);
	assert_non_null(b->loop);
	b->upstream = upstream_new(b->loop, &f);
	assert_non_null(b->upstream);
	b->server = server_new(fn, reply);
	server_start(b->server);
	origin_of(&b->origin, "http", "127.0.0.1", b->server->port, NULL);
	run_init(&b->run, &b->origin, "GET", "/");
}

static inline void bench_fini(struct bench *b)
{
	run_fini(&b->run);
	upstream_free(&b->upstream);
	assert_null(b->upstream);
	server_free(b->server);
	origin_end(&b->origin);
	loop_free(&b->loop);
}

/* The bench's run to its end. */
static inline void go(struct bench *b)
{
	run_start(&b->run, b->upstream);
	run_wait(&b->run, b->loop);
}

/* Another run, in the place of the last. */
static inline void again(struct bench *b, const char *method,
			 const char *target)
{
	run_fini(&b->run);
	run_init(&b->run, &b->origin, method, target);
}

static inline void assert_fault(const struct run *r, int status,
				const char *error)
{
	assert_true(r->failed);
	assert_string_equal(r->fault.error, error);
	assert_int_equal(r->fault.status, status);
	assert_true(strlen(r->fault.text.text) > 10);
}

static inline void assert_hello(const struct run *r)
{
	if (r->failed)
		print_error("%s\n", r->fault.text.text);
	assert_false(r->failed);
	assert_int_equal(r->status, 200);
	assert_string_equal(r->field, "a");
	assert_string_equal(buf_z(&r->got), "hello");
}

/* Pauses as often as it says, and is continued from the loop. */
static inline void wait_resuming(struct bench *b)
{
	int64_t end = clock_ms() + 10000;

	while (!b->run.done && clock_ms() < end) {
		loop_turn(b->loop, 5);
		if (b->run.transfer) {
			transfer_resume_read(b->run.transfer);
			transfer_resume_write(b->run.transfer);
		}
	}
	assert_int_equal(b->run.done, 1);
}

static inline long memory_peak(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return u.ru_maxrss; /* KiB */
}

static inline int open_descriptors(void)
{
	DIR *d = opendir("/proc/self/fd");
	int n = 0;

	while (readdir(d))
		n++;
	closedir(d);
	return n;
}
