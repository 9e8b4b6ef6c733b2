/* SPDX-License-Identifier: MIT */
/* What an upstream's URL says of where requests go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "upstream/transfer.h"

static void test_good(void **state ATTR_UNUSED)
{
	static const struct {
		const char *text, *scheme, *host, *authority, *url;
		int port;
		bool is_ipv6;
	} rows[] = {
		{ "http://a.test", "http", "a.test", "a.test",
		  "http://a.test:80", 80, false },
		{ "HTTPS://A.Test./x?y", "https", "a.test", "a.test",
		  "https://a.test:443", 443, false },
		{ "https://a.test:8443/", "https", "a.test", "a.test:8443",
		  "https://a.test:8443", 8443, false },
		{ "https://a.test:80", "https", "a.test", "a.test:80",
		  "https://a.test:80", 80, false },
		{ "http://[::1]:80/x", "http", "::1", "[::1]",
		  "http://[::1]:80", 80, true },
		{ "http://[::1]:81", "http", "::1", "[::1]:81",
		  "http://[::1]:81", 81, true },
	};
	int any;
	struct transport *transport = (struct transport *)(void *)&any;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct origin o;
		struct fault f;

		assert_int_equal(origin_init(&o, str_z(rows[i].text),
					     transport, &f), 0);
		assert_string_equal(o.scheme, rows[i].scheme);
		assert_string_equal(o.host, rows[i].host);
		assert_string_equal(o.authority, rows[i].authority);
		assert_string_equal(o.url, rows[i].url);
		assert_int_equal(o.port, rows[i].port);
		assert_int_equal(o.is_ipv6, rows[i].is_ipv6);
		assert_int_equal(o.is_https, o.scheme[4] == 's');
		assert_ptr_equal(o.transport, transport);
		origin_fini(&o);
		assert_null(o.host);
		origin_fini(&o);
	}
}

static void test_bad(void **state ATTR_UNUSED)
{
	static const struct {
		const char *text, *why;
	} rows[] = {
		{ "ftp://a.test/", "ftp" },
		{ "a.test", "" },
		{ "", "" },
		{ "http://", "" },
		{ "http://./", "host" },
		{ "https://me:secret@a.test/", "user" },
		{ "http://a.test:0/", "" },
		{ "http://a.test:65536/", "" },
		{ "http://a b/", "" },
	};
	char text[400];
	struct origin o;
	struct fault f;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		f.text[0] = '\0';
		assert_int_equal(origin_init(&o, str_z(rows[i].text), NULL,
					     &f), -1);
		assert_true(f.text[0] != '\0');
		assert_non_null(strstr(f.text, rows[i].why));
		assert_null(strstr(f.text, "secret"));
		origin_fini(&o);
	}
	snprintf(text, sizeof(text), "http://%0256d/", 1);
	assert_int_equal(origin_init(&o, str_z(text), NULL, &f), -1);
	snprintf(text, sizeof(text), "http://%0255d:65535/", 1);
	assert_int_equal(origin_init(&o, str_z(text), NULL, &f), 0);
	assert_int_equal(strlen(o.url), 7 + 255 + 6);
	origin_fini(&o);
}

static void test_uri(void **state ATTR_UNUSED)
{
	static const struct {
		const char *origin, *target, *uri;
	} rows[] = {
		{ "https://A.test:443/x", "/y?z", "https://a.test/y?z" },
		{ "http://a.test:8080", "/", "http://a.test:8080/" },
		{ "http://[::1]:80", "*", "http://[::1]" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf b = BUF_INIT(128);
		struct origin o;

		assert_int_equal(origin_init(&o, str_z(rows[i].origin), NULL,
					     NULL), 0);
		origin_write_uri(&o, str_z(rows[i].target), &b);
		assert_string_equal(buf_z(&b), rows[i].uri);
		buf_fini(&b);
		origin_fini(&o);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_uri),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
