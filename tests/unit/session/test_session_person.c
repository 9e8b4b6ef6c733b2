/* SPDX-License-Identifier: MIT */
/* A session that begins with a person's login: how it waits for one, lives and
 * ends. */
#include "session/session_fixture.h"

static void waits_for_the_first_login(void **state)
{
	(void)state;
	begin(WEB);
	assert_waits_for_login();
	says("nobody has logged in yet");
	assert_false(s.current->known);
	assert_false(s.current->renewable);
	/* requests are told so at once, and start nothing */
	assert_int_equal(decision_of(s.current, 0, 5000), DECISION_FAILED);
	assert_int_equal(session_asked(&s, 0, NEVER - 1), 0);
	assert_int_equal(session_due(&s, 5000), NEVER);
	assert_null(session_token(&s, 5000));
}

static void login_makes_it_ready(void **state)
{
	(void)state;
	begin(WEB);
	log_in("r1", 2000);
	assert_int_equal(s.current->state, SESSION_READY);
	assert_int_equal(s.current->failure.status, 0);
	assert_true(s.current->known);
	assert_true(s.current->renewable);
	assert_int_equal(s.current->generation, 1);
	assert_int_equal(decision_of(s.current, 0, 2000), DECISION_TOKEN);
	asks_with("r1");
}

/* With a refresh token it renews as any other one. */
static void renews_with_its_refresh_token(void **state)
{
	(void)state;
	begin(WEB);
	log_in("r1", 1000);
	assert_int_equal(session_asked(&s, 0, 200000) & SESSION_START,
			 SESSION_START);
	obtain("r2", 200000);
	asks_with("r2");
	/* where the response has none, the old one stays */
	assert_int_equal(session_asked(&s, 0, 400000) & SESSION_START,
			 SESSION_START);
	obtain(NULL, 400000);
	asks_with("r2");
	assert_true(s.current->known);
}

/* Whoever logged in now may be another one than the one before. */
static void login_drops_the_old_refresh_token(void **state)
{
	struct record r = { 0 };

	(void)state;
	begin(WEB);
	log_in("r1", 1000);
	log_in(NULL, 2000);
	asks_with(NULL);
	assert_false(s.current->renewable);
	assert_int_equal(s.current->generation, 2);
	session_record(&s, &r);
	assert_null(r.refresh_token);
	record_fini(&r);
}

static void token_without_a_refresh_token_runs_out(void **state)
{
	(void)state;
	begin(WEB);
	log_in(NULL, 1000);
	assert_int_equal(s.current->state, SESSION_READY);
	/* its end is told ahead */
	assert_int_equal(session_due(&s, 2000), 101000 - 100000 / 3);
	assert_int_equal(act(session_tick(&s, 70000), 70000),
			 SESSION_PUBLISH);
	assert_int_equal(s.current->state, SESSION_READY);
	assert_int_equal(session_due(&s, 70000), 101000);
	assert_int_equal(session_used(&s, 1, 100999), 0);
	assert_int_equal(session_tick(&s, 100999), 0);
	assert_int_equal(act(session_tick(&s, 101000), 101000),
			 SESSION_PUBLISH);
	assert_waits_for_login();
	says("has expired");
	assert_true(s.current->known);
	/* once */
	assert_int_equal(session_due(&s, 101000), NEVER);
	assert_int_equal(session_tick(&s, 101001), 0);
	assert_int_equal(session_asked(&s, 0, 101001), 0);
}

/* The request was quicker than the timer. */
static void request_finds_that_it_has_run_out(void **state)
{
	uint64_t failures;

	(void)state;
	begin(WEB);
	log_in(NULL, 1000);
	failures = s.current->failures;
	assert_int_equal(act(session_asked(&s, 0, 101000), 101000),
			 SESSION_PUBLISH);
	assert_waits_for_login();
	assert_int_not_equal(s.current->failures, failures);
	assert_int_equal(decision_of(s.current, 0, 101000), DECISION_FAILED);
}

static void life_that_is_not_known_does_not_run_out(void **state)
{
	struct token *t = token_with(NULL, 0);
	struct fault f;

	(void)state;
	begin(WEB);
	begin_login(1000);
	assert_int_equal(session_arrived(&s, t, 1000, &f), 0);
	token_unref(&t);
	act(session_obtained(&s, 1000), 1000);
	assert_int_equal(session_due(&s, 2000), NEVER);
	assert_int_equal(session_tick(&s, NEVER - 1), 0);
	assert_non_null(session_token(&s, NEVER - 1));
}

/* The upstream refuses it, and there is nothing to renew it with: its answer
 * passes on, and the token is used until it is over. */
