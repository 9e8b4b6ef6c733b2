/* SPDX-License-Identifier: MIT */
#include "broker/logout.h"

#include "broker/broker_threadless.h"

#define USER(name)                                                     \
	"[service " name "]\n"                                         \
	"upstream = https://" name ".example.com\n"                    \
	"token_endpoint = http://127.0.0.1:@/token\n"                  \
	"client_id = demo\nclient_secret = s3cr3t\n"                   \
	"username = joe\npassword = pa55\n"

static const char text[] =
	USER("a") "revocation_endpoint = http://127.0.0.1:@/revoke?x=y\n"
	USER("plain")
	USER("dead") "revocation_endpoint = http://127.0.0.1:1/revoke\n"
	"[service seed]\nupstream = https://seed.example.com\n"
	"token_endpoint = http://127.0.0.1:@/token\nclient_id = demo\n"
	"refresh_token = s33d\n"
	"revocation_endpoint = http://127.0.0.1:@/revoke\n"
	"[service fixed]\nupstream = https://fixed.example.com\n"
	"access_token = pat\n"
	"[service nothing]\nupstream = https://nothing.example.com\n";

enum { A, PLAIN, DEAD, SEED, FIXED, NOTHING };

#define BOTH \
	"{\"access_token\":\"tok$\",\"refresh_token\":\"ref$\"," \
	"\"expires_in\":3600}"

static int dones;
static bool was_good;
static struct fault said, f;

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

static void on_done(void *arg, bool good, const struct fault *words)
{
	was_good = good;
	said = *words;
	++*(int *)arg;
}

static void on_token(void *arg, struct entry *p)
{
	assert_non_null(
		session_token(&p->session, loop_now(p->broker->context.loop)));
	++*(int *)arg;
}

/* It has an access token and a refresh token. */
static void get_tokens(size_t service)
{
	struct entry_wait e = { .waits = false };
	int got = 0;

	turns_plan(200, BOTH, 0);
	entry_wait_token(turns_entry(service), &e, on_token, &got);
	turn_until(&got, 1);
	turns_plan_anew();
}

static struct logout *begin(size_t service)
{
	struct logout *l =
		logout_begin(turns_entry(service), on_done, &dones, &f);

	assert_non_null(l);
	assert_int_equal(dones, 0);
	return l;
}

static void is_forgotten(size_t service)
{
	const struct session *s = &turns_entry(service)->session;

	assert_null(s->token);
	assert_null(s->refresh_token);
	assert_int_equal(s->current->state, SESSION_IDLE);
	assert_null(s->current->token);
	assert_int_equal(turns_entry(service)->writes, 0);
}

static void test_refresh_token_first(void **state)
{
	const char *request;

	(void)state;
	get_tokens(A);
	turns_plan(200, "", 0);
	begin(A);
	request = turn_until_asked(2);
	assert_non_null(strstr(request, "POST /revoke?x=y HTTP/1.1\r\n"));
	assert_non_null(strstr(request, "\r\nAuthorization: Basic "));
	assert_non_null(strstr(request, "\r\n\r\ntoken=ref1&"
					"token_type_hint=refresh_token"));
	request = turn_until_asked(3);
	assert_non_null(strstr(request, "\r\n\r\ntoken=tok1&"
					"token_type_hint=access_token"));
	turn_until(&dones, 1);
	assert_true(was_good);
	assert_non_null(strstr(said.text, "[service a]: its refresh token and "
					  "its access token were revoked at "
					  "127.0.0.1"));
	is_forgotten(A);
	assert_int_equal(it.broker->context.running, 0);
}

static void test_access_token_alone(void **state)
{
	(void)state;
	get_tokens(A);
	secret_unref(&turns_entry(A)->session.refresh_token);
	turns_plan(200, "", 0);
	begin(A);
	turn_until(&dones, 1);
	assert_int_equal(turns_asked(), 2);
	assert_non_null(strstr(said.text, "its access token was revoked"));
}

/* An access token that is over needs no word. */
static void test_refresh_token_alone(void **state)
{
	(void)state;
	get_tokens(A);
	turns_entry(A)->session.life.expires = 0;
	turns_plan(200, "", 0);
	begin(A);
	turn_until(&dones, 1);
	assert_int_equal(turns_asked(), 2);
	assert_non_null(strstr(said.text, "its refresh token was revoked"));
}

static void test_nothing_to_revoke(void **state)
{
	(void)state;
	begin(A);
	turn_until(&dones, 1);
	assert_true(was_good);
	assert_non_null(strstr(said.text, "it had no token"));
	assert_int_equal(turns_asked(), 0);
	is_forgotten(A);
}

static void test_nowhere_to_revoke(void **state)
{
	(void)state;
	get_tokens(PLAIN);
	begin(PLAIN);
	turn_until(&dones, 1);
	assert_true(was_good);
	assert_non_null(strstr(said.text, "no revocation_endpoint"));
	assert_int_equal(turns_asked(), 1);
	is_forgotten(PLAIN);
}

