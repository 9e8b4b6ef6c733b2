/* SPDX-License-Identifier: MIT */
/* What becomes of refresh tokens between the server and the store. */
#include "broker/broker.h"

#include "broker/broker_running.h"

/* A token that is over at once, and the next refresh token. */
#define ROTATED \
	"{\"access_token\":\"tok$\",\"token_type\":\"Bearer\"," \
	"\"expires_in\":1,\"refresh_token\":\"r$\"}"
#define REFUSED "{\"error\":\"invalid_grant\"}"

static void asked_with(const char *words)
{
	char last[ENDPOINT_TEXT];

	pthread_mutex_lock(&it.endpoint->lock);
	strcpy(last, it.endpoint->text);
	pthread_mutex_unlock(&it.endpoint->lock);
	if (!strstr(last, words))
		print_error("no \"%s\" in \"%s\"\n", words, last);
	assert_non_null(strstr(last, words));
}

static void token_is_over(void)
{
	pass(1050);
}

static void newest_is_used_after_a_restart(void **state)
{
	(void)state;
	plan(200, ROTATED, 0);
	start();
	assert_int_equal(get(SEED).answer, DECISION_TOKEN);
	asked_with("grant_type=refresh_token&refresh_token=s33d&");
	token_is_over();
	assert_int_equal(get(SEED).answer, DECISION_TOKEN);
	asked_with("refresh_token=r1&");
	stop(0);
	token_is_over();
	start();
	wait_for_state(SEED, SESSION_IDLE);
	assert_int_equal(get(SEED).answer, DECISION_TOKEN);
	asked_with("refresh_token=r2&");
	stop(0);
}

/* Nobody has the new access token while the new refresh token may be lost. */
static void it_is_stored_before_it_is_used(void **state)
{
	struct request r = request(SEED, ACCEPTS, 0);

	(void)state;
	plan(200, ROTATED, 0);
	start();
	sem_init(&hook.held, 0, 0);
	sem_init(&hook.go, 0, 0);
	atomic_store(&hook.hold, true);
	worker_send(&it.workers[0], &r);
	sem_wait(&hook.held);
	atomic_store(&hook.hold, false);
	usleep(100000);
	assert_int_equal(look(SEED).generation, 0);
	sem_post(&hook.go);
	wait_all();
	assert_int_equal(r.answer, DECISION_TOKEN);
	stop(0);
	sem_destroy(&hook.held);
	sem_destroy(&hook.go);
}

/* Whatever the stop's grace: the server has rotated, and what it answers is
 * the only one that is still good. */
static void answer_that_comes_late_in_a_stop(void **state)
{
	struct request r = request(SEED, ACCEPTS, 0);

	(void)state;
	plan(200, ROTATED, 600);
	plan(200, ROTATED, 0);
	start();
	worker_send(&it.workers[0], &r);
	wait_until_asked(1);
	stop(100);
	token_is_over();
	start();
	assert_int_equal(get(SEED).answer, DECISION_TOKEN);
	asked_with("refresh_token=r1&");
	stop(0);
}

/* What could not be written is not lost while the process lives, and is
 * written at the latest when it ends. */
static void store_that_cannot_be_written(void **state)
{
	(void)state;
	plan(200, ROTATED, 0);
	start();
	atomic_store(&hook.fail, true);
	assert_int_equal(get(SEED).answer, DECISION_TOKEN);
	token_is_over();
	assert_int_equal(get(SEED).answer, DECISION_TOKEN);
	asked_with("refresh_token=r1&");
	assert_false(broker_store_ok(it.broker));
	atomic_store(&hook.fail, false);
	stop(2000);
	token_is_over();
	start();
	assert_int_equal(get(SEED).answer, DECISION_TOKEN);
	asked_with("refresh_token=r2&");
	stop(0);
}

static void refused_one_is_forgotten_for_good(void **state)
{
	struct request r;

	(void)state;
	plan(200, ROTATED, 0);
	plan(400, REFUSED, 0);
	start();
	assert_int_equal(get(SEED).answer, DECISION_TOKEN);
	token_is_over();
	r = get(SEED);
	assert_int_equal(r.answer, DECISION_FAILED);
	wait_for_state(SEED, SESSION_FAILING);
	assert_int_equal(look(SEED).status, 502);
	assert_int_equal(asked(), 2);
	stop(0);
	start();
	wait_for_state(SEED, SESSION_FAILING);
	assert_int_equal(get(SEED).answer, DECISION_FAILED);
	assert_int_equal(asked(), 2);
	stop(0);
}

/* Those that wait hear nothing of it. */
static void password_grant_starts_again(void **state)
{
	struct request *r;

	(void)state;
	plan(200, ROTATED, 0);
	plan(400, REFUSED, 200);
	plan(200, ROTATED, 200);
	start();
	assert_int_equal(get(USER).answer, DECISION_TOKEN);
	asked_with("grant_type=password&");
	token_is_over();
	r = send_many(USER, ACCEPTS, 0);
	wait_all();
	for (int i = 0; i < MANY; i++)
		assert_int_equal(r[i].answer, DECISION_TOKEN);
	mem_free(r);
	assert_int_equal(asked(), 3);
	assert_int_equal(atomic_load(&it.endpoint->most_at_once), 1);
	asked_with("grant_type=password&");
	stop(0);
}

static void password_is_sent_three_times(void **state)
{
	(void)state;
	plan(400, REFUSED, 0);
	start();
	for (int i = 1; i <= 3; i++) {
		while (asked() < i) {
			assert_int_equal(get(USER).answer, DECISION_FAILED);
			pass(100);
		}
		wait_until_asked(i);
	}
	for (int i = 0; i < 100; i++) {
		assert_int_equal(get(USER).answer, DECISION_FAILED);
		pass(100);
	}
	assert_int_equal(asked(), 3);
	stop(0);
}

/* The token cannot be placed, but the old refresh token is spent. */
static void it_is_stored_without_a_use_for_its_token(void **state)
{
	(void)state;
	plan(200, ROTATED, 0);
	start();
	assert_int_equal(get(MISSING).answer, DECISION_FAILED);
	stop(2000);
	start();
	assert_int_equal(look(MISSING).generation, 0);
	assert_int_equal(get(MISSING).answer, DECISION_FAILED);
	asked_with("grant_type=refresh_token&refresh_token=r1");
	stop(0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(newest_is_used_after_a_restart),
		TEST(it_is_stored_before_it_is_used),
		TEST(answer_that_comes_late_in_a_stop),
		TEST(store_that_cannot_be_written),
		TEST(refused_one_is_forgotten_for_good),
		TEST(password_grant_starts_again),
		TEST(password_is_sent_three_times),
		TEST(it_is_stored_without_a_use_for_its_token),
	};

	return cmocka_run_group_tests(tests, hook_commits, NULL);
}
