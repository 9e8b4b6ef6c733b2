/* SPDX-License-Identifier: MIT */
/* Places of a limit: in order, across threads, given up in any state. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/loop.h"
#include "upstream/limit.h"

struct worker {
	struct loop *loop;
	struct mailbox *box;
};

static void worker_init(struct worker *w)
{
	struct fault f;

	w->loop = loop_new(&f);
	assert_non_null(w->loop);
	w->box = mailbox_new(w->loop, NULL, &f);
	assert_non_null(w->box);
}

static void worker_fini(struct worker *w)
{
	mailbox_free(&w->box);
	loop_free(&w->loop);
}

struct wish {
	struct limit_slot *slot;
	int granted, order;
};

static int orders;

static void on_granted(void *arg)
{
	struct wish *w = arg;

	w->granted++;
	w->order = ++orders;
}

static void enter(struct wish *w, struct limit *l, struct worker *worker)
{
	*w = (struct wish){ 0 };
	w->slot = limit_enter(l, worker->box, on_granted, w);
}

static void test_order(void **state ATTR_UNUSED)
{
	struct limit *l = limit_new(2);
	struct worker one, two;
	struct wish w[6];

	worker_init(&one);
	worker_init(&two);
	for (int i = 0; i < 6; i++)
		enter(&w[i], l, i & 1 ? &two : &one);
	for (int i = 0; i < 6; i++)
		assert_int_equal(limit_is_held(w[i].slot), i < 2);
	limit_leave(&w[1].slot);
	assert_null(w[1].slot);
	limit_leave(&w[1].slot);
	limit_leave(&w[0].slot);
	assert_int_equal(w[2].granted, 0); /* not from within */
	loop_turn(one.loop, 0);
	loop_turn(two.loop, 0);
	assert_int_equal(w[2].granted, 1);
	assert_int_equal(w[3].granted, 1);
	assert_true(limit_is_held(w[2].slot));
	assert_int_equal(w[0].granted + w[1].granted + w[4].granted, 0);
	/* One that does not wait any more is passed over. */
	limit_leave(&w[4].slot);
	limit_leave(&w[2].slot);
	loop_turn(one.loop, 0);
	loop_turn(two.loop, 0);
	assert_int_equal(w[4].granted, 0);
	assert_int_equal(w[5].granted, 1);
	limit_leave(&w[3].slot);
	limit_leave(&w[5].slot);
	enter(&w[0], l, &one);
	enter(&w[1], l, &one);
	assert_true(limit_is_held(w[0].slot));
	assert_true(limit_is_held(w[1].slot));
	limit_leave(&w[0].slot);
	limit_leave(&w[1].slot);
	limit_unref(&l);
	worker_fini(&one);
	worker_fini(&two);
}

/* Given up while the word that it is there is on its way. */
static void test_left_on_the_way(void **state ATTR_UNUSED)
{
	struct limit *l = limit_new(1);
	struct worker one;
	struct wish a, b, c;

	worker_init(&one);
	enter(&a, l, &one);
	enter(&b, l, &one);
	enter(&c, l, &one);
	limit_leave(&a.slot);
	limit_leave(&b.slot);
	assert_null(b.slot);
	for (int i = 0; i < 3; i++)
		loop_turn(one.loop, 0);
	assert_int_equal(b.granted, 0);
	assert_int_equal(c.granted, 1);
	/* The same where nobody is there to take it any more; the limit lives
	 * as long as a place of it. */
	enter(&a, l, &one);
	limit_leave(&c.slot);
	limit_unref(&l);
	assert_null(l);
	limit_leave(&a.slot);
	worker_fini(&one);
	assert_int_equal(a.granted, 0);
}

enum { THREADS = 4, ROUNDS = 2000, MAX = 3 };

static struct limit *shared;
static atomic_int inside, most, done, through;

struct runner {
	struct worker w;
	pthread_t thread;
	struct limit_slot *slot;
	bool held;
	unsigned seed;
};

static void runner_granted(void *arg)
{
	((struct runner *)arg)->held = true;
}

static void *run(void *arg)
{
	struct runner *r = arg;

	for (int i = 0; i < ROUNDS; i++) {
		int now;

		r->held = false;
		r->slot = limit_enter(shared, r->w.box, runner_granted, r);
		r->held = limit_is_held(r->slot) || r->held;
		if (!r->held && rand_r(&r->seed) % 4 == 0) {
			limit_leave(&r->slot); /* lost patience */
			loop_turn(r->w.loop, 0);
			continue;
		}
		while (!r->held)
			loop_turn(r->w.loop, 10);
		now = atomic_fetch_add(&inside, 1) + 1;
		if (now > atomic_load(&most))
			atomic_store(&most, now);
		if (i % 16 == 0)
			loop_turn(r->w.loop, 0);
		atomic_fetch_sub(&inside, 1);
		limit_leave(&r->slot);
		atomic_fetch_add(&done, 1);
	}
	/* Mail of places that were given up comes to a loop that turns. */
	atomic_fetch_add(&through, 1);
	while (atomic_load(&through) < THREADS)
		loop_turn(r->w.loop, 1);
	return NULL;
}

static void test_threads(void **state ATTR_UNUSED)
{
	struct runner r[THREADS] = { 0 };
	struct limit_slot *p[MAX + 1];
	int64_t end = clock_ms() + 30000;

	shared = limit_new(MAX);
	for (unsigned i = 0; i < THREADS; i++) {
		worker_init(&r[i].w);
		r[i].seed = i;
	}
	for (int i = 0; i < THREADS; i++)
		pthread_create(&r[i].thread, NULL, run, &r[i]);
	for (int i = 0; i < THREADS; i++)
		pthread_join(r[i].thread, NULL);
	assert_true(clock_ms() < end);
	assert_int_equal(inside, 0);
	assert_in_range(most, 1, MAX);
	assert_true(done > ROUNDS);
	for (int turn = 0; turn < 8; turn++)
		for (int i = 0; i < THREADS; i++)
			loop_turn(r[i].w.loop, 0);
	/* All are free again, and no more. */
	for (int i = 0; i <= MAX; i++) {
		p[i] = limit_enter(shared, r[0].w.box, runner_granted, &r[0]);
		assert_int_equal(limit_is_held(p[i]), i < MAX);
	}
	for (int i = MAX; i >= 0; i--)
		limit_leave(&p[i]);
	limit_unref(&shared);
	for (int i = 0; i < THREADS; i++)
		worker_fini(&r[i].w);
}

static void test_references(void **state ATTR_UNUSED)
{
	struct limit *l = limit_new(1), *again = limit_ref(l);

	assert_null(limit_ref(NULL));
	limit_unref(&l);
	assert_null(l);
	limit_unref(&l);
	limit_unref(&again);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_left_on_the_way),
		cmocka_unit_test(test_threads),
		cmocka_unit_test(test_references),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
