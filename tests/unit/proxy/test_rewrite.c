/* SPDX-License-Identifier: MIT */
/* What a client that came by path gets to see of the upstream's places. */
#include "proxy/rewrite.h"

#include "proxy/api.h"
#include "proxy/browser.h"
#include "proxy/running.h"

static struct api *api;
static struct running *run;
static char line[512];  /* what the upstream adds to its head */

static void says_line(struct peer *p)
{
	while (peer_head(p) &&
	       peer_say(p, "HTTP/1.1 200 OK\r\n%s\r\nContent-Length: 2\r\n\r\n"
			   "ok", line))
		continue;
}

static int begin(void **state)
{
	(void)state;
	api = api_start(says_line);
	run = running_start("[proxy]\nlisten = 127.0.0.1:0\nworkers = 1\n"
			    "store = memory:\n"
			    "[service api]\n"
			    "upstream = http://127.0.0.1:%d/v1\n"
			    "match = api.test\npath = /my/api/\n"
			    "access_token = s3cret\n"
			    "[service root]\n"
			    "upstream = http://127.0.0.1:%d\n"
			    "match = root.test\n"
			    "access_token = s3cret\n", api->port, api->port);
	return 0;
}

static int end(void **state)
{
	(void)state;
	running_stop(run);
	api_stop(api);
	return 0;
}

/* Asks for the target while the upstream says this, in which "UP" stands for
 * its own address; returns the line of the same name that came. */
static const char *pass(const char *target, const char *said)
{
	static char got[512];
	struct browser *b = browser_open(run->port);
	char name[64] = "", address[32];
	const char *up = strstr(said, "UP"), *value;

	snprintf(address, sizeof(address), "127.0.0.1:%d", api->port);
	snprintf(line, sizeof(line), "%.*s%s%s",
		 (int)(up ? up - said : (long)strlen(said)), said,
		 up ? address : "", up ? up + 2 : "");
	memcpy(name, said, strcspn(said, ":"));
	assert_true(browser_say(b, "GET %s HTTP/1.1\r\nHost: localhost\r\n"
				   "\r\n", target));
	assert_int_equal(browser_answer(b, false), END_WHOLE);
	assert_int_equal(b->status, 200);
	value = browser_field(b, name);
	snprintf(got, sizeof(got), "%.*s",
		 value ? (int)strcspn(value, "\r") : 0, value ? value : "");
	browser_close(b);
	return got;
}

