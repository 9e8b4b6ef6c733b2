/* SPDX-License-Identifier: MIT */
/* Logins, renewals and logouts as people ask for them. */
#include "session/session_fixture.h"

/* --- the token --- */

static void token_is_one_that_may_be_used(void **state)
{
	(void)state;
	begin(MACHINE);
	assert_null(session_token(&s, 1000));
	assert_int_not_equal(session_asked(&s, 0, 1000), 0);
	obtain(NULL, 1000);
	assert_ptr_equal(session_token(&s, 1000), s.token);
	assert_non_null(session_token(&s, 100999));
	assert_null(session_token(&s, 101000));
	/* one that was refused is not */
	act(session_asked(&s, 1, 2000), 2000);
	assert_null(session_token(&s, 2000));
}

static void fixed_token_may_be_used_always(void **state)
{
	(void)state;
	begin(FIXED);
	assert_non_null(session_token(&s, NEVER - 1));
}

/* --- a login that fails --- */

/* A person comes back: whoever asks waits for it. */
static void login_ends_the_failure_while_it_lasts(void **state)
{
	uint64_t failures;

	(void)state;
	begin(WEB);
	failures = s.current->failures;
	begin_login(2000);
	assert_int_equal(s.current->state, SESSION_RENEWING);
	assert_int_equal(s.current->failure.status, 0);
	assert_int_equal(decision_of(s.current, 0, 2000), DECISION_WAITS);
	assert_int_equal(session_asked(&s, 0, 2000), 0);
	assert_int_equal(session_due(&s, 2000), NEVER);
	assert_int_equal(session_tick(&s, 2000), 0);
	/* it comes to nothing: another failure, for those who wait */
	assert_int_equal(act(session_login_failed(&s), 3000),
			 SESSION_PUBLISH);
	assert_waits_for_login();
	assert_int_equal(s.current->failures, failures + 1);
	assert_false(s.current->known);
	assert_int_equal(s.work, SESSION_RESTS);
}

/* What the upstream refused meanwhile is renewed now, and used by others as
 * long. */
static void refusal_during_a_login_that_fails(void **state)
{
	(void)state;
	begin(WEB);
	log_in("r1", 1000);
	begin_login(2000);
	assert_int_equal(act(session_asked(&s, 1, 2001), 2001),
			 SESSION_PUBLISH);
	assert_int_equal(decision_of(s.current, 0, 2001), DECISION_WAITS);
	act(session_login_failed(&s), 2002);
	assert_int_equal(decision_of(s.current, 0, 2002), DECISION_TOKEN);
	assert_int_equal(decision_of(s.current, 1, 2002), DECISION_WAITS);
	assert_int_equal(act(session_asked(&s, 1, 2002), 2002),
			 SESSION_PUBLISH | SESSION_START);
	asks_with("r1");
}

/* The one whose token it exchanges. */
static void login_of_another_session(void **state)
{
	struct session_trouble t = { .trouble = REFRESH_DENIED,
				     .retry_after = -1, .login = true };

	(void)state;
	fault_set(&t.text, "log in there");
	begin(MACHINE);
	assert_int_equal(session_supplied(&s), 0);
	assert_int_not_equal(session_asked(&s, 0, 1000), 0);
	assert_int_equal(session_supplied(&s), 0);
	assert_int_equal(act(session_failed(&s, &t, 2000, 0), 2000),
			 SESSION_PUBLISH);
	assert_int_equal(s.current->state, SESSION_WAITING_FOR_LOGIN);
	assert_int_equal(s.current->failure.status, 503);
	says("log in there");
	assert_int_equal(session_asked(&s, 0, NEVER - 1), 0);
	assert_int_equal(act(session_supplied(&s), 3000), SESSION_PUBLISH);
	assert_int_equal(s.current->state, SESSION_IDLE);
	assert_int_not_equal(session_asked(&s, 0, 3000), 0);
	/* its own is not ended so */
	session_fini(&s);
	begin(WEB);
	assert_int_equal(session_supplied(&s), 0);
	assert_waits_for_login();
}

