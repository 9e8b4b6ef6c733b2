/* SPDX-License-Identifier: MIT */
/* How a login leaves by a browser, and what counts of all that comes back. */
#include "broker/login_fixture.h"
#include "service/endpoints.h"

/* --- how it begins --- */

static void browser_is_sent_to_the_server(void **state)
{
	struct shown s;
	char want[128];

	(void)state;
	open_login(WEB, "", &s);
	assert_int_equal(s.n, 1);
	assert_int_equal(s.status, 303);
	snprintf(want, sizeof(want), "http://127.0.0.1:%s/authorize?",
		 it.endpoint->port);
	assert_int_equal(strncmp(s.location, want, strlen(want)), 0);
	assert_string_equal(part_of(s.location, "response_type"), "code");
	assert_string_equal(part_of(s.location, "client_id"), "demo");
	assert_non_null(strstr(s.location, "redirect_uri=http%3A%2F%2F"
			       "127.0.0.1%3A8119%2F-%2Fcallback%2Fweb"));
	assert_string_equal(part_of(s.location, "code_challenge_method"),
			    "S256");
	assert_int_equal(strlen(part_of(s.location, "code_challenge")), 43);
	/* 32 random octets */
	assert_int_equal(strlen(part_of(s.location, "state")), 43);
	assert_null(part_of(s.location, "nonce"));
	assert_null(strstr(s.location, "s3cr3t"));
}

static void openid_has_a_nonce(void **state)
{
	struct shown s;

	(void)state;
	open_login(OPENID, "", &s);
	assert_int_equal(s.status, 303);
	assert_int_equal(strlen(part_of(s.location, "nonce")), 43);
}

static void no_two_logins_are_alike(void **state)
{
	struct shown a, b;

	(void)state;
	open_login(OPENID, "", &a);
	open_login(OPENID, "", &b);
	for (const char *const *name =
		     (const char *const[]){ "state", "nonce", "code_challenge",
					    NULL };
	     *name; name++) {
		char first[128];

		snprintf(first, sizeof(first), "%.100s",
			 part_of(a.location, *name));
		assert_string_not_equal(first, part_of(b.location, *name));
	}
	/* both are kept by one browser, side by side */
	assert_memory_not_equal(a.cookie, b.cookie,
				strlen(LOGIN_COOKIE) + 8);
	assert_string_not_equal(strchr(a.cookie, '='),
				strchr(b.cookie, '='));
}

static void cookie_binds_it_to_the_browser(void **state)
{
	struct shown s;

	(void)state;
	open_login(WEB, "", &s);
	assert_int_equal(strncmp(s.cookie, LOGIN_COOKIE,
				 strlen(LOGIN_COOKIE)), 0);
	assert_non_null(strstr(s.cookie, "; Path=/-/callback;"));
	assert_non_null(strstr(s.cookie, "; Max-Age=600;"));
	assert_non_null(strstr(s.cookie, "; HttpOnly"));
	assert_non_null(strstr(s.cookie, "; SameSite=Lax"));
	assert_null(strstr(s.cookie, "Secure"));
	broker_set_external(it.broker, "https://auth.example.com");
	open_login(WEB, "", &s);
	assert_non_null(strstr(s.cookie, "; Secure"));
	/* what is secret in it is not what the server gets to know */
	assert_null(strstr(s.location, strchr(cookie_of(&s), '=') + 1));
}

/* The browser sees it; what comes back has it no more. */
static void cookie_goes_with_the_prefix(void **state)
{
	struct shown s, back;
	char answer[1200];

	(void)state;
	broker_set_external(it.broker, "https://auth.example.com/base");
	open_login(WEB, "", &s);
	assert_int_equal(s.status, 303);
	assert_non_null(strstr(s.location, "%2Fbase%2F-%2Fcallback%2Fweb"));
	assert_non_null(strstr(s.cookie, "; Path=/base/-/callback;"));
	snprintf(answer, sizeof(answer), "code=c&%s", state_of(s.location));
	come_back(entry(OPENID), cookie_of(&s), answer, &back);
	assert_non_null(strstr(back.text, "no login of this kind"));
	assert_int_equal(attempts(), 1);
	bring_code(&s, &back);
	assert_true(session_is_busy(&entry(WEB)->session));
}

