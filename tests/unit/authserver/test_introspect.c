/* SPDX-License-Identifier: MIT */
#include "authserver/introspect.h"

#include "authserver/server_fixture.h"
#include "session/session.h"

#define CLIENT(name)                                                   \
	"[service " name "]\n"                                         \
	"upstream = https://" name ".example.com\n"                    \
	"token_endpoint = http://127.0.0.1:@/token\n"                  \
	"client_id = demo\nclient_secret = s3cr3t\n"

static const char text[] =
	CLIENT("a") "introspection_endpoint = http://127.0.0.1:@/in?x=y\n"
	CLIENT("plain")
	CLIENT("dead") "introspection_endpoint = http://127.0.0.1:1/in\n"
	"[service fixed]\nupstream = https://fixed.example.com\n"
	"access_token = p4t\n"
	"introspection_endpoint = http://127.0.0.1:@/in\n"
	"[service nothing]\nupstream = https://nothing.example.com\n";

enum { A, PLAIN, DEAD, FIXED, NOTHING };

static struct session session; /* the service's that is asked about */
static struct introspect it_is;
static struct json *said;
static struct fault why;
static int dones;

static int set_up(void **state)
{
	(void)state;
	server_begin(text);
	memset(&it_is, 0, sizeof(it_is));
	memset(&session, 0, sizeof(session));
	dones = 0;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	introspect_cancel(&it_is);
	json_free(&said);
	session_fini(&session);
	server_end();
	return 0;
}

static void on_done(void *arg, struct json *reply, const struct fault *words)
{
	json_free(&said);
	said = reply;
	if (!reply)
		why = *words;
	++*(int *)arg;
}

/* The session is this service's, as it is at the start. */
static void have(size_t service)
{
	session_fini(&session);
	session_init(&session, it.services->v[service], clock_ms());
}

static void have_token(size_t service)
{
	struct token *t = token_of("tok1", 3600, clock_wall_ms());
	int64_t now = clock_ms();
	struct fault f;

	have(service);
	assert_true(session_asked(&session, 0, now) & SESSION_START);
	assert_int_equal(session_arrived(&session, t, now, &f), 0);
	assert_true(session_obtained(&session, now) & SESSION_PUBLISH);
	token_unref(&t);
}

static void begin(void)
{
	struct as_client *client = &it.clients.v[session.service->index];

	introspect_start(&it_is, client, &session, on_done, &dones);
}

static void ask(void)
{
	dones = 0;
	begin();
	clients_turn_until(&it.clients, &dones, 1);
}

static void test_asks(void **state)
{
	(void)state;
	have_token(A);
	plan(200, "{\"active\":true,\"scope\":\"x\"}", 0);
	begin();
	assert_int_equal(dones, 0);
	assert_non_null(strstr(until_asked(1), "POST /in?x=y HTTP/1.1"));
	clients_turn_until(&it.clients, &dones, 1);
	assert_true(json_bool(json_get(said, "active")));
	assert_true(str_eq_z(json_text(json_get(said, "scope")), "x"));
}

static void test_of_the_client(void **state)
{
	const char *request;

	(void)state;
	have_token(A);
	plan(200, "{\"active\":false}", 0);
	begin();
	request = until_asked(1);
	assert_non_null(strstr(request, "\r\nAuthorization: Basic "));
	assert_non_null(strstr(request, "\r\n\r\ntoken=tok1&"
					"token_type_hint=access_token"));
	clients_turn_until(&it.clients, &dones, 1);
	assert_false(json_bool(json_get(said, "active")));
	/* that is the server's word, and changes nothing */
	assert_non_null(session_token(&session, clock_ms()));
}

static void test_without_a_client(void **state)
{
	const char *request;

	(void)state;
	plan(200, "{\"active\":true}", 0);
	have(FIXED);
	begin();
	request = until_asked(1);
	assert_null(strstr(request, "Authorization"));
	assert_non_null(strstr(request, "\r\n\r\ntoken=p4t&"));
	clients_turn_until(&it.clients, &dones, 1);
	assert_non_null(said);
}

static void test_nothing_to_ask(void **state)
{
	static const size_t empty[] = { A, NOTHING };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		have(empty[i]);
		ask();
		assert_null(said);
		assert_non_null(strstr(why.text, "no token"));
	}
	assert_int_equal(asked(), 0);
	have_token(PLAIN);
	ask();
	assert_null(said);
	assert_non_null(strstr(why.text, "introspection_endpoint is missing"));
	assert_int_equal(asked(), 0);
}

static void test_no_answer(void **state)
{
	(void)state;
	have_token(DEAD);
	ask();
	assert_null(said);
	assert_non_null(strstr(why.text, "127.0.0.1:1"));
}

static void test_refusals(void **state)
{
	static const struct {
		int status;
		const char *body, *words;
	} rows[] = {
		{ 401, "{\"error\":\"invalid_client\"}",
		  "401: invalid_client" },
		{ 503, "", "503" },
		{ 302, "", "not followed" },
		{ 200, "{}", "active" },
		{ 400, "{\"error\":\"e\",\"error_description\":\"tok1!\"}",
		  "repeat a secret" },
	};

	(void)state;
	have_token(A);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		plan(rows[i].status, rows[i].body, 0);
		ask();
		assert_null(said);
		if (!strstr(why.text, rows[i].words))
			fail_msg("\"%s\" is not in: %s", rows[i].words,
				 why.text);
		assert_null(strstr(why.text, "tok1"));
	}
}

static void test_the_token_is_not_repeated(void **state)
{
	struct buf b = BUF_INIT(4096);

	(void)state;
	have_token(A);
	plan(200, "{\"active\":true,\"tok1\":\"x\",\"a\":[\"=tok1=\","
		  "\"t%6fk1\",\"s3cr3t\",\"fine\"]}", 0);
	ask();
	json_print(said, &b);
	assert_null(strstr(buf_z(&b), "tok1"));
	assert_null(strstr(buf_z(&b), "%6f"));
	assert_null(strstr(buf_z(&b), "s3cr3t"));
	assert_non_null(strstr(buf_z(&b), "\"fine\"]}"));
	buf_fini(&b);
}

static void test_cancelled(void **state)
{
	(void)state;
	have_token(A);
	plan(200, "{\"active\":true}", 100);
	begin();
	until_asked(1);
	introspect_cancel(&it_is);
	plan(200, "{\"active\":true}", 0);
	ask();
	assert_int_equal(dones, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_asks),
		TEST(test_of_the_client),
		TEST(test_without_a_client),
		TEST(test_nothing_to_ask),
		TEST(test_no_answer),
		TEST(test_refusals),
		TEST(test_the_token_is_not_repeated),
		TEST(test_cancelled),
	};

	return cmocka_run_group_tests_name("authserver/introspect", tests, NULL,
					   NULL);
}
