/* SPDX-License-Identifier: MIT */
#include "authserver/metadata_fetch.h"

#include "authserver/endpoint.h"
#include "base/clock.h"
#include "session/setup.h"

#define ISSUED(name, path)                           \
	"[service " name "]\n"                       \
	"upstream = https://" name ".example.com\n"  \
	"grant_type = client_credentials\n"          \
	"client_id = demo\ntoken_timeout = 1s\n"     \
	"issuer = http://127.0.0.1:@" path "\n"

static const char text[] =
	ISSUED("root", "")
	ISSUED("path", "/a/b/")
	ISSUED("people", "/a") "scope = profile openid\n";

enum { ROOT, PATH, PEOPLE };

static struct {
	struct fake_endpoint *endpoint;
	struct services *services;
	struct loop *loop;
	struct upstream *upstream;
	int answers;
	struct metadata *metadata;
	struct session_trouble trouble;
	char document[256], text[256], url[256];
} it;

static int set_up(void **state)
{
	struct fault f;

	(void)state;
	memset(&it, 0, sizeof(it));
	it.endpoint = endpoint_new();
	it.services = services_at(text, it.endpoint->port);
	it.loop = loop_new(&f);
	it.upstream = upstream_new(it.loop, &f);
	assert_non_null(it.upstream);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	metadata_unref(&it.metadata);
	upstream_free(&it.upstream);
	loop_free(&it.loop);
	services_free(&it.services);
	endpoint_free(it.endpoint);
	return 0;
}

static void plan(int status, const char *fields, const char *body)
{
	endpoint_plan(it.endpoint,
		      (struct endpoint_answer){ .status = status,
						.fields = fields,
						.body = body });
}

/* The document of the service's issuer. */
static void plan_document(int service)
{
	snprintf(it.document, sizeof(it.document),
		 "{\"issuer\":\"%s\",\"token_endpoint\":"
		 "\"http://127.0.0.1/token\"}",
		 it.services->v[service]->oauth->issuer);
	plan(200, NULL, it.document);
}

static void on_answer(void *arg, const struct metadata_answer *a)
{
	assert_ptr_equal(arg, &it);
	it.answers++;
	it.metadata = metadata_ref(a->metadata);
	it.trouble = a->trouble;
	if (!a->metadata)
		return;
	snprintf(it.text, sizeof(it.text), "%.*s", STR_ARGS(a->text));
	snprintf(it.url, sizeof(it.url), "%s", a->url);
}

static void fetch(int service)
{
	int64_t end = clock_ms() + 10000;
	struct fault f;

	assert_non_null(metadata_fetch_start(
		it.upstream, it.services->v[service], on_answer, &it, &f));
	while (it.answers == 0 && clock_ms() < end)
		loop_turn(it.loop, 100);
	endpoint_sync(it.endpoint);
	assert_int_equal(it.answers, 1);
}

static void asked(int times, const char *last)
{
	char line[256];

	assert_int_equal(atomic_load(&it.endpoint->requests), times);
	snprintf(line, sizeof(line), "GET %s HTTP/1.1\r\n", last);
	assert_int_equal(strncmp(endpoint_seen(it.endpoint), line,
				 strlen(line)), 0);
}

static void has(const char *what)
{
	if (!strstr(it.trouble.text.text, what))
		print_error("\"%s\" is not in \"%s\"\n", what,
			    it.trouble.text.text);
	assert_non_null(strstr(it.trouble.text.text, what));
}

static void found_at_the_first_address(void **state)
{
	char host[64];

	(void)state;
	plan_document(ROOT);
	fetch(ROOT);
	assert_non_null(it.metadata);
	assert_string_equal(it.metadata->endpoints.v[ENDPOINT_TOKEN],
			    "http://127.0.0.1/token");
	assert_string_equal(it.text, it.document);
	assert_non_null(strstr(it.url, "/.well-known/"));
	asked(1, "/.well-known/oauth-authorization-server");
	snprintf(host, sizeof(host), "\r\nHost: 127.0.0.1:%s\r\n",
		 it.endpoint->port);
	assert_non_null(strstr(endpoint_seen(it.endpoint), host));
	assert_non_null(strstr(endpoint_seen(it.endpoint),
			       "\r\nAccept: application/json\r\n"));
	assert_null(strstr(endpoint_seen(it.endpoint), "Content-Length"));
}

