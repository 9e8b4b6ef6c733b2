/* SPDX-License-Identifier: MIT */
#include "upstream/endpoint.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Its address alone counts: it is borrowed. */
static int any;
static struct transport *const transport = (struct transport *)(void *)&any;

static void url_is_taken_apart(void **state)
{
	static const struct {
		const char *url, *authority, *target;
		uint16_t port;
		bool is_https;
	} rows[] = {
		{ "https://as.example/token", "as.example", "/token", 443,
		  true },
		{ "https://as.example", "as.example", "/", 443, true },
		{ "https://as.example/", "as.example", "/", 443, true },
		{ "https://as.example?tenant=a", "as.example", "/?tenant=a",
		  443, true },
		{ "https://as.example/t?", "as.example", "/t?", 443, true },
		{ "https://as.example/t?a=b&c=%2F%3F", "as.example",
		  "/t?a=b&c=%2F%3F", 443, true },
		{ "http://127.0.0.1:8080/a/../b", "127.0.0.1:8080",
		  "/a/../b", 8080, false },
		{ "https://AS.Example:443/T", "as.example", "/T", 443, true },
		{ "https://[2001:db8::1]:99/t", "[2001:db8::1]:99", "/t", 99,
		  true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct endpoint e;
		struct fault f = { "" };

		if (endpoint_init(&e, rows[i].url, transport, &f) < 0)
			fail_msg("%s: %s", rows[i].url, f.text);
		assert_string_equal(e.url, rows[i].url);
		assert_string_equal(e.origin.authority, rows[i].authority);
		assert_string_equal(e.target, rows[i].target);
		assert_int_equal(e.origin.port, rows[i].port);
		assert_int_equal(e.origin.is_https, rows[i].is_https);
		assert_ptr_equal(e.origin.transport, transport);
		endpoint_fini(&e);
	}
}

static void url_is_copied(void **state)
{
	char url[] = "https://as.example/token";
	struct endpoint e;
	struct fault f;

	(void)state;
	assert_int_equal(endpoint_init(&e, url, transport, &f), 0);
	memset(url, 'x', sizeof(url) - 1);
	assert_string_equal(e.url, "https://as.example/token");
	assert_string_equal(e.target, "/token");
	endpoint_fini(&e);
}

static void assert_zeroed(const struct endpoint *e)
{
	static const struct endpoint none;

	assert_memory_equal(e, &none, sizeof(none));
}

static void other_urls_are_none(void **state)
{
	static const char *const bad[] = {
		"",		       "token",
		"/token",	       "https://",
		"ftp://as.example/t",  "https://me@as.example/t",
		"https://as.example:99999/t", "https://as example/t",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct endpoint e;
		struct fault f = { "" };

		memset(&e, 0x55, sizeof(e));
		if (endpoint_init(&e, bad[i], transport, &f) == 0)
			fail_msg("\"%s\" was taken", bad[i]);
		assert_int_not_equal(f.text[0], '\0');
		assert_zeroed(&e);
	}
}

static void length_is_bounded(void **state)
{
	static const char begin[] = "https://as.example/";
	char *url = malloc(20000);
	struct endpoint e;
	struct fault f = { "" };

	(void)state;
	memset(url, 'x', 20000);
	memcpy(url, begin, sizeof(begin) - 1);
	/* the target has the slash in front */
	url[sizeof(begin) - 1 + 16383] = '\0';
	assert_int_equal(endpoint_init(&e, url, transport, &f), 0);
	assert_int_equal(strlen(e.target), 16384);
	endpoint_fini(&e);
	url[sizeof(begin) - 1 + 16383] = 'x';
	url[sizeof(begin) - 1 + 16384] = '\0';
	assert_int_equal(endpoint_init(&e, url, transport, &f), -1);
	assert_non_null(strstr(f.text, "too long"));
	assert_zeroed(&e);
	free(url);
}

static void none_can_be_freed(void **state)
{
	struct endpoint e = { 0 };

	(void)state;
	endpoint_fini(&e);
	assert_zeroed(&e);
	endpoint_fini(&e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(url_is_taken_apart),
		cmocka_unit_test(url_is_copied),
		cmocka_unit_test(other_urls_are_none),
		cmocka_unit_test(length_is_bounded),
		cmocka_unit_test(none_can_be_freed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
