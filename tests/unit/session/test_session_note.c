/* SPDX-License-Identifier: MIT */
/* What a session has noted before a refresh token is sent, and how it goes on
 * where nobody knows what came of it. */
#include "session/session_fixture.h"

static void refresh_begins(int64_t now)
{
	assert_int_equal(session_asked(&s, 0, now) & SESSION_START,
			 SESSION_START);
	assert_int_equal(session_note(&s), SESSION_SAVE);
}

static bool is_noted(void)
{
	struct record r;
	bool noted;

	session_record(&s, &r);
	noted = r.noted;
	record_fini(&r);
	return noted;
}

/* The next start, of what is stored now. */
static void restart(int service, int64_t now)
{
	struct record r;

	session_record(&s, &r);
	session_fini(&s);
	session_init(&s, services->v[service], now);
	session_restore(&s, &r, now, 1000000 + now);
	record_fini(&r);
}

static unsigned trouble(bool lost, int64_t now)
{
	struct session_trouble t = { .trouble = REFRESH_UNAVAILABLE,
				     .retry_after = -1, .lost = lost };

	fault_set(&t.text, "no answer");
	return act(session_failed(&s, &t, now, 0), now);
}

static void noted_once_and_until_the_answer(void **state)
{
	(void)state;
	begin(SEED);
	assert_false(is_noted());
	refresh_begins(1000);
	assert_true(is_noted());
	/* the second try has the same note */
	assert_int_equal(trouble(true, 1000), 0);
	assert_int_equal(session_tick(&s, 2000), SESSION_START);
	assert_int_equal(session_note(&s), 0);
	obtain("r1", 2000);
	assert_false(is_noted());
	refresh_begins(200000);
	assert_true(is_noted());
}

static void nothing_to_note(void **state)
{
	(void)state;
	begin(MACHINE);
	assert_int_equal(session_asked(&s, 0, 1000) & SESSION_START,
			 SESSION_START);
	assert_int_equal(session_note(&s), 0);
	session_fini(&s);
	begin(WEB);
	begin_login(1000);
	assert_int_equal(session_note(&s), 0);
	obtain("r1", 1000);
	assert_false(is_noted());
}

/* Nothing had left, or the server has said no: the note goes. */
static void answers_that_are_none_of_a_rotation(void **state)
{
	(void)state;
	begin(SEED);
	refresh_begins(1000);
	assert_int_equal(trouble(false, 1000), 0);
	assert_true(is_noted());
	assert_int_equal(session_tick(&s, 2000), SESSION_START);
	assert_int_equal(trouble(false, 2000), SESSION_PUBLISH | SESSION_SAVE);
	assert_false(is_noted());
	assert_int_equal(session_due(&s, 2000), NEVER);
	refresh_begins(10000);
	assert_int_equal(refuses(REFUSAL_CLIENT, 10000),
			 SESSION_PUBLISH | SESSION_SAVE);
	assert_false(is_noted());
	asks_with("seed");
}

/* invalid_grant says what became of the one that was lost. */
static void lost_one_that_is_refused(void **state)
{
	(void)state;
	begin(SEED);
	refresh_begins(1000);
	obtain("r1", 1000);
	refresh_begins(200000);
	assert_int_equal(trouble(true, 200000), 0);
	assert_int_equal(session_tick(&s, 201000), SESSION_START);
	assert_int_equal(refuses(REFUSAL_GRANT, 201000),
			 SESSION_PUBLISH | SESSION_SAVE);
	says("an earlier answer was lost");
	assert_false(is_noted());
	asks_with(NULL);
	assert_int_equal(session_due(&s, 201000), NEVER);
}

/* Nobody has to want it: the server forgives for a while only. */
static void lost_one_is_asked_for_again(void **state)
{
	(void)state;
	begin(SEED);
	refresh_begins(1000);
	obtain("r1", 1000);
	refresh_begins(200000);
	assert_int_equal(trouble(true, 200000), 0);
	assert_int_equal(session_tick(&s, 201000), SESSION_START);
	assert_int_equal(trouble(true, 201000), SESSION_PUBLISH);
	assert_true(is_noted());
	assert_int_equal(session_due(&s, 201000), s.pause.until);
	assert_int_equal(session_tick(&s, 201000), 0);
	assert_int_equal(session_tick(&s, s.pause.until), SESSION_START);
	/* a server that cannot be reached says nothing of it */
	assert_int_equal(trouble(false, 203000), 0);
	assert_int_equal(session_tick(&s, 204000), SESSION_START);
	assert_int_equal(trouble(false, 204000), SESSION_PUBLISH);
	assert_true(is_noted());
	assert_int_equal(session_tick(&s, s.pause.until), SESSION_START);
	obtain("r2", 210000);
	assert_false(is_noted());
}

