/* SPDX-License-Identifier: MIT */
/* A session that exchanges the token of another one: it waits for that. */
#include "broker/logout.h"
#include "broker/subject.h"
#include "broker/login_fixture.h"

static void assert_fails(size_t service, int status, const char *words)
{
	const struct session_failure *f = &session(service)->failure;

	UNTIL(!session_is_busy(session(service)));
	assert_int_equal(f->status, status);
	if (!strstr(f->text.text, words))
		fail_msg("\"%s\" is not in \"%s\"", words, f->text.text);
}

static void token_of_the_other_is_exchanged(void **state)
{
	(void)state;
	serve(200, TOKEN_ONLY);
	want(SECOND);
	UNTIL(has_token(SECOND, "tok2"));
	assert_true(has_token(MACHINE, "tok1"));
	assert_int_equal(asked(), 2);
	assert_true(asked_with("token-exchange&"));
	assert_true(asked_with("subject_token=tok1"));
}

static void token_that_is_there_is_taken(void **state)
{
	(void)state;
	give(MACHINE, "present", NULL, 600);
	serve(200, TOKEN_ONLY);
	want(SECOND);
	UNTIL(has_token(SECOND, "tok1"));
	assert_int_equal(asked(), 1);
	assert_true(asked_with("subject_token=present"));
}

static void one_that_is_over_is_renewed_first(void **state)
{
	(void)state;
	give(MACHINE, "present", "old", 1);
	forward(1500);
	serve(200, TOKEN_ONLY);
	want(SECOND);
	UNTIL(has_token(SECOND, "tok2"));
	assert_true(has_token(MACHINE, "tok1"));
}

/* Those who want the same one share the request for it. */
static void several_wait_for_one(void **state)
{
	(void)state;
	serve_late(200, TOKEN_ONLY, 30);
	want(SECOND);
	want(FIRST);
	want(MACHINE);
	UNTIL(session(SECOND)->token && session(FIRST)->token);
	assert_int_equal(asked(), 3);
	assert_true(has_token(MACHINE, "tok1"));
}

/* With a refresh token of its own, the other one is not needed. */
static void refresh_does_without(void **state)
{
	(void)state;
	give(SECOND, "before", "own", 1);
	forward(1500);
	serve(200, TOKEN_ONLY);
	want(SECOND);
	UNTIL(has_token(SECOND, "tok1"));
	assert_true(asked_with("refresh_token=own"));
	assert_int_equal(asked(), 1);
	assert_null(session(MACHINE)->token);
}

/* --- the other one has none --- */

static void other_is_refused(void **state)
{
	(void)state;
	serve(400, "{\"error\":\"invalid_client\","
		   "\"error_description\":\"not s3cr3t/w%rd+\"}");
	want(SECOND);
	assert_fails(SECOND, 502, "its subject_token_service has no token: ");
	assert_fails(SECOND, 502, "invalid_client");
	assert_null(strstr(session(SECOND)->failure.text.text, "s3cr3t"));
	assert_int_equal(asked(), 1);
	/* each after its own pause */
	serve(200, TOKEN_ONLY);
	forward(2000);
	want(SECOND);
	UNTIL(has_token(SECOND, "tok3"));
}

static void other_is_not_available(void **state)
{
	(void)state;
	serve(503, "");
	want(SECOND);
	/* the second try of each comes soon */
	for (int i = 0; i < 40 && session_is_busy(session(SECOND)); i++) {
		forward(300);
		rest(5);
	}
	assert_fails(SECOND, 503, "its subject_token_service has no token");
	assert_int_equal(session(MACHINE)->failure.status, 503);
	serve(200, TOKEN_ONLY);
	forward(20000);
	want(SECOND);
	UNTIL(session(SECOND)->token);
}

/* The one and the other wait for a person then, and for no pause's end. */
static void nobody_has_logged_in(void **state)
{
	struct shown opened, back;

	(void)state;
	want(SUBJECT);
	assert_fails(SUBJECT, 503, "nobody has logged in yet");
	assert_int_equal(seen(SUBJECT)->state, SESSION_WAITING_FOR_LOGIN);
	assert_false(seen(SUBJECT)->known);
	want(SUBJECT);
	forward(600000);
	assert_int_equal(asked(), 0);
	serve(200, TOKEN_ONLY);
	open_login(WEB, "", &opened);
	bring_code(&opened, &back);
	UNTIL(has_token(WEB, "tok1"));
	assert_int_equal(seen(SUBJECT)->state, SESSION_IDLE);
	want(SUBJECT);
	UNTIL(has_token(SUBJECT, "tok2"));
	assert_true(asked_with("subject_token=tok1"));
}