static void test_locations(void **state)
{
	static const struct {
		const char *target, *said, *got;
	} rows[] = {
		{ "/my/api/x", "Location: http://UP/v1/y?q#f",
		  "/my/api/y?q#f" },
		{ "/my/api/x", "Location: http://UP/v1", "/my/api/" },
		{ "/my/api/x", "Location: /v1/y", "/my/api/y" },
		{ "/my/api/x", "Content-Location: /v1/y", "/my/api/y" },
		{ "/my/api/x", "Location: y/z", "y/z" },
		{ "/my/api/x", "Location: ?q", "?q" },
		{ "/my/api/x", "Location: //other.test/v1/",
		  "//other.test/v1/" },
		{ "/my/api/x", "Location: https://other.test/v1/y",
		  "https://other.test/v1/y" },
		{ "/my/api/x", "Location: https://UP/v1/y", "/my/api/y" },
		{ "/my/api/x", "Location: http://UP/v10", NULL },
		{ "/my/api/x", "Location: https://127.0.0.1/v1/y", NULL },
		{ "/my/api/x", "Link: </v1/y?p=2>; rel=next",
		  "</my/api/y?p=2>; rel=next" },
		{ "/my/api/x", "Link: <http://UP/v1/y>; title=\"a, b; c\"; "
			       "rel=\"x LAST\", </v1/z>; rel=license, "
			       "<y>;rel=prev",
		  "</my/api/y>; title=\"a, b; c\"; rel=\"x LAST\", "
		  "</v1/z>; rel=license, <y>;rel=prev" },
		{ "/my/api/x", "Link: </v1/y", "</v1/y" },
		{ "/my/api/x", "Link: rubbish, <", "rubbish, <" },
		{ "http://api.test/x", "Link: </v1/y>; rel=next",
		  "</v1/y>; rel=next" },
		{ "/root/x", "Location: http://UP", "/root/" },
		{ "/root/x", "Location: http://UP?q=1", "/root/?q=1" },
		{ "/root/x", "Location: http://UP/", "/root/" },
		{ "/root/x", "Location: /y//z", "/root/y//z" },
		/* For others these are left alone. */
		{ "http://api.test/x", "Location: /v1/y", "/v1/y" },
		{ "http://root.test/x", "Location: http://UP/y", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *got = pass(rows[i].target, rows[i].said);

		if (rows[i].got == NULL) /* as it was said */
			assert_string_equal(got, strchr(line, ':') + 2);
		else
			assert_string_equal(got, rows[i].got);
	}
}

/* What is outside of the base is where the upstream has it. */
static void test_location_outside(void **state)
{
	char want[64];

	(void)state;
	snprintf(want, sizeof(want), "http://127.0.0.1:%d/login", api->port);
	assert_string_equal(pass("/my/api/x", "Location: /login"), want);
}

static void test_cookies(void **state)
{
	static const struct {
		const char *target, *said, *got;
	} rows[] = {
		{ "/my/api/x", "Set-Cookie: a=b; Domain=api.test; Path=/v1; "
			       "Secure", "a=b; Path=/my/api/; Secure" },
		{ "/my/api/x", "Set-Cookie: a=b; path=/v1/x; HttpOnly",
		  "a=b; Path=/my/api/x; HttpOnly" },
		{ "/my/api/x", "Set-Cookie: a=b; Path=/",
		  "a=b; Path=/my/api/" },
		{ "/my/api/x", "Set-Cookie: a=\"b, c\"", "a=\"b, c\"" },
		{ "/root/x", "Set-Cookie: a=b;Path=/;domain=.x",
		  "a=b; Path=/root/" },
		{ "http://api.test/x", "Set-Cookie: a=b; Domain=api.test; "
				       "Path=/v1",
		  "a=b; Domain=api.test; Path=/v1" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(pass(rows[i].target, rows[i].said),
				    rows[i].got);
}

/* Asks with these fields while the upstream says that; the answer is left in
 * the browser. */
static struct browser *asks(const char *target, const char *more,
			    const char *said, int status)
{
	struct browser *b = browser_open(run->port);

	snprintf(line, sizeof(line), "%s", said);
	assert_true(browser_say(b, "GET %s HTTP/1.1\r\nHost: localhost\r\n"
				   "%s\r\n", target, more));
	assert_int_equal(browser_answer(b, false), END_WHOLE);
	assert_int_equal(b->status, status);
	return b;
}

/* Whether the answer was sandboxed. */
static bool sandboxed(const char *target, const char *more, const char *said)
{
	struct browser *b = asks(target, more, said, 200);
	bool is = browser_has(b, "Content-Security-Policy: sandbox");
	bool by_path = target[0] == '/';

	assert_int_equal(browser_has(b, "X-Content-Type-Options: nosniff"),
			 by_path);
	assert_int_equal(browser_has(b, "Vary: Sec-Fetch-Dest"), by_path);
	browser_close(b);
	return is;
}

static void test_documents(void **state)
{
	static const char *const types[] = {
		"Content-Type: text/html; charset=utf-8", "X-None: 1",
		"Content-Type: application/json", "Content-Type: text/plain",
		"Content-Type: image/svg+xml", "Content-Type: text/xml",
		"Content-Type: application/pdf",
		"Content-Type: multipart/x-mixed-replace; boundary=b",
		"X-Content-Type-Options: sniff",
	};
	static const char *const documents[] = {
		"document", "iframe", "frame", "embed", "object",
		"fencedframe", "", "empty\r\nSec-Fetch-Dest: document",
	};
	static const char *const others[] = { "empty", "image", "script",
					      "style", "font" };
	char more[128];

	(void)state;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		assert_true(sandboxed("/root/x", "", types[i]));
		assert_false(sandboxed("http://root.test/x", "", types[i]));
		for (size_t k = 0; k < 8; k++) {
			snprintf(more, sizeof(more), "Sec-Fetch-Dest: %s\r\n",
				 documents[k]);
			assert_true(sandboxed("/root/x", more, types[i]));
		}
		for (size_t k = 0; k < 5; k++) {
			snprintf(more, sizeof(more), "Sec-Fetch-Dest: %s\r\n",
				 others[k]);
			assert_false(sandboxed("/root/x", more, types[i]));
		}
	}
}

/* Its own policy and Vary hold beside ours. */
static void test_policies_add_up(void **state)
{
	struct browser *b = asks("/root/x", "",
				 "Content-Security-Policy: sandbox "
				 "allow-scripts allow-same-origin\r\n"
				 "Vary: Accept", 200);

	(void)state;
	assert_true(browser_has(b, "Content-Security-Policy: sandbox "
				   "allow-scripts allow-same-origin"));
	assert_true(browser_has(b, "Content-Security-Policy: sandbox"));
	assert_true(browser_has(b, "Vary: Accept"));
	assert_true(browser_has(b, "Vary: Sec-Fetch-Dest"));
	browser_close(b);
}

static void test_own_answers(void **state)
{
	struct browser *b = asks("/root/x", "Origin: http://foreign.test\r\n",
				 "X: 1", 403);

	(void)state;
	assert_true(browser_has(b, "X-Content-Type-Options: nosniff"));
	assert_true(browser_has(b, "Content-Security-Policy: sandbox"));
	browser_close(b);
}

static void test_two_types(void **state)
{
	const char said[] = "Content-Type: text/plain\r\n"
			    "content-type: text/html";
	struct browser *b = asks("/root/x", "", said, 502);

	(void)state;
	assert_non_null(strstr(browser_field(b, "Proxy-Status"),
			       "error=http_protocol_error"));
	browser_close(b);
	browser_close(asks("http://root.test/x", "", said, 200));
}

/* What would speak for the whole origin. */
static void test_origin_wide_fields(void **state)
{
	static const char *const names[] = {
		"Clear-Site-Data", "NEL", "Report-To", "Reporting-Endpoints",
		"Strict-Transport-Security", "Alt-Svc",
		"Service-Worker-Allowed", "Origin-Agent-Cluster",
		"Speculation-Rules", "Public-Key-Pins", "Expect-CT",
		"Set-Login", "Origin-Trial", "Accept-CH", "Use-As-Dictionary",
		"clear-site-data",
	};
	char said[128];

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct browser *b;

		snprintf(said, sizeof(said), "%s: 1\r\nX-Next: 2\r\n%s: 3",
			 names[i], names[i]);
		b = asks("/root/x", "", said, 200);
		assert_null(browser_field(b, names[i]));
		assert_true(browser_has(b, "X-Next: 2"));
		browser_close(b);
		b = asks("http://root.test/x", "", said, 200);
		assert_non_null(browser_field(b, names[i]));
		browser_close(b);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_locations),
		TEST(test_location_outside),
		TEST(test_cookies),
		TEST(test_documents),
		TEST(test_policies_add_up),
		TEST(test_own_answers),
		TEST(test_two_types),
		TEST(test_origin_wide_fields),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
