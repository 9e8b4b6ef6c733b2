/* SPDX-License-Identifier: MIT */
/* The request as the upstream gets it, through a real server: its fields, and
 * the token in its form. */
#include "proxy/place.h"

#include "proxy/requests.h"

static int begin(void **state)
{
	(void)state;
	api = api_start(keeps_body);
	run = running_start("[proxy]\nlisten = 127.0.0.1:0\nworkers = 1\n"
			    "store = memory:\n"
			    "[service api]\nupstream = http://127.0.0.1:%d/v1\n"
			    "access_token = s3cret\n"
			    "[service form]\nupstream = http://127.0.0.1:%d\n"
			    "access_token = s3cret\ntoken_placement = body\n",
			    api->port, api->port);
	return 0;
}

static void test_fields(void **state)
{
	char host[64];

	(void)state;
	snprintf(host, sizeof(host), "\r\nHost: 127.0.0.1:%d\r\n", api->port);
	assert_int_equal(request("POST /api/x?q=1",
				 "Connection: X-Drop\r\nX-Drop: 1\r\n"
				 "Keep-Alive: 5\r\nX-Stays: 2\r\n"
				 "Content-Digest: sha-256=:x:\r\n"
				 "Authorization: Basic YTpi\r\n",
				 "abc"),
			 200);
	assert_true(api_saw(api, "POST /v1/x?q=1 HTTP/1.1\r\n"));
	assert_true(api_saw(api, host));
	assert_true(api_saw(api, "\r\nX-Stays: 2\r\n"));
	assert_false(api_saw(api, "X-Drop"));
	assert_false(api_saw(api, "Keep-Alive"));
	assert_true(api_saw(api, "\r\nContent-Length: 3\r\n"));
	assert_true(api_saw(api, "\r\nAuthorization: Bearer s3cret\r\n"));
	assert_false(api_saw(api, "Basic"));
	/* The body is the client's, and so its digest is true. */
	assert_true(api_saw(api, "\r\nContent-Digest: sha-256=:x:\r\n"));
	assert_true(body_is("abc"));
}

static void test_token_in_a_form(void **state)
{
	(void)state;
	assert_int_equal(request("POST /form/x",
				 FORM
				 "Content-Digest: sha-256=:x:\r\n"
				 "Repr-Digest: sha-256=:x:\r\nDigest: x\r\n"
				 "Content-MD5: x\r\n",
				 "a=1&access_token=own"),
			 200);
	assert_true(body_is("a=1&access_token=s3cret"));
	assert_true(api_saw(api, "\r\nContent-Length: 23\r\n"));
	assert_false(api_saw(api, "Digest"));
	assert_false(api_saw(api, "Content-MD5"));
	assert_false(api_saw(api, "Authorization"));
	/* A form is made where there is no body, and else the query. */
	assert_int_equal(request("POST /form/x", "", ""), 200);
	assert_true(body_is("access_token=s3cret"));
	assert_true(api_saw(api, FORM));
	assert_int_equal(request("GET /form/x", "", ""), 200);
	assert_true(body_is(""));
	assert_true(api_saw(api, "GET /form/x?access_token=s3cret ") ||
		    api_saw(api, "GET /x?access_token=s3cret "));
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, begin, requests_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_fields),
		TEST(test_token_in_a_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
