/* SPDX-License-Identifier: MIT */
/* What protected_request of a hook file may change of the upstream's request,
 * and what becomes of a request where it wants what may not be. */
#include "proxy/place_hook.h"

#include "proxy/requests.h"

static struct api *second; /* another host, as far as a URL goes */
static char path[] = "/tmp/bearerd-hook-XXXXXX";

/* Each path has its own change; PORT is the second host's. */
static const char hook[] =
	"local port = %d\n"
	"local changes = {\n"
	"  body = function(r)\n"
	"    r.body = r.body and r.body .. '!' or nil\n"
	"    r.headers['X-Seen'] = r.body and 'body' or 'none'\n"
	"  end,\n"
	"  digest = function(r)\n"
	"    r.body = r.body .. '!'\n"
	"    r.headers['Content-Digest'] = 'own'\n"
	"  end,\n"
	"  nobody = function(r) r.body = '' end,\n"
	"  method = function(r) r.method = 'PUT' end,\n"
	"  head = function(r) r.method = 'HEAD' end,\n"
	"  connect = function(r) r.method = 'CONNECT' end,\n"
	"  get = function(r) r.method = 'GET' end,\n"
	"  path = function(r) r.url = r.url .. '/more?q=1' end,\n"
	"  host = function(r)\n"
	"    r.url = 'http://localhost:' .. port .. '/there'\n"
	"  end,\n"
	"  foreign = function(r) r.url = 'https://other.test/x' end,\n"
	"  clear = function(r) r.url = 'http://api.test/x' end,\n"
	"  user = function(r) r.url = r.url:gsub('//', '//u:p@', 1) end,\n"
	"  fragment = function(r) r.url = r.url .. '#f' end,\n"
	"  broken = function(r) error('on purpose') end,\n"
	"  fields = function(r)\n"
	"    r.headers['X-Gone'] = nil\n"
	"    r.headers['X-New'] = 'n'\n"
	"  end,\n"
	"  hostname = function(r) r.headers['Host'] = 'else.test' end,\n"
	"}\n"
	"function protected_request(r)\n"
	"  local change = changes[r.url:match('/c/(%%a+)')]\n"
	"  if change then change(r) end\n"
	"end\n";

static int begin(void **state)
{
	char text[4096];
	int fd = mkstemp(strcpy(path, "/tmp/bearerd-hook-XXXXXX"));

	(void)state;
	api = api_start(keeps_body);
	second = api_start(keeps_body);
	snprintf(text, sizeof(text), hook, second->port);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	run = running_start("[proxy]\nlisten = 127.0.0.1:0\nworkers = 1\n"
			    "store = memory:\n"
			    "[service a]\nupstream = http://127.0.0.1:%d\n"
			    "access_token = s3cret\nreplay_body = 10\n"
			    "upstream_hosts = localhost api.test\n"
			    "hook = %s\n",
			    api->port, path);
	return 0;
}

static int end(void **state)
{
	requests_end(state);
	api_stop(second);
	unlink(path);
	return 0;
}

static void test_body(void **state)
{
	(void)state;
	assert_int_equal(
		request("POST /a/c/body", "Content-Digest: x\r\n", "hey"), 200);
	assert_true(body_is("hey!"));
	assert_true(api_saw(api, "\r\nContent-Length: 4\r\n"));
	assert_true(api_saw(api, "\r\nX-Seen: body\r\n"));
	assert_false(api_saw(api, "Content-Digest"));
	/* What it leaves as it is keeps its digest. */
	assert_int_equal(
		request("POST /a/c/stay", "Content-Digest: x\r\n", "hey"), 200);
	assert_true(body_is("hey"));
	assert_true(api_saw(api, "\r\nContent-Digest: x\r\n"));
	/* And so does one that it has made itself. */
	assert_int_equal(
		request("POST /a/c/digest", "Content-Digest: x\r\n", "hey"),
		200);
	assert_true(api_saw(api, "\r\nContent-Digest: own\r\n"));
}