static void where_browsers_cannot_come_back(void **state)
{
	struct shown s;

	(void)state;
	open_login(AWAY, "", &s);
	assert_int_equal(s.status, 400);
	assert_non_null(strstr(s.text, "--paste"));
	assert_string_equal(s.location, "");
	assert_string_equal(s.cookie, "");
	assert_int_equal(attempts(), 0);
	broker_set_external(it.broker, NULL);
	open_login(WEB, "", &s);
	assert_int_equal(s.status, 500);
	assert_non_null(strstr(s.text, "external_url"));
	assert_int_equal(attempts(), 0);
}

static void service_that_needs_no_login(void **state)
{
	static const size_t machines[] = { MACHINE, FIXED, SUBJECT };
	struct shown s;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		open_login(machines[i], "", &s);
		assert_int_equal(s.n, 1);
		assert_int_equal(s.status, 400);
		assert_non_null(strstr(s.text, "needs no login"));
	}
	assert_int_equal(attempts(), 0);
}

/* --- the ticket --- */

static void address_works_once(void **state)
{
	struct told t;
	struct shown s;

	(void)state;
	login(WEB, LOGIN_BROWSER, &t);
	assert_int_equal(strncmp(t.address, EXTERNAL "/-/login/web?ticket=",
				 strlen(EXTERNAL) + 20), 0);
	assert_int_equal(strlen(ticket_of(&t)), 43);
	open_login(WEB, ticket_of(&t), &s);
	assert_int_equal(s.status, 303);
	assert_int_equal(attempts(), 1); /* it is that one */
	open_login(WEB, ticket_of(&t), &s);
	assert_int_equal(s.status, 400);
	assert_non_null(strstr(s.text, "used already"));
	assert_string_equal(s.location, "");
	assert_string_equal(s.cookie, "");
	assert_int_equal(attempts(), 1);
	assert_false(t.ended);
}

static void ticket_is_compared_whole(void **state)
{
	struct told t;
	struct shown s;
	char bad[160];

	(void)state;
	login(WEB, LOGIN_BROWSER, &t);
	for (size_t i = 0; i < 43; i++) {
		strcpy(bad, ticket_of(&t));
		bad[i] = bad[i] == 'A' ? 'B' : 'A';
		open_login(WEB, bad, &s);
		assert_int_equal(s.status, 400);
		bad[i] = '\0';
		if (i == 0)
			continue;
		open_login(WEB, bad, &s);
		assert_int_equal(s.status, 400);
	}
	snprintf(bad, sizeof(bad), "%sA", ticket_of(&t));
	open_login(WEB, bad, &s);
	assert_int_equal(s.status, 400);
	open_login(OTHER, ticket_of(&t), &s);
	assert_int_equal(s.status, 400);
	/* none of it has cost the right one anything */
	open_login(WEB, ticket_of(&t), &s);
	assert_int_equal(s.status, 303);
}

/* Whoever began it in a terminal hears how it ended. */
static void outcome_is_told_where_it_was_begun(void **state)
{
	struct shown opened, back;
	struct told t;

	(void)state;
	serve(200, TOKEN_ONLY);
	login(WEB, LOGIN_BROWSER, &t);
	open_login(WEB, ticket_of(&t), &opened);
	bring_code(&opened, &back);
	UNTIL(t.ended);
	assert_int_equal(t.n, 2);
	assert_true(t.good);
	assert_int_equal(back.n, 1);
	assert_int_equal(back.status, 200);
	assert_string_equal(back.text, t.text);
}

/* --- what comes back --- */

/* "code=c&state=…". */
static const char *answer_of_login(const struct shown *opened)
{
	static char answer[1200];

	snprintf(answer, sizeof(answer), "code=c&%s",
		 state_of(opened->location));
	return answer;
}

