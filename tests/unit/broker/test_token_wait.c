/* SPDX-License-Identifier: MIT */
#include "broker/token_wait.h"

#include "broker/broker_threadless.h"

static const char text[] =
	SERVICE("a")
	"[service fixed]\nupstream = https://fixed.example.com\n"
	"access_token = pat\n"
	"[service nothing]\nupstream = https://nothing.example.com\n";

enum { A, FIXED, NOTHING };

static int dones;
static char got[64];
static int64_t until;
static struct fault why_not;

static int set_up(void **state)
{
	(void)state;
	turns_begin(text);
	dones = 0;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	turns_end();
	return 0;
}

static void on_done(void *arg, struct token *t, int64_t expires,
		    const struct fault *why)
{
	assert_true((t == NULL) == (why != NULL));
	snprintf(got, sizeof(got), "%s",
		 t ? secret_expose(t->access_token).p : "");
	until = expires;
	if (why)
		why_not = *why;
	++*(int *)arg;
}

static void want(struct token_wait *w, size_t service)
{
	*w = (struct token_wait){ .done = NULL };
	token_wait_begin(w, turns_entry(service), on_done, &dones);
}

static void renew(struct token_wait *w, size_t service)
{
	*w = (struct token_wait){ .done = NULL };
	token_wait_renewal(w, turns_entry(service), on_done, &dones);
}

static void test_a_token_is_waited_for(void **state)
{
	struct token_wait w[10];

	(void)state;
	turns_plan(200, ENDPOINT_OK, 100);
	for (int i = 0; i < 10; i++)
		want(&w[i], A);
	assert_int_equal(dones, 0);
	turn_until(&dones, 10);
	assert_int_equal(turns_asked(), 1);
	assert_string_equal(got, "tok1");
	assert_in_range(until, clock_ms() + 3590000, clock_ms() + 3600000);
	/* It is there now: from within. */
	want(w, A);
	assert_int_equal(dones, 11);
	assert_int_equal(turns_asked(), 1);
}

static void test_tokens_that_nobody_asks_for(void **state)
{
	struct token_wait w;

	(void)state;
	want(&w, FIXED);
	assert_int_equal(dones, 1);
	assert_string_equal(got, "pat");
	assert_true(until == INT64_MAX);
	want(&w, NOTHING);
	assert_int_equal(dones, 2);
	assert_non_null(strstr(why_not.text, "grant_type = none"));
	assert_int_equal(turns_entry(NOTHING)->session.current->state,
			 SESSION_READY);
	renew(&w, FIXED);
	assert_int_equal(dones, 3);
	assert_non_null(strstr(why_not.text, "grant_type = static"));
}

/* Past its renew_at it is renewed first, and where that fails it is good. */
static void test_a_token_that_is_due(void **state)
{
	struct session *s = &turns_entry(A)->session;
	struct token_wait w;

	(void)state;
	turns_plan(200, ENDPOINT_OK, 0);
	turns_plan(200, ENDPOINT_OK, 0);
	turns_plan(400, "{\"error\":\"invalid_client\"}", 0);
	want(&w, A);
	turn_until(&dones, 1);
	s->life.renew_at = loop_now(it.broker->context.loop);
	want(&w, A);
	assert_int_equal(dones, 1);
	turn_until(&dones, 2);
	assert_string_equal(got, "tok2");
	s->life.renew_at = loop_now(it.broker->context.loop);
	want(&w, A);
	turn_until(&dones, 3);
	assert_string_equal(got, "tok2");
	assert_int_equal(turns_asked(), 3);
	want(&w, A); /* the pause */
	assert_int_equal(dones, 4);
	assert_int_equal(turns_asked(), 3);
}

