/* SPDX-License-Identifier: MIT */
/* The descriptors of base/loop. */
#include "base/loop.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/clock.h"

static struct loop *loop;
static struct fault fault;

/* One end of a socket pair on a loop, and what it has seen. */
struct peer {
	struct loop_io io;
	int fds[2]; /* ours, the other end */
	int calls;
	uint32_t events;
	struct peer *victim; /* removed by the callback */
	bool forgets;
	uint32_t set; /* what the callback sets the victim to */
	bool sets;
};

static void on_io(void *arg, uint32_t events)
{
	struct peer *p = arg;

	p->calls++;
	p->events = events;
	if (p->victim && p->sets)
		loop_io_set(&p->victim->io, p->set);
	else if (p->victim && p->forgets)
		loop_io_forget(&p->victim->io);
	else if (p->victim)
		loop_io_del(&p->victim->io);
}

static void peer_init(struct peer *p, uint32_t events)
{
	*p = (struct peer){ .calls = 0 };
	assert_int_equal(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, p->fds), 0);
	assert_int_equal(
		loop_io_add(loop, &p->io, p->fds[0], events, on_io, p, &fault),
		0);
}

static void peer_poke(struct peer *p)
{
	assert_int_equal(write(p->fds[1], "x", 1), 1);
}

static void peer_fini(struct peer *p)
{
	loop_io_del(&p->io);
	(void)close(p->fds[0]);
	(void)close(p->fds[1]);
}

static int set_up(void **state)
{
	(void)state;
	loop = loop_new(&fault);
	return loop ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	loop_free(&loop);
	return loop ? -1 : 0;
}
static void test_io_is_called_with_its_events(void **state)
{
	struct peer p;

	(void)state;
	peer_init(&p, EPOLLIN);
	loop_turn(loop, 0);
	assert_int_equal(p.calls, 0);
	peer_poke(&p);
	loop_turn(loop, 0);
	assert_int_equal(p.calls, 1);
	assert_int_equal(p.events, EPOLLIN);
	loop_turn(loop, 0);
	assert_int_equal(p.calls, 2); /* level-triggered */
	peer_fini(&p);
}

static void test_io_set(void **state)
{
	struct peer p;

	(void)state;
	peer_init(&p, 0);
	peer_poke(&p);
	loop_turn(loop, 0);
	assert_int_equal(p.calls, 0);
	loop_io_set(&p.io, EPOLLIN | EPOLLOUT);
	loop_turn(loop, 0);
	assert_int_equal(p.events, EPOLLIN | EPOLLOUT);
	loop_io_set(&p.io, EPOLLOUT);
	loop_io_set(&p.io, EPOLLOUT);
	loop_turn(loop, 0);
	assert_int_equal(p.events, EPOLLOUT);
	loop_io_set(&p.io, 0);
	loop_turn(loop, 0);
	assert_int_equal(p.calls, 2);
	peer_fini(&p);
}

static void test_io_hang_up_is_always_told(void **state)
{
	struct peer p;

	(void)state;
	peer_init(&p, 0);
	(void)close(p.fds[1]);
	loop_turn(loop, 0);
	assert_int_equal(p.calls, 1);
	assert_true(p.events & EPOLLHUP);
	peer_fini(&p);
}

static void test_io_edge_is_armed_again_by_set(void **state)
{
	struct peer p;

	(void)state;
	peer_init(&p, EPOLLIN | EPOLLET);
	peer_poke(&p);
	loop_turn(loop, 0);
	loop_turn(loop, 0);
	assert_int_equal(p.calls, 1);
	loop_io_set(&p.io, EPOLLIN | EPOLLET);
	loop_turn(loop, 0);
	assert_int_equal(p.calls, 2);
	peer_fini(&p);
}

static void test_io_exclusive_may_be_set(void **state)
{
	struct peer p;

	(void)state;
	peer_init(&p, EPOLLIN | EPOLLEXCLUSIVE);
	peer_poke(&p);
	loop_turn(loop, 0);
	assert_int_equal(p.calls, 1);
	loop_io_set(&p.io, 0);
	loop_turn(loop, 0);
	assert_int_equal(p.calls, 1);
	loop_io_set(&p.io, EPOLLIN | EPOLLEXCLUSIVE);
	loop_turn(loop, 0);
	assert_int_equal(p.calls, 2);
	peer_fini(&p);
}

static void test_io_plain_file_is_refused(void **state)
{
	char path[] = "/tmp/test_loop.XXXXXX";
	int fd = mkstemp(path);
	struct loop_io io;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(
		loop_io_add(loop, &io, fd, EPOLLIN, on_io, NULL, &fault), -1);
	assert_non_null(strstr(fault.text, strerror(EPERM)));
	assert_null(io.loop);
	loop_io_del(&io);
	loop_io_forget(&io);
	(void)close(fd);
	(void)unlink(path);
}

