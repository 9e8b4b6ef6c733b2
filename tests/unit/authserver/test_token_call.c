/* SPDX-License-Identifier: MIT */
#include "authserver/token_call.h"

#include <time.h>

#include "authserver/endpoint.h"
#include "base/clock.h"
#include "data/base64url.h"
#include "session/setup.h"
#include "upstream/transfer.h"

#define PERSON(name)                                       \
	"[service " name "]\n"                             \
	"upstream = https://" name ".example.com\n"        \
	"token_endpoint = http://127.0.0.1:@/token\n"      \
	"client_id = demo\n"

static const char text[] =
	SERVICE("a") "scope = one two\ntoken_timeout = 1s\n"
	SERVICE("b") "token_endpoint_auth_method = client_secret_post\n"
	"refresh_endpoint = http://localhost:@/again?x=y\n"
	PERSON("user") "grant_type = password\nusername = joe\n"
	"password = pa55w0rd\n"
	PERSON("seed") "grant_type = refresh_token\n"
	"refresh_token = 5eedt0ken\nscope = one\n";

enum { A, B, USER, SEED };

static struct {
	struct fake_endpoint *endpoint;
	struct services *services;
	struct as_context context;
	struct as_client clients[SEED + 1];
	int replies;
	struct token *token;
	struct session_trouble trouble;
	int64_t sent;
} it;

static int set_up(void **state)
{
	struct fault f;

	(void)state;
	memset(&it, 0, sizeof(it));
	it.endpoint = endpoint_new();
	it.services = services_at(text, it.endpoint->port);
	as_context_init(&it.context);
	it.context.loop = loop_new(&f);
	it.context.upstream = upstream_new(it.context.loop, &f);
	assert_non_null(it.context.upstream);
	for (int i = 0; i <= SEED; i++)
		as_client_init(&it.clients[i], &it.context, it.services->v[i]);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	token_unref(&it.token);
	for (int i = 0; i <= SEED; i++)
		as_client_fini(&it.clients[i]);
	upstream_free(&it.context.upstream);
	loop_free(&it.context.loop);
	services_free(&it.services);
	endpoint_free(it.endpoint);
	return 0;
}

static void plan(int status, const char *body)
{
	endpoint_plan(it.endpoint, (struct endpoint_answer){
					   .status = status, .body = body });
}

static void on_reply(void *arg, const struct token_call_reply *reply)
{
	assert_ptr_equal(arg, &it);
	it.replies++;
	token_unref(&it.token);
	it.token = token_ref(reply->token);
	it.trouble = reply->trouble;
	it.sent = reply->sent;
}

static void ask_by(int service, struct secret *refresh_token,
		   struct token *old)
{
	int64_t end = clock_ms() + 10000;
	struct fault f;

	it.replies = 0;
	endpoint_sync(it.endpoint);
	assert_non_null(token_call_start(
		&it.clients[service],
		&(struct token_call_request){
			.refresh_token = refresh_token,
			.old = old,
		},
		on_reply, &it, &f));
	while (it.replies == 0 && clock_ms() < end)
		loop_turn(it.context.loop, 100);
	endpoint_sync(it.endpoint);
	assert_int_equal(it.replies, 1);
}

static void ask_with(int service, struct token *old)
{
	ask_by(service, NULL, old);
}

static void ask(void)
{
	ask_with(0, NULL);
}

static void has(const char *what)
{
	if (!strstr(it.trouble.text.text, what))
		print_error("\"%s\" is not in \"%s\"\n", what,
			    it.trouble.text.text);
	assert_non_null(strstr(it.trouble.text.text, what));
}