static void on_told(void *arg, struct login_reply *r)
{
	assert_int_equal(seen(SUBJECT)->state, SESSION_IDLE);
	on_reply(arg, r);
}

/* A request may come right behind. */
static void login_is_told_last(void **state)
{
	struct shown opened, back = { .n = 0 };
	char answer[1200];

	(void)state;
	want(SUBJECT);
	assert_fails(SUBJECT, 503, "nobody has logged in yet");
	serve(200, TOKEN_ONLY);
	open_login(WEB, "", &opened);
	snprintf(answer, sizeof(answer), "code=c&%s",
		 state_of(opened.location));
	login_callback(it.broker, entry(WEB), str_z(cookie_of(&opened)),
		       str_z(answer), on_told, &back);
	UNTIL(back.n == 1);
}

static void login_of_the_other_has_lapsed(void **state)
{
	(void)state;
	give(WEB, "before", "old", 1);
	forward(1500);
	serve(400, ERROR("invalid_grant"));
	want(SUBJECT);
	assert_fails(SUBJECT, 503, "bearerd login web");
	assert_true(seen(SUBJECT)->known);
	assert_int_equal(seen(WEB)->state, SESSION_WAITING_FOR_LOGIN);
	assert_int_equal(asked(), 1);
}

static void exchange_itself_is_refused(void **state)
{
	(void)state;
	give(MACHINE, "subject-tok", NULL, 600);
	serve(400, "{\"error\":\"invalid_request\","
		   "\"error_description\":\"subject-tok is bad\"}");
	want(SECOND);
	assert_fails(SECOND, 502, "repeat a secret");
	assert_null(strstr(session(SECOND)->failure.text.text,
			   "subject-tok"));
	assert_true(has_token(MACHINE, "subject-tok"));
}

/* --- the other one is busy with people --- */

/* A login of the other one comes to nothing, though it can renew by itself:
 * that is no answer. */
static void login_of_the_other_fails_meanwhile(void **state)
{
	struct shown opened, back;

	(void)state;
	give(WEB, "before", "old", 1);
	forward(1500);
	serve_late(400, ERROR("invalid_grant"), 50);
	then(200, TOKEN_AND_REFRESH);
	open_login(WEB, "", &opened);
	bring_code(&opened, &back);
	want(SUBJECT);
	UNTIL(back.n == 1);
	assert_int_equal(back.status, 400);
	UNTIL(has_token(SUBJECT, "tok3"));
	assert_true(has_token(WEB, "tok2"));
	assert_int_equal(session(SUBJECT)->failures, 0);
}

static void login_of_the_other_is_waited_for(void **state)
{
	struct shown opened, back;

	(void)state;
	serve_late(200, TOKEN_ONLY, 50);
	open_login(WEB, "", &opened);
	bring_code(&opened, &back);
	want(SUBJECT);
	assert_true(session_is_busy(session(SUBJECT)));
	UNTIL(back.n == 1);
	UNTIL(has_token(SUBJECT, "tok2"));
	assert_true(asked_with("subject_token=tok1"));
	assert_int_equal(session(SUBJECT)->failures, 0);
}

/* --- whose token it was --- */

/* The one's token goes from memory and store with the other's login, whoever
 * logs in next. */
static void another_login_ends_it(void **state)
{
	(void)state;
	give(WEB, "hers", NULL, 600);
	serve(200, TOKEN_AND_REFRESH);
	want(SUBJECT);
	UNTIL(has_token(SUBJECT, "tok1"));
	give(WEB, "his", NULL, 600);
	assert_null(session(SUBJECT)->token);
	assert_null(session(SUBJECT)->refresh_token);
	assert_null(seen(SUBJECT)->token);
	UNTIL(entry(SUBJECT)->writes == 0);
	restart();
	assert_null(session(SUBJECT)->token);
	want(SUBJECT);
	UNTIL(has_token(SUBJECT, "tok2"));
	assert_true(asked_with("subject_token=his"));
}

/* What renews the other's token is the same login. */
static void renewal_leaves_it(void **state)
{
	(void)state;
	give(WEB, "hers", "old", 600);
	serve(200, TOKEN_AND_REFRESH);
	want(SUBJECT);
	UNTIL(has_token(SUBJECT, "tok1"));
	forward(590000);
	want(WEB);
	broker_act(entry(WEB),
		   session_used(session(WEB), session(WEB)->generation, now()));
	UNTIL(has_token(WEB, "tok2"));
	assert_true(has_token(SUBJECT, "tok1"));
	restart();
	assert_true(has_token(SUBJECT, "tok1"));
}