static void test_io_del_twice_and_zeroed(void **state)
{
	struct loop_io zeroed = { .fd = 0 };
	struct peer p;

	(void)state;
	loop_io_del(&zeroed);
	peer_init(&p, EPOLLIN);
	peer_poke(&p);
	loop_io_del(&p.io);
	loop_io_del(&p.io);
	loop_turn(loop, 0);
	assert_int_equal(p.calls, 0);
	peer_fini(&p);
}

/* Both are ready in one turn; whichever is called first removes the other. */
static void one_removes_the_other(bool forgets)
{
	struct peer a, b;

	peer_init(&a, EPOLLIN);
	peer_init(&b, EPOLLIN);
	a.victim = &b;
	b.victim = &a;
	a.forgets = b.forgets = forgets;
	peer_poke(&a);
	peer_poke(&b);
	loop_turn(loop, 0);
	assert_int_equal(a.calls + b.calls, 1);
	if (!forgets)
		loop_turn(loop, 0);
	if (!forgets)
		assert_int_equal(a.calls + b.calls, 2);
	peer_fini(&a);
	peer_fini(&b);
}

static void test_io_removed_in_the_same_turn(void **state)
{
	(void)state;
	one_removes_the_other(false);
	one_removes_the_other(true);
}

static void test_io_set_in_the_same_turn(void **state)
{
	struct peer a, b;

	(void)state;
	peer_init(&a, EPOLLIN);
	peer_init(&b, EPOLLIN);
	a.victim = &b;
	b.victim = &a;
	a.sets = b.sets = true;
	peer_poke(&a);
	peer_poke(&b);
	loop_turn(loop, 0);
	assert_int_equal(a.calls + b.calls, 1);
	peer_fini(&a);
	peer_fini(&b);
}

/* On the heap, so that a sanitizer sees a touch after the free. */
struct mortal {
	struct loop_io io;
	int fds[2];
	struct mortal *other;
};

static int deaths;

static void mortal_free(struct mortal *m)
{
	loop_io_del(&m->io);
	(void)close(m->fds[0]);
	(void)close(m->fds[1]);
	mem_free(m);
}

static void on_mortal(void *arg, uint32_t events)
{
	struct mortal *m = arg;

	(void)events;
	deaths++;
	mortal_free(m->other);
	mortal_free(m);
}

static struct mortal *mortal_new(void)
{
	struct mortal *m = mem_new(struct mortal);

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, m->fds), 0);
	assert_int_equal(loop_io_add(loop, &m->io, m->fds[0], EPOLLIN,
				     on_mortal, m, &fault),
			 0);
	assert_int_equal(write(m->fds[1], "x", 1), 1);
	return m;
}

static void test_io_frees_itself_and_another(void **state)
{
	struct mortal *a = mortal_new(), *b = mortal_new();

	(void)state;
	a->other = b;
	b->other = a;
	deaths = 0;
	loop_turn(loop, 0);
	loop_turn(loop, 0);
	assert_int_equal(deaths, 1);
}

static void test_io_many_at_once(void **state)
{
	enum { MANY = 200 };
	static struct peer peers[MANY];

	(void)state;
	for (int i = 0; i < MANY; i++) {
		peer_init(&peers[i], EPOLLIN | EPOLLET);
		peer_poke(&peers[i]);
	}
	loop_turn(loop, 0);
	loop_turn(loop, 0);
	for (int i = 0; i < MANY; i++) {
		assert_int_equal(peers[i].calls, 1);
		peer_fini(&peers[i]);
	}
}

enum { LATE = 300 }; /* more than the kernel tells of at once */

static struct peer late_peers[LATE];
static int seen_by_the_timer;

static void on_late_timer(void *arg)
{
	(void)arg;
	for (int i = 0; i < LATE; i++)
		seen_by_the_timer += late_peers[i].calls;
}

/* After a pause of the thread a timer that is over fires only when all that
 * came meanwhile has been taken. */
static void test_io_goes_before_clocks(void **state)
{
	struct loop_timer timer;

	(void)state;
	for (int i = 0; i < LATE; i++) {
		peer_init(&late_peers[i], EPOLLIN | EPOLLET);
		peer_poke(&late_peers[i]);
	}
	loop_timer_init(&timer, on_late_timer, NULL);
	loop_timer_set(loop, &timer, 50);
	seen_by_the_timer = 0;
	assert_true(loop_resumed(loop) < 0);
	/* As if it were stopped between two turns. */
	usleep(200000);
	loop_turn(loop, 0);
	assert_int_equal(seen_by_the_timer, LATE);
	assert_true(loop_resumed(loop) < 0); /* too short a pause for that */
	for (int i = 0; i < LATE; i++)
		peer_fini(&late_peers[i]);
}