static void token_is_asked_for_and_read(void **state)
{
	int64_t before = clock_ms(), wall = clock_wall_ms();
	char host[64];

	(void)state;
	plan(200, ENDPOINT_OK);
	ask();
	assert_non_null(it.token);
	assert_true(str_eq(secret_expose(it.token->access_token),
			   STR("tok1")));
	assert_int_equal(it.token->expires_in, 3600);
	assert_in_range(it.sent, before, clock_ms());
	assert_in_range(it.token->sent_wall, wall, clock_wall_ms());
	assert_int_equal(strncmp(it.endpoint->text,
				 "POST /token HTTP/1.1\r\nHost: ", 28), 0);
	snprintf(host, sizeof(host), "\r\nHost: 127.0.0.1:%s\r\n",
		 it.endpoint->port);
	assert_non_null(strstr(it.endpoint->text, host));
	assert_non_null(strstr(it.endpoint->text,
			       "\r\nUser-Agent: bearerd/" PACKAGE_VERSION
			       "\r\n"));
	assert_non_null(strstr(it.endpoint->text,
			       "\r\nAccept: application/json\r\n"));
	assert_non_null(strstr(it.endpoint->text,
			       "\r\nContent-Type: "
			       "application/x-www-form-urlencoded\r\n"));
	assert_non_null(strstr(it.endpoint->text,
			       "\r\nAuthorization: Basic "));
	assert_non_null(strstr(it.endpoint->text,
			       "\r\n\r\ngrant_type=client_credentials&"
			       "scope=one+two"));
}

static void secret_in_the_body(void **state)
{
	(void)state;
	plan(200, ENDPOINT_OK);
	ask_with(1, NULL);
	assert_non_null(it.token);
	assert_null(strstr(it.endpoint->text, "Authorization"));
	assert_non_null(strstr(it.endpoint->text,
			       "client_secret=s3cr3t%2Fw%25rd%2B"));
}

static void error_has_the_servers_words(void **state)
{
	(void)state;
	endpoint_plan(it.endpoint,
		      (struct endpoint_answer){
			      .status = 400,
			      .body = "{\"error\":\"invalid_scope\","
				      "\"error_description\":\"no tea\"}" });
	ask();
	assert_null(it.token);
	assert_int_equal(it.trouble.trouble, REFRESH_DENIED);
	assert_int_equal(it.trouble.retry_after, -1);
	has("127.0.0.1:");
	has("status 400");
	has("invalid_scope: no tea");
	has("check scope");
}

static void error_without_words(void **state)
{
	(void)state;
	endpoint_plan(it.endpoint, (struct endpoint_answer){ .status = 401 });
	ask();
	assert_int_equal(it.trouble.trouble, REFRESH_DENIED);
	has("status 401");
	has("check the keys");
}

static void unavailable_has_its_retry_after(void **state)
{
	static const struct {
		const char *field;
		int64_t least, most;
	} rows[] = {
		{ NULL, -1, -1 },
		{ "Retry-After: 4\r\n", 4000, 4000 },
		{ "retry-after: 0\r\n", 0, 0 },
		{ "Retry-After: 300\r\n", 300000, 300000 },
		{ "Retry-After: 301\r\n", 300000, 300000 },
		{ "Retry-After: 99999999999999999999\r\n", 300000, 300000 },
		{ "Retry-After: soon\r\n", -1, -1 },
		{ "Retry-After: -1\r\n", -1, -1 },
		{ "Retry-After: Thu, 01 Jan 1998 00:00:00 GMT\r\n", 0, 0 },
		{ "Retry-After: Thu, 01 Jan 2998 00:00:00 GMT\r\n", 300000,
		  INT64_MAX },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		endpoint_plan(it.endpoint, (struct endpoint_answer){
						   .status = i & 1 ? 429 : 503,
						   .fields = rows[i].field });
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ask();
		assert_int_equal(it.trouble.trouble, REFRESH_UNAVAILABLE);
		assert_true(it.trouble.retry_after >= rows[i].least);
		assert_true(it.trouble.retry_after <= rows[i].most);
		has(i & 1 ? "429" : "503");
		has("asked again");
	}
}

static void retry_after_as_a_date(void **state)
{
	char field[128];
	time_t then = time(NULL) + 100;
	struct tm tm;

	(void)state;
	strftime(field, sizeof(field),
		 "Retry-After: %a, %d %b %Y %H:%M:%S GMT\r\n",
		 gmtime_r(&then, &tm));
	endpoint_plan(it.endpoint, (struct endpoint_answer){
					   .status = 503, .fields = field });
	ask();
	assert_in_range(it.trouble.retry_after, 90000, 100000);
}

