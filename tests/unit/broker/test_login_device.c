/* SPDX-License-Identifier: MIT */
/* The login of a machine without a browser: its codes and its polls. */
#include "base/limits.h"
#include "broker/login_fixture.h"

#define SHOWN                                                            \
	"{\"device_code\":\"dev1ce/code\",\"user_code\":\"ABCD-EFGH\","  \
	"\"verification_uri\":\"https://as.example.com/device\","       \
	"\"expires_in\":1800,\"interval\":5}"
#define SHOWN_COMPLETE                                                   \
	"{\"device_code\":\"dev1ce/code\",\"user_code\":\"ABCD-EFGH\","  \
	"\"verification_uri\":\"https://as.example.com/device\","       \
	"\"verification_uri_complete\":"                                 \
	"\"https://as.example.com/device?user_code=ABCD-EFGH\"}"

/* Begins one and lets its codes be shown; the answer to the first poll is
 * this. */
static struct login *begin_device(size_t service, struct told *t, int status,
				  const char *first)
{
	struct login *l;

	serve(200, SHOWN);
	then(status, first);
	l = login(service, LOGIN_DEVICE, t);
	assert_false(t->ended);
	assert_int_equal(asked(), 1);
	return l;
}

/* Lets the time of a poll come, and waits for its end. */
static void poll_after(size_t service, int64_t ms)
{
	int before = asked();

	forward(ms - 500);
	rest(5);
	assert_int_equal(asked(), before);
	forward(500);
	UNTIL(asked() == before + 1);
	UNTIL(!session_is_busy(session(service)));
}

/* --- the codes --- */

static void codes_are_shown(void **state)
{
	struct told t;

	(void)state;
	begin_device(DEVICE, &t, 400, ERROR("authorization_pending"));
	assert_true(asked_with("POST /device HTTP/1.1\r\n"));
	assert_true(asked_with("client_id=demo"));
	assert_true(asked_with("\r\nAuthorization: Basic "));
	assert_string_equal(t.address, "https://as.example.com/device");
	assert_string_equal(t.user_code, "ABCD-EFGH");
	assert_string_equal(t.complete, "");
	assert_in_range(t.expires, now() + 1790000, now() + 1800000);
	/* nothing of it is seen in the session */
	assert_int_equal(seen(DEVICE)->state, SESSION_WAITING_FOR_LOGIN);
}

static void address_may_have_the_code_in(void **state)
{
	struct told t;

	(void)state;
	serve(200, SHOWN_COMPLETE);
	login(WEB, LOGIN_DEVICE, &t);
	assert_string_equal(t.complete, "https://as.example.com/device"
					"?user_code=ABCD-EFGH");
	/* what the server does not say */
	assert_in_range(t.expires, now() + 890000, now() + 900000);
	serve(400, ERROR("authorization_pending"));
	poll_after(WEB, 5000);
}

/* A browser is shown them by a page, once. */
static void browser_is_shown_the_code(void **state)
{
	struct shown s;

	(void)state;
	serve(200, SHOWN_COMPLETE);
	then(200, TOKEN_ONLY);
	open_login(DEVICE, "", &s);
	assert_int_equal(s.n, 0);
	UNTIL(s.n == 1);
	assert_int_equal(s.status, 200);
	assert_string_equal(s.user_code, "ABCD-EFGH");
	assert_string_equal(s.uri, "https://as.example.com/device"
				   "?user_code=ABCD-EFGH");
	assert_string_equal(s.location, "");
	forward(5000);
	UNTIL(has_token(DEVICE, "tok2"));
	assert_int_equal(s.n, 1);
	serve(200, SHOWN);
	open_login(DEVICE, "", &s);
	UNTIL(s.n == 1);
	assert_string_equal(s.uri, "https://as.example.com/device");
}