static void token_is_used_during_a_login(void **state)
{
	(void)state;
	begin(WEB);
	log_in("r1", 1000);
	begin_login(2000);
	assert_int_equal(s.current->state, SESSION_RENEWING);
	assert_int_equal(decision_of(s.current, 0, 2000), DECISION_TOKEN);
	act(session_login_failed(&s), 3000);
	assert_int_equal(s.current->state, SESSION_READY);
	assert_int_equal(s.current->generation, 1);
	asks_with("r1");
	assert_int_equal(session_due(&s, 3000), s.current->renew_at);
}

/* The renewal has failed while the token still works. */
static void failure_is_the_same_after_a_login_that_failed(void **state)
{
	struct session_failure before;
	uint64_t failures;
	int64_t due;

	(void)state;
	begin(WEB);
	log_in("r1", 1000);
	assert_int_not_equal(session_used(&s, 1, 99000), 0);
	assert_int_equal(fails(REFRESH_DENIED, false, 99000),
			 SESSION_PUBLISH);
	before = s.failure;
	failures = s.failures;
	due = session_due(&s, 99001);
	begin_login(99001);
	assert_int_equal(s.current->failure.status, before.status);
	act(session_login_failed(&s), 99002);
	assert_string_equal(s.failure.text.text, before.text.text);
	assert_int_equal(s.failure.retry_at, before.retry_at);
	assert_int_equal(s.failure.login, before.login);
	assert_int_equal(s.failures, failures);
	assert_int_equal(session_due(&s, 99003), due);
	asks_with("r1");
}

/* A lapse in the middle of its pause stays one; the next login may come. */
static void lapse_is_the_same_after_a_login_that_failed(void **state)
{
	(void)state;
	begin(WEB);
	log_in(NULL, 1000);
	act(session_tick(&s, 101000), 101000);
	for (int i = 0; i < 3; i++) {
		begin_login(102000);
		assert_int_equal(s.current->state, SESSION_RENEWING);
		act(session_login_failed(&s), 102000);
		assert_waits_for_login();
		says("has expired");
		assert_true(s.current->known);
	}
	assert_int_equal(session_asked(&s, 0, 999999), 0);
}

/* Those who have waited for it start a renewal then, where there can be one. */
static void renewal_starts_after_a_login_that_failed(void **state)
{
	(void)state;
	begin(WEB);
	log_in("r1", 1000);
	begin_login(200000);
	assert_int_equal(session_asked(&s, 0, 200000), 0);
	act(session_login_failed(&s), 200001);
	assert_int_equal(decision_of(s.current, 0, 200001), DECISION_WAITS);
	assert_int_equal(session_asked(&s, 0, 200001) & SESSION_START,
			 SESSION_START);
	asks_with("r1");
}

/* --- polls --- */

static void poll_is_not_seen(void **state)
{
	struct snapshot *before;

	(void)state;
	begin(WEB);
	before = snapshot_ref(s.current);
	session_poll_begins(&s);
	assert_int_equal(s.work, SESSION_LOGS_IN);
	assert_ptr_equal(s.current, before);
	assert_int_equal(decision_of(s.current, 0, 2000), DECISION_FAILED);
	assert_int_equal(session_asked(&s, 0, 2000), 0);
	assert_int_equal(session_due(&s, 2000), NEVER);
	act(session_login_failed(&s), 2000);
	assert_int_equal(s.current->state, before->state);
	assert_int_equal(s.current->failures, before->failures);
	assert_waits_for_login();
	snapshot_unref(&before);
}

static void poll_that_brings_a_token_is_a_login(void **state)
{
	(void)state;
	begin(WEB);
	log_in("r1", 1000);
	session_poll_begins(&s);
	obtain(NULL, 2000);
	assert_int_equal(s.current->state, SESSION_READY);
	assert_int_equal(s.current->generation, 2);
	assert_true(s.current->known);
	asks_with(NULL);
}

/* --- renewals --- */

static unsigned renew(int64_t now)
{
	struct fault f = { "" };
	unsigned what = 99;

	if (session_renew(&s, &what, &f) < 0)
		fail_msg("%s", f.text);
	return act(what, now);
}

static void cannot_renew(const char *words)
{
	struct fault f = { "" };
	unsigned what = 99;

	assert_int_equal(session_renew(&s, &what, &f), -1);
	assert_int_equal(what, 0);
	if (!strstr(f.text, words))
		fail_msg("\"%s\" is not in \"%s\"", words, f.text);
	assert_int_equal(s.work, SESSION_RESTS);
}

