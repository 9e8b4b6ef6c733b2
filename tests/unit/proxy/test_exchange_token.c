/* SPDX-License-Identifier: MIT */
/* The acquire step and its back-edge: an authorization server and an API in
 * one upstream, and a session that renews. */
#include "proxy/exchange.h"

#include "proxy/api.h"
#include "proxy/browser.h"
#include "proxy/running.h"

static struct api *api;
static struct running *run;

static void start(api_fn *fn, const char *more)
{
	api = api_start(fn);
	run = running_start("[proxy]\nlisten = 127.0.0.1:0\nworkers = 2\n"
			    "store = memory:\n"
			    "[service api]\nupstream = http://127.0.0.1:%d\n"
			    "grant_type = client_credentials\n"
			    "token_endpoint = http://127.0.0.1:%d/token\n"
			    "client_id = me\nclient_secret = s3cret\n%s",
			    api->port, api->port, more);
}

static int stop(void **state)
{
	(void)state;
	running_stop(run);
	api_stop(api);
	return 0;
}

static bool is_token_request(const struct peer *p)
{
	return strncmp(p->head, "POST /token ", 12) == 0;
}

/* Numbers its tokens. */
static bool give_token(struct peer *p)
{
	char text[128];
	int number = atomic_fetch_add(&p->api->tokens, 1) + 1;
	int n = snprintf(text, sizeof(text),
			 "{\"access_token\":\"token-%d\","
			 "\"token_type\":\"Bearer\",\"expires_in\":3600}",
			 number);

	return peer_say(p, "HTTP/1.1 200 OK\r\nContent-Type: application/json"
			   "\r\nContent-Length: %d\r\n\r\n%s", n, text);
}

static bool answer(struct peer *p, int status, const char *body)
{
	return peer_say(p, "HTTP/1.1 %d X\r\nContent-Length: %zu\r\n\r\n%s",
			status, strlen(body), body);
}

static int ask(struct browser *b, const char *method, const char *path,
	       const char *body)
{
	assert_true(browser_say(b, "%s /api/%s HTTP/1.1\r\nHost: localhost\r\n"
				   "Content-Length: %zu\r\n\r\n%s",
				method, path, strlen(body), body));
	assert_int_equal(browser_answer(b, false), END_WHOLE);
	return b->status;
}

/* Gives 401 to the first token; else says the body back. */
static void refuses_first(struct peer *p)
{
	while (peer_head(p) && peer_body(p)) {
		bool good;

		if (is_token_request(p))
			good = give_token(p);
		else if (strstr(p->head, "Bearer token-1\r\n"))
			good = answer(p, 401, "refused");
		else
			good = answer(p, 200, p->body);
		if (!good)
			return;
	}
}

static void test_first_token_is_waited_for(void **state)
{
	struct browser *b[8];

	(void)state;
	start(refuses_first, "refresh_status = 599\n");
	for (int i = 0; i < 8; i++) {
		b[i] = browser_open(run->port);
		assert_true(browser_say(b[i], "GET /api/x HTTP/1.1\r\n"
					      "Host: localhost\r\n\r\n"));
	}
	for (int i = 0; i < 8; i++) {
		assert_int_equal(browser_answer(b[i], false), END_WHOLE);
		assert_int_equal(b[i]->status, 401);
		browser_close(b[i]);
	}
	assert_int_equal(atomic_load(&api->tokens), 1);
}

static void test_refusal_renews_and_sends_again(void **state)
{
	struct browser *b;

	(void)state;
	start(refuses_first, "");
	b = browser_open(run->port);
	assert_int_equal(ask(b, "POST", "x", "the body"), 200);
	assert_string_equal(b->body, "the body");
	assert_int_equal(atomic_load(&api->tokens), 2);
	assert_int_equal(ask(b, "GET", "x", ""), 200);
	assert_int_equal(atomic_load(&api->tokens), 2);
	browser_close(b);
}

/* The body comes in pieces, and goes out twice all the same. */
static void test_body_under_way_is_sent_again(void **state)
{
	struct browser *b;

	(void)state;
	start(refuses_first, "");
	b = browser_open(run->port);
	assert_true(browser_say(b, "POST /api/x HTTP/1.1\r\nHost: localhost\r\n"
				   "Transfer-Encoding: chunked\r\n\r\n"
				   "3\r\nabc\r\n"));
	usleep(300000);
	assert_true(browser_say(b, "3\r\ndef\r\n0\r\n\r\n"));
	assert_int_equal(browser_answer(b, false), END_WHOLE);
	assert_int_equal(b->status, 200);
	assert_string_equal(b->body, "abcdef");
	browser_close(b);
}

