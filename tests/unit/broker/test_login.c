/* SPDX-License-Identifier: MIT */
/* Attempts from their beginning to their end: how long and how many, and what
 * becomes of the session. */
#include "broker/login.h"

#include "base/limits.h"
#include "broker/login_fixture.h"

/* --- how it begins --- */

/* Whoever begins one learns of it first, and then where to go. */
static void news_comes_later(void **state)
{
	struct told t = { 0 };
	struct fault f;

	(void)state;
	for (int way = LOGIN_BROWSER; way <= LOGIN_DEVICE; way++) {
		memset(&t, 0, sizeof(t));
		serve(500, "");
		assert_non_null(login_begin(entry(WEB), way, on_news, &t, &f));
		assert_int_equal(t.n, 0);
		UNTIL(t.n == 1);
	}
}

/* Also where that is known at once to be in vain. */
static void bad_news_comes_later_too(void **state)
{
	struct told t = { 0 };
	struct fault f;

	(void)state;
	broker_set_external(it.broker, NULL);
	assert_non_null(
		login_begin(entry(WEB), LOGIN_BROWSER, on_news, &t, &f));
	assert_int_equal(t.n, 0);
	UNTIL(t.n == 1);
	assert_true(t.ended && !t.good);
	assert_non_null(strstr(t.text, "external_url"));
	memset(&t, 0, sizeof(t));
	assert_non_null(login_begin(entry(WEB), LOGIN_PASTE, on_news, &t, &f));
	assert_int_equal(t.n, 0);
	UNTIL(t.n == 1);
	assert_true(t.ended && !t.good);
	memset(&t, 0, sizeof(t));
	assert_non_null(
		login_begin(entry(OTHER), LOGIN_DEVICE, on_news, &t, &f));
	assert_int_equal(t.n, 0);
	UNTIL(t.n == 1);
	assert_true(t.ended && !t.good);
	assert_non_null(strstr(t.text, "device_authorization_endpoint"));
	assert_int_equal(attempts(), 0);
}

