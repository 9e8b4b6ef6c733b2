/* SPDX-License-Identifier: MIT */
#include "authserver/introspect.h"

#include "broker/broker_threadless.h"

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

#define TOKEN "{\"access_token\":\"tok$\",\"expires_in\":3600}"

static struct introspect it_is;
static struct json *said;
static struct fault why;
static int dones;

static int set_up(void **state)
{
	(void)state;
	turns_begin(text);
	memset(&it_is, 0, sizeof(it_is));
	dones = 0;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	introspect_cancel(&it_is);
	json_free(&said);
	turns_end();
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

static void on_token(void *arg, struct entry *p)
{
	assert_non_null(
		session_token(&p->session, loop_now(p->broker->context.loop)));
	++*(int *)arg;
}

static void get_token(size_t service)
{
	struct entry_wait e = { .waits = false };
	int got = 0;

	turns_plan(200, TOKEN, 0);
	entry_wait_token(turns_entry(service), &e, on_token, &got);
	turn_until(&got, 1);
	turns_plan_anew();
}

static void begin(size_t service)
{
	struct entry *e = turns_entry(service);

	introspect_start(&it_is, &e->client, &e->session, on_done, &dones);
}

static void ask(size_t service)
{
	dones = 0;
	begin(service);
	turn_until(&dones, 1);
}

static void test_asks(void **state)
{
	(void)state;
	get_token(A);
	turns_plan(200, "{\"active\":true,\"scope\":\"x\"}", 0);
	begin(A);
	assert_int_equal(dones, 0);
	assert_non_null(strstr(turn_until_asked(2), "POST /in?x=y HTTP/1.1"));
	turn_until(&dones, 1);
	assert_true(json_bool(json_get(said, "active")));
	assert_true(str_eq_z(json_text(json_get(said, "scope")), "x"));
}

static void test_of_the_client(void **state)
{
	const char *request;

	(void)state;
	get_token(A);
	turns_plan(200, "{\"active\":false}", 0);
	begin(A);
	request = turn_until_asked(2);
	assert_non_null(strstr(request, "\r\nAuthorization: Basic "));
	assert_non_null(strstr(request, "\r\n\r\ntoken=tok1&"
					"token_type_hint=access_token"));
	turn_until(&dones, 1);
	assert_false(json_bool(json_get(said, "active")));
	/* that is the server's word, and changes nothing */
	assert_non_null(session_token(&turns_entry(A)->session,
				      loop_now(it.broker->context.loop)));
}

static void test_without_a_client(void **state)
{
	const char *request;

	(void)state;
	turns_plan(200, "{\"active\":true}", 0);
	begin(FIXED);
	request = turn_until_asked(1);
	assert_null(strstr(request, "Authorization"));
	assert_non_null(strstr(request, "\r\n\r\ntoken=p4t&"));
	turn_until(&dones, 1);
	assert_non_null(said);
}

static void test_nothing_to_ask(void **state)
{
	static const size_t empty[] = { A, NOTHING };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		ask(empty[i]);
		assert_null(said);
		assert_non_null(strstr(why.text, "no token"));
	}
	assert_int_equal(turns_asked(), 0);
	get_token(PLAIN);
	ask(PLAIN);
	assert_null(said);
	assert_non_null(strstr(why.text, "introspection_endpoint is missing"));
	assert_int_equal(turns_asked(), 1);
}

static void test_no_answer(void **state)
{
	(void)state;
	get_token(DEAD);
	ask(DEAD);
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
	get_token(A);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		turns_plan(rows[i].status, rows[i].body, 0);
		ask(A);
		turns_plan_anew();
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
	get_token(A);
	turns_plan(200, "{\"active\":true,\"tok1\":\"x\",\"a\":[\"=tok1=\","
			"\"t%6fk1\",\"s3cr3t\",\"fine\"]}", 0);
	ask(A);
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
	get_token(A);
	turns_plan(200, "{\"active\":true}", 100);
	begin(A);
	turn_until_asked(2);
	introspect_cancel(&it_is);
	turns_plan_anew();
	turns_plan(200, "{\"active\":true}", 0);
	ask(A);
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

	return cmocka_run_group_tests_name("session/introspect", tests, NULL,
					   NULL);
}
