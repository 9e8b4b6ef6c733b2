/* SPDX-License-Identifier: MIT */
/* bearerd's own pages over HTTP: the forms that they take, the answers that
 * the broker gives, and clients that do not wait for them. The authorization
 * server's token endpoint and the API are one upstream. */
#include "base/limits.h"
#include "proxy/own_page.h"

#include "page/pages.h"
#include "proxy/api.h"
#include "proxy/browser.h"
#include "proxy/running.h"

static struct api *api;
static struct running *run;
static atomic_int delay; /* ms, of the token endpoint */

static bool answer(struct peer *p, const char *body)
{
	return peer_say(p, "HTTP/1.1 200 OK\r\nContent-Type: application/json"
			   "\r\nContent-Length: %zu\r\n\r\n%s",
			strlen(body), body);
}

static void serve(struct peer *p)
{
	bool goes_on = true;

	while (goes_on && peer_head(p) && peer_body(p)) {
		if (strncmp(p->head, "POST /token ", 12) != 0) {
			goes_on = answer(p, "{\"hello\":\"you\"}");
			continue;
		}
		atomic_fetch_add(&p->api->tokens, 1);
		usleep((useconds_t)atomic_load(&delay) * 1000);
		goes_on = answer(p, "{\"access_token\":\"t0ken\","
				    "\"token_type\":\"Bearer\"}");
	}
}

static int start(void **state)
{
	(void)state;
	atomic_store(&delay, 0);
	api = api_start(serve);
	run = running_start("[proxy]\nlisten = 127.0.0.1:0\nworkers = 2\n"
			    "store = memory:\ndrain_timeout = 1s\n"
			    "[service web]\nupstream = http://127.0.0.1:%d\n"
			    "token_endpoint = http://127.0.0.1:%d/token\n"
			    "authorization_endpoint = "
			    "http://127.0.0.1:%d/authorize\n"
			    "client_id = me\nclient_secret = s3cret\n",
			    api->port, api->port, api->port);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	running_stop(run);
	api_stop(api);
	return 0;
}

/* more: further fields, with CRLF. */
static int ask(struct browser *b, const char *line, const char *more)
{
	browser_say(b, "%s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n%s\r\n", line,
		    run->port, more);
	return browser_answer(b, strncmp(line, "HEAD", 4) == 0);
}

static int post(struct browser *b, const char *path, const char *more,
		const char *form)
{
	browser_say(b, "POST %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n%s"
		       "Content-Type: application/x-www-form-urlencoded\r\n"
		       "Content-Length: %zu\r\n\r\n%s",
		    path, run->port, more, strlen(form), form);
	return browser_answer(b, false);
}

static void assert_holds(struct browser *b, const char *part)
{
	if (!strstr(b->body, part))
		fail_msg("no \"%s\" in \"%s\"", part, b->body);
}

/* What begins a line of the head, up to one of these. */
static void field_of(struct browser *b, const char *name, const char *stop_at,
		     char *out, size_t size)
{
	const char *at = browser_field(b, name);

	assert_non_null(at);
	snprintf(out, size, "%.*s", (int)strcspn(at, stop_at), at);
}

/* Opens the login page; the line and the fields of the way back. */
static void begin_login(struct browser *b, char *line, char *fields)
{
	char location[2048], cookie[512];
	const char *state;

	assert_int_equal(ask(b, "GET /-/login/web", ""), END_WHOLE);
	assert_int_equal(b->status, 303);
	field_of(b, "Location", "\r", location, sizeof(location));
	field_of(b, "Set-Cookie", ";\r", cookie, sizeof(cookie));
	state = strstr(location, "state=");
	assert_non_null(state);
	sprintf(line, "GET /-/callback/web?code=c0de&%.49s", state);
	sprintf(fields, "Cookie: %.255s\r\n", cookie);
}

/* --- where a login begins --- */

static void test_problem_names_the_login(void **state)
{
	struct browser *b = browser_open(run->port);
	char url[128];

	(void)state;
	assert_int_equal(ask(b, "GET /web/x", ""), END_WHOLE);
	assert_int_equal(b->status, 503);
	assert_true(browser_has(b, "Content-Type: application/problem+json"));
	snprintf(url, sizeof(url),
		 ",\"login_url\":\"http://127.0.0.1:%d/-/login/web\"}\n",
		 run->port);
	assert_holds(b, url);
	/* nobody knows when somebody comes */
	assert_null(browser_field(b, "Retry-After"));
	assert_int_equal(atomic_load(&api->requests), 0);
	browser_close(b);
}