static void there_may_be_no_code(void **state)
{
	static const struct {
		int status;
		const char *body, *words;
	} rows[] = {
		{ 401, "{\"error\":\"invalid_client\","
		       "\"error_description\":\"who?\"}",
		  "status 401: invalid_client: who?" },
		{ 200, ERROR("unauthorized_client"), "unauthorized_client" },
		{ 200, "{}", "device_code" },
		{ 200, "<html>", "cannot be used" },
		{ 302, "", "302" },
		{ 503, "", "503" },
		{ 429, ERROR("slow_down"), "slow_down" },
		{ 0, NULL, "device_authorization_endpoint" },
		{ 400, "{\"error\":\"invalid_client\","
		       "\"error_description\":\"s3cr3t/w%rd+ is wrong\"}",
		  "repeat a secret" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct told t;
		struct shown s;

		serve(rows[i].status, rows[i].body);
		login(DEVICE, LOGIN_DEVICE, &t);
		assert_true(t.ended && !t.good);
		if (!strstr(t.text, rows[i].words))
			fail_msg("\"%s\" is not in \"%s\"", rows[i].words,
				 t.text);
		assert_non_null(strstr(t.text, "[service device]"));
		assert_null(strstr(t.text, "s3cr3t"));
		open_login(DEVICE, "", &s);
		UNTIL(s.n == 1);
		assert_int_equal(s.status, 400);
		assert_string_equal(s.text, t.text);
		assert_int_equal(attempts(), 0);
	}
}

/* --- polls --- */

static void polls_go_on_until_there_is_a_token(void **state)
{
	struct told t;

	(void)state;
	begin_device(DEVICE, &t, 400, ERROR("authorization_pending"));
	poll_after(DEVICE, 5000);
	assert_true(asked_with("POST /token HTTP/1.1\r\n"));
	assert_true(asked_with("grant_type=urn%3Aietf%3Aparams%3Aoauth%3A"
			       "grant-type%3Adevice_code&"
			       "device_code=dev1ce%2Fcode"));
	poll_after(DEVICE, 5000);
	assert_int_equal(t.n, 1);
	assert_int_equal(seen(DEVICE)->state, SESSION_WAITING_FOR_LOGIN);
	serve(200, TOKEN_AND_REFRESH);
	forward(5000);
	UNTIL(t.ended);
	assert_true(t.good);
	assert_string_equal(t.text, "[service device] is logged in");
	assert_true(has_token(DEVICE, "tok4"));
	assert_true(has_refresh(DEVICE, "re4"));
	assert_true(seen(DEVICE)->known);
	/* and then none */
	forward(5000);
	forward(60000);
	rest(20);
	assert_int_equal(asked(), 4);
	assert_int_equal(attempts(), 0);
}

static void slow_down_is_five_seconds_more(void **state)
{
	struct told t;

	(void)state;
	begin_device(DEVICE, &t, 400, ERROR("slow_down"));
	poll_after(DEVICE, 5000);
	poll_after(DEVICE, 10000);
	poll_after(DEVICE, 15000);
	/* for all that come */
	serve(400, ERROR("authorization_pending"));
	poll_after(DEVICE, 20000);
	poll_after(DEVICE, 20000);
	assert_int_equal(t.n, 1);
}

static void fault_doubles_the_interval(void **state)
{
	struct told t;

	(void)state;
	begin_device(DEVICE, &t, 0, NULL);
	poll_after(DEVICE, 5000);
	poll_after(DEVICE, 10000);
	serve(503, "");
	poll_after(DEVICE, 20000);
	serve(429, ERROR("slow_down"));
	poll_after(DEVICE, 40000);
	/* not for ever */
	poll_after(DEVICE, 60000);
	/* and not faster than the server has asked for */
	serve(400, ERROR("slow_down"));
	poll_after(DEVICE, 60000);
	serve(503, "");
	poll_after(DEVICE, 65000);
	assert_int_equal(t.n, 1);
	serve(200, TOKEN_ONLY);
	forward(60000);
	rest(20);
	assert_false(t.ended);
	forward(5000);
	UNTIL(t.ended);
	assert_true(t.good);
}

static void refusal_ends_it(void **state)
{
	static const struct {
		const char *body, *words;
	} rows[] = {
		{ ERROR("access_denied"), "refused" },
		{ ERROR("expired_token"), "expired; begin again" },
		{ ERROR("invalid_grant"), "invalid_grant" },
		{ ERROR("invalid_client"), "invalid_client" },
		{ "no JSON", "" },
		{ "{\"error\":\"invalid_grant\",\"error_description\":"
		  "\"dev1ce/code is used\"}", "repeat a secret" },
	};

	(void)state;
	give(DEVICE, "before", "old", 100000);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct told t;

		serve(200, SHOWN);
		then(400, rows[i].body);
		login(DEVICE, LOGIN_DEVICE, &t);
		forward(5000);
		UNTIL(t.ended);
		assert_false(t.good);
		if (!strstr(t.text, rows[i].words))
			fail_msg("\"%s\" is not in \"%s\"", rows[i].words,
				 t.text);
		assert_null(strstr(t.text, "dev1ce"));
		assert_int_equal(attempts(), 0);
		/* the session is what it was */
		assert_false(session_is_busy(session(DEVICE)));
		assert_true(has_token(DEVICE, "before"));
		assert_true(has_refresh(DEVICE, "old"));
		assert_int_equal(seen(DEVICE)->state, SESSION_READY);
	}
}

