/* SPDX-License-Identifier: MIT */
/* When a login ends and when that is told; and that a session which nobody uses
 * is renewed, so that it does not end by disuse. */
#include "session/session_fixture.h"

#include "session/session_int.h"

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

/* What is under way brings a token for 100 s, whose refresh token lives so many
 * seconds (0: the server does not say). */
static void bring(const char *refresh_token, int64_t life, int64_t now,
		  int64_t wall)
{
	struct token *t = token_with(refresh_token, 100);
	struct fault f;

	t->refresh_expires_in = life;
	t->sent_wall = wall;
	assert_int_equal(session_arrived(&s, t, now, &f), 0);
	token_unref(&t);
	assert_int_equal(act(session_obtained(&s, now), now), SESSION_PUBLISH);
}

static void refresh(const char *refresh_token, int64_t life, int64_t now)
{
	unsigned what;
	struct fault f;

	assert_int_equal(session_renew(&s, &what, &f), 0);
	bring(refresh_token, life, now, now);
}

static void log_in_for(const char *refresh_token, int64_t life, int64_t now)
{
	begin_login(now);
	bring(refresh_token, life, now, now);
}

/* --- the end --- */

static void end_is_not_known(void **state)
{
	(void)state;
	begin(WEB);
	assert_int_equal(session_login_ends(&s), NEVER);
	log_in_for("r1", 0, 5000);
	assert_int_equal(session_login_ends(&s), NEVER);
	assert_int_equal(session_warns_at(&s), NEVER);
	assert_int_equal(s.current->login_warns, NEVER);
}

static void server_says_the_end(void **state)
{
	(void)state;
	begin(WEB);
	log_in_for("r1", 3600, 5000);
	assert_int_equal(session_login_ends(&s), 5000 + HOUR);
	/* what is not named stays, as a date */
	refresh("r2", 0, 60000);
	assert_int_equal(session_login_ends(&s), 5000 + HOUR);
	/* a new one counts, whether or not the refresh token is another */
	refresh(NULL, 7200, 70000);
	assert_int_equal(session_login_ends(&s), 70000 + 2 * HOUR);
	/* a login begins with nothing */
	log_in_for("r3", 0, 80000);
	assert_int_equal(session_login_ends(&s), NEVER);
}

static void configuration_says_the_end(void **state)
{
	(void)state;
	begin(KNOWN);
	log_in_for("r1", 0, 5000);
	assert_int_equal(session_login_ends(&s), 5000 + 30 * DAY);
	/* the same refresh token was given when it was */
	refresh("r1", 0, 60000);
	assert_int_equal(session_login_ends(&s), 5000 + 30 * DAY);
	refresh("r2", 0, 70000);
	assert_int_equal(session_login_ends(&s), 70000 + 30 * DAY);
	/* the server's word goes before it, from then on */
	refresh("r3", 3600, 80000);
	refresh("r4", 0, 90000);
	assert_int_equal(session_login_ends(&s), 80000 + HOUR);
}

/* Without a refresh token a person's session ends with its token; what needs
 * no person has no login. */
static void login_without_a_refresh_token(void **state)
{
	(void)state;
	begin(WEB);
	log_in_for(NULL, 0, 5000);
	assert_int_equal(session_login_ends(&s), 105000);
	assert_int_equal(session_warns_at(&s), 105000 - 100000 / 3);
	session_fini(&s);
	begin(MACHINE);
	assert_int_equal(session_asked(&s, 0, 2000) & SESSION_START,
			 SESSION_START);
	bring("r1", 3600, 2000, 2000);
	assert_int_equal(session_login_ends(&s), NEVER);
	assert_int_equal(session_idle_due(&s), NEVER);
}

/* One that the configuration gave needs a person too, but when it was given
 * is known only of its successors. */
static void configured_refresh_token(void **state)
{
	(void)state;
	begin(SEED);
	assert_int_equal(session_login_ends(&s), NEVER);
	assert_int_equal(session_idle_due(&s), NEVER);
	assert_int_equal(session_asked(&s, 0, 2000) & SESSION_START,
			 SESSION_START);
	bring("r2", 3600, 2000, 2000);
	assert_int_equal(session_login_ends(&s), 2000 + HOUR);
}

static void end_outlives_a_start(void **state)
{
	struct record r = { 0 };

	(void)state;
	begin(WEB);
	begin_login(5000);
	bring("r1", 30 * 86400, 5000, 1000 * DAY);
	session_record(&s, &r);
	assert_int_equal(r.refresh_given, 1000 * DAY);
	assert_int_equal(r.refresh_life, 30 * DAY);
	session_fini(&s);
	begin(WEB);
	/* ten days later, on a machine that has just started */
	session_restore(&s, &r, 7000, 1010 * DAY);
	record_fini(&r);
	assert_int_equal(session_login_ends(&s), 7000 + 20 * DAY);
	assert_int_equal(session_warns_at(&s), 7000 + 13 * DAY);
	/* and it was renewed last ten days ago */
	assert_true(session_idle_due(&s) < 7000);
}