/* A body that is not kept cannot be sent again: the first answer passes. */
static void test_large_body_is_not_sent_again(void **state)
{
	struct browser_upload u = { .chunked = false };
	struct browser *b;

	(void)state;
	start(refuses_first, "replay_body = 1K\n");
	b = browser_open(run->port);
	for (int i = 0; i < 2; i++) {
		u.chunked = i == 1;
		assert_true(browser_say(b, "POST /api/x HTTP/1.1\r\n"
					   "Host: localhost\r\n%s\r\n\r\n",
					u.chunked ?
					"Transfer-Encoding: chunked" :
					"Content-Length: 5000"));
		browser_upload_begin(&u, b, 5000);
		assert_int_equal(browser_answer(b, false), END_WHOLE);
		browser_upload_end(&u);
		assert_int_equal(b->status, 401);
		assert_string_equal(b->body, "refused");
	}
	browser_close(b);
}

static void test_replay_never(void **state)
{
	struct browser *b;

	(void)state;
	start(refuses_first, "replay = never\n");
	b = browser_open(run->port);
	assert_int_equal(ask(b, "GET", "x", ""), 401);
	assert_int_equal(atomic_load(&api->tokens), 1);
	browser_close(b);
}

static void refuses_always(struct peer *p)
{
	while (peer_head(p) && peer_body(p)) {
		int status = strstr(p->head, "/403") ? 403 : 401;

		if (!(is_token_request(p) ? give_token(p) :
					    answer(p, status, "refused")))
			return;
	}
}

/* The second answer passes on whatever it is, and no storm follows. */
static void test_second_refusal_passes_on(void **state)
{
	struct browser *b;

	(void)state;
	start(refuses_always, "");
	b = browser_open(run->port);
	for (int i = 0; i < 10; i++) {
		assert_int_equal(ask(b, "GET", "x", ""), 401);
		assert_string_equal(b->body, "refused");
	}
	assert_int_equal(atomic_load(&api->tokens), 2);
	browser_close(b);
}

/* After other statuses than 401 only what is idempotent goes again. */
static void test_other_refresh_status(void **state)
{
	struct browser *b;

	(void)state;
	start(refuses_always, "refresh_status = 403\n");
	b = browser_open(run->port);
	assert_int_equal(ask(b, "POST", "403", "x"), 403);
	assert_int_equal(atomic_load(&api->tokens), 1);
	assert_int_equal(ask(b, "GET", "401", ""), 401);
	assert_int_equal(atomic_load(&api->tokens), 1);
	assert_int_equal(ask(b, "PUT", "403", "x"), 403);
	assert_int_equal(atomic_load(&api->tokens), 2);
	browser_close(b);
}

/* --- no token --- */

static void no_tokens(struct peer *p)
{
	while (peer_head(p) && peer_body(p)) {
		atomic_fetch_add(&p->api->tokens, is_token_request(p));
		if (!answer(p, 400, "{\"error\":\"invalid_client\"}"))
			return;
	}
}

static void test_oauth_error_is_told(void **state)
{
	struct browser *b;

	(void)state;
	start(no_tokens, "");
	b = browser_open(run->port);
	assert_int_equal(ask(b, "POST", "x", "body"), 502);
	assert_non_null(strstr(browser_field(b, "Proxy-Status"),
			       "proxy_configuration_error"));
	assert_non_null(strstr(b->body, "invalid_client"));
	assert_null(strstr(b->body, "s3cret"));
	assert_int_equal(atomic_load(&api->requests),
			 atomic_load(&api->tokens));
	browser_close(b);
}

static void broken_server(struct peer *p)
{
	while (peer_head(p) && peer_body(p)) {
		if (!answer(p, 503, "out of order"))
			return;
	}
}