static void answers_of_no_use(void **state)
{
	(void)state;
	endpoint_plan(it.endpoint, (struct endpoint_answer){
					   .status = 200, .body = "<html>" });
	endpoint_plan(it.endpoint, (struct endpoint_answer){
					   .status = 307,
					   .fields = "Location: /other\r\n" });
	ask();
	assert_int_equal(it.trouble.trouble, REFRESH_DENIED);
	has("cannot be used");
	has("127.0.0.1:");
	ask();
	assert_int_equal(it.trouble.trouble, REFRESH_DENIED);
	has("redirect");
	assert_int_equal(atomic_load(&it.endpoint->requests), 2);
}

static void faults_of_the_transport(void **state)
{
	int64_t before;

	(void)state;
	endpoint_plan(it.endpoint, (struct endpoint_answer){ .status = 0 });
	endpoint_plan(it.endpoint, (struct endpoint_answer){ .status = 0,
							     .delay = 1500 });
	ask();
	assert_int_equal(it.trouble.trouble, REFRESH_UNAVAILABLE);
	has("closed");
	has("check token_endpoint");
	before = clock_ms();
	ask();
	assert_in_range(clock_ms() - before, 900, 1450);
	assert_int_equal(it.trouble.trouble, REFRESH_UNAVAILABLE);
	assert_int_equal(atomic_load(&it.endpoint->requests), 2);
}

static void words_that_repeat_secrets(void **state)
{
	struct token *old = token_of("0ldaccesst0ken", 60, 0);
	struct buf basic = BUF_INIT(256), body = BUF_INIT(512);
	static const char *const bodies[] = {
		"{\"error\":\"x\",\"error_description\":\"got s3cr3t/w%rd+\"}",
		("{\"error\":\"x\",\"error_description\":"
		 "\"got s3cr3t%2Fw%25rd%2B\"}"),
		"{\"error\":\"s3cr3t/w%rd+\"}",
		"{\"error\":\"x\",\"error_description\":\"0ldaccesst0ken\"}",
	};

	(void)state;
	old->refresh_token = secret_new(STR("0ldrefresht0ken"));
	for (size_t i = 0; i < 4; i++)
		endpoint_plan(it.endpoint,
			      (struct endpoint_answer){ .status = i & 1 ? 503 :
									 400,
							.body = bodies[i] });
	endpoint_plan(it.endpoint,
		      (struct endpoint_answer){
			      .status = 400,
			      .body = "error=x&error_description="
				      "0ldrefresht0ken" });
	base64_encode(&basic, STR("demo:s3cr3t%2Fw%25rd%2B"));
	buf_addf(&body, "{\"error\":\"x\",\"error_description\":\"%s\"}",
		 buf_z(&basic));
	endpoint_plan(it.endpoint, (struct endpoint_answer){
					   .status = 400,
					   .body = buf_z(&body) });
	for (size_t i = 0; i < 6; i++) {
		ask_with(0, old);
		assert_null(strstr(it.trouble.text.text, "s3cr3t"));
		assert_null(strstr(it.trouble.text.text, "0ld"));
		assert_null(strstr(it.trouble.text.text, buf_z(&basic)));
		has("not shown");
	}
	buf_fini(&basic);
	buf_fini(&body);
	token_unref(&old);
}

static void form_is(const char *form)
{
	const char *body = strstr(it.endpoint->text, "\r\n\r\n");

	assert_non_null(body);
	assert_string_equal(body + 4, form);
}

static void refresh_is_asked_for(void **state)
{
	struct secret *refresh_token = secret_new(STR("r3 fresh"));

	(void)state;
	plan(200, ENDPOINT_OK);
	ask_by(A, refresh_token, NULL);
	assert_non_null(it.token);
	assert_non_null(strstr(it.endpoint->text, "\r\nAuthorization: Basic "));
	form_is("grant_type=refresh_token&refresh_token=r3+fresh");
	ask_by(SEED, refresh_token, NULL);
	form_is("grant_type=refresh_token&refresh_token=r3+fresh&scope=one"
		"&client_id=demo");
	ask_with(USER, NULL);
	form_is("grant_type=password&username=joe&password=pa55w0rd"
		"&client_id=demo");
	ask_by(B, refresh_token, NULL);
	assert_ptr_equal(strstr(it.endpoint->text, "POST /again?x=y HTTP/1.1"
						   "\r\nHost: localhost:"),
			 it.endpoint->text);
	ask_with(B, NULL);
	assert_int_equal(strncmp(it.endpoint->text, "POST /token ", 12), 0);
	secret_unref(&refresh_token);
}