/* Its answer is under way, by a request with the token of the first login. */
static void another_login_in_the_middle(void **state)
{
	(void)state;
	give(WEB, "hers", NULL, 600);
	serve_late(200, TOKEN_AND_REFRESH, 100);
	want(SUBJECT);
	UNTIL(asked() == 1);
	give(WEB, "his", NULL, 600);
	assert_true(session_is_busy(session(SUBJECT)));
	UNTIL(has_token(SUBJECT, "tok2"));
	assert_true(asked_with("subject_token=his"));
}

/* The same while what came is being stored. */
static void another_login_at_the_last_moment(void **state)
{
	(void)state;
	give(WEB, "hers", NULL, 600);
	serve(200, TOKEN_AND_REFRESH);
	want(SUBJECT);
	UNTIL(entry(SUBJECT)->arriving);
	strcpy(session(WEB)->login_id, "another");
	subject_disown_exchanged(entry(WEB));
	UNTIL(has_token(SUBJECT, "tok2"));
	assert_string_equal(session(SUBJECT)->login_id, "another");
}

/* The store has the end of the login, and not what had to follow. */
static void crash_before_it_was_forgotten(void **state)
{
	(void)state;
	give(WEB, "hers", NULL, 600);
	serve(200, TOKEN_ONLY);
	want(SUBJECT);
	UNTIL(has_token(SUBJECT, "tok1"));
	strcpy(session(WEB)->login_id, "another");
	broker_save(entry(WEB));
	UNTIL(entry(WEB)->writes == 0);
	restart();
	assert_string_equal(session(WEB)->login_id, "another");
	assert_null(session(SUBJECT)->token);
	assert_null(seen(SUBJECT)->token);
}

static void on_logout(void *arg, bool good, const struct fault *said)
{
	(void)good;
	(void)said;
	++*(int *)arg;
}

/* One that is exchanged for an exchanged one goes with the first. */
static void logout_ends_the_whole_chain(void **state)
{
	int ended = 0;

	(void)state;
	give(WEB, "hers", NULL, 600);
	serve(200, TOKEN_ONLY);
	want(LAST);
	UNTIL(has_token(LAST, "tok2"));
	assert_true(asked_with("subject_token=tok1"));
	assert_true(has_token(SUBJECT, "tok1"));
	assert_non_null(logout_begin(entry(WEB), on_logout, &ended, NULL));
	UNTIL(ended == 1);
	assert_null(session(SUBJECT)->token);
	assert_null(session(LAST)->token);
	want(LAST);
	assert_fails(LAST, 503, "nobody is logged in");
}

/* --- the end --- */

static void stops_while_it_waits(void **state)
{
	(void)state;
	serve_late(200, TOKEN_ONLY, 100);
	want(SECOND);
	want(FIRST);
	UNTIL(asked() == 1);
	assert_true(entry(SECOND)->subject.waits);
	assert_true(entry(FIRST)->subject.waits);
	/* the other one's answer is waited for, and nothing new begins */
	it.broker->context.stopping = true;
	UNTIL(has_token(MACHINE, "tok1"));
	rest(20);
	assert_int_equal(asked(), 1);
	assert_null(session(SECOND)->token);
	assert_false(entry(SECOND)->subject.waits);
	assert_int_equal(it.broker->context.running, 0);
}

/* Cut off: those that stand before the other one and behind it alike. */
static void ends_while_it_waits(void **state)
{
	(void)state;
	serve_late(200, TOKEN_ONLY, 100);
	want(FIRST);
	want(SECOND);
	want(SUBJECT);
	UNTIL(asked() == 1);
	assert_true(entry(FIRST)->subject.waits);
	end();
}

static void ends_while_it_exchanges(void **state)
{
	(void)state;
	give(MACHINE, "present", NULL, 600);
	serve_late(200, TOKEN_ONLY, 100);
	want(SECOND);
	UNTIL(asked() == 1);
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(token_of_the_other_is_exchanged),
		TEST(token_that_is_there_is_taken),
		TEST(one_that_is_over_is_renewed_first),
		TEST(several_wait_for_one),
		TEST(refresh_does_without),
		TEST(other_is_refused),
		TEST(other_is_not_available),
		TEST(nobody_has_logged_in),
		TEST(login_is_told_last),
		TEST(login_of_the_other_has_lapsed),
		TEST(exchange_itself_is_refused),
		TEST(login_of_the_other_fails_meanwhile),
		TEST(login_of_the_other_is_waited_for),
		TEST(another_login_ends_it),
		TEST(renewal_leaves_it),
		TEST(another_login_in_the_middle),
		TEST(another_login_at_the_last_moment),
		TEST(crash_before_it_was_forgotten),
		TEST(logout_ends_the_whole_chain),
		TEST(stops_while_it_waits),
		TEST(ends_while_it_waits),
		TEST(ends_while_it_exchanges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