static void state_is_good_once(void **state)
{
	struct shown opened, back;
	char answer[1200];

	(void)state;
	serve_late(200, TOKEN_ONLY, 100);
	open_login(WEB, "", &opened);
	strcpy(answer, answer_of_login(&opened));
	come_back(entry(WEB), cookie_of(&opened), answer, &back);
	assert_int_equal(back.n, 0);
	{
		struct shown again;

		come_back(entry(WEB), cookie_of(&opened), answer, &again);
		assert_int_equal(again.n, 1);
		assert_int_equal(again.status, 400);
		assert_non_null(strstr(again.text, "finished already"));
	}
	UNTIL(back.n == 1);
	assert_int_equal(back.status, 200);
	come_back(entry(WEB), cookie_of(&opened), answer, &back);
	assert_int_equal(back.status, 400);
	rest(20);
	assert_int_equal(asked(), 1);
}

static void state_is_compared_whole(void **state)
{
	struct shown opened;
	char answer[1200], bad[1200];
	size_t at;

	(void)state;
	open_login(WEB, "", &opened);
	strcpy(answer, answer_of_login(&opened));
	at = strlen("code=c&state=");
	for (size_t i = at; answer[i]; i++) {
		strcpy(bad, answer);
		bad[i] = bad[i] == 'A' ? 'B' : 'A';
		assert_ignored(entry(WEB), cookie_of(&opened), bad);
		bad[i] = '\0';
		assert_ignored(entry(WEB), cookie_of(&opened), bad);
	}
	snprintf(bad, sizeof(bad), "%.1100sA", answer);
	assert_ignored(entry(WEB), cookie_of(&opened), bad);
	assert_ignored(entry(WEB), cookie_of(&opened), "code=c");
	assert_ignored(entry(WEB), cookie_of(&opened), "code=c&state=");
	assert_ignored(entry(WEB), cookie_of(&opened), "error=access_denied");
	assert_ignored(entry(WEB), cookie_of(&opened), "");
	/* twice is none */
	snprintf(bad, sizeof(bad), "%.500s&%.500s", answer, answer + 7);
	assert_ignored(entry(WEB), cookie_of(&opened), bad);
}

static void state_is_bound_to_the_browser(void **state)
{
	struct shown opened, other;
	char answer[1200], cookies[600];

	(void)state;
	open_login(WEB, "", &opened);
	open_login(WEB, "", &other);
	strcpy(answer, answer_of_login(&opened));
	assert_ignored(entry(WEB), "", answer);
	assert_ignored(entry(WEB), cookie_of(&other), answer);
	/* the right name with another one's value, and the other way round */
	snprintf(cookies, sizeof(cookies), "%.*s%s",
		 (int)strcspn(opened.cookie, "="), opened.cookie,
		 strchr(cookie_of(&other), '='));
	assert_ignored(entry(WEB), cookies, answer);
	snprintf(cookies, sizeof(cookies), "%.*s%s",
		 (int)strcspn(other.cookie, "="), other.cookie,
		 strchr(cookie_of(&opened), '='));
	assert_ignored(entry(WEB), cookies, answer);
	/* a part of it, or more */
	snprintf(cookies, sizeof(cookies), "%.*s",
		 (int)strlen(cookie_of(&opened)) - 1, cookie_of(&opened));
	assert_ignored(entry(WEB), cookies, answer);
	snprintf(cookies, sizeof(cookies), "%sA", cookie_of(&opened));
	assert_ignored(entry(WEB), cookies, answer);
	snprintf(cookies, sizeof(cookies), "x%s", cookie_of(&opened));
	assert_ignored(entry(WEB), cookies, answer);
	snprintf(cookies, sizeof(cookies), "a=\"; b=%s", cookie_of(&opened));
	assert_ignored(entry(WEB), cookies, answer);
	snprintf(cookies, sizeof(cookies), "%.*s",
		 (int)strcspn(opened.cookie, "="), opened.cookie);
	assert_ignored(entry(WEB), cookies, answer);
}