static void token_without_refresh_token_drops_the_old_one(void **state)
{
	struct told t;

	(void)state;
	give(DEVICE, "before", "old", 600);
	begin_device(DEVICE, &t, 200, TOKEN_ONLY);
	forward(5000);
	UNTIL(t.ended);
	assert_true(t.good);
	assert_true(has_token(DEVICE, "tok2"));
	assert_true(has_refresh(DEVICE, NULL));
}

/* --- beside what else the session does --- */

static void poll_waits_while_the_session_is_busy(void **state)
{
	struct told t;

	(void)state;
	begin_device(DEVICE, &t, 200, TOKEN_ONLY);
	session(DEVICE)->work = SESSION_RENEWS;
	forward(5000);
	forward(60000);
	rest(20);
	assert_int_equal(asked(), 1);
	session(DEVICE)->work = SESSION_RESTS;
	entry_settle(entry(DEVICE));
	UNTIL(t.ended);
	assert_true(t.good);
	/* one poll, however long it waited */
	assert_int_equal(asked(), 2);
}

/* A request that comes during a poll is served by a renewal behind it. */
static void renewal_waits_for_a_poll(void **state)
{
	struct told t;

	(void)state;
	give(DEVICE, "before", "old", 1);
	forward(1500);
	serve(200, SHOWN);
	login(DEVICE, LOGIN_DEVICE, &t);
	serve_late(400, ERROR("authorization_pending"), 50);
	then(200, TOKEN_AND_REFRESH);
	forward(5000);
	UNTIL(asked() == 2);
	want(DEVICE);
	UNTIL(!session_is_busy(session(DEVICE)));
	/* as the views do when they have heard of it */
	want(DEVICE);
	UNTIL(has_token(DEVICE, "tok3"));
	assert_true(asked_with("grant_type=refresh_token&refresh_token=old"));
	assert_int_equal(atomic_load(&it.endpoint->most_at_once), 1);
}

static void two_machines_at_once(void **state)
{
	struct told t[2];

	(void)state;
	serve(200, SHOWN);
	login(DEVICE, LOGIN_DEVICE, &t[0]);
	login(DEVICE, LOGIN_DEVICE, &t[1]);
	serve_late(400, ERROR("authorization_pending"), 30);
	forward(5000);
	UNTIL(asked() == 4);
	UNTIL(!session_is_busy(session(DEVICE)));
	assert_int_equal(atomic_load(&it.endpoint->most_at_once), 1);
	assert_int_equal(t[0].n + t[1].n, 2);
}

/* --- its end --- */

static void code_expires(void **state)
{
	struct told t;

	(void)state;
	begin_device(DEVICE, &t, 400, ERROR("authorization_pending"));
	forward(1800000);
	UNTIL(t.ended);
	assert_false(t.good);
	assert_int_equal(attempts(), 0);
	UNTIL(!session_is_busy(session(DEVICE)));
	assert_true(asked() <= 2);
}