static void found_further_on(void **state)
{
	(void)state;
	plan(404, NULL, "no");
	plan(200, NULL, "<html>");
	plan_document(PATH);
	fetch(PATH);
	assert_non_null(it.metadata);
	asked(3, "/.well-known/openid-configuration/a/b");
}

static void people_have_another_order(void **state)
{
	(void)state;
	plan_document(PEOPLE);
	fetch(PEOPLE);
	assert_non_null(it.metadata);
	asked(1, "/a/.well-known/openid-configuration");
}

static void found_nowhere(void **state)
{
	(void)state;
	plan(404, NULL, "no");
	fetch(PATH);
	assert_null(it.metadata);
	asked(3, "/.well-known/openid-configuration/a/b");
	assert_int_equal(it.trouble.trouble, REFRESH_DENIED);
	has("/.well-known/oauth-authorization-server/a/b answered with status "
	    "404; check issuer");
}

static void redirect_is_not_followed(void **state)
{
	(void)state;
	plan(404, NULL, "no");
	plan(302, "Location: /elsewhere\r\n", "");
	fetch(ROOT);
	assert_null(it.metadata);
	asked(2, "/.well-known/openid-configuration");
	assert_int_equal(it.trouble.trouble, REFRESH_DENIED);
	has("openid-configuration answered with a redirect (status 302)");
}

static void other_issuer_is_what_is_told(void **state)
{
	(void)state;
	plan(200, NULL, "{\"issuer\":\"https://other.test\"}");
	plan(404, NULL, "no");
	fetch(ROOT);
	assert_null(it.metadata);
	assert_int_equal(it.trouble.trouble, REFRESH_DENIED);
	has("oauth-authorization-server cannot be used");
	has("\"https://other.test\"");
}

static void not_available(void **state)
{
	(void)state;
	plan(404, NULL, "no");
	plan(503, "Retry-After: 7\r\n", "");
	fetch(ROOT);
	assert_int_equal(it.trouble.trouble, REFRESH_UNAVAILABLE);
	assert_int_equal(it.trouble.retry_after, 7000);
	has("status 503");
}

static void no_answer_anywhere(void **state)
{
	(void)state;
	plan(0, NULL, NULL);
	plan(0, NULL, NULL);
	plan(0, NULL, NULL);
	fetch(PATH);
	assert_null(it.metadata);
	asked(3, "/.well-known/openid-configuration/a/b");
	assert_int_equal(it.trouble.trouble, REFRESH_UNAVAILABLE);
	assert_int_equal(it.trouble.retry_after, -1);
	has("cannot be had");
	has("/.well-known/oauth-authorization-server/a/b");
}

static void answer_in_time(void **state)
{
	(void)state;
	endpoint_plan(it.endpoint, (struct endpoint_answer){ .delay = 1500 });
	fetch(ROOT);
	assert_int_equal(it.trouble.trouble, REFRESH_UNAVAILABLE);
}

static void cancelled(void **state)
{
	struct metadata_fetch *m;
	struct fault f;

	(void)state;
	plan_document(ROOT);
	m = metadata_fetch_start(it.upstream, it.services->v[ROOT], on_answer,
				 &it, &f);
	assert_non_null(m);
	metadata_fetch_cancel(&m);
	assert_null(m);
	metadata_fetch_cancel(&m);
	for (int i = 0; i < 5; i++)
		loop_turn(it.loop, 20);
	assert_int_equal(it.answers, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(found_at_the_first_address),
		TEST(found_further_on),
		TEST(people_have_another_order),
		TEST(found_nowhere),
		TEST(redirect_is_not_followed),
		TEST(other_issuer_is_what_is_told),
		TEST(not_available),
		TEST(no_answer_anywhere),
		TEST(answer_in_time),
		TEST(cancelled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
