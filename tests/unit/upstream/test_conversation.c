/* SPDX-License-Identifier: MIT */
/* Responses that come while their request is still on its way, over both
 * carriers: at once, whole or in pieces, and whatever becomes of the rest. */
#include "upstream/bench.h"

enum { MUCH = 64 << 20 };

static atomic_int step; /* of the server's, told by the test */

static void wait_for_step(const struct peer *p, int n)
{
	while (atomic_load(&step) < n && !atomic_load(&p->server->stop))
		usleep(1000);
}

/* Turns until it holds, at most 5 s. */
#define turn_until(b, holds)                                            \
	do {                                                            \
		int64_t end_ = clock_ms() + 5000;                       \
		while (!(holds) && clock_ms() < end_)                   \
			loop_turn((b)->loop, 10);                       \
		assert_true(holds);                                     \
	} while (0)

/* --- the upstream reads no more --- */

static void say_in_steps(struct peer *p)
{
	if (!peer_head(p))
		return;
	peer_say(p, p->server->reply);
	wait_for_step(p, 1);
	peer_say(p, "lo");
	wait_for_step(p, 2);
}

static void upload_much(struct bench *b, bool chunked)
{
	b->run.request.method = STR("POST");
	b->run.flood = MUCH;
	b->run.request.framing.body = chunked ? FRAMING_CHUNKED
					      : FRAMING_SIZED;
	b->run.request.framing.length = chunked ? 0 : MUCH;
	run_start(&b->run, b->upstream);
}

/* Head and body come while the request stands still, each as it is said; with
 * the response's end the transfer is over, and its connection. */
static void test_stuck_upload(void **state ATTR_UNUSED)
{
	static const char *const statuses[] = { "200 OK", "403 No" };

	for (int i = 0; i < 4; i++) {
		char reply[128];
		struct bench b;

		atomic_store(&step, 0);
		snprintf(reply, sizeof(reply),
			 "HTTP/1.1 %s\r\nContent-Length: 5\r\nX-Test: a\r\n"
			 "\r\nhel", statuses[i % 2]);
		bench_init(&b, say_in_steps, reply);
		upload_much(&b, i / 2);
		turn_until(&b, b.run.octets == 3);
		assert_int_equal(b.run.done, 0);
		atomic_store(&step, 1);
		run_wait(&b.run, b.loop);
		assert_false(b.run.failed);
		assert_string_equal(buf_z(&b.run.got), "hello");
		assert_true(b.run.flood > 0);
		atomic_store(&step, 2);
		again(&b, "GET", "/");
		go(&b);
		assert_int_equal(b.server->connections, 2);
		bench_fini(&b);
	}
}

/* --- each while the other does --- */

/* Answers each capital of a chunked body, as it comes, with a chunk. */
static void converse(struct peer *p)
{
	char end[6] = ".....", piece[] = "1\r\n.\r\n";

	while (peer_head(p)) {
		peer_say(p, OK_HEAD "Transfer-Encoding: chunked\r\n\r\n");
		while (strcmp(end, "0\r\n\r\n") != 0) {
			int c = peer_octet(p);

			if (c < 0)
				return;
			memmove(end, end + 1, 4);
			end[4] = (char)c;
			if (c < 'A' || c > 'Z')
				continue;
			piece[3] = (char)(c - 'A' + 'a');
			peer_say(p, piece);
		}
		peer_say(p, "0\r\n\r\n");
		end[4] = '\0';
	}
}

struct talk {
	struct run run;
	const char *say; /* what is said next, octet by octet */
	bool over;
};

static ssize_t talk_source(void *arg, char *p, size_t n ATTR_UNUSED)
{
	struct talk *t = (struct talk *)arg;

	t->run.sources++;
	if (!*t->say)
		return t->over ? 0 : TRANSFER_PAUSE;
	*p = *t->say++;
	return 1;
}

static void test_conversation(void **state ATTR_UNUSED)
{
	struct transfer_events events = run_events;
	struct talk t = { .say = "" };
	struct bench b;

	events.source = talk_source;
	bench_init(&b, converse, NULL);
	run_init(&t.run, &b.origin, "POST", "/");
	t.run.request.framing.body = FRAMING_CHUNKED;
	t.run.transfer = transfer_start(b.upstream, &t.run.request, &events,
					&t);
	for (int i = 1; i <= 26; i++) {
		static char word[2];

		word[0] = (char)('A' + i - 1);
		t.say = word;
		transfer_resume_write(t.run.transfer);
		turn_until(&b, t.run.octets == (uint64_t)i);
	}
	t.over = true;
	transfer_resume_write(t.run.transfer);
	run_wait(&t.run, b.loop);
	assert_false(t.run.failed);
	assert_string_equal(buf_z(&t.run.got), "abcdefghijklmnopqrstuvwxyz");
	run_fini(&t.run);
	/* Both were whole: the connection is kept. */
	again(&b, "POST", "/");
	run_body_set(&b.run, "A", true);
	go(&b);
	assert_string_equal(buf_z(&b.run.got), "a");
	assert_int_equal(b.server->connections, 1);
	bench_fini(&b);
}

/* --- what was said before a reset --- */

static void say_and_reset(struct peer *p)
{
	struct linger now = { .l_onoff = 1, .l_linger = 0 };

	if (!peer_head(p))
		return;
	peer_say(p, p->server->reply);
	usleep(50000);
	setsockopt(p->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	connect(p->fd, &(struct sockaddr){ .sa_family = AF_UNSPEC },
		sizeof(struct sockaddr));
}

/* The answer counts, also where its reader was too slow for it. */
static void test_reset_behind(void **state ATTR_UNUSED)
{
	static const char *const replies[] = {
		"HTTP/1.1 413 x\r\nContent-Length: 5\r\nX-Test: a\r\n\r\n"
		"hello",
		"HTTP/1.1 413 x\r\nTransfer-Encoding: chunked\r\n\r\n"
		"5\r\nhello\r\n0\r\n\r\n",
	};

	for (int i = 0; i < 8; i++) {
		struct bench b;

		bench_init(&b, say_and_reset, replies[i % 2]);
		b.run.body_pauses = i / 4;
		b.run.source_pauses = i / 2 % 2;
		upload_much(&b, true);
		if (b.run.body_pauses)
			turn_until(&b, b.run.bodies > 0);
		usleep(100000);
		wait_resuming(&b);
		if (b.run.failed)
			print_error("%d: %s\n", i, b.run.fault.text.text);
		assert_false(b.run.failed);
		assert_int_equal(b.run.status, 413);
		assert_string_equal(buf_z(&b.run.got), "hello");
		bench_fini(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stuck_upload),
		cmocka_unit_test(test_conversation),
		cmocka_unit_test(test_reset_behind),
	};

	return run_over_both(tests, NULL, NULL);
}