static void renewal_is_asked_for(void **state)
{
	(void)state;
	begin(MACHINE);
	assert_int_equal(renew(1000), SESSION_START | SESSION_PUBLISH);
	assert_true(session_is_busy(&s));
	obtain(NULL, 1000);
	/* also while the token is good for long */
	assert_int_equal(renew(2000), SESSION_START | SESSION_PUBLISH);
	assert_int_equal(s.current->state, SESSION_RENEWING);
	assert_int_equal(decision_of(s.current, 0, 2000), DECISION_TOKEN);
	obtain(NULL, 2000);
	assert_int_equal(s.current->generation, 2);
}

static void renewal_joins_the_one_under_way(void **state)
{
	(void)state;
	begin(MACHINE);
	assert_int_equal(session_asked(&s, 0, 1000), SESSION_START);
	assert_int_equal(renew(1000), 0);
	assert_true(session_is_busy(&s));
}

static void renewal_ends_a_pause(void **state)
{
	(void)state;
	begin(MACHINE);
	assert_int_equal(session_asked(&s, 0, 1000), SESSION_START);
	fails(REFRESH_DENIED, false, 1000);
	assert_int_equal(session_asked(&s, 0, 1500), 0);
	assert_int_equal(renew(1500), SESSION_START | SESSION_PUBLISH);
	assert_int_equal(s.current->failure.status, 0);
	assert_int_equal(decision_of(s.current, 0, 1500), DECISION_WAITS);
	/* the next pause is the first again */
	fails(REFRESH_DENIED, false, 1500);
	assert_int_equal(s.current->failure.retry_at, 2500);
}

static void renewal_ends_a_hold(void **state)
{
	(void)state;
	begin(MACHINE);
	assert_int_not_equal(session_asked(&s, 0, 1000), 0);
	obtain(NULL, 1000);
	assert_int_equal(act(session_held(&s, 1, 1100), 1100),
			 SESSION_PUBLISH);
	assert_true(s.current->hold_until > 1100);
	renew(1200);
	assert_int_equal(s.current->hold_until, 0);
	assert_false(s.current->probation);
}

/* A password that was refused too often may be right by now. */
static void renewal_after_it_was_given_up(void **state)
{
	int64_t now = 1000;

	(void)state;
	begin(USER);
	for (int i = 0; i < 3; i++, now += 400000) {
		assert_int_equal(session_asked(&s, 0, now), SESSION_START);
		fails(REFRESH_DENIED, true, now);
	}
	assert_int_equal(s.current->failure.retry_at, NEVER);
	assert_int_equal(renew(now), SESSION_START | SESSION_PUBLISH);
	fails(REFRESH_DENIED, true, now);
	/* and is given up after three more only */
	assert_int_equal(s.current->failure.retry_at, now + 1000);
}

static void there_is_nothing_to_renew_with(void **state)
{
	(void)state;
	begin(FIXED);
	cannot_renew("grant_type = static");
	session_fini(&s);
	begin(NOTHING);
	cannot_renew("grant_type = none");
	session_fini(&s);
	begin(WEB);
	cannot_renew("bearerd login web");
	log_in(NULL, 1000);
	cannot_renew("bearerd login web");
	assert_int_equal(s.current->state, SESSION_READY);
	session_fini(&s);
	begin(SEED);
	log_in(NULL, 1000);
	cannot_renew("no refresh token any more");
}

/* --- logouts --- */

static unsigned forget(int64_t now)
{
	struct fault f = { "" };
	unsigned what = 99;

	if (session_forget(&s, &what, &f) < 0)
		fail_msg("%s", f.text);
	assert_null(s.token);
	asks_with(NULL);
	return act(what, now);
}