static void test_a_failure_is_told_and_remembered(void **state)
{
	struct token_wait w;

	(void)state;
	turns_plan(400, "{\"error\":\"invalid_client\"}", 0);
	turns_plan(400, "{\"error\":\"invalid_client\"}", 0);
	turns_plan(200, ENDPOINT_OK, 0);
	want(&w, A);
	turn_until(&dones, 1);
	assert_string_equal(got, "");
	assert_non_null(strstr(why_not.text, "invalid_client"));
	want(&w, A);
	assert_int_equal(dones, 2);
	assert_int_equal(turns_asked(), 1);
	/* A renewal ends the pause. */
	renew(&w, A);
	turn_until(&dones, 3);
	assert_string_equal(got, "");
	renew(&w, A);
	turn_until(&dones, 4);
	assert_string_equal(got, "tok3");
}

static void test_a_renewal_that_fails_is_told(void **state)
{
	struct token_wait w;

	(void)state;
	turns_plan(200, ENDPOINT_OK, 0);
	turns_plan(400, "{\"error\":\"invalid_scope\"}", 0);
	want(&w, A);
	turn_until(&dones, 1);
	renew(&w, A);
	turn_until(&dones, 2);
	assert_string_equal(got, "");
	assert_non_null(strstr(why_not.text, "invalid_scope"));
	want(&w, A); /* the old one is good still */
	assert_string_equal(got, "tok1");
}

static void test_renewals_join(void **state)
{
	struct token_wait w[3];

	(void)state;
	turns_plan(200, ENDPOINT_OK, 100);
	for (int i = 0; i < 3; i++)
		renew(&w[i], A);
	turn_until(&dones, 3);
	assert_int_equal(turns_asked(), 1);
}

/* A device's poll that finds nobody is no answer to either wish. */
static void test_a_login_that_fails_is_no_answer(void **state)
{
	struct entry *p = turns_entry(A);
	struct token_wait w, r;

	(void)state;
	turns_plan(200, ENDPOINT_OK, 0);
	session_poll_begins(&p->session);
	want(&w, A);
	renew(&r, A);
	broker_act(p, session_login_failed(&p->session));
	turn_until(&dones, 2);
	assert_string_equal(got, "tok2");
	assert_int_equal(turns_asked(), 2);
	session_poll_begins(&p->session);
	renew(&r, A);
	assert_int_equal(dones, 2);
	token_wait_cancel(&r);
	broker_act(p, session_login_failed(&p->session));
	assert_int_equal(dones, 2);
}

static void test_who_has_left_is_not_called(void **state)
{
	struct token_wait gone, stays, none = { .done = NULL };

	(void)state;
	turns_plan(200, ENDPOINT_OK, 50);
	want(&gone, A);
	want(&stays, A);
	token_wait_cancel(&gone);
	token_wait_cancel(&gone);
	token_wait_cancel(&none);
	turn_until(&dones, 1);
	turn_for(50);
	assert_int_equal(dones, 1);
}

/* What was got is taken away before the next in the row is told. */
static void take_away(void *arg, struct entry *p)
{
	unsigned what;

	(void)arg;
	assert_int_equal(session_forget(&p->session, &what, NULL), 0);
	broker_act(p, what);
}

static void test_a_token_that_was_lost_again(void **state)
{
	struct entry_wait e = { .waits = false };
	struct token_wait w;

	(void)state;
	turns_plan(200, ENDPOINT_OK, 50);
	entry_wait_token(turns_entry(A), &e, take_away, NULL);
	want(&w, A);
	turn_until(&dones, 1);
	assert_non_null(strstr(why_not.text, "try again"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_token_is_waited_for),
		TEST(test_tokens_that_nobody_asks_for),
		TEST(test_a_token_that_is_due),
		TEST(test_a_failure_is_told_and_remembered),
		TEST(test_a_renewal_that_fails_is_told),
		TEST(test_renewals_join),
		TEST(test_a_login_that_fails_is_no_answer),
		TEST(test_who_has_left_is_not_called),
		TEST(test_a_token_that_was_lost_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
