/* SPDX-License-Identifier: MIT */
/* A connection behind a 101: octets both ways, each direction's end, and a
 * side that does not follow. */
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

static int group_begin(void **state ATTR_UNUSED)
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

static int group_end(void **state ATTR_UNUSED)
{
	trust_unref(&trust);
	cert_free(&leaf);
	cert_free(&ca);
	return 0;
}

static void setup_by(struct both *b, server_fn *fn,
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

static void setup(struct both *b, server_fn *fn)
{
	setup_by(b, fn, &(struct transport_settings){ 0 });
}

static void finish(struct both *b)
{
	gnutls_certificate_credentials_t c = b->bench.server->credentials;

	bench_fini(&b->bench);
	if (c)
		gnutls_certificate_free_credentials(c);
}

static void turn(struct both *b, int ms)
{
	int64_t end = clock_ms() + ms;

	while (clock_ms() < end)
		loop_turn(b->bench.loop, 5);
}

/* Octets that tell where they stand. */
static char octet_at(uint64_t at)
{
	return (char)('a' + at / 61 % 26);
}

static bool side_body(void *arg, const char *p, size_t n)
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

static ssize_t side_source(void *arg, char *p, size_t n)
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

static void side_done(void *arg, const struct transfer_fault *fault)
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
static void ask(struct both *b)
{
	struct run *r = &b->bench.run;
	int64_t end = clock_ms() + 10000;

	run_start(r, b->bench.upstream);
	while (!r->heads && !r->done && clock_ms() < end)
		loop_turn(b->bench.loop, 100);
	assert_int_equal(r->status, 101);
	assert_string_equal(r->field, "a");
}

static void take_over(struct both *b)
{
	transfer_upgraded(b->bench.run.transfer, &side_events, &b->side);
}

static void until_done(struct both *b)
{
	int64_t end = clock_ms() + 20000;

	while (!b->side.done && clock_ms() < end)
		loop_turn(b->bench.loop, 100);
	assert_int_equal(b->side.done, 1);
}

static void assert_whole(const struct both *b)
{
	if (b->side.failed)
		print_error("%s\n", b->side.fault.text.text);
	assert_false(b->side.failed);
	assert_true(b->side.other);
	assert_false(b->side.wrong);
}

/* --- what servers do --- */

/* All that was sent until its end, then "end". */
static void echo(struct peer *p)
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

static void test_both_ways(void **state ATTR_UNUSED)
{
	struct both b;

	setup(&b, echo);
	ask(&b);
	b.side.says = "hello, ";
	take_over(&b);
	until_done(&b);
	assert_whole(&b);
	assert_string_equal(b.side.got, "hello, end");
	/* Nothing was asked of the request's owner. */
	assert_int_equal(b.bench.run.sources, 0);
	assert_int_equal(b.bench.run.bodies, 0);
	assert_int_equal(b.bench.run.done, 0);
	finish(&b);
}

/* Octets in the 101's own packet, and more of them. */
static void greet(struct peer *p)
{
	if (!peer_head(p) || !peer_say(p, SWITCH "first, "))
		return;
	peer_say(p, "second, ");
	usleep(50000);
	peer_say(p, "third");
	shutdown(p->fd, SHUT_WR);
	while (peer_octet(p) >= 0)
		;
}

static void test_octets_behind_head(void **state ATTR_UNUSED)
{
	struct both b;

	setup(&b, greet);
	ask(&b);
	/* Whoever is slow to take it over loses nothing. */
	turn(&b, 150);
	assert_int_equal(b.bench.run.bodies, 0);
	take_over(&b);
	until_done(&b);
	if (over_tls) {
		/* A FIN is no end there. */
		assert_true(b.side.failed);
		assert_string_equal(b.side.fault.error,
				    "connection_terminated");
	} else {
		assert_whole(&b);
	}
	assert_string_equal(b.side.got, "first, second, third");
	finish(&b);
}

/* The upstream's end comes first, and takes the other direction's octets. */
static void end_first(struct peer *p)
{
	if (!peer_head(p) || !peer_say(p, SWITCH "bye"))
		return;
	if (p->tls)
		gnutls_bye(p->tls, GNUTLS_SHUT_WR);
	else
		shutdown(p->fd, SHUT_WR);
	while (peer_octet(p) >= 0)
		p->n = 0;
}

static void test_upstream_ends_first(void **state ATTR_UNUSED)
{
	struct both b;
	long before;

	setup(&b, end_first);
	ask(&b);
	b.side.holds = true;
	take_over(&b);
	turn(&b, 100);
	assert_int_equal(b.side.done, 0);
	assert_true(b.side.other);
	before = atomic_load(&b.bench.server->octets);
	b.side.left = SOME;
	transfer_resume_write(b.bench.run.transfer);
	turn(&b, 300);
	assert_int_equal(b.side.done, 0);
	b.side.holds = false;
	transfer_resume_write(b.bench.run.transfer);
	until_done(&b);
	assert_whole(&b);
	assert_string_equal(b.side.got, "bye");
	for (int i = 0; i < 100 && atomic_load(&b.bench.server->octets) -
						   before < SOME; i++)
		usleep(20000);
	assert_int_equal(atomic_load(&b.bench.server->octets) - before, SOME);
	finish(&b);
}

/* Much in both directions at once: what is read is not what is written. */
static void *flood_back(void *arg)
{
	static _Thread_local char block[8192];
	struct peer *p = arg;

	for (uint64_t at = 0; at < MUCH; at += sizeof(block)) {
		for (size_t i = 0; i < sizeof(block); i++)
			block[i] = octet_at(at + i);
		if (!peer_write(p, block, sizeof(block)))
			break;
	}
	return NULL;
}

static void flood(struct peer *p)
{
	pthread_t thread;

	if (!peer_head(p) || !peer_say(p, SWITCH))
		return;
	pthread_create(&thread, NULL, flood_back, p);
	while (peer_octet(p) >= 0)
		p->n = 0;
	pthread_join(thread, NULL);
}

static void test_much_both_ways(void **state ATTR_UNUSED)
{
	long memory;
	struct both b;

	setup(&b, flood);
	ask(&b);
	memory = memory_peak();
	b.side.left = MUCH;
	b.side.refuses = true;
	take_over(&b);
	/* Nobody takes what comes: the kernel's buffers fill, ours do not, and
	 * the other direction goes on. */
	turn(&b, 1000);
	assert_int_equal(b.side.octets, 0);
	assert_int_equal(b.side.left, 0);
	assert_in_range(b.side.calls, 1, 2);
	assert_in_range(memory_peak() - memory, 0, 8192);
	b.side.refuses = false;
	transfer_resume_read(b.bench.run.transfer);
	until_done(&b);
	assert_whole(&b);
	assert_int_equal(b.side.octets, MUCH);
	finish(&b);
}

static atomic_bool reading;

/* Reads nothing until it is told to. */
static void read_late(struct peer *p)
{
	if (!peer_head(p) || !peer_say(p, SWITCH))
		return;
	while (!atomic_load(&reading))
		usleep(5000);
	while (peer_octet(p) >= 0)
		p->n = 0;
}

static void test_upstream_reads_nothing(void **state ATTR_UNUSED)
{
	struct both b;
	size_t left;

	setup(&b, read_late);
	atomic_store(&reading, false);
	ask(&b);
	b.side.left = MUCH;
	take_over(&b);
	turn(&b, 300);
	left = b.side.left;
	assert_in_range(left, MUCH / 2, MUCH - 1);
	turn(&b, 100);
	assert_int_equal(b.side.left, left);
	atomic_store(&reading, true);
	until_done(&b);
	assert_whole(&b);
	assert_int_equal(b.side.left, 0);
	assert_in_range(atomic_load(&b.bench.server->octets), MUCH,
			MUCH + 1000);
	finish(&b);
}

/* --- what goes wrong --- */

static void reset(struct peer *p)
{
	const struct linger now = { .l_onoff = 1 };

	if (!peer_head(p) || !peer_say(p, SWITCH "x"))
		return;
	usleep(100000);
	setsockopt(p->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	if (p->tls)
		gnutls_deinit(p->tls);
	p->tls = NULL;
	close(p->fd);
	/* The server's end closes a descriptor once more. */
	p->fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static void assert_broken(const struct both *b)
{
	assert_true(b->side.failed);
	assert_int_equal(b->side.fault.status, 502);
	assert_string_equal(b->side.fault.error, "connection_terminated");
}

static void test_reset(void **state ATTR_UNUSED)
{
	for (int refuses = 0; refuses < 2; refuses++) {
		struct both b;

		setup(&b, reset);
		ask(&b);
		b.side.holds = true;
		b.side.refuses = refuses;
		take_over(&b);
		turn(&b, 200);
		if (refuses) {
			/* Nothing is read, so that writing finds it; what
			 * came before is told all the same. */
			assert_int_equal(b.side.done, 0);
			b.side.left = SOME;
			transfer_resume_write(b.bench.run.transfer);
			turn(&b, 50);
			assert_int_equal(b.side.done, 0);
			b.side.refuses = false;
			transfer_resume_read(b.bench.run.transfer);
		}
		until_done(&b);
		assert_broken(&b);
		assert_string_equal(b.side.got, "x");
		finish(&b);
	}
}

/* Closes with octets unread: what it said still arrives. */
static void leave(struct peer *p)
{
	if (!peer_head(p) || !peer_say(p, SWITCH "last words"))
		return;
	usleep(100000);
	if (p->tls)
		gnutls_deinit(p->tls);
	p->tls = NULL;
	close(p->fd);
	p->fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static void test_upstream_leaves(void **state ATTR_UNUSED)
{
	struct both b;

	setup(&b, leave);
	ask(&b);
	b.side.holds = true;
	b.side.left = SOME;
	take_over(&b);
	until_done(&b);
	assert_broken(&b);
	assert_string_equal(b.side.got, "last words");
	finish(&b);
}

static void test_given_up(void **state ATTR_UNUSED)
{
	struct both b;

	setup(&b, echo);
	ask(&b);
	transfer_cancel(&b.bench.run.transfer);
	finish(&b);
	setup(&b, echo);
	ask(&b);
	b.side.holds = true;
	take_over(&b);
	turn(&b, 50);
	transfer_cancel(&b.bench.run.transfer);
	assert_int_equal(b.side.done, 0);
	finish(&b);
}

static void switch_unasked(struct peer *p)
{
	if (peer_head(p))
		peer_say(p, SWITCH);
}

static void test_unasked(void **state ATTR_UNUSED)
{
	struct both b;

	setup(&b, switch_unasked);
	b.bench.run.request.upgrade = false;
	go(&b.bench);
	assert_int_equal(b.bench.run.heads, 0);
	assert_fault(&b.bench.run, 502, "http_protocol_error");
	finish(&b);
}

/* Who does not change the protocol answers as ever, and keeps his
 * connection. */
static void test_not_taken(void **state ATTR_UNUSED)
{
	struct both b;

	setup(&b, server_reply);
	go(&b.bench);
	assert_hello(&b.bench.run);
	again(&b.bench, "GET", "/");
	go(&b.bench);
	assert_hello(&b.bench.run);
	assert_int_equal(b.bench.server->connections, 1);
	finish(&b);
}

/* A connection that has streamed carries no request, one that has carried
 * requests may stream. */
static void serve_then_switch(struct peer *p)
{
	while (peer_head(p)) {
		if (strncmp(p->head, "GET /chat", 9) != 0) {
			peer_say(p, p->server->reply);
			continue;
		}
		peer_say(p, SWITCH);
		while (peer_octet(p) >= 0)
			;
		return;
	}
}

static void test_connection_is_spent(void **state ATTR_UNUSED)
{
	struct both b;

	setup(&b, serve_then_switch);
	for (int i = 1; i < 3; i++) {
		again(&b.bench, "GET", "/");
		go(&b.bench);
		assert_hello(&b.bench.run);
		assert_int_equal(b.bench.server->connections, i);
		again(&b.bench, "GET", "/chat");
		b.bench.run.request.upgrade = true;
		b.side = (struct side){ .says = "x" };
		ask(&b);
		take_over(&b);
		until_done(&b);
		assert_whole(&b);
		assert_int_equal(b.bench.server->connections, i);
	}
	finish(&b);
}

static atomic_int cut_at;

static void cut(struct peer *p)
{
	if (peer_head(p))
		peer_write(p, SWITCH, (size_t)atomic_load(&cut_at));
}

/* The head's every octet may be the last. */
static void test_head_is_cut(void **state ATTR_UNUSED)
{
	int whole = (int)strlen(SWITCH);

	if (over_tls)
		return;
	for (int i = 0; i < whole; i++) {
		struct both b;

		atomic_store(&cut_at, i);
		setup(&b, cut);
		go(&b.bench);
		assert_int_equal(b.bench.run.heads, 0);
		assert_fault(&b.bench.run, 502, "connection_terminated");
		finish(&b);
	}
}

/* No time-out of the request's holds once it streams. */
static void test_no_timeout(void **state ATTR_UNUSED)
{
	struct both b;

	setup(&b, echo);
	b.bench.run.request.response_timeout = 100;
	b.bench.run.request.idle_timeout = 100;
	ask(&b);
	turn(&b, 250);
	b.side.holds = true;
	take_over(&b);
	turn(&b, 250);
	assert_int_equal(b.side.done, 0);
	b.side.holds = false;
	transfer_resume_write(b.bench.run.transfer);
	until_done(&b);
	assert_whole(&b);
	finish(&b);
}

/* HTTP/2 has another way (RFC 8441), libcurl none. */
static void test_whatever_carries_the_rest(void **state ATTR_UNUSED)
{
	struct transport_settings all[] = {
		{ .http = TRANSPORT_HTTP_2 },
		{ .carrier = TRANSPORT_CARRIER_CURL },
	};

	for (size_t i = 0; i < 2; i++) {
		struct both b;

		run_carrier = all[i].carrier;
		setup_by(&b, echo, &all[i]);
		ask(&b);
		b.side.says = "hello, ";
		take_over(&b);
		until_done(&b);
		assert_whole(&b);
		assert_string_equal(b.side.got, "hello, end");
		assert_non_null(strstr(b.bench.server->head, " HTTP/1.1\r\n"));
		finish(&b);
	}
	run_carrier = TRANSPORT_CARRIER_AUTO;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_ways),
		cmocka_unit_test(test_octets_behind_head),
		cmocka_unit_test(test_upstream_ends_first),
		cmocka_unit_test(test_much_both_ways),
		cmocka_unit_test(test_upstream_reads_nothing),
		cmocka_unit_test(test_reset),
		cmocka_unit_test(test_upstream_leaves),
		cmocka_unit_test(test_given_up),
		cmocka_unit_test(test_unasked),
		cmocka_unit_test(test_not_taken),
		cmocka_unit_test(test_connection_is_spent),
		cmocka_unit_test(test_head_is_cut),
		cmocka_unit_test(test_no_timeout),
		cmocka_unit_test(test_whatever_carries_the_rest),
	};
	int failed = 0;

	for (int tls = 0; tls < 2; tls++) {
		over_tls = tls;
		failed += _cmocka_run_group_tests(
			tls ? "TLS" : "plain", tests,
			sizeof(tests) / sizeof(tests[0]), group_begin,
			group_end);
	}
	return failed;
}