static void test_broken_token_endpoint(void **state)
{
	struct browser *b;
	const char *health;

	(void)state;
	start(broken_server, "");
	b = browser_open(run->port);
	assert_int_equal(ask(b, "GET", "x", ""), 503);
	assert_non_null(browser_field(b, "Retry-After"));
	assert_non_null(strstr(browser_field(b, "Proxy-Status"),
			       "destination_unavailable"));
	assert_true(browser_say(b, "GET /-/health/api HTTP/1.1\r\n"
				   "Host: localhost\r\n\r\n"));
	assert_int_equal(browser_answer(b, false), END_WHOLE);
	health = strstr(b->body, "\"fail\"");
	assert_non_null(health);
	assert_int_equal(b->status, 503);
	browser_close(b);
}

/* --- waiting --- */

static void silent_tokens(struct peer *p)
{
	while (peer_head(p) && peer_body(p)) {
		if (is_token_request(p)) {
			peer_waits_for_end(p);
			return;
		}
		if (!answer(p, 200, "ok"))
			return;
	}
}

static void test_too_many_wait(void **state)
{
	struct browser *first, *second;

	(void)state;
	start(silent_tokens, "max_waiting = 1\n");
	first = browser_open(run->port);
	assert_true(browser_say(first, "GET /api/x HTTP/1.1\r\n"
				       "Host: localhost\r\n\r\n"));
	usleep(200000);
	second = browser_open(run->port);
	assert_int_equal(ask(second, "GET", "x", ""), 503);
	assert_non_null(strstr(browser_field(second, "Proxy-Status"),
			       "connection_limit_reached"));
	assert_non_null(browser_field(second, "Retry-After"));
	/* One that leaves makes room. */
	browser_close(first);
	usleep(1300000);
	assert_true(browser_say(second, "GET /api/x HTTP/1.1\r\n"
					"Host: localhost\r\n\r\n"));
	usleep(100000);
	first = browser_open(run->port);
	assert_int_equal(ask(first, "GET", "x", ""), 503);
	browser_close(first);
	browser_close(second);
}

static void test_drain_ends_the_waiting(void **state)
{
	struct browser *b;

	(void)state;
	api = api_start(silent_tokens);
	run = running_start("[proxy]\nlisten = 127.0.0.1:0\nworkers = 2\n"
			    "store = memory:\ndrain_timeout = 200ms\n"
			    "[service api]\nupstream = http://127.0.0.1:%d\n"
			    "token_endpoint = http://127.0.0.1:%d/token\n"
			    "client_id = me\nclient_secret = s3cret\n",
			    api->port, api->port);
	b = browser_open(run->port);
	assert_true(browser_say(b, "POST /api/x HTTP/1.1\r\nHost: localhost\r\n"
				   "Content-Length: 4\r\n\r\nbody"));
	usleep(200000);
	running_drain(run);
	assert_int_equal(browser_answer(b, false), END_WHOLE);
	assert_int_equal(b->status, 503);
	assert_true(browser_has(b, "Connection: close"));
	browser_close(b);
}

/* --- the client's own credential --- */

static void test_existing_credential(void **state)
{
	static const char *const words[] = { "replace", "keep", "reject" };

	(void)state;
	for (int i = 0; i < 3; i++) {
		char more[64];
		struct browser *b;

		if (i > 0)
			stop(NULL);
		snprintf(more, sizeof(more), "existing_credential = %s\n",
			 words[i]);
		start(refuses_first, more);
		b = browser_open(run->port);
		assert_true(browser_say(b, "GET /api/x HTTP/1.1\r\n"
					   "Host: localhost\r\n"
					   "Authorization: Basic eDp5\r\n"
					   "\r\n"));
		assert_int_equal(browser_answer(b, false), END_WHOLE);
		assert_int_equal(b->status, i == 2 ? 403 : 200);
		if (i < 2)
			assert_int_equal(api_saw(api, "Basic eDp5"), i == 1);
		assert_int_equal(atomic_load(&api->tokens), i == 0 ? 2 : 0);
		browser_close(b);
	}
}

#define TEST(name) cmocka_unit_test_teardown(name, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_first_token_is_waited_for),
		TEST(test_refusal_renews_and_sends_again),
		TEST(test_body_under_way_is_sent_again),
		TEST(test_large_body_is_not_sent_again),
		TEST(test_replay_never),
		TEST(test_second_refusal_passes_on),
		TEST(test_other_refresh_status),
		TEST(test_oauth_error_is_told),
		TEST(test_broken_token_endpoint),
		TEST(test_too_many_wait),
		TEST(test_drain_ends_the_waiting),
		TEST(test_existing_credential),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
