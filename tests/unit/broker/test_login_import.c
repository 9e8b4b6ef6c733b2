/* SPDX-License-Identifier: MIT */
/* A login with a token response that was got before. */
#include "broker/login_fixture.h"

#define KEPT \
	"\"access_token\":\"old-access\",\"refresh_token\":\"old-refresh\""
#define RESPONSE "{" KEPT ",\"token_type\":\"Bearer\",\"expires_in\":60}"

static struct login *begin_import(size_t service, struct told *t)
{
	struct fault f = { "" };
	struct login *l;

	memset(t, 0, sizeof(*t));
	l = login_begin(entry(service), LOGIN_IMPORT, on_news, t, &f);
	if (!l)
		print_error("%s\n", f.text);
	assert_non_null(l);
	return l;
}

static void import(size_t service, const char *response, struct told *t)
{
	login_import(begin_import(service, t), str_z(response));
	UNTIL(t->ended);
	assert_int_equal(t->n, 1);
	assert_int_equal(attempts(), 0);
	assert_false(session_is_busy(session(service)));
	assert_null(strstr(t->text, "old-access"));
	assert_null(strstr(t->text, "old-refresh"));
}

static void import_is_proved_by_a_refresh(void **state)
{
	struct told t;

	(void)state;
	serve(200, TOKEN_AND_REFRESH);
	import(WEB, RESPONSE, &t);
	assert_true(t.good);
	assert_non_null(strstr(t.text, "[service web] is logged in"));
	assert_int_equal(asked(), 1);
	assert_true(asked_with("grant_type=refresh_token"));
	assert_true(asked_with("refresh_token=old-refresh"));
	assert_true(has_token(WEB, "tok1"));
	assert_true(has_refresh(WEB, "re1"));
}

/* As of any refresh (RFC 6749 section 6): without its tenant this service's
 * token could not be placed. */
static void what_the_refresh_does_not_name_is_kept(void **state)
{
	struct told t;

	(void)state;
	serve(200, TOKEN_ONLY);
	import(MEMBER, "{" KEPT ",\"tenant\":\"t1\",\"scope\":\"a b\"}", &t);
	assert_true(t.good);
	assert_true(has_token(MEMBER, "tok1"));
	assert_true(has_refresh(MEMBER, "old-refresh"));
	assert_string_equal(session(MEMBER)->token->scope, "a b");
}

/* How long it still lives is not known: it was got at some time before. */
static void end_of_what_was_got_before_is_not_known(void **state)
{
	struct told t;

	(void)state;
	serve(200, TOKEN_ONLY);
	import(WEB, "{" KEPT ",\"refresh_expires_in\":86400}", &t);
	assert_true(t.good);
	assert_true(session_login_ends(session(WEB)) == INT64_MAX);
}

/* As files come from other machines. */
static void what_may_be_imported(void **state)
{
	static const char *const responses[] = {
		RESPONSE,
		"\xef\xbb\xbf" RESPONSE "\r\n",
		"\n  {\n  " KEPT "\n}\n",
		"{" KEPT ",\"id_token\":null,\"scope\":\"\"}",
		"access_token=old-access&refresh_token=old-refresh",
	};
	struct told t;

	(void)state;
	serve(200, TOKEN_AND_REFRESH);
	for (size_t i = 0; i < sizeof(responses) / sizeof(*responses); i++) {
		import(WEB, responses[i], &t);
		if (!t.good)
			fail_msg("%s: %s", responses[i], t.text);
		assert_true(asked_with("refresh_token=old-refresh"));
	}
}

/* Nothing is sent, and the session is what it was. */
static void what_may_not_be_imported(void **state)
{
	static const struct {
		const char *response, *words;
	} rows[] = {
		{ "", "empty, or cut" },
		{ "{" KEPT, "empty, or cut" },
		{ "old-refresh", "must be the JSON" },
		{ "[{" KEPT "}]", "must be the JSON" },
		{ "{}", "no access_token" },
		{ "{\"refresh_token\":\"old-refresh\"}", "no access_token" },
		{ "{\"access_token\":\"old-access\"}", "no refresh_token" },
		{ "{\"access_token\":\"old-access\",\"refresh_token\":null}",
		  "no refresh_token" },
		{ "{" KEPT ",\"token_type\":\"mac\"}", "token_type" },
		{ "{" KEPT "," KEPT "}", "must be the JSON" },
		{ "{" KEPT ",\"error\":\"invalid_grant\"}", "both error" },
		{ "{\"error\":\"invalid_grant\"}", "refusal (invalid_grant)" },
	};
	struct told t;

	(void)state;
	give(WEB, "before", "re-before", 600);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		import(WEB, rows[i].response, &t);
		assert_false(t.good);
		if (!strstr(t.text, rows[i].words))
			fail_msg("%s: %s", rows[i].response, t.text);
		assert_non_null(strstr(t.text, "[service web]"));
	}
	assert_int_equal(asked(), 0);
	assert_true(has_token(WEB, "before"));
	assert_true(has_refresh(WEB, "re-before"));
}

