/* SPDX-License-Identifier: MIT */
#include "broker/broker.h"

#include "broker/broker_running.h"

/* --- tokens --- */

static void many_wait_for_one_token(void **state)
{
	struct request *r, one;

	(void)state;
	plan(200, ENDPOINT_OK, 200);
	start();
	wait_for_state(A, SESSION_IDLE);
	r = send_many(A, ACCEPTS, 0);
	wait_all();
	for (int i = 0; i < MANY; i++) {
		assert_int_equal(r[i].answer, DECISION_TOKEN);
		assert_int_equal(r[i].generation, 1);
	}
	one = get(A);
	assert_int_equal(one.generation, 1);
	assert_int_equal(asked(), 1);
	wait_for_state(A, SESSION_READY);
	wait_for_state(SHORT, SESSION_IDLE);
	assert_in_range(broker_last_turn(it.broker), clock_ms() - 6000,
			clock_ms());
	assert_true(broker_store_ok(it.broker));
	stop(1000);
	mem_free(r);
}

/* The token lives a second: it is asked for again and again, but never twice
 * at once, and nobody is told of a failure. */
static void tokens_that_end_under_load(void **state)
{
	struct request *r;

	(void)state;
	plan(200, "{\"access_token\":\"tok$\",\"expires_in\":1}", 30);
	start();
	for (int round = 0; round < 6; round++) {
		r = send_many(A, ACCEPTS, 0);
		wait_all();
		for (int i = 0; i < MANY; i++)
			assert_int_equal(r[i].answer, DECISION_TOKEN);
		mem_free(r);
		pass(300);
	}
	assert_in_range(asked(), 2, 6);
	assert_int_equal(atomic_load(&it.endpoint->most_at_once), 1);
	stop(1000);
}

static void static_and_none_ask_nobody(void **state)
{
	struct request r;

	(void)state;
	start();
	r = get(FIXED);
	assert_int_equal(r.answer, DECISION_TOKEN);
	assert_int_equal(r.generation, 1);
	r = request(FIXED, REFUSES, 0);
	send_one(&r, 0);
	assert_int_equal(r.answer, DECISION_TOKEN);
	assert_int_equal(r.refusals, 1);
	wait_for_state(NOTHING, SESSION_READY);
	assert_int_equal(asked(), 0);
	stop(0);
}

static void too_many_waiters(void **state)
{
	struct request *r;
	int full = 0;

	(void)state;
	plan(200, ENDPOINT_OK, 1000);
	start();
	r = send_many(FEW, ACCEPTS, 0);
	wait_all();
	for (int i = 0; i < MANY; i++)
		full += r[i].answer == DECISION_FULL;
	assert_int_equal(full, MANY - 5);
	stop(0);
	mem_free(r);
}

static void background_renewal(void **state)
{
	struct request r;
	int64_t end;

	(void)state;
	plan(200, "{\"access_token\":\"tok$\",\"expires_in\":20}", 0);
	plan(200, ENDPOINT_OK, 200);
	start();
	r = get(A);
	assert_int_equal(r.generation, 1);
	end = clock_ms() + 19000;
	while (asked() < 2 && clock_ms() < end) {
		r = get(A);
		assert_int_equal(r.answer, DECISION_TOKEN);
		assert_in_range(r.ended - r.began, 0, 150);
		pass(500);
		usleep(2000);
	}
	assert_int_equal(asked(), 2);
	wait_for_state(A, SESSION_READY);
	r = get(A);
	assert_int_equal(r.generation, 2);
	stop(1000);
}

/* --- failures --- */

static void denial_reaches_all_and_is_remembered(void **state)
{
	struct request *r, one;

	(void)state;
	plan(400, "{\"error\":\"invalid_client\",\"error_description\":"
		  "\"who is that\"}", 100);
	plan(200, ENDPOINT_OK, 0);
	start();
	hold_clock(); /* it is remembered for 1 s */
	r = send_many(A, ACCEPTS, 0);
	wait_all();
	for (int i = 0; i < MANY; i++) {
		assert_int_equal(r[i].answer, DECISION_FAILED);
		assert_int_equal(r[i].status, 502);
		assert_non_null(strstr(r[i].text, "invalid_client: who"));
	}
	one = get(A);
	assert_int_equal(one.answer, DECISION_FAILED);
	assert_int_equal(asked(), 1);
	wait_for_state(A, SESSION_FAILING);
	pass(1100);
	one = get(A);
	assert_int_equal(one.answer, DECISION_TOKEN);
	assert_int_equal(asked(), 2);
	assert_int_equal(look(A).status, 0);
	stop(0);
	mem_free(r);
}

static void second_try_is_quick(void **state)
{
	struct request r;

	(void)state;
	plan(0, NULL, 0);
	plan(200, ENDPOINT_OK, 0);
	start();
	r = get(A);
	assert_int_equal(r.answer, DECISION_TOKEN);
	assert_in_range(r.ended - r.began, 150, 900);
	assert_int_equal(asked(), 2);
	stop(0);
}

