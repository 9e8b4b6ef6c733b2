/* SPDX-License-Identifier: MIT */
#include "control/status.h"

#include "session/setup.h"

static const char text[] = SERVICE(
	"a") "scope = one two\n"
	     "[service fixed]\nupstream = https://fixed.example.com\n"
	     "access_token = pat\n"
	     "[service nothing]\nupstream = https://nothing.example.com\n";

enum { A, FIXED, NOTHING };
enum { NOW = 1000000 };
#define WALL INT64_C(1800000000000) /* 2027-01-15T08:00:00Z */

static struct services *services;
static struct session session;
static struct buf out = BUF_INIT(4096);

static int set_up(void **state)
{
	(void)state;
	services = services_of(text);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	session_fini(&session);
	services_free(&services);
	buf_fini(&out);
	return 0;
}

/* Of a login whose end nobody told. */
#define NO_LOGIN_END                                           \
	"\"login_expires_at\":null,\"login_expires_in\":null," \
	"\"login_expires_soon\":false,"

static void begin(size_t service)
{
	session_init(&session, services->v[service], NOW);
}

static void get_token(const char *scope, int64_t seconds)
{
	struct token *t = token_of("t0ken", seconds, WALL);
	unsigned what = session_asked(&session, 0, NOW);

	assert_true(what & SESSION_START);
	t->scope = scope ? mem_strdup(scope) : NULL;
	assert_int_equal(session_arrived(&session, t, NOW, NULL), 0);
	token_unref(&t);
	what = session_obtained(&session, NOW);
	assert_true(what & SESSION_PUBLISH);
	session_publish(&session, NOW);
}

static void expect(int64_t now, const char *json)
{
	struct json_out o;

	buf_reset(&out);
	json_out_init(&o, &out);
	json_out_object(&o);
	status_write(&o, &session, &session, now, WALL + (now - NOW));
	json_out_object_end(&o);
	assert_string_equal(buf_z(&out), json);
}

static void test_idle(void **state)
{
	(void)state;
	begin(A);
	expect(NOW,
	       "{\"service\":\"a\",\"client\":null,"
	       "\"grant_type\":\"client_credentials\",\"state\":\"idle\","
	       "\"expires_at\":null,\"expires_in\":null," NO_LOGIN_END
	       "\"scope\":\"one two\",\"subject\":null,\"last_error\":null}");
}

static void test_ready(void **state)
{
	(void)state;
	begin(A);
	get_token("three", 3600);
	expect(NOW + 1500,
	       "{\"service\":\"a\",\"client\":null,"
	       "\"grant_type\":\"client_credentials\",\"state\":\"ready\","
	       "\"expires_at\":\"2027-01-15T09:00:00Z\",\"expires_in\":"
	       "3598," NO_LOGIN_END
	       "\"scope\":\"three\",\"subject\":null,\"last_error\":null}");
	/* Over: the next request gets another one. */
	expect(NOW + 3600000,
	       "{\"service\":\"a\",\"client\":null,"
	       "\"grant_type\":\"client_credentials\",\"state\":\"idle\","
	       "\"expires_at\":null,\"expires_in\":null," NO_LOGIN_END
	       "\"scope\":\"one two\",\"subject\":null,\"last_error\":null}");
}

static void test_without_an_end(void **state)
{
	(void)state;
	begin(A);
	get_token(NULL, 0);
	expect(NOW, "{\"service\":\"a\",\"client\":null,"
		    "\"grant_type\":\"client_credentials\","
		    "\"state\":\"ready\",\"expires_at\":null,"
		    "\"expires_in\":null," NO_LOGIN_END
		    "\"scope\":\"one two\",\"subject\":null,"
		    "\"last_error\":null}");
}

static void test_renewing(void **state)
{
	unsigned what;

	(void)state;
	begin(A);
	get_token(NULL, 3600);
	assert_int_equal(session_renew(&session, &what, NULL), 0);
	session_publish(&session, NOW);
	expect(NOW, "{\"service\":\"a\",\"client\":null,"
		    "\"grant_type\":\"client_credentials\","
		    "\"state\":\"renewing\","
		    "\"expires_at\":\"2027-01-15T09:00:00Z\","
		    "\"expires_in\":3600," NO_LOGIN_END
		    "\"scope\":\"one two\",\"subject\":null,"
		    "\"last_error\":null}");
}

static void test_failing(void **state)
{
	struct session_trouble t = { .trouble = REFRESH_DENIED,
				     .retry_after = -1 };
	unsigned what;

	(void)state;
	begin(A);
	fault_set(&t.text, "it said \"no\"");
	what = session_asked(&session, 0, NOW);
	assert_int_equal(what, SESSION_START);
	what = session_failed(&session, &t, NOW, 0);
	assert_true(what & SESSION_PUBLISH);
	session_publish(&session, NOW);
	expect(NOW, "{\"service\":\"a\",\"client\":null,"
		    "\"grant_type\":\"client_credentials\","
		    "\"state\":\"failing\",\"expires_at\":null,"
		    "\"expires_in\":null," NO_LOGIN_END
		    "\"scope\":\"one two\",\"subject\":null,"
		    "\"last_error\":\"it said \\\"no\\\"\"}");
}

static void test_static_and_none(void **state)
{
	(void)state;
	begin(FIXED);
	expect(NOW, "{\"service\":\"fixed\",\"client\":null,"
		    "\"grant_type\":\"static\",\"state\":\"ready\","
		    "\"expires_at\":null,\"expires_in\":null," NO_LOGIN_END
		    "\"scope\":null,\"subject\":null,\"last_error\":null}");
	session_fini(&session);
	begin(NOTHING);
	expect(NOW, "{\"service\":\"nothing\",\"client\":null,"
		    "\"grant_type\":\"none\",\"state\":\"ready\","
		    "\"expires_at\":null,\"expires_in\":null," NO_LOGIN_END
		    "\"scope\":null,\"subject\":null,\"last_error\":null}");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_idle),	   TEST(test_ready),
		TEST(test_without_an_end), TEST(test_renewing),
		TEST(test_failing),	   TEST(test_static_and_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