static void logout_forgets_the_end(void **state)
{
	unsigned what;
	struct fault f;

	(void)state;
	begin(WEB);
	log_in_for("r1", 3600, 5000);
	assert_int_equal(session_forget(&s, &what, &f), 0);
	act(what, 6000);
	assert_int_equal(session_login_ends(&s), NEVER);
	assert_int_equal(s.current->login_warns, NEVER);
}

/* --- the warning --- */

static void warning(void **state)
{
	(void)state;
	begin(WEB);
	log_in_for("r1", 30 * 86400, 5000);
	assert_int_equal(session_warns_at(&s), 5000 + 23 * DAY);
	assert_int_equal(s.current->login_warns, 5000 + 23 * DAY);
	/* a short life is told of when it nearly is over */
	refresh("r2", 1001, 6000);
	assert_int_equal(session_warns_at(&s), 6000 + 1001000 * 2 / 3 + 1);
	/* but where the key says so, as it says */
	session_fini(&s);
	begin(EARLY);
	log_in_for("r1", 3600, 5000);
	assert_int_equal(session_warns_at(&s), 5000 - HOUR);
}

static void warning_is_due_once(void **state)
{
	(void)state;
	begin(EARLY);
	log_in_for("r1", 3 * 3600, 5000);
	assert_int_equal(session_due(&s, 90000), 5000 + HOUR);
	assert_int_equal(session_tick(&s, 5000 + HOUR - 1), 0);
	assert_false(s.end.told);
	assert_int_equal(act(session_tick(&s, 5000 + HOUR), 5000 + HOUR),
			 SESSION_PUBLISH);
	assert_true(s.end.told);
	assert_int_equal(session_tick(&s, 5000 + HOUR + 1), 0);
	assert_true(session_due(&s, 5000 + HOUR + 1) > 5000 + HOUR + 1);
	/* the next login's is another one */
	log_in_for("r2", 3 * 3600, 5000 + 2 * HOUR);
	assert_false(s.end.told);
}

/* --- renew_idle --- */

static void idle_session_is_renewed(void **state)
{
	int64_t due;

	(void)state;
	begin(WEB);
	assert_int_equal(session_idle_due(&s), NEVER);
	log_in_for("r1", 0, 5000);
	due = session_due(&s, 200 * SECOND);
	assert_true(due > 5000 + DAY - DAY / 10 - 1);
	assert_true(due <= 5000 + DAY);
	assert_int_equal(session_tick(&s, due - 1), 0);
	assert_int_equal(session_tick(&s, due) & SESSION_START, SESSION_START);
	bring("r2", 0, due, due);
	assert_int_equal(session_due(&s, due + 200 * SECOND), due + due - 5000);
}

static void idle_renewal_is_switched_off(void **state)
{
	(void)state;
	begin(NEVER_IDLE);
	log_in_for("r1", 0, 5000);
	assert_int_equal(session_due(&s, 200 * SECOND), NEVER);
}

/* With the key, also where no person logs in. */
static void idle_renewal_of_a_configured_one(void **state)
{
	(void)state;
	begin(SEED_IDLE);
	assert_true(session_due(&s, 2000) <= 1000 + HOUR);
	assert_true(session_due(&s, 2000) > 1000 + HOUR - HOUR / 10 - 1);
}

static void idle_renewal_fails(void **state)
{
	int64_t due;

	(void)state;
	begin(WEB);
	log_in_for("r1", 0, 5000);
	due = session_due(&s, 200 * SECOND);
	assert_int_equal(session_tick(&s, due) & SESSION_START, SESSION_START);
	assert_int_equal(fails(REFRESH_UNAVAILABLE, false, due + 10), 0);
	assert_int_equal(session_tick(&s, session_due(&s, due)),
			 SESSION_START);
	assert_int_equal(fails(REFRESH_UNAVAILABLE, false, due + 400),
			 SESSION_PUBLISH);
	/* not at each pause's end */
	assert_int_equal(session_due(&s, due + 400), due + MINUTE);
	assert_int_equal(session_tick(&s, due + MINUTE) & SESSION_START,
			 SESSION_START);
	assert_int_equal(fails(REFRESH_DENIED, true, due + MINUTE) &
				 SESSION_PUBLISH, SESSION_PUBLISH);
	assert_waits_for_login();
	assert_int_equal(session_due(&s, due + MINUTE), NEVER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(end_is_not_known),
		TEST(server_says_the_end),
		TEST(configuration_says_the_end),
		TEST(login_without_a_refresh_token),
		TEST(configured_refresh_token),
		TEST(end_outlives_a_start),
		TEST(logout_forgets_the_end),
		TEST(warning),
		TEST(warning_is_due_once),
		TEST(idle_session_is_renewed),
		TEST(idle_renewal_is_switched_off),
		TEST(idle_renewal_of_a_configured_one),
		TEST(idle_renewal_fails),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