static void test_fields_of_a_page(void **state)
{
	struct browser *b = browser_open(run->port);

	(void)state;
	assert_int_equal(ask(b, "GET /-/login/web", ""), END_WHOLE);
	assert_int_equal(b->status, 303);
	assert_true(browser_has(b, "Content-Type: text/html; charset=utf-8"));
	assert_true(browser_has(b, "Cache-Control: no-store"));
	assert_true(browser_has(b, "Referrer-Policy: same-origin"));
	assert_true(browser_has(b, "X-Content-Type-Options: nosniff"));
	assert_non_null(browser_field(b, "Content-Security-Policy"));
	assert_non_null(browser_field(b, "Location"));
	assert_non_null(browser_field(b, "Set-Cookie"));
	/* health is for machines, and has none of that */
	assert_int_equal(ask(b, "GET /-/health", ""), END_WHOLE);
	assert_null(browser_field(b, "Content-Security-Policy"));
	assert_null(browser_field(b, "Set-Cookie"));
	assert_true(browser_has(b, "Cache-Control: no-store"));
	browser_close(b);
}

static void test_no_such_page(void **state)
{
	struct browser *b = browser_open(run->port);

	(void)state;
	assert_int_equal(ask(b, "GET /-/login/other", ""), END_WHOLE);
	assert_int_equal(b->status, 404);
	assert_true(browser_has(b, "Content-Type: application/problem+json"));
	assert_int_equal(ask(b, "HEAD /-/login/web", ""), END_WHOLE);
	assert_int_equal(b->status, 405);
	assert_true(browser_has(b, "Allow: GET, POST"));
	assert_int_equal(ask(b, "DELETE /-/callback/web", ""), END_WHOLE);
	assert_int_equal(b->status, 405);
	browser_close(b);
}

/* --- from its beginning to its end --- */

static void test_login(void **state)
{
	struct browser *b = browser_open(run->port);
	char line[512], fields[512];

	(void)state;
	begin_login(b, line, fields);
	/* on the same connection, after an answer that came later */
	assert_int_equal(ask(b, line, fields), END_WHOLE);
	assert_int_equal(b->status, 200);
	assert_holds(b, "<title>Logged in</title>");
	assert_holds(b, "[service web] is logged in");
	assert_null(browser_field(b, "Location"));
	assert_int_equal(ask(b, "GET /web/x", ""), END_WHOLE);
	assert_int_equal(b->status, 200);
	assert_string_equal(b->body, "{\"hello\":\"you\"}");
	assert_true(api_saw(api, "\r\nAuthorization: Bearer t0ken\r\n"));
	/* the answer is good once */
	assert_int_equal(ask(b, line, fields), END_WHOLE);
	assert_int_equal(b->status, 400);
	assert_int_equal(atomic_load(&api->tokens), 1);
	browser_close(b);
}

static void test_several_at_once(void **state)
{
	struct browser *b[8];
	char line[512], fields[512];

	(void)state;
	atomic_store(&delay, 20);
	for (int i = 0; i < 8; i++) {
		b[i] = browser_open(run->port);
		begin_login(b[i], line, fields);
		browser_say(b[i], "%s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n%s"
				  "\r\n", line, run->port, fields);
	}
	for (int i = 0; i < 8; i++) {
		assert_int_equal(browser_answer(b[i], false), END_WHOLE);
		assert_int_equal(b[i]->status, 200);
		browser_close(b[i]);
	}
	assert_int_equal(atomic_load(&api->tokens), 8);
}

/* Who hangs up meanwhile has logged in all the same. */
static void test_client_does_not_wait(void **state)
{
	struct browser *b = browser_open(run->port);
	char line[512], fields[512];

	(void)state;
	atomic_store(&delay, 900);
	begin_login(b, line, fields);
	browser_say(b, "%s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n%s\r\n", line,
		    run->port, fields);
	while (atomic_load(&api->tokens) == 0)
		usleep(1000);
	browser_close(b);
	b = browser_open(run->port);
	/* waits for the login, as any request does */
	assert_int_equal(ask(b, "GET /web/x", ""), END_WHOLE);
	assert_int_equal(b->status, 200);
	assert_int_equal(atomic_load(&api->tokens), 1);
	browser_close(b);
}

/* At once after the request, so that mail and hang-up cross. */
static void test_clients_that_ask_and_go(void **state)
{
	struct browser *b;

	(void)state;
	for (int i = 0; i < 100; i++) {
		b = browser_open(run->port);
		browser_say(b, "GET /-/login/web HTTP/1.1\r\n"
			       "Host: 127.0.0.1:%d\r\n\r\n", run->port);
		if (i % 2)
			usleep(300);
		browser_close(b);
	}
	b = browser_open(run->port);
	assert_int_equal(ask(b, "GET /-/login/web", ""), END_WHOLE);
	assert_int_equal(b->status, 303);
	browser_close(b);
}

static void test_stop_with_a_login_under_way(void **state)
{
	struct browser *b = browser_open(run->port);
	char line[512], fields[512];

	(void)state;
	atomic_store(&delay, 3000);
	begin_login(b, line, fields);
	browser_say(b, "%s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n%s\r\n", line,
		    run->port, fields);
	while (atomic_load(&api->tokens) == 0)
		usleep(1000);
	running_drain(run);
	/* there was time for an answer, whatever it is */
	browser_answer(b, false);
	assert_int_not_equal(b->status, 200);
	browser_close(b);
}