static void server_that_does_not_take_it(void **state)
{
	static const struct {
		int status;
		const char *body, *words;
	} rows[] = {
		{ 400, ERROR("invalid_grant"), "invalid_grant" },
		{ 401, ERROR("invalid_client"), "client_secret" },
		{ 503, "", "begin the login again" },
		{ 200, "{}", "no access_token" },
		{ 400, "{\"error\":\"invalid_grant\",\"error_description\":"
		       "\"old-refresh old-access\"}", "invalid_grant" },
	};
	struct told t;

	(void)state;
	give(WEB, "before", "re-before", 600);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		serve(rows[i].status, rows[i].body);
		import(WEB, RESPONSE, &t);
		assert_false(t.good);
		if (!strstr(t.text, rows[i].words))
			fail_msg("%s: %s", rows[i].body, t.text);
		assert_non_null(strstr(t.text, "not proved"));
		assert_null(strstr(t.text, "asked again"));
	}
	assert_int_equal(asked(), (int)(sizeof(rows) / sizeof(*rows)));
	assert_true(has_token(WEB, "before"));
	assert_true(has_refresh(WEB, "re-before"));
}

static void grants_that_have_no_import(void **state)
{
	static const struct {
		size_t service;
		const char *words;
	} rows[] = {
		{ FRAGMENT, "no refresh tokens" },
		{ MACHINE, "needs no login" },
		{ FIXED, "needs no login" },
	};
	struct told t;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct fault f = { "" };

		memset(&t, 0, sizeof(t));
		assert_null(login_begin(entry(rows[i].service), LOGIN_IMPORT,
					on_news, &t, &f));
		assert_non_null(strstr(f.text, rows[i].words));
	}
}

static void grant_of_devices_has_one(void **state)
{
	struct told t;

	(void)state;
	serve(200, TOKEN_AND_REFRESH);
	import(DEVICE, RESPONSE, &t);
	assert_true(t.good);
	assert_true(has_token(DEVICE, "tok1"));
}

/* Nobody else could hand it in. */
static void who_leaves_before_ends_it(void **state)
{
	struct told t;
	struct login *l;

	(void)state;
	l = begin_import(WEB, &t);
	rest(3);
	assert_int_equal(attempts(), 1);
	login_leave(l);
	assert_int_equal(attempts(), 0);
	assert_int_equal(t.n, 0);
}

static void who_hands_nothing_in_is_told(void **state)
{
	struct told t;

	(void)state;
	(void)!begin_import(WEB, &t);
	forward(LIMIT_LOGIN_LIFE + 1);
	UNTIL(t.ended);
	assert_false(t.good);
	assert_int_equal(asked(), 0);
}

static void one_response_is_enough(void **state)
{
	struct told t;
	struct login *l;

	(void)state;
	serve_late(200, TOKEN_AND_REFRESH, 100);
	l = begin_import(WEB, &t);
	login_import(l, STR(RESPONSE));
	login_import(l, STR("{\"access_token\":\"x\",\"refresh_token\":"
			    "\"other\"}"));
	UNTIL(t.ended);
	assert_true(t.good);
	assert_int_equal(asked(), 1);
	assert_true(asked_with("refresh_token=old-refresh"));
}

/* Its token request ends first. */
static void import_waits_for_its_turn(void **state)
{
	struct told t;

	(void)state;
	serve_late(200, TOKEN_AND_REFRESH, 100);
	give(WEB, "before", "re-before", 1);
	forward(2000);
	want(WEB);
	assert_true(session_is_busy(session(WEB)));
	then(200, TOKEN_AND_REFRESH);
	import(WEB, RESPONSE, &t);
	assert_true(t.good);
	assert_int_equal(asked(), 2);
	assert_true(has_token(WEB, "tok2"));
	assert_true(has_refresh(WEB, "re2"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(import_is_proved_by_a_refresh),
		TEST(what_the_refresh_does_not_name_is_kept),
		TEST(end_of_what_was_got_before_is_not_known),
		TEST(what_may_be_imported),
		TEST(what_may_not_be_imported),
		TEST(server_that_does_not_take_it),
		TEST(grants_that_have_no_import),
		TEST(grant_of_devices_has_one),
		TEST(who_leaves_before_ends_it),
		TEST(who_hands_nothing_in_is_told),
		TEST(one_response_is_enough),
		TEST(import_waits_for_its_turn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