static void refused_token_that_cannot_be_renewed(void **state)
{
	(void)state;
	begin(WEB);
	log_in(NULL, 1000);
	assert_int_equal(session_asked(&s, 1, 2000), 0);
	assert_int_equal(decision_of(s.current, 1, 2000), DECISION_TOKEN);
	assert_int_equal(session_held(&s, 1, 2000), 0);
}

/* A person has to be there: nothing else is of use, but the refresh token may
 * be good again afterwards. */
static void person_has_to_be_there(void **state)
{
	(void)state;
	begin(WEB);
	log_in("r1", 1000);
	assert_int_not_equal(session_asked(&s, 0, 200000), 0);
	assert_int_equal(refuses(REFUSAL_PERSON, 200000), SESSION_PUBLISH);
	assert_waits_for_login();
	says("the server's words");
	asks_with("r1");
	assert_int_equal(session_asked(&s, 0, 9000000), 0);
	log_in("r2", 9000000);
	assert_int_equal(s.current->state, SESSION_READY);
}

/* A login may help, and so may time. */
static void other_refusal_offers_a_login(void **state)
{
	(void)state;
	begin(WEB);
	log_in("r1", 1000);
	assert_int_not_equal(session_asked(&s, 0, 200000), 0);
	assert_int_equal(refuses(REFUSAL_OTHER, 200000), SESSION_PUBLISH);
	assert_int_equal(s.current->state, SESSION_FAILING);
	assert_int_equal(s.current->failure.status, 503);
	assert_true(s.current->failure.login);
	assert_string_equal(s.current->failure.error,
			    "proxy_configuration_error");
	assert_int_equal(s.current->failure.retry_at, 201000);
	asks_with("r1");
	assert_int_not_equal(session_asked(&s, 0, 201000), 0);
	obtain("r2", 201000);
	assert_int_equal(s.current->state, SESSION_READY);
}

/* No login would make it better. */
static void client_is_at_fault(void **state)
{
	static const enum session_refusal refusals[] = { REFUSAL_CLIENT,
							 REFUSAL_RIGHTS };

	(void)state;
	begin(WEB);
	log_in("r1", 1000);
	for (int i = 0; i < 2; i++) {
		int64_t now = 200000 + i * 100000;

		assert_int_not_equal(session_asked(&s, 0, now), 0);
		assert_int_equal(refuses(refusals[i], now), SESSION_PUBLISH);
		assert_int_equal(s.current->state, SESSION_FAILING);
		assert_int_equal(s.current->failure.status, 502);
		assert_false(s.current->failure.login);
		asks_with("r1");
	}
}

/* The server is asked once more when the token does not work any more. */
static void early_refusal_is_not_believed(void **state)
{
	(void)state;
	begin(WEB);
	log_in("r1", 1000);
	assert_int_not_equal(session_used(&s, 1, 82000), 0);
	assert_int_equal(refuses(REFUSAL_GRANT, 82000), SESSION_PUBLISH);
	assert_int_equal(s.current->state, SESSION_FAILING);
	says("asked once more");
	asks_with("r1");
	assert_int_equal(decision_of(s.current, 0, 90000), DECISION_TOKEN);
	assert_int_equal(session_used(&s, 1, 100999), 0);
	assert_true(session_due(&s, 90000) > 101000);
	assert_int_not_equal(session_asked(&s, 0, 101000), 0);
	assert_int_equal(refuses(REFUSAL_GRANT, 101000),
			 SESSION_PUBLISH | SESSION_SAVE);
	assert_waits_for_login();
	asks_with(NULL);
}

/* Where the upstream refuses the token too, it is over. */
static void refusal_after_the_upstreams(void **state)
{
	(void)state;
	begin(WEB);
	log_in("r1", 1000);
	assert_int_not_equal(session_used(&s, 1, 82000), 0);
	assert_int_equal(refuses(REFUSAL_GRANT, 82000), SESSION_PUBLISH);
	assert_int_not_equal(act(session_asked(&s, 1, 83000), 83000), 0);
	assert_int_equal(refuses(REFUSAL_GRANT, 83000),
			 SESSION_PUBLISH | SESSION_SAVE);
	assert_waits_for_login();
}

static void refused_refresh_token_is_a_lapse(void **state)
{
	(void)state;
	begin(WEB);
	log_in("r1", 1000);
	assert_int_not_equal(session_asked(&s, 0, 200000), 0);
	assert_int_equal(fails(REFRESH_DENIED, true, 200000),
			 SESSION_PUBLISH | SESSION_SAVE);
	assert_waits_for_login();
	says("the server's words");
	asks_with(NULL);
	assert_true(s.current->known);
	/* and a login mends it */
	log_in("r2", 300000);
	assert_int_equal(s.current->state, SESSION_READY);
	assert_int_equal(s.current->failure.status, 0);
}