static void cookie_is_found_among_others(void **state)
{
	static const char *const around[] = {
		"%s", "a=b; %s", "%s; a=b", "a=b;%s;c=d", "; ;a;=; %s",
		"bearerd_login_=x; %s", "a=%s",
	};

	(void)state;
	serve(200, TOKEN_ONLY);
	for (size_t i = 0; i < sizeof(around) / sizeof(around[0]); i++) {
		struct shown opened, back;
		struct buf cookies = BUF_INIT(1024);
		const char *at = strstr(around[i], "%s");

		open_login(WEB, "", &opened);
		buf_add(&cookies, around[i], (size_t)(at - around[i]));
		buf_add_z(&cookies, cookie_of(&opened));
		buf_add_z(&cookies, at + 2);
		come_back(entry(WEB), buf_z(&cookies), answer_of_login(&opened),
			  &back);
		if (around[i][0] == 'a' && around[i][1] == '=' &&
		    around[i][2] == '%') {
			assert_int_equal(back.status, 400);
		} else {
			UNTIL(back.n == 1);
			assert_int_equal(back.status, 200);
		}
		buf_fini(&cookies);
	}
}

/* And to the path at which it is to come back. */
static void state_is_bound_to_the_service(void **state)
{
	struct shown opened, back;

	(void)state;
	open_login(WEB, "", &opened);
	assert_ignored(entry(OTHER), cookie_of(&opened),
		       answer_of_login(&opened));
	assert_ignored(NULL, cookie_of(&opened), answer_of_login(&opened));
	serve(200, TOKEN_ONLY);
	bring_code(&opened, &back);
	UNTIL(back.n == 1);
	assert_int_equal(back.status, 200);
	assert_true(has_token(WEB, "tok1"));
	assert_int_equal(seen(OTHER)->generation, 0);
}

/* Where the path names none, the state alone says which. */
static void callback_may_be_of_any_service(void **state)
{
	struct shown opened, back;

	(void)state;
	open_login(ANY, "", &opened);
	assert_int_equal(opened.status, 303);
	assert_ignored(entry(ANY), cookie_of(&opened),
		       answer_of_login(&opened));
	serve(200, TOKEN_ONLY);
	come_back(NULL, cookie_of(&opened), answer_of_login(&opened), &back);
	UNTIL(back.n == 1);
	assert_int_equal(back.status, 200);
	assert_true(has_token(ANY, "tok1"));
}

/* One that was begun in a terminal is not finished by a browser. */
static void pasted_login_has_no_callback(void **state)
{
	struct told t;
	char answer[1200];

	(void)state;
	login(WEB, LOGIN_PASTE, &t);
	snprintf(answer, sizeof(answer), "code=c&%s", state_of(t.address));
	assert_ignored(entry(WEB), "", answer);
	assert_ignored(entry(WEB), "bearerd_login_=", answer);
	assert_ignored(entry(WEB), "=", answer);
	assert_ignored(NULL, "=", answer);
	assert_int_equal(t.n, 1);
}

/* An answer that cannot be used spoils no attempt; the right one still may
 * come. */
static void broken_answer_spoils_nothing(void **state)
{
	struct shown opened, back;
	char answer[1300];

	(void)state;
	serve(200, TOKEN_ONLY);
	open_login(WEB, "", &opened);
	snprintf(answer, sizeof(answer), "error=x&%s",
		 answer_of_login(&opened));
	assert_ignored(entry(WEB), cookie_of(&opened), answer);
	bring_code(&opened, &back);
	UNTIL(back.n == 1);
	assert_int_equal(back.status, 200);
}

static void refusal_ends_it(void **state)
{
	struct shown opened, back;
	struct told t;
	char answer[1200];

	(void)state;
	login(WEB, LOGIN_BROWSER, &t);
	open_login(WEB, ticket_of(&t), &opened);
	snprintf(answer, sizeof(answer),
		 "error=access_denied&error_description=not+today&%s",
		 state_of(opened.location));
	/* not by somebody else's browser */
	assert_ignored(entry(WEB), "", answer);
	come_back(entry(opened.service), cookie_of(&opened), answer, &back);
	assert_int_equal(back.n, 1);
	assert_int_equal(back.status, 400);
	assert_non_null(strstr(back.text, "access_denied: not today"));
	assert_true(t.ended && !t.good);
	assert_int_equal(attempts(), 0);
	assert_int_equal(asked(), 0);
	assert_int_equal(seen(WEB)->state, SESSION_WAITING_FOR_LOGIN);
	assert_false(session_is_busy(session(WEB)));
}