static void test_server_says_no(void **state)
{
	(void)state;
	get_tokens(A);
	turns_plan(400, "{\"error\":\"invalid_client\","
			"\"error_description\":\"who? ref1\"}", 0);
	turns_plan(200, "", 0);
	begin(A);
	turn_until(&dones, 1);
	/* The other is tried all the same. */
	assert_int_equal(turns_asked(), 3);
	assert_false(was_good);
	assert_non_null(strstr(said.text, "refresh token could not be"));
	assert_non_null(strstr(said.text, "status 400: invalid_client"));
	assert_null(strstr(said.text, "ref1"));
	is_forgotten(A);
}

static void test_server_revokes_no_access_tokens(void **state)
{
	(void)state;
	get_tokens(A);
	turns_plan(200, "", 0);
	turns_plan(400, "{\"error\":\"unsupported_token_type\"}", 0);
	begin(A);
	turn_until(&dones, 1);
	assert_true(was_good);
	assert_non_null(strstr(said.text, "refresh token was revoked"));
	assert_non_null(strstr(said.text, "until it expires"));
}

static void test_server_revokes_no_refresh_tokens(void **state)
{
	(void)state;
	get_tokens(A);
	turns_plan(400, "{\"error\":\"unsupported_token_type\"}", 0);
	begin(A);
	turn_until(&dones, 1);
	assert_false(was_good);
	assert_non_null(strstr(said.text, "unsupported_token_type"));
}

/* Then the second is not tried: it would wait as long. */
static void test_server_that_is_not_there(void **state)
{
	(void)state;
	get_tokens(A);
	turns_plan(0, NULL, 0);
	begin(A);
	turn_until(&dones, 1);
	assert_int_equal(turns_asked(), 2);
	assert_false(was_good);
	assert_non_null(strstr(said.text, "refresh token could not be"));
	is_forgotten(A);
}

static void test_connection_that_is_refused(void **state)
{
	(void)state;
	get_tokens(DEAD);
	begin(DEAD);
	turn_until(&dones, 1);
	assert_false(was_good);
	is_forgotten(DEAD);
}

static void test_configured_refresh_token(void **state)
{
	const struct session *s = &turns_entry(SEED)->session;

	(void)state;
	turns_plan(200, "", 0);
	begin(SEED);
	assert_non_null(strstr(turn_until_asked(1), "token=s33d&"));
	turn_until(&dones, 1);
	assert_true(was_good);
	assert_null(s->refresh_token);
	assert_int_equal(s->current->state, SESSION_FAILING);
	assert_non_null(strstr(s->failure.text.text, "revoked by logout"));
}

static void test_it_waits_for_a_token_request(void **state)
{
	struct entry_wait e = { .waits = false };
	int got = 0;

	(void)state;
	turns_plan(200, BOTH, 100);
	turns_plan(200, "", 0);
	entry_wait_token(turns_entry(A), &e, on_token, &got);
	begin(A);
	assert_non_null(strstr(turn_until_asked(1), "grant_type=password"));
	turn_until(&dones, 1);
	assert_int_equal(got, 1);
	assert_int_equal(turns_asked(), 3);
	is_forgotten(A);
}

/* While it is being revoked, the session may begin anew. */
static void test_session_goes_on(void **state)
{
	struct entry_wait e = { .waits = false };
	int got = 0;

	(void)state;
	get_tokens(A);
	turns_plan(200, "", 200);
	turns_plan(200, BOTH, 0);
	begin(A);
	turn_until_asked(2);
	is_forgotten(A);
	entry_wait_token(turns_entry(A), &e, on_token, &got);
	turn_until(&got, 1);
	turn_until(&dones, 1);
	assert_non_null(turns_entry(A)->session.token);
}

static void test_who_has_left_is_not_told(void **state)
{
	(void)state;
	get_tokens(A);
	turns_plan(200, "", 0);
	logout_leave(begin(A));
	turn_until_asked(3);
	turn_for(50);
	assert_int_equal(dones, 0);
	is_forgotten(A);
}

static void test_it_is_ended(void **state)
{
	(void)state;
	get_tokens(A);
	turns_plan(200, "", 100);
	begin(A);
	turn_until_asked(2);
	logouts_end(&it.broker->logouts);
	assert_true(list_empty(&it.broker->logouts));
	turn_for(150);
	assert_int_equal(dones, 0);
}

static void test_what_has_no_end(void **state)
{
	(void)state;
	assert_null(logout_begin(turns_entry(FIXED), on_done, NULL, &f));
	assert_non_null(strstr(f.text, "grant_type = static"));
	assert_null(logout_begin(turns_entry(NOTHING), on_done, NULL, &f));
	assert_non_null(strstr(f.text, "grant_type = none"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_refresh_token_first),
		TEST(test_access_token_alone),
		TEST(test_refresh_token_alone),
		TEST(test_nothing_to_revoke),
		TEST(test_nowhere_to_revoke),
		TEST(test_server_says_no),
		TEST(test_server_revokes_no_access_tokens),
		TEST(test_server_revokes_no_refresh_tokens),
		TEST(test_server_that_is_not_there),
		TEST(test_connection_that_is_refused),
		TEST(test_configured_refresh_token),
		TEST(test_it_waits_for_a_token_request),
		TEST(test_session_goes_on),
		TEST(test_who_has_left_is_not_told),
		TEST(test_it_is_ended),
		TEST(test_what_has_no_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
