/* SPDX-License-Identifier: MIT */
/* The request as the upstream gets it, through a real server: fields, forms
 * that are read whole, and what a hook makes of them. */
#include "proxy/place.h"

#include "proxy/api.h"
#include "proxy/browser.h"
#include "proxy/running.h"

static struct api *api;
static struct running *run;
static char hook_path[] = "/tmp/bearerd-hook-XXXXXX";

static char body[256]; /* of the last request */

static void keeps_body(struct peer *p)
{
	while (peer_head(p) && peer_body(p)) {
		pthread_mutex_lock(&p->api->lock);
		strcpy(body, p->body);
		pthread_mutex_unlock(&p->api->lock);
		if (!peer_say(p, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n"
				 "\r\nok"))
			break;
	}
}

static const char hook[] =
	"function protected_request(r)\n"
	"  if r.body == 'stay' then return end\n"
	"  r.body = r.body and r.body .. '!' or nil\n"
	"  r.headers['X-Seen'] = r.body and 'body' or 'none'\n"
	"end\n";

static int begin(void **state)
{
	int fd = mkstemp(strcpy(hook_path, "/tmp/bearerd-hook-XXXXXX"));

	(void)state;
	assert_int_equal(write(fd, hook, strlen(hook)), strlen(hook));
	close(fd);
	api = api_start(keeps_body);
	run = running_start("[proxy]\nlisten = 127.0.0.1:0\nworkers = 1\n"
			    "store = memory:\n"
			    "[service api]\nupstream = http://127.0.0.1:%d/v1\n"
			    "access_token = s3cret\n"
			    "[service form]\nupstream = http://127.0.0.1:%d\n"
			    "access_token = s3cret\ntoken_placement = body\n"
			    "[service hook]\nupstream = http://127.0.0.1:%d\n"
			    "access_token = s3cret\nreplay_body = 10\n"
			    "hook = %s\n",
			    api->port, api->port, api->port, hook_path);
	return 0;
}

static int end(void **state)
{
	(void)state;
	running_stop(run);
	api_stop(api);
	unlink(hook_path);
	return 0;
}

#define FORM "Content-Type: application/x-www-form-urlencoded\r\n"

/* The answer's status. */
static int request(const char *line, const char *more, const char *text)
{
	struct browser *b = browser_open(run->port);
	int status;

	assert_true(browser_say(b,
				"%s HTTP/1.1\r\nHost: 127.0.0.1\r\n%s"
				"Content-Length: %zu\r\n\r\n%s",
				line, more, strlen(text), text));
	assert_int_equal(browser_answer(b, false), END_WHOLE);
	status = b->status;
	browser_close(b);
	return status;
}

static bool body_is(const char *text)
{
	bool same;

	pthread_mutex_lock(&api->lock);
	same = strcmp(body, text) == 0;
	pthread_mutex_unlock(&api->lock);
	return same;
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

static void test_what_is_not_a_form(void **state)
{
	int before = atomic_load(&api->requests);
	struct browser *b;

	(void)state;
	assert_int_equal(
		request("POST /form/x", "Content-Type: text/plain\r\n", "a"),
		415);
	assert_int_equal(request("POST /form/x", "", "a=1"), 415);
	assert_int_equal(request("POST /form/x", FORM FORM, "a=1"), 415);
	assert_int_equal(request("POST /form/x",
				 FORM "Content-Encoding: gzip\r\n", "a=1"),
			 415);
	assert_int_equal(request("POST /form/x",
				 "Content-Type: Application/"
				 "X-www-form-urlencoded ; charset=utf-8\r\n",
				 "a=1"),
			 200);
	/* Larger than is read whole: refused at its head. */
	b = browser_open(run->port);
	assert_true(browser_say(b, "POST /form/x HTTP/1.1\r\n"
				   "Host: 127.0.0.1\r\n" FORM
				   "Content-Length: 1048577\r\n\r\n"));
	browser_answer(b, false);
	assert_int_equal(b->status, 413);
	browser_close(b);
	assert_int_equal(atomic_load(&api->requests), before + 1);
}

static void test_hook(void **state)
{
	(void)state;
	assert_int_equal(
		request("POST /hook/x", "Content-Digest: x\r\n", "hey"), 200);
	assert_true(body_is("hey!"));
	assert_true(api_saw(api, "\r\nContent-Length: 4\r\n"));
	assert_true(api_saw(api, "\r\nX-Seen: body\r\n"));
	assert_false(api_saw(api, "Content-Digest"));
	/* What it leaves as it is keeps its digest. */
	assert_int_equal(
		request("POST /hook/x", "Content-Digest: x\r\n", "stay"), 200);
	assert_true(body_is("stay"));
	assert_true(api_saw(api, "\r\nContent-Digest: x\r\n"));
	/* One that is larger than replay_body is not seen, and goes on. */
	assert_int_equal(request("POST /hook/x", "", "0123456789a"), 200);
	assert_true(body_is("0123456789a"));
	assert_true(api_saw(api, "\r\nX-Seen: none\r\n"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_fields),
		TEST(test_token_in_a_form),
		TEST(test_what_is_not_a_form),
		TEST(test_hook),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
