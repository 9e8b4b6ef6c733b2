/* SPDX-License-Identifier: MIT */
/* Bodies that are read whole before they go on: forms, and what an upstream
 * that speaks HTTP/1.0 has to be told the length of. */
#include "proxy/gather.h"

#include "base/limits.h"
#include "proxy/requests.h"

static void begin_at(api_fn *fn)
{
	api = api_start(fn);
	run = running_start("[proxy]\nlisten = 127.0.0.1:0\nworkers = 1\n"
			    "store = memory:\n"
			    "[service api]\nupstream = http://127.0.0.1:%d\n"
			    "access_token = s3cret\n"
			    "[service form]\nupstream = http://127.0.0.1:%d\n"
			    "access_token = s3cret\ntoken_placement = body\n"
			    "existing_credential = keep\n"
			    "[service plain]\nupstream = http://127.0.0.1:%d\n"
			    "access_token = s3cret\ntoken_placement = body\n",
			    api->port, api->port, api->port);
}

static int begin(void **state)
{
	(void)state;
	begin_at(keeps_body);
	return 0;
}

/* A body of n octets in chunks; the answer's status. */
static int request_chunks(const char *line, const char *fields,
			  const char *start, size_t n)
{
	struct browser *b = browser_open(run->port);
	struct browser_upload u = { .chunked = true };
	int status;

	assert_true(browser_say(b,
				"%s HTTP/1.1\r\nHost: 127.0.0.1\r\n%s"
				"Transfer-Encoding: chunked\r\n\r\n%zx\r\n"
				"%s\r\n",
				line, fields, strlen(start), start));
	browser_upload_begin(&u, b, n);
	browser_answer(b, false);
	status = b->status;
	browser_upload_end(&u);
	browser_close(b);
	return status;
}

/* In chunks too: what goes out has a length. */
static void test_form_in_chunks(void **state)
{
	(void)state;
	assert_int_equal(request_chunks("POST /plain/x", FORM, "a=", 3), 200);
	assert_true(body_is("a=ABC&access_token=s3cret"));
	assert_true(api_saw(api, "\r\nContent-Length: 25\r\n"));
	assert_false(api_saw(api, "chunked"));
}

static void test_largest_form(void **state)
{
	int before;

	(void)state;
	assert_int_equal(request_chunks("POST /plain/x", FORM, "a=",
					LIMIT_FORM - 2), 200);
	before = atomic_load(&api->requests);
	assert_int_equal(request_chunks("POST /plain/x", FORM, "a=",
					LIMIT_FORM - 1), 413);
	assert_int_equal(atomic_load(&api->requests), before);
}

static void test_length_beyond_the_bound(void **state)
{
	struct browser *b = browser_open(run->port);

	(void)state;
	assert_true(browser_say(b, "POST /plain/x HTTP/1.1\r\n"
				   "Host: 127.0.0.1\r\n" FORM
				   "Content-Length: %d\r\n\r\n",
				LIMIT_FORM + 1));
	browser_answer(b, false);
	assert_int_equal(b->status, 413);
	assert_int_equal(atomic_load(&api->requests), 0);
	browser_close(b);
}

static void test_what_is_not_a_form(void **state)
{
	static const char *const others[] = {
		"Content-Type: text/plain\r\n", "", FORM FORM,
		FORM "Content-Encoding: gzip\r\n",
		"Content-Type: application/x-www-form-urlencoded2\r\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_int_equal(request("POST /plain/x", others[i], "a=1"),
				 415);
	assert_int_equal(atomic_load(&api->requests), 0);
	assert_int_equal(request("POST /plain/x",
				 "Content-Encoding: identity\r\nContent-Type: "
				 "Application/X-www-form-urlencoded ; "
				 "charset=utf-8\r\n", "a=1"), 200);
	assert_int_equal(atomic_load(&api->requests), 1);
}

/* Where the client's own credential is kept no token goes in, and a body of
 * any type goes on as it is. */
static void test_no_form_where_no_token_goes_in(void **state)
{
	(void)state;
	assert_int_equal(request("POST /form/x",
				 "Authorization: Basic YTpi\r\n"
				 "Content-Type: text/plain\r\n", "as it is"),
			 200);
	assert_true(body_is("as it is"));
	assert_true(api_saw(api, "\r\nAuthorization: Basic YTpi\r\n"));
	assert_int_equal(request("POST /form/x",
				 "Content-Type: text/plain\r\n", "as it is"),
			 415);
}

/* --- upstreams that speak HTTP/1.0 --- */

static void old(struct peer *p)
{
	while (peer_head(p) && peer_body(p)) {
		pthread_mutex_lock(&p->api->lock);
		strcpy(body, p->body);
		pthread_mutex_unlock(&p->api->lock);
		peer_say(p, "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n"
			    "Connection: close\r\n\r\nok");
		break;
	}
}

static void test_length_for_http10(void **state)
{
	(void)state;
	begin_at(old);
	/* It is known by its answers. */
	assert_int_equal(request("GET /api/x", "", ""), 200);
	assert_int_equal(request_chunks("POST /api/x", "", "abc", 2), 200);
	assert_true(body_is("abcAB"));
	assert_true(api_saw(api, "\r\nContent-Length: 5\r\n"));
	assert_false(api_saw(api, "chunked"));
	/* One whose length is known need not be read first. */
	assert_int_equal(request("POST /api/x", "", "abc"), 200);
	assert_true(body_is("abc"));
}

static void test_too_long_for_http10(void **state)
{
	(void)state;
	begin_at(old);
	assert_int_equal(request("GET /api/x", "", ""), 200);
	assert_int_equal(request_chunks("POST /api/x", "", "a",
					LIMIT_LENGTH_BODY - 1), 200);
	assert_int_equal(request_chunks("POST /api/x", "", "a",
					LIMIT_LENGTH_BODY), 411);
	assert_int_equal(atomic_load(&api->requests), 2);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, begin, requests_end)
#define TEST_AT(name) cmocka_unit_test_teardown(name, requests_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_form_in_chunks),
		TEST(test_largest_form),
		TEST(test_length_beyond_the_bound),
		TEST(test_what_is_not_a_form),
		TEST(test_no_form_where_no_token_goes_in),
		TEST_AT(test_length_for_http10),
		TEST_AT(test_too_long_for_http10),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
