/* SPDX-License-Identifier: MIT */
/* A connection behind a 101: octets both ways, each direction's end, and a
 * side that does not follow. */
#include "upstream/stream.h"

/* --- what servers do --- */

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

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_ways),
		cmocka_unit_test(test_octets_behind_head),
		cmocka_unit_test(test_upstream_ends_first),
		cmocka_unit_test(test_much_both_ways),
		cmocka_unit_test(test_upstream_reads_nothing),
		cmocka_unit_test(test_reset),
		cmocka_unit_test(test_upstream_leaves),
		cmocka_unit_test(test_given_up),
	};

	return stream_group(tests, sizeof(tests) / sizeof(tests[0]));
}