static void outage_is_told_after_the_second_try(void **state)
{
	struct request *r, one;

	(void)state;
	plan(503, NULL, 0);
	start();
	r = send_many(A, ACCEPTS, 0);
	wait_all();
	for (int i = 0; i < MANY; i++) {
		assert_int_equal(r[i].answer, DECISION_FAILED);
		assert_int_equal(r[i].status, 503);
	}
	assert_int_equal(asked(), 2);
	one = get(A);
	assert_int_equal(one.answer, DECISION_FAILED);
	assert_int_equal(asked(), 2);
	stop(0);
	mem_free(r);
}

static void timeout_is_an_outage(void **state)
{
	struct request r;

	(void)state;
	plan(200, ENDPOINT_OK, 1500);
	start();
	r = request(SHORT, ACCEPTS, 0);
	worker_send(&it.workers[0], &r);
	for (int i = 1; i <= 2; i++) {
		wait_until_asked(i);
		pass(1000);
	}
	wait_all();
	assert_int_equal(r.answer, DECISION_FAILED);
	assert_int_equal(r.status, 503);
	assert_in_range(r.ended - r.began, 2000, 4000);
	stop(0);
}

static void token_that_cannot_be_placed(void **state)
{
	struct request r;

	(void)state;
	plan(200, ENDPOINT_OK, 0);
	start();
	r = get(MISSING);
	assert_int_equal(r.answer, DECISION_FAILED);
	assert_int_equal(r.status, 502);
	assert_non_null(strstr(r.text, "token.tenant"));
	assert_int_equal(asked(), 1);
	stop(0);
}

static void outage_with_a_live_token_is_not_noticed(void **state)
{
	struct request r;
	int64_t end;

	(void)state;
	plan(200, "{\"access_token\":\"tok$\",\"expires_in\":80}", 0);
	plan(400, "{\"error\":\"server_is_confused\"}", 0);
	plan(200, ENDPOINT_OK, 0);
	start();
	end = clock_ms() + 79000;
	while (asked() < 3 && clock_ms() < end) {
		r = get(A);
		assert_int_equal(r.answer, DECISION_TOKEN);
		if (asked() == 2 && look(A).status != 0) {
			wait_for_state(A, SESSION_FAILING);
			assert_true(look(A).usable);
		}
		pass(500);
		usleep(5000);
	}
	assert_int_equal(asked(), 3);
	wait_for_state(A, SESSION_READY);
	stop(0);
}

/* --- refusals --- */

static void many_refusals_renew_once(void **state)
{
	struct request *r, one;

	(void)state;
	plan(200, ENDPOINT_OK, 0);
	plan(200, ENDPOINT_OK, 300);
	start();
	one = get(A);
	assert_int_equal(one.generation, 1);
	r = send_many(A, REFUSES_FIRST, 1);
	wait_all();
	for (int i = 0; i < MANY; i++) {
		assert_int_equal(r[i].answer, DECISION_TOKEN);
		assert_int_equal(r[i].generation, 2);
	}
	assert_int_equal(asked(), 2);
	stop(0);
	mem_free(r);
}

static void refusal_passes_on_where_the_renewal_fails(void **state)
{
	struct request *r, one;

	(void)state;
	plan(200, ENDPOINT_OK, 0);
	plan(400, "{\"error\":\"invalid_client\"}", 200);
	start();
	one = get(A);
	hold_clock();
	r = send_many(A, REFUSES, 0);
	wait_all();
	for (int i = 0; i < MANY; i++) {
		assert_int_equal(r[i].answer, DECISION_TOKEN);
		assert_int_equal(r[i].generation, 1);
	}
	assert_int_equal(asked(), 2);
	one = get(A);
	assert_int_equal(one.answer, DECISION_TOKEN);
	assert_int_equal(one.generation, 1);
	assert_int_equal(asked(), 2);
	stop(0);
	mem_free(r);
}

static void refusals_of_all_tokens_are_held(void **state)
{
	struct request *r, one;

	(void)state;
	plan(200, ENDPOINT_OK, 0);
	start();
	r = send_many(A, REFUSES, 0);
	wait_all();
	for (int round = 0; round < 20; round++) {
		one = request(A, REFUSES, 0);
		send_one(&one, round % WORKERS);
		assert_int_equal(one.answer, DECISION_TOKEN);
		usleep(10000);
	}
	assert_int_equal(asked(), 2);
	/* accepted: the next refusal is worth another token */
	one = get(A);
	assert_int_equal(one.generation, 2);
	usleep(200000);
	one = request(A, REFUSES_FIRST, 2);
	send_one(&one, 1);
	assert_int_equal(one.generation, 3);
	assert_int_equal(asked(), 3);
	stop(0);
	mem_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(many_wait_for_one_token),
		TEST(tokens_that_end_under_load),
		TEST(static_and_none_ask_nobody),
		TEST(too_many_waiters),
		TEST(background_renewal),
		TEST(denial_reaches_all_and_is_remembered),
		TEST(second_try_is_quick),
		TEST(outage_is_told_after_the_second_try),
		TEST(timeout_is_an_outage),
		TEST(token_that_cannot_be_placed),
		TEST(outage_with_a_live_token_is_not_noticed),
		TEST(many_refusals_renew_once),
		TEST(refusal_passes_on_where_the_renewal_fails),
		TEST(refusals_of_all_tokens_are_held),
	};

	return cmocka_run_group_tests(tests, hook_commits, NULL);
}