static void start_that_finds_a_note(void **state)
{
	(void)state;
	begin(SEED);
	refresh_begins(1000);
	restart(SEED, 2000);
	asks_with("seed");
	assert_int_equal(session_due(&s, 2000), 2000);
	assert_int_equal(session_tick(&s, 2000), SESSION_START);
	assert_int_equal(session_note(&s), 0);
	obtain("r1", 2000);
	restart(SEED, 3000);
	asks_with("r1");
	assert_int_equal(session_due(&s, 3000), NEVER);
}

/* Its token is used meanwhile. */
static void start_with_a_note_and_a_token(void **state)
{
	struct token *t;
	struct fault f;

	(void)state;
	begin(WEB);
	begin_login(1000);
	t = token_of("tok", 100, 1000000 + 1000);
	t->refresh_token = secret_new(STR("r1"));
	assert_int_equal(session_arrived(&s, t, 1000, &f), 0);
	token_unref(&t);
	assert_int_not_equal(act(session_obtained(&s, 1000), 1000), 0);
	assert_int_equal(session_used(&s, 1, 90000) & SESSION_START,
			 SESSION_START);
	assert_int_equal(session_note(&s), SESSION_SAVE);
	restart(WEB, 91000);
	asks_with("r1");
	assert_int_equal(decision_of(s.current, 0, 91000), DECISION_TOKEN);
	assert_int_equal(session_tick(&s, session_due(&s, 91000)),
			 SESSION_START | SESSION_PUBLISH);
	assert_int_equal(refuses(REFUSAL_GRANT, 91000),
			 SESSION_PUBLISH | SESSION_SAVE);
	/* not believed while the token works */
	asks_with("r1");
}

/* The grant starts again without it: what was noted says nothing any more. */
static void grant_that_starts_again(void **state)
{
	(void)state;
	begin(USER);
	assert_int_equal(session_asked(&s, 0, 1000) & SESSION_START,
			 SESSION_START);
	obtain("r1", 1000);
	refresh_begins(200000);
	assert_int_equal(refuses(REFUSAL_OTHER, 200000), SESSION_START);
	assert_int_equal(session_note(&s), 0);
	assert_true(is_noted());
	obtain("r2", 200000);
	assert_false(is_noted());
}

static void logout_takes_it_away(void **state)
{
	unsigned what;
	struct fault f;

	(void)state;
	begin(WEB);
	log_in("r1", 1000);
	refresh_begins(200000);
	assert_int_equal(trouble(true, 200000), 0);
	assert_int_equal(session_tick(&s, 201000), SESSION_START);
	assert_int_equal(trouble(true, 201000), SESSION_PUBLISH);
	assert_int_equal(session_forget(&s, &what, &f), 0);
	assert_int_equal(what, SESSION_REMOVE | SESSION_PUBLISH);
	assert_false(is_noted());
	assert_int_equal(session_due(&s, 300000), NEVER);
}

static void answer_of_which_only_the_refresh_token_counts(void **state)
{
	struct token *t = token_with(NULL, 100);

	(void)state;
	begin(SEED);
	refresh_begins(1000);
	assert_int_equal(session_rotated(&s, t), SESSION_SAVE);
	assert_false(is_noted());
	asks_with("seed");
	assert_int_equal(session_rotated(&s, t), 0);
	token_unref(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(noted_once_and_until_the_answer),
		TEST(nothing_to_note),
		TEST(answers_that_are_none_of_a_rotation),
		TEST(lost_one_that_is_refused),
		TEST(lost_one_is_asked_for_again),
		TEST(start_that_finds_a_note),
		TEST(start_with_a_note_and_a_token),
		TEST(grant_that_starts_again),
		TEST(logout_takes_it_away),
		TEST(answer_of_which_only_the_refresh_token_counts),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