static void service_may_have_no_such_way(void **state)
{
	static const struct {
		size_t service;
		enum login_way way;
		const char *words;
	} rows[] = {
		{ MACHINE, LOGIN_BROWSER, "client_credentials needs no login" },
		{ MACHINE, LOGIN_DEVICE, "needs no login" },
		{ FIXED, LOGIN_PASTE, "static needs no login" },
		{ SUBJECT, LOGIN_BROWSER, "needs no login" },
		{ DEVICE, LOGIN_BROWSER, "--device" },
		{ DEVICE, LOGIN_PASTE, "--device" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct told t = { 0 };
		struct fault f = { "" };

		assert_null(login_begin(entry(rows[i].service), rows[i].way,
					on_news, &t, &f));
		assert_non_null(strstr(f.text, rows[i].words));
		rest(2);
		assert_int_equal(t.n, 0);
		assert_int_equal(attempts(), 0);
	}
}

static void nobody_need_be_told(void **state)
{
	struct told t = { 0 };
	struct fault f;
	struct login *l;

	(void)state;
	assert_non_null(login_begin(entry(WEB), LOGIN_BROWSER, NULL, NULL, &f));
	rest(2);
	assert_int_equal(attempts(), 1);
	/* it goes on without the one who began it */
	l = login(WEB, LOGIN_BROWSER, &t);
	login_leave(l);
	forward(LIMIT_LOGIN_LIFE);
	assert_int_equal(attempts(), 0);
	assert_int_equal(t.n, 1);
	assert_false(t.ended);
}

/* --- its time --- */

static void attempt_expires(void **state)
{
	struct told t;

	(void)state;
	login(WEB, LOGIN_BROWSER, &t);
	assert_in_range(t.expires, now() + LIMIT_LOGIN_LIFE - 1000,
			now() + LIMIT_LOGIN_LIFE);
	forward(t.expires - now() - 1000);
	assert_int_equal(attempts(), 1);
	assert_int_equal(t.n, 1);
	forward(1000);
	assert_int_equal(attempts(), 0);
	assert_int_equal(t.n, 2);
	assert_true(t.ended && !t.good);
	assert_non_null(strstr(t.text, "not finished in time"));
	/* and the session is what it was */
	assert_int_equal(seen(WEB)->state, SESSION_WAITING_FOR_LOGIN);
	assert_false(session_is_busy(session(WEB)));
}

static void each_has_its_own_time(void **state)
{
	struct told first, second;

	(void)state;
	login(WEB, LOGIN_BROWSER, &first);
	forward(LIMIT_LOGIN_LIFE / 2);
	login(OTHER, LOGIN_PASTE, &second);
	forward(LIMIT_LOGIN_LIFE / 2);
	assert_true(first.ended);
	assert_false(second.ended);
	forward(LIMIT_LOGIN_LIFE / 2);
	assert_true(second.ended);
	assert_int_equal(attempts(), 0);
}

/* What a person has brought is asked about to its end, however late. */
static void answer_is_not_cut_off_by_the_time(void **state)
{
	struct shown opened, back;

	(void)state;
	serve_late(200, TOKEN_ONLY, 100);
	open_login(WEB, "", &opened);
	forward(LIMIT_LOGIN_LIFE - 3000);
	come_back(entry(WEB), cookie_of(&opened), "", &back);
	assert_int_equal(back.status, 400);
	bring_code(&opened, &back);
	assert_int_equal(back.n, 0);
	forward(3000);
	UNTIL(back.n == 1);
	assert_int_equal(back.status, 200);
	assert_true(has_token(WEB, "tok1"));
}

/* --- what it brings --- */

/* Opens, comes back with a code, and waits for the outcome. */
static void log_in(size_t service, struct shown *back)
{
	struct shown opened;

	open_login(service, "", &opened);
	assert_int_equal(opened.status, 303);
	bring_code(&opened, back);
	UNTIL(back->n == 1);
}

static void code_becomes_the_sessions_token(void **state)
{
	struct shown back;

	(void)state;
	serve(200, TOKEN_AND_REFRESH);
	log_in(WEB, &back);
	assert_int_equal(back.status, 200);
	assert_string_equal(back.text, "[service web] is logged in");
	assert_int_equal(seen(WEB)->state, SESSION_READY);
	assert_true(seen(WEB)->known);
	assert_true(has_token(WEB, "tok1"));
	assert_true(has_refresh(WEB, "re1"));
	assert_int_equal(asked(), 1);
	assert_true(asked_with("grant_type=authorization_code&"
			       "code=the%2Fcode&redirect_uri="));
	assert_true(asked_with("&code_verifier="));
	assert_int_equal(attempts(), 0);
	/* and is there after a start */
	restart();
	assert_true(has_token(WEB, "tok1"));
	assert_true(has_refresh(WEB, "re1"));
	assert_true(seen(WEB)->known);
}

static void token_without_refresh_token_drops_the_old_one(void **state)
{
	struct shown back;

	(void)state;
	give(WEB, "before", "old", 600);
	assert_true(has_refresh(WEB, "old"));
	serve(200, TOKEN_ONLY);
	log_in(WEB, &back);
	assert_int_equal(back.status, 200);
	assert_true(has_token(WEB, "tok1"));
	assert_true(has_refresh(WEB, NULL));
	restart();
	assert_true(has_token(WEB, "tok1"));
	assert_true(has_refresh(WEB, NULL));
}

static void other_scopes_are_told(void **state)
{
	struct shown back;

	(void)state;
	serve(200, "{\"access_token\":\"tok$\",\"token_type\":\"Bearer\","
		   "\"scope\":\"openid\"}");
	log_in(OPENID, &back);
	assert_int_equal(back.status, 200);
	assert_non_null(strstr(back.text, "other scopes"));
	assert_non_null(strstr(back.text, ": openid"));
	serve(200, "{\"access_token\":\"tok$\",\"token_type\":\"Bearer\","
		   "\"scope\":\"openid mail\"}");
	log_in(OPENID, &back);
	assert_int_equal(back.status, 200);
	assert_null(strstr(back.text, "other scopes"));
}

/* --- what comes to nothing --- */

static void refused_code_leaves_the_session_as_it_was(void **state)
{
	struct shown back;

	(void)state;
	give(WEB, "before", "old", 600);
	serve(400, ERROR("invalid_grant"));
	log_in(WEB, &back);
	assert_int_equal(back.status, 400);
	assert_non_null(strstr(back.text, "invalid_grant"));
	assert_true(has_token(WEB, "before"));
	assert_true(has_refresh(WEB, "old"));
	assert_int_equal(seen(WEB)->state, SESSION_READY);
	assert_int_equal(seen(WEB)->generation, 1);
	/* a code is sent once */
	assert_int_equal(asked(), 1);
	rest(100);
	assert_int_equal(asked(), 1);
}

/* Nor is it sent again where it is not known whether it has come. */
static void code_is_not_sent_twice(void **state)
{
	struct shown back;

	(void)state;
	serve(503, "");
	then(200, TOKEN_ONLY);
	log_in(WEB, &back);
	assert_int_equal(back.status, 400);
	forward(1000);
	rest(50);
	assert_int_equal(asked(), 1);
	assert_int_equal(seen(WEB)->state, SESSION_WAITING_FOR_LOGIN);
	assert_false(session_is_busy(session(WEB)));
}

static void failure_is_what_it_was(void **state)
{
	struct session_failure before;
	struct shown back;

	(void)state;
	give(WEB, "before", "old", 1);
	forward(1500);
	serve(400, ERROR("invalid_scope"));
	want(WEB);
	UNTIL(!session_is_busy(session(WEB)));
	before = session(WEB)->failure;
	assert_int_equal(before.status, 502);
	log_in(WEB, &back);
	assert_int_equal(back.status, 400);
	assert_string_equal(session(WEB)->failure.text.text, before.text.text);
	assert_int_equal(session(WEB)->failure.retry_at, before.retry_at);
	assert_int_equal(session(WEB)->failure.status, 502);
	assert_int_equal(seen(WEB)->state, SESSION_FAILING);
	assert_true(has_refresh(WEB, "old"));
}

static void token_without_a_place_leaves_it_too(void **state)
{
	struct shown back;

	(void)state;
	serve(200, TOKEN_AND_REFRESH);
	log_in(MEMBER, &back);
	assert_int_equal(back.status, 400);
	assert_non_null(strstr(back.text, "tenant"));
	assert_null(strstr(back.text, "tok1"));
	assert_int_equal(seen(MEMBER)->state, SESSION_WAITING_FOR_LOGIN);
	assert_true(has_refresh(MEMBER, NULL));
	assert_false(seen(MEMBER)->known);
	/* nothing of it is stored either */
	restart();
	assert_false(seen(MEMBER)->known);
}

/* The server repeats what it was sent. */
static void secrets_are_in_no_words(void **state)
{
	struct shown back;

	(void)state;
	give(WEB, "before-4-now", "old-refresh", 600);
	serve(400, "{\"error\":\"invalid_grant\","
		   "\"error_description\":\"the/code is no code\"}");
	log_in(WEB, &back);
	assert_null(strstr(back.text, "the/code"));
	assert_non_null(strstr(back.text, "repeat a secret"));
	serve(400, "{\"error\":\"invalid_grant\","
		   "\"error_description\":\"not old-refresh\"}");
	log_in(WEB, &back);
	assert_null(strstr(back.text, "old-refresh"));
	serve(400, "{\"error\":\"before-4-now\"}");
	log_in(WEB, &back);
	assert_null(strstr(back.text, "before-4-now"));
}

/* --- beside what else the session does --- */

/* A renewal is under way: the login waits its turn, and wins. */
static void login_waits_for_a_renewal(void **state)
{
	struct shown opened, back;

	(void)state;
	give(WEB, "before", "old", 1);
	forward(1500);
	serve_late(200, TOKEN_AND_REFRESH, 100);
	want(WEB);
	UNTIL(asked() == 1);
	open_login(WEB, "", &opened);
	bring_code(&opened, &back);
	rest(5);
	assert_int_equal(asked(), 1);
	UNTIL(back.n == 1);
	assert_int_equal(back.status, 200);
	assert_int_equal(asked(), 2);
	assert_int_equal(atomic_load(&it.endpoint->most_at_once), 1);
	assert_true(has_token(WEB, "tok2"));
	assert_true(has_refresh(WEB, "re2"));
}

/* Two people come back at the same time: one after the other. */
static void two_logins_at_once(void **state)
{
	struct shown opened[2], back[2];

	(void)state;
	serve_late(200, TOKEN_AND_REFRESH, 50);
	for (int i = 0; i < 2; i++)
		open_login(WEB, "", &opened[i]);
	for (int i = 0; i < 2; i++)
		bring_code(&opened[i], &back[i]);
	UNTIL(back[0].n == 1 && back[1].n == 1);
	assert_int_equal(back[0].status, 200);
	assert_int_equal(back[1].status, 200);
	assert_int_equal(atomic_load(&it.endpoint->most_at_once), 1);
	assert_true(has_token(WEB, "tok2"));
}

/* Requests that came during a login that fails still get their token. */
static void request_is_served_after_a_login_that_failed(void **state)
{
	struct shown opened, back;

	(void)state;
	give(WEB, "before", "old", 1);
	forward(1500);
	serve_late(400, ERROR("invalid_grant"), 50);
	then(200, TOKEN_AND_REFRESH);
	open_login(WEB, "", &opened);
	bring_code(&opened, &back);
	want(WEB);
	UNTIL(back.n == 1);
	assert_int_equal(back.status, 400);
	assert_false(session_is_busy(session(WEB)));
	/* as the views do when they have heard of it */
	want(WEB);
	UNTIL(has_token(WEB, "tok2"));
}

/* --- the end --- */

static void end_answers_those_who_wait(void **state)
{
	struct told told[3];
	struct shown opened, back;

	(void)state;
	serve_late(200, TOKEN_ONLY, 200);
	open_login(WEB, "", &opened);
	bring_code(&opened, &back);
	login(WEB, LOGIN_BROWSER, &told[0]);
	login(OTHER, LOGIN_PASTE, &told[1]);
	assert_int_equal(back.n, 0);
	end();
	assert_int_equal(back.n, 1);
	assert_int_equal(back.status, 400);
	assert_non_null(strstr(back.text, "shutting down"));
	for (int i = 0; i < 2; i++) {
		assert_true(told[i].ended && !told[i].good);
		assert_non_null(strstr(told[i].text, "shutting down"));
	}
}

/* Nothing new begins while it stops. */
static void code_that_comes_too_late(void **state)
{
	struct shown opened, back;

	(void)state;
	serve(200, TOKEN_ONLY);
	open_login(WEB, "", &opened);
	it.broker->context.stopping = true;
	bring_code(&opened, &back);
	assert_int_equal(back.n, 1);
	assert_int_equal(back.status, 400);
	assert_non_null(strstr(back.text, "shutting down"));
	open_login(WEB, "", &opened);
	assert_int_equal(opened.status, 503);
	rest(20);
	assert_int_equal(asked(), 0);
	assert_int_equal(attempts(), 0);
}

/* An answer that does not say whose it is ends no login; where there is one
 * alone, it can only be that one's, and a command hears the word, once. */
static void refusal_without_state(void **state)
{
	static const char answer[] =
		"error=access_denied&error_description=not+today";
	struct shown opened, any;
	struct told t, u;

	(void)state;
	assert_ignored(NULL, "", answer);
	login(WEB, LOGIN_BROWSER, &t);
	assert_ignored(entry(WEB), "", answer);
	assert_int_equal(t.n, 1); /* no browser was sent to the server yet */
	open_login(WEB, ticket_of(&t), &opened);
	assert_ignored(entry(OTHER), "", answer);
	assert_ignored(entry(WEB), "", "error=x&state=wrong");
	assert_int_equal(t.n, 1);
	assert_ignored(entry(WEB), "", answer);
	assert_non_null(strstr(t.refusal, "access_denied: not today"));
	assert_non_null(strstr(t.refusal, "(state)"));
	assert_ignored(entry(WEB), "", answer);
	assert_int_equal(t.n, 2);
	/* whose, where there are two */
	login(ANY, LOGIN_BROWSER, &u);
	open_login(ANY, ticket_of(&u), &any);
	open_login(ANY, "", &opened);
	assert_ignored(NULL, "", answer);
	assert_int_equal(u.n, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(news_comes_later),
		TEST(bad_news_comes_later_too),
		TEST(service_may_have_no_such_way),
		TEST(nobody_need_be_told),
		TEST(attempt_expires),
		TEST(each_has_its_own_time),
		TEST(answer_is_not_cut_off_by_the_time),
		TEST(code_becomes_the_sessions_token),
		TEST(token_without_refresh_token_drops_the_old_one),
		TEST(other_scopes_are_told),
		TEST(refused_code_leaves_the_session_as_it_was),
		TEST(code_is_not_sent_twice),
		TEST(failure_is_what_it_was),
		TEST(token_without_a_place_leaves_it_too),
		TEST(secrets_are_in_no_words),
		TEST(login_waits_for_a_renewal),
		TEST(two_logins_at_once),
		TEST(request_is_served_after_a_login_that_failed),
		TEST(end_answers_those_who_wait),
		TEST(code_that_comes_too_late),
		TEST(refusal_without_state),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