/* Other troubles are those of any session. */
static void other_troubles_are_no_lapse(void **state)
{
	(void)state;
	begin(WEB);
	log_in("r1", 1000);
	assert_int_not_equal(session_asked(&s, 0, 200000), 0);
	assert_int_equal(fails(REFRESH_DENIED, false, 200000),
			 SESSION_PUBLISH);
	assert_int_equal(s.current->state, SESSION_FAILING);
	assert_false(s.current->failure.login);
	assert_int_equal(s.current->failure.retry_at, 201000);
	asks_with("r1");
	/* what comes next is no lapse's follower */
	assert_int_equal(session_asked(&s, 0, 201000) & SESSION_START,
			 SESSION_START);
	obtain(NULL, 201000);
	assert_int_equal(s.current->state, SESSION_READY);
}

/* --- a new start --- */

static void restore(const char *refresh_token, struct token *t, int64_t wall)
{
	struct record r = { .token = t };

	r.request_digest = services->v[WEB]->request_digest;
	if (refresh_token)
		r.refresh_token = secret_new(str_z(refresh_token));
	session_restore(&s, &r, 1000, wall);
	secret_unref(&r.refresh_token);
	token_unref(&t);
}

static void login_outlives_a_start(void **state)
{
	(void)state;
	begin(WEB);
	restore("r1", token_with("r1", 100), 50000);
	assert_int_equal(s.current->state, SESSION_READY);
	assert_true(s.current->known);
	assert_int_equal(s.current->failure.status, 0);
	assert_int_equal(s.current->expires, 51000);
	assert_non_null(session_token(&s, 50999));
	assert_null(session_token(&s, 51000));
	asks_with("r1");
}

static void refresh_token_alone_is_a_login(void **state)
{
	(void)state;
	begin(WEB);
	restore("r1", token_with("r1", 100), 100000);
	assert_int_equal(s.current->state, SESSION_IDLE);
	assert_true(s.current->known);
	assert_int_equal(session_asked(&s, 0, 1000), SESSION_START);
}

static void token_alone_is_a_login(void **state)
{
	(void)state;
	begin(WEB);
	restore(NULL, token_with(NULL, 100), 50000);
	assert_int_equal(s.current->state, SESSION_READY);
	assert_true(session_due(&s, 1000) < 51000);
	assert_int_equal(act(session_tick(&s, 50000), 50000),
			 SESSION_PUBLISH);
	assert_int_equal(session_due(&s, 50000), 51000);
	assert_int_equal(act(session_tick(&s, 51000), 51000),
			 SESSION_PUBLISH);
	assert_waits_for_login();
}

static void login_that_is_over_waits_for_another(void **state)
{
	(void)state;
	begin(WEB);
	restore(NULL, token_with(NULL, 100), 100000);
	assert_waits_for_login();
	says("its login is over");
	assert_true(s.current->known);
	assert_int_equal(session_asked(&s, 0, 5000), 0);
}

/* --- a token that has no place --- */

static void login_whose_token_has_no_place(void **state)
{
	struct token *t = token_with("r1", 100);
	struct fault f = { "" };

	(void)state;
	begin(MEMBER);
	begin_login(1000);
	assert_int_equal(session_arrived(&s, t, 1000, &f), -1);
	token_unref(&t);
	assert_non_null(strstr(f.text, "tenant"));
	/* its refresh token is not for us either */
	asks_with(NULL);
	assert_null(s.arrived);
	act(session_login_failed(&s), 1000);
	assert_waits_for_login();
	assert_false(s.current->known);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(waits_for_the_first_login),
		TEST(login_makes_it_ready),
		TEST(renews_with_its_refresh_token),
		TEST(login_drops_the_old_refresh_token),
		TEST(token_without_a_refresh_token_runs_out),
		TEST(request_finds_that_it_has_run_out),
		TEST(life_that_is_not_known_does_not_run_out),
		TEST(refused_token_that_cannot_be_renewed),
		TEST(person_has_to_be_there),
		TEST(other_refusal_offers_a_login),
		TEST(client_is_at_fault),
		TEST(early_refusal_is_not_believed),
		TEST(refusal_after_the_upstreams),
		TEST(refused_refresh_token_is_a_lapse),
		TEST(other_troubles_are_no_lapse),
		TEST(login_outlives_a_start),
		TEST(refresh_token_alone_is_a_login),
		TEST(token_alone_is_a_login),
		TEST(login_that_is_over_waits_for_another),
		TEST(login_whose_token_has_no_place),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