/* In the middle of a poll: the session is free all the same. */
static void code_expires_during_a_poll(void **state)
{
	struct told t;
	struct login *l;

	(void)state;
	l = begin_device(DEVICE, &t, 400, ERROR("authorization_pending"));
	serve_late(400, ERROR("authorization_pending"), 200);
	forward(5000);
	UNTIL(asked() == 2);
	assert_true(session_is_busy(session(DEVICE)));
	l->until = now();
	logins_arm(&it.broker->logins);
	UNTIL(t.ended);
	assert_false(t.good);
	assert_false(session_is_busy(session(DEVICE)));
	assert_int_equal(seen(DEVICE)->state, SESSION_WAITING_FOR_LOGIN);
	serve(200, SHOWN);
	then(200, TOKEN_ONLY);
	login(DEVICE, LOGIN_DEVICE, &t);
	forward(5000);
	UNTIL(t.ended);
	assert_true(t.good);
}

static void too_many_others_during_a_poll(void **state)
{
	struct told t;

	(void)state;
	begin_device(WEB, &t, 400, ERROR("authorization_pending"));
	serve_late(400, ERROR("authorization_pending"), 200);
	forward(5000);
	UNTIL(asked() == 2);
	assert_true(session_is_busy(session(WEB)));
	for (int i = 0; i < LIMIT_LOGINS_COMMAND; i++) {
		struct fault f;

		assert_non_null(
			login_begin(entry(WEB), LOGIN_BROWSER, NULL, NULL, &f));
	}
	assert_true(t.ended && !t.good);
	assert_int_equal(session(WEB)->work, SESSION_RESTS);
}

/* What waits behind the poll is done. */
static void errands_go_on_where_a_poll_was_cut_off(void **state)
{
	struct told t;
	struct login *l;

	(void)state;
	l = begin_device(WEB, &t, 400, ERROR("authorization_pending"));
	serve_late(400, ERROR("authorization_pending"), 200);
	forward(5000);
	UNTIL(asked() == 2);
	want(SUBJECT);
	assert_true(entry(SUBJECT)->subject.waits);
	l->until = now();
	logins_arm(&it.broker->logins);
	UNTIL(t.ended);
	UNTIL(!entry(SUBJECT)->subject.waits);
	UNTIL(!session_is_busy(session(SUBJECT)));
	assert_int_equal(session(SUBJECT)->failure.status, 503);
}

static void end_during_a_poll(void **state)
{
	struct told t;

	(void)state;
	begin_device(DEVICE, &t, 400, ERROR("authorization_pending"));
	serve_late(400, ERROR("authorization_pending"), 100);
	forward(5000);
	UNTIL(asked() == 2);
	end();
	assert_true(t.ended && !t.good);
	assert_non_null(strstr(t.text, "shutting down"));
}

static void no_poll_begins_while_it_stops(void **state)
{
	struct told t;

	(void)state;
	begin_device(DEVICE, &t, 200, TOKEN_ONLY);
	it.broker->context.stopping = true;
	forward(5000);
	rest(20);
	assert_int_equal(asked(), 1);
	assert_false(session_is_busy(session(DEVICE)));
	assert_int_equal(it.broker->context.running, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(codes_are_shown),
		TEST(address_may_have_the_code_in),
		TEST(browser_is_shown_the_code),
		TEST(there_may_be_no_code),
		TEST(polls_go_on_until_there_is_a_token),
		TEST(slow_down_is_five_seconds_more),
		TEST(fault_doubles_the_interval),
		TEST(refusal_ends_it),
		TEST(token_without_refresh_token_drops_the_old_one),
		TEST(poll_waits_while_the_session_is_busy),
		TEST(renewal_waits_for_a_poll),
		TEST(two_machines_at_once),
		TEST(code_expires),
		TEST(code_expires_during_a_poll),
		TEST(too_many_others_during_a_poll),
		TEST(errands_go_on_where_a_poll_was_cut_off),
		TEST(end_during_a_poll),
		TEST(no_poll_begins_while_it_stops),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