/* --- forms --- */

static void test_form_is_read_whole(void **state)
{
	struct browser *b = browser_open(run->port);

	(void)state;
	assert_int_equal(post(b, "/-/callback/web", "",
			      "code=c0de&state=a%22b"), END_WHOLE);
	assert_int_equal(b->status, 200);
	assert_holds(b, "<title>Logging in</title>");
	assert_null(strstr(b->body, "a\"b"));
	browser_say(b, "POST /-/callback/web HTTP/1.1\r\n"
		       "Host: 127.0.0.1:%d\r\n"
		       "Transfer-Encoding: chunked\r\n\r\n"
		       "5\r\ncode=\r\n4\r\nc0de\r\n", run->port);
	usleep(20000);
	browser_say(b, "10\r\n&bearerd_again=1\r\n0\r\n\r\n");
	assert_int_equal(browser_answer(b, false), END_WHOLE);
	assert_int_equal(b->status, 400);
	assert_holds(b, "no login of this kind is under way");
	/* and the connection goes on */
	assert_int_equal(post(b, "/-/login/web", "", ""), END_WHOLE);
	assert_int_equal(b->status, 303);
	browser_close(b);
}

static void test_form_that_is_too_large(void **state)
{
	struct browser *b = browser_open(run->port);
	struct browser_upload u = { .chunked = true };

	(void)state;
	browser_say(b, "POST /-/callback/web HTTP/1.1\r\n"
		       "Host: 127.0.0.1:%d\r\nContent-Length: %d\r\n\r\n",
		    run->port, LIMIT_PAGE_FORM + 1);
	assert_int_equal(browser_answer(b, false), END_WHOLE);
	assert_int_equal(b->status, 413);
	assert_holds(b, "too large for this page");
	browser_close(b);
	b = browser_open(run->port);
	browser_say(b, "POST /-/login/web HTTP/1.1\r\n"
		       "Host: 127.0.0.1:%d\r\n"
		       "Transfer-Encoding: chunked\r\n\r\n", run->port);
	browser_upload_begin(&u, b, LIMIT_PAGE_FORM + 100000);
	assert_int_equal(browser_answer(b, false), END_WHOLE);
	assert_int_equal(b->status, 413);
	browser_upload_end(&u);
	browser_close(b);
}

static void test_form_as_large_as_may_be(void **state)
{
	struct browser *b = browser_open(run->port);
	struct browser_upload u = { .chunked = false };

	(void)state;
	browser_say(b, "POST /-/callback/web HTTP/1.1\r\n"
		       "Host: 127.0.0.1:%d\r\nContent-Length: %d\r\n"
		       "Cookie: bearerd_login_1=x\r\n\r\n",
		    run->port, LIMIT_PAGE_FORM);
	browser_upload_begin(&u, b, LIMIT_PAGE_FORM);
	assert_int_equal(browser_answer(b, false), END_WHOLE);
	assert_int_equal(b->status, 400);
	browser_upload_end(&u);
	assert_true(u.whole);
	browser_close(b);
}

/* A page without a form: what comes all the same is dropped. */
static void test_body_that_no_page_takes(void **state)
{
	struct browser *b = browser_open(run->port);

	(void)state;
	browser_say(b, "GET /-/login/web HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n"
		       "Content-Length: 10\r\n\r\nticket=abc", run->port);
	assert_int_equal(browser_answer(b, false), END_WHOLE);
	assert_int_equal(b->status, 303);
	browser_close(b);
}

/* --- other sites --- */

/* They may send people back, and begin nothing. */
static void test_forms_of_other_sites(void **state)
{
	static const char origin[] = "Origin: https://as.example.com\r\n"
				     "Sec-Fetch-Site: cross-site\r\n";
	struct browser *b = browser_open(run->port);

	(void)state;
	assert_int_equal(post(b, "/-/callback/web", origin, "code=c&state=s"),
			 END_WHOLE);
	assert_int_equal(b->status, 200);
	assert_holds(b, "bearerd_again");
	assert_int_equal(post(b, "/-/login/web", origin, ""), END_WHOLE);
	assert_int_equal(b->status, 403);
	assert_null(browser_field(b, "Set-Cookie"));
	browser_close(b);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_problem_names_the_login),
		TEST(test_fields_of_a_page),
		TEST(test_no_such_page),
		TEST(test_login),
		TEST(test_several_at_once),
		TEST(test_client_does_not_wait),
		TEST(test_clients_that_ask_and_go),
		TEST(test_stop_with_a_login_under_way),
		TEST(test_form_is_read_whole),
		TEST(test_form_that_is_too_large),
		TEST(test_form_as_large_as_may_be),
		TEST(test_body_that_no_page_takes),
		TEST(test_forms_of_other_sites),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
