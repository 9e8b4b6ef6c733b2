/* SPDX-License-Identifier: MIT */
#include "authserver/call.h"

#include "authserver/server_fixture.h"
#include "service/endpoints.h"

static const char text[] =
	"[service machine]\nupstream = https://api.example.com\n"
	"token_endpoint = http://127.0.0.1:@/token\n"
	"client_id = demo\nclient_secret = s3cr3t/w%rd+\n";

/* What a call came to. */
static struct {
	int n, status;
	bool fault, repeats;
	char words[FAULT_TEXT_MAX], body[256], authority[64], type[64];
	int64_t sent, wall, retry_after;
	struct oauth_error clean;
} got;

static void on_done(void *arg, struct call *c,
		    const struct fetch_response *response,
		    const struct transfer_fault *fault)
{
	assert_ptr_equal(arg, &got);
	got.n++;
	got.sent = call_sent(c, &got.wall);
	snprintf(got.authority, sizeof(got.authority), "%s",
		 call_authority(c));
	got.fault = fault != NULL;
	if (fault) {
		snprintf(got.words, sizeof(got.words), "%s", fault->text.text);
		return;
	}
	got.status = response->status;
	got.retry_after = call_retry_after(response);
	snprintf(got.type, sizeof(got.type), "%.*s",
		 STR_ARGS(call_media_type(response)));
	snprintf(got.body, sizeof(got.body), "%.*s", STR_ARGS(response->body));
	snprintf(got.clean.description, sizeof(got.clean.description), "%.*s",
		 STR_ARGS(response->body));
	got.repeats = call_repeats(c, response->body);
	call_clean(c, &got.clean);
}

/* What a grant would put in; the request has a secret of its own too. */
static int build(const struct token_asking *a, struct token_request *r,
		 struct fault *f)
{
	struct secret *made = secret_new(STR("made-4-this-request"));

	if (a->code && secret_eq_str(a->code, STR("impossible"))) {
		secret_unref(&made);
		return fault_set(f, "it cannot be built");
	}
	token_request_param(r, "grant_type", STR("test"));
	token_request_param(r, "code", secret_expose(a->code));
	token_request_secret(r, "assertion", made);
	secret_unref(&made);
	return 0;
}

static struct call *start(struct secret *code,
			  const struct secret *const *secrets, struct fault *f)
{
	const struct call_request r = {
		.to = ENDPOINT_TOKEN,
		.asking.code = code,
		.build = build,
		.secrets = secrets,
	};

	memset(&got, 0, sizeof(got));
	return call_start(&it.clients.v[0], &r, on_done, &got, f);
}

static void call(void)
{
	struct fault f;

	assert_non_null(start(NULL, NULL, &f));
	assert_int_equal(got.n, 0); /* never from within */
	clients_turn_until(&it.clients, &got.n, 1);
}

static void answer(const char *fields, const char *body)
{
	plan_answer((struct endpoint_answer){ .status = 400, .fields = fields,
					      .body = body });
}

/* Whether the last request holds these words. */
static bool has(const char *words)
{
	return strstr(endpoint_seen(it.endpoint), words) != NULL;
}

/* Turns for a while, in which nothing should happen. */
static void rest(int turns)
{
	while (turns-- > 0)
		loop_turn(it.clients.context.loop, 5);
}

static void form_is_posted_with_the_clients_authentication(void **state)
{
	struct secret *code = secret_new(STR("c0de/+&"));
	struct fault f;
	char authority[64];

	(void)state;
	plan(200, "yes", 0);
	assert_non_null(start(code, NULL, &f));
	clients_turn_until(&it.clients, &got.n, 1);
	secret_unref(&code);
	assert_false(got.fault);
	assert_int_equal(got.status, 200);
	assert_string_equal(got.body, "yes");
	assert_true(has("POST /token HTTP/1.1\r\n"));
	assert_true(has("\r\nUser-Agent: bearerd/" PACKAGE_VERSION
			       "\r\n"));
	assert_true(has("\r\nContent-Type: "
			       "application/x-www-form-urlencoded\r\n"));
	/* client_secret_basic: demo, s3cr3t/w%rd+ form-encoded */
	assert_true(has("\r\nAuthorization: Basic "));
	assert_true(has("\r\n\r\ngrant_type=test&code=c0de%2F%2B%26&"
			       "assertion=made-4-this-request"));
	snprintf(authority, sizeof(authority), "127.0.0.1:%s",
		 it.endpoint->port);
	assert_string_equal(got.authority, authority);
	assert_int_equal(asked(), 1);
}

static void time_is_when_it_was_sent(void **state)
{
	int64_t before, wall;

	(void)state;
	before = clock_ms();
	wall = clock_wall_ms();
	plan(200, "yes", 100);
	call();
	assert_in_range(got.sent, before, before + 90);
	assert_in_range(got.wall, wall, wall + 90);
}

static void what_cannot_be_built_is_not_sent(void **state)
{
	struct secret *code = secret_new(STR("impossible"));
	struct fault f = { "" };

	(void)state;
	plan(200, "yes", 0);
	assert_null(start(code, NULL, &f));
	secret_unref(&code);
	assert_string_equal(f.text,
			    "[service machine]: it cannot be built");
	rest(20);
	assert_int_equal(got.n, 0);
	assert_int_equal(asked(), 0);
}