/* One that is larger than replay_body is not shown, and goes on. */
static void test_body_that_is_not_shown(void **state)
{
	(void)state;
	assert_int_equal(request("POST /a/c/body", "", "0123456789"), 200);
	assert_true(body_is("0123456789!"));
	assert_int_equal(request("POST /a/c/body", "", "0123456789a"), 200);
	assert_true(body_is("0123456789a"));
	assert_true(api_saw(api, "\r\nX-Seen: none\r\n"));
}

static void test_body_taken_away(void **state)
{
	(void)state;
	assert_int_equal(request("POST /a/c/nobody", "", "hey"), 200);
	assert_true(body_is(""));
	assert_true(api_saw(api, "\r\nContent-Length: 0\r\n"));
}

static void test_method(void **state)
{
	(void)state;
	assert_int_equal(request("POST /a/c/method", "", "hey"), 200);
	assert_true(api_saw(api, "PUT /c/method HTTP/1.1\r\n"));
	assert_true(body_is("hey"));
}

static void test_url_of_the_same_host(void **state)
{
	(void)state;
	assert_int_equal(request("GET /a/c/path", "", ""), 200);
	assert_true(api_saw(api, "GET /c/path/more?q=1 HTTP/1.1\r\n"));
}

/* Host is that of where the request goes. */
static void test_url_of_another_host(void **state)
{
	char host[64];

	(void)state;
	assert_int_equal(request("POST /a/c/host", "", "hey"), 200);
	assert_int_equal(atomic_load(&api->requests), 0);
	snprintf(host, sizeof(host), "\r\nHost: localhost:%d\r\n",
		 second->port);
	assert_true(api_saw(second, host));
	assert_true(api_saw(second, "POST /there HTTP/1.1\r\n"));
	assert_true(api_saw(second, "\r\nAuthorization: Bearer s3cret\r\n"));
	assert_true(body_is("hey"));
}

static void test_fields(void **state)
{
	char host[64];

	(void)state;
	assert_int_equal(request("GET /a/c/fields",
				 "X-Gone: 1\r\nX-Stays: 2\r\n", ""), 200);
	assert_false(api_saw(api, "X-Gone"));
	assert_true(api_saw(api, "\r\nX-New: n\r\n"));
	assert_true(api_saw(api, "\r\nX-Stays: 2\r\n"));
	snprintf(host, sizeof(host), "\r\nHost: 127.0.0.1:%d\r\n", api->port);
	assert_true(api_saw(api, host));
}

/* Nothing goes out. */
static void test_what_may_not_be(void **state)
{
	static const char *const lines[] = {
		"POST /a/c/head",     /* its answer's body would be unread */
		"POST /a/c/connect",
		"GET /a/c/foreign",   /* not of upstream_hosts */
		"GET /a/c/clear",     /* not https */
		"GET /a/c/user",
		"GET /a/c/fragment",
		"GET /a/c/hostname",  /* it is the URL's */
		"GET /a/c/broken",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		if (request(lines[i], "", "") != 502)
			fail_msg("%s", lines[i]);
	}
	assert_int_equal(atomic_load(&api->requests), 0);
	assert_int_equal(atomic_load(&second->requests), 0);
}

/* The client knows of its HEAD: it stays one. */
static void test_head_stays_one(void **state)
{
	struct browser *b = browser_open(run->port);

	(void)state;
	assert_true(browser_say(b, "HEAD /a/c/get HTTP/1.1\r\n"
				   "Host: 127.0.0.1\r\n\r\n"));
	assert_int_equal(browser_answer(b, true), END_WHOLE);
	assert_int_equal(b->status, 502);
	assert_int_equal(atomic_load(&api->requests), 0);
	browser_close(b);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_body),
		TEST(test_body_that_is_not_shown),
		TEST(test_body_taken_away),
		TEST(test_method),
		TEST(test_url_of_the_same_host),
		TEST(test_url_of_another_host),
		TEST(test_fields),
		TEST(test_what_may_not_be),
		TEST(test_head_stays_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
