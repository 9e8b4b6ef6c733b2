/* SPDX-License-Identifier: MIT */
#include "broker/broker.h"

#include "broker/broker_running.h"

/* --- the store --- */

static void token_is_stored_before_it_is_used(void **state)
{
	struct request r = request(A, ACCEPTS, 0);

	(void)state;
	plan(200, ENDPOINT_OK, 0);
	start();
	sem_init(&hook.held, 0, 0);
	sem_init(&hook.go, 0, 0);
	atomic_store(&hook.hold, true);
	worker_send(&it.workers[0], &r);
	sem_wait(&hook.held); /* in the commit, on the keeper's thread */
	atomic_store(&hook.hold, false);
	usleep(100000);
	assert_int_equal(atomic_load(&it.workers[0].running), 1);
	assert_int_equal(look(A).generation, 0);
	sem_post(&hook.go);
	wait_all();
	assert_int_equal(r.answer, DECISION_TOKEN);
	stop(0);
	sem_destroy(&hook.held);
	sem_destroy(&hook.go);
}

static void token_survives_a_restart(void **state)
{
	struct request r;

	(void)state;
	plan(200, ENDPOINT_OK, 0);
	start();
	get(A);
	stop(0);
	start();
	wait_for_state(A, SESSION_READY);
	r = get(A);
	assert_int_equal(r.answer, DECISION_TOKEN);
	assert_int_equal(r.generation, 1);
	assert_int_equal(asked(), 1);
	stop(0);
}

static void store_that_cannot_be_written_is_tried_again(void **state)
{
	struct request r;

	(void)state;
	plan(200, ENDPOINT_OK, 0);
	start();
	atomic_store(&hook.fail, true);
	r = get(A);
	assert_int_equal(r.answer, DECISION_TOKEN);
	assert_false(broker_store_ok(it.broker));
	pass(1200);
	assert_false(broker_store_ok(it.broker));
	atomic_store(&hook.fail, false);
	for (int i = 0; i < 1000 && !broker_store_ok(it.broker); i++) {
		pass(100);
		usleep(1000);
	}
	assert_true(broker_store_ok(it.broker));
	stop(0);
	start();
	wait_for_state(A, SESSION_READY);
	stop(0);
	assert_int_equal(asked(), 1);
}

static void what_was_missed_is_stored_at_the_end(void **state)
{
	(void)state;
	plan(200, ENDPOINT_OK, 0);
	start();
	atomic_store(&hook.fail, true);
	get(A);
	assert_false(broker_store_ok(it.broker));
	atomic_store(&hook.fail, false);
	stop(2000);
	start();
	wait_for_state(A, SESSION_READY);
	stop(0);
}

static void stored_token_that_is_damaged(void **state)
{
	struct broker *b;
	struct fault f;

	(void)state;
	open_store();
	assert_int_equal(store_begin(it.store, &f), 0);
	assert_int_equal(store_put(it.store,
				   str_z(it.services->v[A]->identity),
				   STR("{}"), &f),
			 0);
	assert_int_equal(store_commit(it.store, &f), 0);
	b = broker_new(it.services, it.store, &f);
	assert_null(b);
	assert_non_null(strstr(f.text, "[service a]"));
	assert_non_null(strstr(f.text, "damaged"));
	/* and is left alone */
	b = broker_new(it.services, it.store, &f);
	assert_null(b);
	store_close(&it.store);
}

/* --- the end --- */

static void answer_under_way_is_stored_at_the_end(void **state)
{
	struct request r = request(A, ACCEPTS, 0);

	(void)state;
	plan(200, ENDPOINT_OK, 500);
	start();
	worker_send(&it.workers[0], &r);
	wait_until_asked(1);
	stop(5000); /* the request is given up, its answer is not */
	start();
	wait_for_state(A, SESSION_READY);
	assert_int_equal(asked(), 1);
	stop(0);
}

static void grace_has_an_end(void **state)
{
	struct request r = request(A, ACCEPTS, 0);
	int64_t before;

	(void)state;
	plan(200, ENDPOINT_OK, 2000);
	start();
	worker_send(&it.workers[0], &r);
	wait_until_asked(1);
	before = clock_ms();
	stop(100);
	assert_in_range(clock_ms() - before, 50, 1200);
}

static void broker_that_never_starts(void **state)
{
	struct mailbox *box;
	struct loop *loop;
	struct session_view *v;
	struct broker *b;
	struct fault f;

	(void)state;
	open_store();
	b = broker_new(it.services, it.store, &f);
	assert_non_null(b);
	loop = loop_new(&f);
	box = mailbox_new(loop, NULL, &f);
	v = broker_view(b, box);
	broker_stop(b, 100);
	broker_free(&b);
	assert_null(b);
	broker_free(&b);
	session_view_free(&v);
	mailbox_free(&box);
	loop_free(&loop);
	store_close(&it.store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(token_is_stored_before_it_is_used),
		TEST(token_survives_a_restart),
		TEST(store_that_cannot_be_written_is_tried_again),
		TEST(what_was_missed_is_stored_at_the_end),
		TEST(stored_token_that_is_damaged),
		TEST(answer_under_way_is_stored_at_the_end),
		TEST(grace_has_an_end),
		TEST(broker_that_never_starts),
	};

	return cmocka_run_group_tests(tests, hook_commits, NULL);
}