static void answer_without_what_was_asked_for(void **state)
{
	struct shown opened, back;
	char answer[1200];

	(void)state;
	open_login(WEB, "", &opened);
	snprintf(answer, sizeof(answer),
		 "access_token=t0ken&token_type=Bearer&%s",
		 state_of(opened.location));
	come_back(entry(opened.service), cookie_of(&opened), answer, &back);
	assert_int_equal(back.status, 400);
	assert_non_null(strstr(back.text, "no code"));
	assert_null(strstr(back.text, "t0ken"));
	open_login(FRAGMENT, "", &opened);
	snprintf(answer, sizeof(answer), "code=c&%s",
		 state_of(opened.location));
	come_back(entry(opened.service), cookie_of(&opened), answer, &back);
	assert_int_equal(back.status, 400);
	assert_non_null(strstr(back.text, "no access_token"));
	assert_int_equal(attempts(), 0);
}

static void token_may_come_back_itself(void **state)
{
	struct shown opened, back;
	char answer[1200];

	(void)state;
	open_login(FRAGMENT, "", &opened);
	assert_string_equal(part_of(opened.location, "response_type"),
			    "token");
	assert_null(part_of(opened.location, "code_challenge"));
	snprintf(answer, sizeof(answer), "access_token=direct&"
		 "token_type=Bearer&expires_in=600&%s",
		 state_of(opened.location));
	come_back(entry(opened.service), cookie_of(&opened), answer, &back);
	assert_int_equal(back.n, 0);
	UNTIL(back.n == 1);
	assert_int_equal(back.status, 200);
	assert_true(has_token(FRAGMENT, "direct"));
	assert_true(has_refresh(FRAGMENT, NULL));
	assert_int_equal(asked(), 0);
	/* and ends, for nothing renews it */
	forward(601000);
	assert_int_equal(seen(FRAGMENT)->state, SESSION_WAITING_FOR_LOGIN);
}

/* RFC 9207: whose answer it is. */
static void issuer_is_the_one_that_was_asked(void **state)
{
	static const struct {
		const char *iss;
		bool announced, good;
	} rows[] = {
		{ "", false, true },
		{ "&iss=https%3A%2F%2Fas.example.com", false, true },
		{ "&iss=https%3A%2F%2Fas.example.com", true, true },
		{ "&iss=https%3A%2F%2Fevil.example.com", false, false },
		{ "&iss=https%3A%2F%2Fas.example.com%2F", false, false },
		{ "", true, false },
		{ "&iss=", true, false },
	};
	struct endpoints *e = entry(WEB)->client.endpoints;

	(void)state;
	serve(200, TOKEN_ONLY);
	e->issuer = mem_strdup("https://as.example.com");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct shown opened, back;
		char answer[1400];

		e->iss_parameter = rows[i].announced;
		open_login(WEB, "", &opened);
		snprintf(answer, sizeof(answer), "code=c&%s%s",
			 state_of(opened.location), rows[i].iss);
		come_back(entry(WEB), cookie_of(&opened), answer, &back);
		UNTIL(back.n == 1);
		assert_int_equal(back.status, rows[i].good ? 200 : 400);
		if (!rows[i].good)
			assert_non_null(strstr(back.text, "iss"));
	}
	assert_int_equal(asked(), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(browser_is_sent_to_the_server),
		TEST(openid_has_a_nonce),
		TEST(no_two_logins_are_alike),
		TEST(cookie_binds_it_to_the_browser),
		TEST(cookie_goes_with_the_prefix),
		TEST(where_browsers_cannot_come_back),
		TEST(service_that_needs_no_login),
		TEST(address_works_once),
		TEST(ticket_is_compared_whole),
		TEST(outcome_is_told_where_it_was_begun),
		TEST(state_is_good_once),
		TEST(state_is_compared_whole),
		TEST(state_is_bound_to_the_browser),
		TEST(cookie_is_found_among_others),
		TEST(state_is_bound_to_the_service),
		TEST(callback_may_be_of_any_service),
		TEST(pasted_login_has_no_callback),
		TEST(broken_answer_spoils_nothing),
		TEST(refusal_ends_it),
		TEST(answer_without_what_was_asked_for),
		TEST(token_may_come_back_itself),
		TEST(issuer_is_the_one_that_was_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