/* Each grant has its own advice, and none repeats what was sent. */
static void invalid_grant_is_told(void **state)
{
	static const char body[] =
		"{\"error\":\"invalid_grant\",\"error_description\":"
		"\"pa55w0rd 5eedt0ken r3fresh\"}";
	struct secret *refresh_token = secret_new(STR("r3fresh"));
	static const struct {
		int service;
		bool refresh;
		char words[32];
	} rows[] = {
		{ USER, false, "check username and password" },
		{ USER, true, "starts again" },
		{ A, false, "not good any more" },
		{ SEED, true, "give a new refresh_token" },
	};

	(void)state;
	plan(400, body);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ask_by(rows[i].service, rows[i].refresh ? refresh_token : NULL,
		       NULL);
		has(rows[i].words);
		assert_true(it.trouble.refusal == REFUSAL_GRANT);
		assert_false(it.trouble.lost);
		if (rows[i].service != A)
			has("not shown");
	}
	secret_unref(&refresh_token);
	endpoint_plan(it.endpoint,
		      (struct endpoint_answer){
			      .status = 400,
			      .body = "{\"error\":\"invalid_client\"}" });
	ask();
	ask();
	assert_false(it.trouble.refusal == REFUSAL_GRANT);
}

/* Servers have other words than invalid_grant for a refresh token that they do
 * not know any more. */
static void refresh_that_is_refused_in_another_way(void **state)
{
	struct secret *refresh_token = secret_new(STR("r3fresh"));
	static const char *const bodies[] = {
		"{\"error\":\"invalid_request\"}",
		"{\"error\":\"unknown_token\"}",
		"no words",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
		plan(400, bodies[i]);
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		ask_by(SEED, refresh_token, NULL);
		has("check");
		has("give a new refresh_token");
		assert_true(it.trouble.refusal == REFUSAL_OTHER);
	}
	plan(400, "{\"error\":\"invalid_request\"}");
	ask();
	assert_null(strstr(it.trouble.text.text, "any more"));
	secret_unref(&refresh_token);
}

/* The server may have done what was asked. */
static void lost_answers(void **state)
{
	(void)state;
	plan(0, "");
	plan(200, "{\"access_token\":");
	plan(503, "");
	ask();
	assert_true(it.trouble.lost);
	ask();
	assert_true(it.trouble.lost);
	ask();
	assert_false(it.trouble.lost);
}

static void cancelled_without_a_word(void **state)
{
	struct fault f;
	struct token_call *a;

	(void)state;
	endpoint_plan(it.endpoint, (struct endpoint_answer){
					   .status = 200, .body = ENDPOINT_OK,
					   .delay = 200 });
	a = token_call_start(&it.clients[A], &(struct token_call_request){ 0 },
			     on_reply, &it, &f);
	assert_non_null(a);
	for (int i = 0; i < 5; i++)
		loop_turn(it.context.loop, 10);
	token_call_cancel(&a);
	assert_null(a);
	token_call_cancel(&a);
	for (int i = 0; i < 5; i++)
		loop_turn(it.context.loop, 10);
	assert_int_equal(it.replies, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(token_is_asked_for_and_read),
		TEST(secret_in_the_body),
		TEST(error_has_the_servers_words),
		TEST(error_without_words),
		TEST(unavailable_has_its_retry_after),
		TEST(retry_after_as_a_date),
		TEST(answers_of_no_use),
		TEST(faults_of_the_transport),
		TEST(words_that_repeat_secrets),
		TEST(refresh_is_asked_for),
		TEST(invalid_grant_is_told),
		TEST(refresh_that_is_refused_in_another_way),
		TEST(lost_answers),
		TEST(cancelled_without_a_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
