/* SPDX-License-Identifier: MIT */
/* The owner of a stream behind a 101, for the tests of upstream/. */
#pragma once

#include "upstream/bench.h"
#include "upstream/certs.h"

#include <fcntl.h>

#define SWITCH "HTTP/1.1 101 Switching Protocols\r\n" \
	"Connection: upgrade\r\nUpgrade: websocket\r\nX-Test: a\r\n\r\n"

enum { MUCH = 24 << 20, SOME = 4 << 20 };

static struct cert ca, leaf;
static struct trust *trust;
static bool over_tls;

/* Who takes the stream over. */
struct side {
	const char *says;    /* first of all, then made up octets */
	size_t left;         /* of them, after what it says */
	bool holds;          /* sends no end */
	bool refuses;        /* takes nothing for now */
	char got[256];
	uint64_t octets;
	bool other, wrong;   /* the upstream sends no more; octets differ */
	int done, calls;
	bool failed;
	struct transfer_fault fault;
};

struct both {
	struct bench bench;
	struct side side;
};

static inline int group_begin(void **state ATTR_UNUSED)
{
	char pem[] = "/tmp/test_http1_stream.XXXXXX";
	const struct cert *p = &ca;
	struct fault f;

	cert_make(&ca, &(struct cert_wish){ .name = "A CA", .ca = true });
	cert_make(&leaf, &(struct cert_wish){ .issuer = &ca, .name = "x",
					      .dns = "up.test" });
	cert_write(pem, &p, 1);
	trust = trust_load(pem, &f);
	unlink(pem);
	return trust ? 0 : -1;
}

static inline int group_end(void **state ATTR_UNUSED)
{
	trust_unref(&trust);
	cert_free(&leaf);
	cert_free(&ca);
	return 0;
}

static inline void setup_by(struct both *b, server_fn *fn,
		     struct transport_settings *s)
{
	struct bench *be = &b->bench;
	struct fault f;

	memset(b, 0, sizeof(*b));
	be->loop = loop_new(&f);
	be->upstream = upstream_new(be->loop, &f);
	assert_non_null(be->upstream);
	be->server = server_new(fn, HELLO);
	if (over_tls)
		be->server->credentials = cert_credentials(&leaf, NULL);
	server_start(be->server);
	s->trust = over_tls ? trust : NULL;
	origin_by(&be->origin, over_tls ? "https" : "http", "up.test",
		  be->server->port, s);
	run_init(&be->run, &be->origin, "GET", "/chat");
	fields_add(&be->run.fields, STR("Upgrade"), STR("websocket"));
	be->run.request.upgrade = true;
	b->side.says = "";
}

static inline void setup(struct both *b, server_fn *fn)
{
	setup_by(b, fn, &(struct transport_settings){ 0 });
}

static inline void finish(struct both *b)
{
	gnutls_certificate_credentials_t c = b->bench.server->credentials;

	bench_fini(&b->bench);
	if (c)
		gnutls_certificate_free_credentials(c);
}

static inline void turn(struct both *b, int ms)
{
	int64_t end = clock_ms() + ms;

	while (clock_ms() < end)
		loop_turn(b->bench.loop, 5);
}

/* Octets that tell where they stand. */
static inline char octet_at(uint64_t at)
{
	return (char)('a' + at / 61 % 26);
}

static inline bool side_body(void *arg, const char *p, size_t n)
{
	struct side *s = arg;

	assert_false(s->other);
	assert_int_equal(s->done, 0);
	s->calls++;
	if (s->refuses && n > 0)
		return false;
	s->other = n == 0;
	for (size_t i = 0; i < n; i++, s->octets++) {
		if (s->octets < sizeof(s->got) - 1)
			s->got[s->octets] = p[i];
		s->wrong |= s->octets >= sizeof(s->got) &&
			    p[i] != octet_at(s->octets);
	}
	return true;
}

static inline ssize_t side_source(void *arg, char *p, size_t n)
{
	struct side *s = arg;
	size_t said = strlen(s->says);

	assert_int_equal(s->done, 0);
	if (said > 0) {
		memcpy(p, s->says, said);
		s->says = "";
		return (ssize_t)said;
	}
	if (s->left == 0)
		return s->holds ? TRANSFER_PAUSE : 0;
	if (n > s->left)
		n = s->left;
	for (size_t i = 0; i < n; i++)
		p[i] = octet_at(i);
	s->left -= n;
	return (ssize_t)n;
}

static inline void side_done(void *arg, const struct transfer_fault *fault)
{
	struct side *s = arg;

	s->done++;
	s->failed = fault != NULL;
	if (fault)
		s->fault = *fault;
}

static const struct transfer_events side_events = {
	.body = side_body, .source = side_source, .done = side_done,
};

/* Until the 101 is there. */
static inline void ask(struct both *b)
{
	struct run *r = &b->bench.run;
	int64_t end = clock_ms() + 10000;

	run_start(r, b->bench.upstream);
	while (!r->heads && !r->done && clock_ms() < end)
		loop_turn(b->bench.loop, 100);
	assert_int_equal(r->status, 101);
	assert_string_equal(r->field, "a");
}

static inline void take_over(struct both *b)
{
	transfer_upgraded(b->bench.run.transfer, &side_events, &b->side);
}

static inline void until_done(struct both *b)
{
	int64_t end = clock_ms() + 20000;

	while (!b->side.done && clock_ms() < end)
		loop_turn(b->bench.loop, 100);
	assert_int_equal(b->side.done, 1);
}

static inline void assert_whole(const struct both *b)
{
	if (b->side.failed)
		print_error("%s\n", b->side.fault.text.text);
	assert_false(b->side.failed);
	assert_true(b->side.other);
	assert_false(b->side.wrong);
}

/* All that was sent until its end, then "end". */
static inline void echo(struct peer *p)
{
	char block[4096];
	ssize_t n;

	if (!peer_head(p) || !peer_say(p, SWITCH))
		return;
	peer_write(p, p->rest, p->n);
	while ((n = peer_read(p, block, sizeof(block))) > 0)
		peer_write(p, block, (size_t)n);
	peer_say(p, "end");
}

/* The group over plain connections and over TLS; how many failed. */
static inline int stream_group(const struct CMUnitTest *tests, size_t n)
{
	int failed;

	over_tls = false;
	failed = _cmocka_run_group_tests("plain", tests, n, group_begin,
					 group_end);
	over_tls = true;
	return failed + _cmocka_run_group_tests("TLS", tests, n, group_begin,
						group_end);
}