static void on_pause(void *arg)
{
	bool *seen = arg;

	assert_true(loop_resumed(loop) < 0);
	clock_fake(clock_ms() + 6000, clock_wall_ms());
	*seen = loop_resumed(loop) == clock_ms();
	clock_real();
}

/* Where the process is stopped while the thread works, not while it waits. */
static void test_pause_in_the_middle_of_a_turn(void **state)
{
	struct loop_timer timer;
	bool seen = false;

	(void)state;
	loop_timer_init(&timer, on_pause, &seen);
	loop_timer_set(loop, &timer, 0);
	loop_turn(loop, 0);
	assert_true(seen);
}

static struct loop_timer begins, begins_soon, bounds;
static struct peer begun;

static void on_bound(void *arg)
{
	*(bool *)arg = true;
}

static void on_begin_soon(void *arg)
{
	(void)arg;
	peer_poke(&begun);
}

static void on_begin(void *arg)
{
	(void)arg;
	loop_timer_set(loop, &begins_soon, 0);
}

static void on_begun(void *arg, uint32_t events)
{
	on_io(arg, events);
	loop_timer_clear(loop, &bounds);
}

/* What a timer begins after a pause, by another one even, has its time before
 * the timer that bounds it, although both are over. */
static void test_timers_after_a_pause_keep_their_order(void **state)
{
	bool over = false;

	(void)state;
	peer_init(&begun, EPOLLIN | EPOLLET);
	begun.io.fn = on_begun;
	loop_timer_init(&begins, on_begin, NULL);
	loop_timer_init(&begins_soon, on_begin_soon, NULL);
	loop_timer_init(&bounds, on_bound, &over);
	loop_timer_set(loop, &begins, 0);
	loop_timer_set(loop, &bounds, 50);
	usleep(200000);
	loop_turn(loop, 0);
	assert_true(begun.calls > 0);
	loop_turn(loop, 0);
	assert_false(over);
	peer_fini(&begun);
}

static struct loop_timer answer;

static void on_request(void *arg, uint32_t events)
{
	on_io(arg, events);
	loop_timer_set(loop, &answer, 150);
}

/* What came in a pause is taken after it: what that begins has all of its time,
 * which is not over with the pause. */
static void test_what_came_in_a_pause_has_its_time(void **state)
{
	bool over = false;

	(void)state;
	peer_init(&begun, EPOLLIN | EPOLLET);
	begun.io.fn = on_request;
	loop_timer_init(&answer, on_bound, &over);
	loop_timer_set(loop, &answer, 50);
	peer_poke(&begun);
	usleep(400000);
	loop_turn(loop, 0);
	assert_int_equal(begun.calls, 1);
	assert_false(over);
	while (!over)
		loop_turn(loop, 10);
	loop_timer_clear(loop, &answer);
	peer_fini(&begun);
}

static void on_begin_bounded(void *arg)
{
	(void)arg;
	loop_timer_set(loop, &bounds, 150);
}

/* The same of what a timer begins that fires late. */
static void test_what_a_late_timer_begins_has_its_time(void **state)
{
	bool over = false;

	(void)state;
	loop_timer_init(&begins, on_begin_bounded, NULL);
	loop_timer_init(&bounds, on_bound, &over);
	loop_timer_set(loop, &begins, 10);
	usleep(400000);
	loop_turn(loop, 0);
	assert_false(over);
	loop_timer_clear(loop, &bounds);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_io_is_called_with_its_events),
		TEST(test_io_set),
		TEST(test_io_hang_up_is_always_told),
		TEST(test_io_edge_is_armed_again_by_set),
		TEST(test_io_exclusive_may_be_set),
		TEST(test_io_plain_file_is_refused),
		TEST(test_io_del_twice_and_zeroed),
		TEST(test_io_removed_in_the_same_turn),
		TEST(test_io_set_in_the_same_turn),
		TEST(test_io_frees_itself_and_another),
		TEST(test_io_many_at_once),
		TEST(test_io_goes_before_clocks),
		TEST(test_pause_in_the_middle_of_a_turn),
		TEST(test_timers_after_a_pause_keep_their_order),
		TEST(test_what_came_in_a_pause_has_its_time),
		TEST(test_what_a_late_timer_begins_has_its_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