static void person_who_logs_out_is_forgotten(void **state)
{
	(void)state;
	begin(WEB);
	log_in("r1", 1000);
	assert_int_equal(forget(2000), SESSION_REMOVE | SESSION_PUBLISH);
	assert_waits_for_login();
	says("nobody is logged in");
	assert_false(s.current->known);
	assert_null(s.current->token);
	assert_int_equal(decision_of(s.current, 0, 2000), DECISION_FAILED);
	assert_int_equal(session_due(&s, 2000), NEVER);
	/* twice is fine */
	assert_int_equal(forget(3000), SESSION_REMOVE | SESSION_PUBLISH);
	/* and the next login is a login */
	log_in("r2", 4000);
	assert_int_equal(s.current->state, SESSION_READY);
	assert_int_equal(s.current->generation, 2);
	assert_true(s.current->known);
}

static void machine_asks_again_after_a_logout(void **state)
{
	(void)state;
	begin(MACHINE);
	assert_int_not_equal(session_asked(&s, 0, 1000), 0);
	obtain("r1", 1000);
	assert_int_equal(forget(2000), SESSION_REMOVE | SESSION_PUBLISH);
	assert_int_equal(s.current->state, SESSION_IDLE);
	assert_int_equal(s.current->failure.status, 0);
	assert_int_equal(session_asked(&s, 0, 2000), SESSION_START);
	obtain(NULL, 2000);
	assert_int_equal(s.current->generation, 2);
}

static void failure_is_forgotten_too(void **state)
{
	(void)state;
	begin(MACHINE);
	assert_int_not_equal(session_asked(&s, 0, 1000), 0);
	fails(REFRESH_DENIED, false, 1000);
	forget(1100);
	assert_int_equal(s.current->state, SESSION_IDLE);
	assert_int_equal(session_asked(&s, 0, 1100), SESSION_START);
}

/* The refresh token of the configuration is dead by then: it is not sent
 * again, and that is stored. */
static void seed_is_not_taken_again(void **state)
{
	struct record r = { 0 };

	(void)state;
	begin(SEED);
	assert_int_not_equal(session_asked(&s, 0, 1000), 0);
	obtain("r1", 1000);
	assert_int_equal(forget(2000), SESSION_SAVE | SESSION_PUBLISH);
	assert_int_equal(s.current->state, SESSION_FAILING);
	assert_int_equal(s.current->failure.status, 502);
	says("logout");
	assert_int_equal(session_asked(&s, 0, NEVER - 1), 0);
	cannot_renew("no refresh token any more");
	session_record(&s, &r);
	assert_null(r.token);
	assert_null(r.refresh_token);
	assert_non_null(r.seed);
	session_fini(&s);
	begin(SEED);
	session_restore(&s, &r, 1000, 1000);
	record_fini(&r);
	asks_with(NULL);
	assert_int_equal(session_asked(&s, 0, 5000), 0);
}

static void nothing_can_be_forgotten(void **state)
{
	static const int services_without[] = { FIXED, NOTHING };

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct fault f = { "" };
		unsigned what = 99;

		begin(services_without[i]);
		assert_int_equal(session_forget(&s, &what, &f), -1);
		assert_int_equal(what, 0);
		assert_non_null(strstr(f.text, "nothing can be forgotten"));
		if (services_without[i] == FIXED)
			assert_non_null(session_token(&s, 1000));
		if (i == 0)
			session_fini(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(token_is_one_that_may_be_used),
		TEST(fixed_token_may_be_used_always),
		TEST(login_ends_the_failure_while_it_lasts),
		TEST(refusal_during_a_login_that_fails),
		TEST(login_of_another_session),
		TEST(token_is_used_during_a_login),
		TEST(failure_is_the_same_after_a_login_that_failed),
		TEST(lapse_is_the_same_after_a_login_that_failed),
		TEST(renewal_starts_after_a_login_that_failed),
		TEST(poll_is_not_seen),
		TEST(poll_that_brings_a_token_is_a_login),
		TEST(renewal_is_asked_for),
		TEST(renewal_joins_the_one_under_way),
		TEST(renewal_ends_a_pause),
		TEST(renewal_ends_a_hold),
		TEST(renewal_after_it_was_given_up),
		TEST(there_is_nothing_to_renew_with),
		TEST(person_who_logs_out_is_forgotten),
		TEST(machine_asks_again_after_a_logout),
		TEST(failure_is_forgotten_too),
		TEST(seed_is_not_taken_again),
		TEST(nothing_can_be_forgotten),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