static void fault_is_told(void **state)
{
	(void)state;
	plan(0, NULL, 0);
	call();
	assert_true(got.fault);
	assert_int_equal(got.n, 1);
	assert_null(strstr(got.words, "s3cr3t"));
}

static void cancelled_one_says_nothing(void **state)
{
	struct call *c, *none = NULL;
	struct fault f;

	(void)state;
	plan(200, "yes", 50);
	c = start(NULL, NULL, &f);
	assert_non_null(c);
	until_asked(1);
	call_cancel(&c);
	assert_null(c);
	rest(40);
	assert_int_equal(got.n, 0);
	call_cancel(&none);
}

/* --- words --- */

static void clean_words_stay(void **state)
{
	(void)state;
	answer(NULL, "the scope is unknown");
	call();
	assert_string_equal(got.clean.description, "the scope is unknown");
	assert_false(got.repeats);
}

/* A server that repeats what it was sent tells nobody of it. */
static void secrets_are_in_no_words(void **state)
{
	static const char *const repeated[] = {
		"no client s3cr3t/w%rd+ here",
		"s3cr3t%2Fw%25rd%2B",
		"bad Authorization ZGVtbzpzM2NyM3QlMkZ3JTI1cmQlMkI=",
		"unknown assertion made-4-this-request",
		"unknown code c0de-of-a-person",
		"token s3ss10n-before is revoked",
	};
	struct secret *code = secret_new(STR("c0de-of-a-person"));
	struct secret *before = secret_new(STR("s3ss10n-before"));
	const struct secret *const secrets[] = { code, before, NULL };

	(void)state;
	for (size_t i = 0; i < sizeof(repeated) / sizeof(repeated[0]); i++) {
		struct fault f;

		answer(NULL, repeated[i]);
		assert_non_null(start(code, secrets, &f));
		clients_turn_until(&it.clients, &got.n, 1);
		assert_string_equal(got.body, repeated[i]);
		assert_true(got.repeats);
		assert_string_equal(got.clean.description,
				    "its words are not shown, for they "
				    "repeat a secret");
	}
	secret_unref(&code);
	secret_unref(&before);
}

/* The code says what is to be done: it stays, unless it repeats one too. */
static void error_code_stays_where_it_is_clean(void **state)
{
	struct fault f;

	(void)state;
	answer(NULL, "made-4-this-request");
	memset(&got, 0, sizeof(got));
	call();
	assert_string_equal(got.clean.code, "");
	answer(NULL, "made-4-this-request");
	assert_non_null(start(NULL, NULL, &f));
	strcpy(got.clean.code, "invalid_grant");
	clients_turn_until(&it.clients, &got.n, 1);
	assert_string_equal(got.clean.code, "invalid_grant");
	answer(NULL, "fine");
	assert_non_null(start(NULL, NULL, &f));
	strcpy(got.clean.code, "made-4-this-request");
	clients_turn_until(&it.clients, &got.n, 1);
	assert_string_equal(got.clean.code, "");
	assert_non_null(strstr(got.clean.description, "not shown"));
}

/* --- fields --- */

static void media_type_is_the_fields_value(void **state)
{
	(void)state;
	answer(NULL, "x");
	call();
	assert_string_equal(got.type, "");
	answer("Content-Type: application/json; charset=utf-8\r\n", "x");
	call();
	assert_string_equal(got.type, "application/json; charset=utf-8");
}

static void retry_after_is_read(void **state)
{
	static const struct {
		const char *field;
		int64_t ms;
	} rows[] = {
		{ NULL, -1 },
		{ "Retry-After: 0\r\n", 0 },
		{ "Retry-After: 7\r\n", 7000 },
		{ "Retry-After: 300\r\n", 300000 },
		/* more than is waited: as much as is waited */
		{ "Retry-After: 301\r\n", 300000 },
		{ "Retry-After: 99999999999999999999999999\r\n", 300000 },
		{ "Retry-After: -1\r\n", -1 },
		{ "Retry-After: 1.5\r\n", -1 },
		{ "Retry-After: soon\r\n", -1 },
		{ "Retry-After:\r\n", -1 },
		{ "Retry-After: Sun, 06 Nov 1994 08:49:37 GMT\r\n", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		answer(rows[i].field, "x");
		call();
		assert_int_equal(got.retry_after, rows[i].ms);
	}
}

static void retry_after_may_be_a_date(void **state)
{
	char field[64];
	time_t then;
	struct tm tm;

	(void)state;
	then = (time_t)(clock_wall_ms() / 1000 + 100);
	gmtime_r(&then, &tm);
	strftime(field, sizeof(field),
		 "Retry-After: %a, %d %b %Y %H:%M:%S GMT\r\n", &tm);
	answer(field, "x");
	call();
	assert_in_range(got.retry_after, 90000, 100000);
}

static int set_up(void **state)
{
	(void)state;
	server_begin(text);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	server_end();
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(form_is_posted_with_the_clients_authentication),
		TEST(time_is_when_it_was_sent),
		TEST(what_cannot_be_built_is_not_sent),
		TEST(fault_is_told),
		TEST(cancelled_one_says_nothing),
		TEST(clean_words_stay),
		TEST(secrets_are_in_no_words),
		TEST(error_code_stays_where_it_is_clean),
		TEST(media_type_is_the_fields_value),
		TEST(retry_after_is_read),
		TEST(retry_after_may_be_a_date),
	};

	return cmocka_run_group_tests_name("authserver/call", tests, NULL,
					   NULL);
}
