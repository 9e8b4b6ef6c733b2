/* SPDX-License-Identifier: MIT */
/* A login whose parameters are told to the server before the browser is sent
 * there (RFC 9126). */
#include "broker/login_fixture.h"

#define REFERENCE "{\"request_uri\":\"urn:x:1\",\"expires_in\":90}"

static void open_pushed(struct shown *s)
{
	open_login(PUSHED, "", s);
	assert_int_equal(s->n, 0);
	UNTIL(s->n > 0);
}

static void browser_carries_a_reference(void **state)
{
	struct shown s;
	char want[128];

	(void)state;
	serve(201, REFERENCE);
	open_pushed(&s);
	assert_int_equal(s.status, 303);
	snprintf(want, sizeof(want), "http://127.0.0.1:%s/authorize?"
		 "client_id=demo&request_uri=urn%%3Ax%%3A1", it.endpoint->port);
	assert_string_equal(s.location, want);
	assert_int_equal(strncmp(s.cookie, LOGIN_COOKIE,
				 strlen(LOGIN_COOKIE)), 0);
	assert_int_equal(asked(), 1);
	assert_true(asked_with("POST /par HTTP/1.1\r\n"));
	assert_true(asked_with("\r\nAuthorization: Basic "));
	assert_true(asked_with("\r\n\r\nresponse_type=code&client_id=demo&"));
	assert_true(asked_with("&state="));
	assert_true(asked_with("&nonce="));
	assert_true(asked_with("&code_challenge_method=S256"));
	assert_int_equal(attempts(), 1);
}

static void paste_says_how_long_it_is_good(void **state)
{
	struct told t;
	int64_t begun;

	(void)state;
	serve(201, REFERENCE);
	begun = now();
	login(PUSHED, LOGIN_PASTE, &t);
	assert_false(t.ended);
	assert_non_null(strstr(t.address, "/authorize?client_id=demo&"
			       "request_uri=urn%3Ax%3A1"));
	assert_true(t.expires >= begun + 90 * 1000);
	assert_true(t.expires <= now() + 90 * 1000);
	/* what was pushed is over, the login is not */
	forward(5 * 60 * 1000);
	assert_int_equal(attempts(), 1);
	forward(6 * 60 * 1000);
	assert_true(t.ended);
}

static void line_before_the_address(void **state)
{
	struct told t = { 0 };
	struct fault f = { "" };
	struct login *l;

	(void)state;
	serve_late(201, REFERENCE, 100);
	l = login_begin(entry(PUSHED), LOGIN_PASTE, on_news, &t, &f);
	assert_non_null(l);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(login_paste(l, STR("c0de"), &f), -1);
		assert_non_null(strstr(f.text, "not there yet"));
		UNTIL(asked() == 1);
	}
	UNTIL(t.n == 1);
	serve(200, TOKEN_ONLY);
	assert_int_equal(login_paste(l, STR("c0de"), &f), 0);
	UNTIL(t.ended);
	assert_true(t.good);
}

static void refusals(void **state)
{
	static const struct {
		int status;
		const char *body;
		int page;
		const char *words;
	} rows[] = {
		{ 400, ERROR("invalid_request"), 400, "invalid_request" },
		{ 401, ERROR("invalid_client"), 400, "401: invalid_client" },
		{ 404, "", 400, "404" },
		{ 302, "", 400, "redirects are not followed" },
		{ 429, "", 503, "429" },
		{ 503, "", 503, "503" },
		{ 0, "", 503, "pushed_authorization_request_endpoint" },
		{ 201, "{}", 400, "request_uri" },
		{ 201, "{\"request_uri\":\"urn:x:1\"}", 400, "expires_in" },
		{ 201, ERROR("access_denied"), 400, "access_denied" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int before = asked();
		struct shown s;
		struct told t;

		serve(rows[i].status, rows[i].body);
		open_pushed(&s);
		assert_int_equal(s.n, 1);
		assert_int_equal(s.status, rows[i].page);
		assert_non_null(strstr(s.text, rows[i].words));
		assert_string_equal(s.location, "");
		assert_string_equal(s.cookie, "");
		rest(20);
		assert_int_equal(asked(), before + 1); /* never twice */
		login(PUSHED, LOGIN_PASTE, &t);
		assert_true(t.ended);
		assert_non_null(strstr(t.text, rows[i].words));
		assert_int_equal(attempts(), 0);
	}
}

static void echo_is_not_shown(void **state)
{
	struct shown s;

	(void)state;
	serve(400, "{\"error\":\"e\",\"error_description\":"
		   "\"no s3cr3t/w%rd+ here\"}");
	open_pushed(&s);
	assert_int_equal(s.status, 400);
	assert_null(strstr(s.text, "s3cr3t"));
	assert_non_null(strstr(s.text, "repeat a secret"));
}

static void it_ends_while_it_is_pushed(void **state)
{
	struct told t = { 0 };
	struct fault f;

	(void)state;
	serve_late(201, REFERENCE, 300);
	assert_non_null(
		login_begin(entry(PUSHED), LOGIN_PASTE, on_news, &t, &f));
	UNTIL(asked() == 1);
	end();
	assert_true(t.ended);
	assert_non_null(strstr(t.text, "shutting down"));
	begin();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(browser_carries_a_reference),
		TEST(paste_says_how_long_it_is_good),
		TEST(line_before_the_address),
		TEST(refusals),
		TEST(echo_is_not_shown),
		TEST(it_ends_while_it_is_pushed),
	};

	return cmocka_run_group_tests_name("session/login_request", tests,
					   NULL, NULL);
}
