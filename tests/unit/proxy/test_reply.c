/* SPDX-License-Identifier: MIT */
#include "proxy/reply.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct arena arena;
static struct reply r;

static int begin(void **state)
{
	(void)state;
	arena_init(&arena, NULL, 0);
	reply_init(&r, &arena);
	return 0;
}

static int end(void **state)
{
	(void)state;
	reply_fini(&r);
	arena_fini(&arena);
	return 0;
}

static void assert_field(const char *name, const char *value)
{
	const struct field *f = fields_find(&r.fields, str_z(name));

	assert_non_null(f);
	assert_int_equal(fields_count(&r.fields, str_z(name)), 1);
	assert_string_equal(f->value.p, value);
}

static void test_begins_without_status(void **state)
{
	(void)state;
	assert_int_equal(r.status, 0);
	assert_false(r.close);
	assert_int_equal(r.fields.n, 0);
}

static void test_problem(void **state)
{
	(void)state;
	reply_problem(&r, 403, "http_request_denied", STR("no \"such\" host"),
		      "add one");
	assert_int_equal(r.status, 403);
	assert_string_equal(buf_z(&r.body),
			    "{\"type\":\"about:blank\",\"title\":\"Forbidden\","
			    "\"status\":403,"
			    "\"detail\":\"no \\\"such\\\" host\","
			    "\"action\":\"add one\"}\n");
	assert_field("Content-Type", "application/problem+json");
	assert_field("Cache-Control", "no-store");
	assert_field("Proxy-Status", "bearerd; error=http_request_denied; "
				     "details=\"no \\\"such\\\" host\"");
}

static void test_without_error_and_action(void **state)
{
	(void)state;
	reply_problem(&r, 404, NULL, STR("gone"), NULL);
	assert_string_equal(buf_z(&r.body),
			    "{\"type\":\"about:blank\",\"title\":\"Not Found\","
			    "\"status\":404,\"detail\":\"gone\"}\n");
	assert_field("Proxy-Status", "bearerd; details=\"gone\"");
}

/* RFC 8941: a string holds visible ASCII. */
static void test_details_are_ascii(void **state)
{
	(void)state;
	reply_problem(&r, 502, "dns_error", STR("a\r\nb\x7f\xc3\xa4\\c"), NULL);
	assert_field("Proxy-Status",
		     "bearerd; error=dns_error; details=\"a??b???\\\\c\"");
	assert_null(strpbrk(buf_z(&r.body), "\r"));
}

static void test_details_are_cut(void **state)
{
	char detail[500];
	const struct field *f;

	(void)state;
	memset(detail, '"', sizeof(detail));
	reply_problem(&r, 500, "proxy_internal_error",
		      (struct str){ detail, sizeof(detail) }, NULL);
	f = fields_find(&r.fields, STR("Proxy-Status"));
	assert_non_null(f);
	assert_true(f->value.n > 512 && f->value.n < 600);
	assert_int_equal(f->value.p[f->value.n - 1], '"');
	assert_true(buf_ok(&r.body)); /* the body has all of it */
	assert_true(r.body.n > 1000);
}

static void test_replaces_what_was(void **state)
{
	(void)state;
	reply_problem(&r, 404, NULL, STR("gone"), NULL);
	reply_field(&r, "Allow", STR("GET"));
	reply_problem(&r, 502, "dns_error", STR("new"), NULL);
	assert_null(fields_find(&r.fields, STR("Allow")));
	assert_field("Content-Type", "application/problem+json");
	assert_null(strstr(buf_z(&r.body), "gone"));
}

static void test_members_are_added(void **state)
{
	(void)state;
	reply_problem(&r, 503, "proxy_configuration_error", STR("nobody"),
		      NULL);
	reply_problem_member(&r, "login_url", STR("http://h/\"<\\>"));
	assert_string_equal(buf_z(&r.body),
			    "{\"type\":\"about:blank\","
			    "\"title\":\"Service Unavailable\","
			    "\"status\":503,\"detail\":\"nobody\","
			    "\"login_url\":\"http://h/\\\"<\\\\>\"}\n");
	reply_problem_member(&r, "other", STR(""));
	assert_non_null(strstr(buf_z(&r.body), "\",\"other\":\"\"}\n"));
	/* the fields are what they were */
	assert_field("Content-Type", "application/problem+json");
	assert_field("Proxy-Status", "bearerd; "
				     "error=proxy_configuration_error; "
				     "details=\"nobody\"");
	/* and another problem has none of it */
	reply_problem(&r, 404, NULL, STR("gone"), NULL);
	assert_null(strstr(buf_z(&r.body), "login_url"));
}

static void assert_retry(int64_t ms, const char *seconds)
{
	r.fields.n = 0;
	reply_retry_after(&r, ms);
	assert_field("Retry-After", seconds);
}

static void test_retry_after(void **state)
{
	(void)state;
	assert_retry(-5000, "1");
	assert_retry(0, "1");
	assert_retry(1, "1");
	assert_retry(1000, "1");
	assert_retry(1001, "2");
	assert_retry(300000, "300");
}

static void test_field_is_copied(void **state)
{
	char name[] = "X-Name", value[] = "value";

	(void)state;
	reply_field(&r, name, str_z(value));
	memset(name, 0, sizeof(name));
	memset(value, 0, sizeof(value));
	assert_field("X-Name", "value");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

static void test_written_as_a_message(void **state)
{
	static const char first[] =
		"HTTP/1.1 413 Content Too Large\r\n"
		"Content-Type: application/problem+json\r\n";
	ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT(4096);
	const char *body;
	char last[64];

	(void)state;
	reply_problem(&r, 413, "http_request_error", STR("large"), NULL);
	reply_write(&r, &b);
	assert_int_equal(strncmp(buf_z(&b), first, sizeof(first) - 1), 0);
	snprintf(last, sizeof(last),
		 "\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n",
		 buf_str(&r.body).n);
	body = strstr(buf_z(&b), last);
	assert_non_null(body);
	assert_string_equal(body + strlen(last), buf_z(&r.body));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_begins_without_status),
		TEST(test_problem),
		TEST(test_without_error_and_action),
		TEST(test_details_are_ascii),
		TEST(test_details_are_cut),
		TEST(test_replaces_what_was),
		TEST(test_members_are_added),
		TEST(test_retry_after),
		TEST(test_field_is_copied),
		TEST(test_written_as_a_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
