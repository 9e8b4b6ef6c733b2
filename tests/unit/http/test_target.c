/* SPDX-License-Identifier: MIT */
#include "http/target.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct target parse(const char *method, const char *raw)
{
	struct target t;
	struct fault f = { "" };

	if (target_parse(str_z(raw), str_z(method), &t, &f) < 0)
		fail_msg("%s %s: %s", method, raw, f.text);
	return t;
}

static void assert_part(struct str s, const char *z)
{
	assert_int_equal(s.n, strlen(z));
	assert_true(str_eq_z(s, z));
}

static void test_origin(void **state)
{
	struct target t = parse("GET", "/v1//a%2fb;x/../?q=1?2&\\{}");

	(void)state;
	assert_int_equal(t.form, TARGET_ORIGIN);
	assert_part(t.path, "/v1//a%2fb;x/../");
	assert_part(t.query, "?q=1?2&\\{}");
	assert_int_equal(t.host.n, 0);
	assert_int_equal(t.port, -1);

	t = parse("GET", "/");
	assert_part(t.path, "/");
	assert_int_equal(t.query.n, 0);
	t = parse("POST", "/?");
	assert_part(t.query, "?");
	/* Two slashes begin a path, no authority. */
	t = parse("GET", "//evil.example/x");
	assert_int_equal(t.form, TARGET_ORIGIN);
	assert_part(t.path, "//evil.example/x");
	t = parse("OPTIONS", "/x");
	assert_int_equal(t.form, TARGET_ORIGIN);

	/* Old tools send UTF-8 as it is. */
	t = parse("GET", "/\xc3\xa4?\xff");
	assert_part(t.path, "/\xc3\xa4");
	assert_part(t.query, "?\xff");
}

static void test_absolute(void **state)
{
	struct target t = parse("GET", "http://Api.example.com/v1/me?x=/y");

	(void)state;
	assert_int_equal(t.form, TARGET_ABSOLUTE);
	assert_false(t.https);
	assert_part(t.host, "Api.example.com");
	assert_int_equal(t.port, -1);
	assert_part(t.path, "/v1/me");
	assert_part(t.query, "?x=/y");

	t = parse("GET", "HTTPS://a:8443");
	assert_true(t.https);
	assert_int_equal(t.port, 8443);
	assert_part(t.path, "");
	t = parse("GET", "hTTp://a?q");
	assert_part(t.host, "a");
	assert_part(t.path, "");
	assert_part(t.query, "?q");
	t = parse("GET", "http://[2001:db8::1]:81/");
	assert_true(t.is_ipv6);
	assert_part(t.host, "2001:db8::1");
	assert_int_equal(t.port, 81);
	t = parse("OPTIONS", "http://a");
	assert_int_equal(t.form, TARGET_ABSOLUTE);
	/* What looks like userinfo behind the authority is none. */
	t = parse("GET", "http://a/b@c:d");
	assert_part(t.path, "/b@c:d");
	t = parse("GET", "http://a?b@c");
	assert_part(t.host, "a");
}

static void test_authority(void **state)
{
	struct target t = parse("CONNECT", "api.example.com:443");

	(void)state;
	assert_int_equal(t.form, TARGET_AUTHORITY);
	assert_part(t.host, "api.example.com");
	assert_int_equal(t.port, 443);
	assert_int_equal(t.path.n + t.query.n, 0);
	t = parse("CONNECT", "[::1]:80");
	assert_true(t.is_ipv6);
	assert_part(t.host, "::1");
}

static void test_asterisk(void **state)
{
	struct target t = parse("OPTIONS", "*");

	(void)state;
	assert_int_equal(t.form, TARGET_ASTERISK);
	assert_int_equal(t.path.n + t.query.n + t.host.n, 0);
}

static void test_refuses(void **state)
{
	static const struct {
		const char *method, *raw;
	} BAD[] = {
		{ "GET", "" },
		{ "GET", "*" },
		{ "OPTIONS", "**" },
		{ "OPTIONS", "*/x" },
		{ "options", "*" },
		{ "GET", "x" },
		{ "GET", "?q" },
		{ "GET", "\\x" },
		{ "GET", "example.com:80" },
		{ "GET", "example.com/x" },
		{ "GET", "/a b" },
		{ "GET", " /a" },
		{ "GET", "/a\t" },
		{ "GET", "/a\r" },
		{ "GET", "/a\n" },
		{ "GET", "/a\x7f" },
		{ "GET", "/a#b" },
		{ "GET", "/#" },
		{ "GET", "http://a/#b" },
		{ "GET", "http:" },
		{ "GET", "http:/a" },
		{ "GET", "http://" },
		{ "GET", "http:///a" },
		{ "GET", "http://?q" },
		{ "GET", "http://:80/" },
		{ "GET", "http://u@a/" },
		{ "GET", "http://u:p@a/" },
		{ "GET", "http://@a/" },
		{ "GET", "http://a@b@c/" },
		{ "GET", "http://a\\@b/" },
		{ "GET", "http://a\\b" },
		{ "GET", "http://a:0/" },
		{ "GET", "http://a:65536/" },
		{ "GET", "http://a:x/" },
		{ "GET", "http://a%2fb/" },
		{ "GET", "http://[::1/" },
		{ "GET", "http://[x]/" },
		{ "GET", "http://." },
		{ "GET", "ftp://a/" },
		{ "GET", "ws://a/" },
		{ "GET", "httpx://a/" },
		{ "GET", "://a/" },
		{ "CONNECT", "*" },
		{ "CONNECT", "/" },
		{ "CONNECT", "a" },
		{ "CONNECT", "a:" },
		{ "CONNECT", ":443" },
		{ "CONNECT", "a:0" },
		{ "CONNECT", "a:443/" },
		{ "CONNECT", "a:443?q" },
		{ "CONNECT", "u@a:443" },
		{ "CONNECT", "http://a:443" },
		{ "CONNECT", "https://a" },
		{ "CONNECT", "::1:443" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++) {
		struct target t;
		struct fault f = { "" };

		if (target_parse(str_z(BAD[i].raw), str_z(BAD[i].method), &t,
				 &f) == 0)
			fail_msg("was taken: %s %s", BAD[i].method,
				 BAD[i].raw);
		assert_true(strlen(f.text) > 0);
	}
	struct target t;

	assert_int_equal(target_parse(STR("/a\0b"), STR("GET"), &t, NULL),
			 -1);
}

static void assert_climbs(bool expected, const char *prefix,
			  const char *const *paths, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (target_climbs(str_z(paths[i]), str_z(prefix)) != expected)
			fail_msg("%s below %s %s", paths[i], prefix,
				 expected ? "climbs" : "does not climb");
	}
}

static void test_climbs(void **state)
{
	static const char *const PATHS[] = {
		"/v1/..",
		"/v1/../",
		"/v1/../v2",
		"/v1/../v1/x",
		"/v1/a/../..",
		"/v1/a/../../v1/a",
		"/v1//..",
		"/v1//../x",
		"/v1///../x",
		"/v1/./..",
		"/v1/a//../../x",
		"/v1/..;x",
		"/v1/..;x=1/y",
		"/v1/..;/y",
		"/v1/..%3bx/y",
		"/v1/a;../../..",
		"/v1/.;/..",
		"/v1/;x/..",
		"/v1/%2e%2e",
		"/v1/%2E./x",
		"/v1/.%2e/x",
		"/v1/%2e%2e%2fx",
		"/v1/..%2fx",
		"/v1/..%2Fx",
		"/v1%2f..",
		"/v1/..\\x",
		"/v1\\..",
		"/v1/..%5cx",
		"/v1/..%5Cx",
		"/v1%5c..%5cx",
		"/v1/a%2f..%2f..%2fx",
		"/v1/a/%2e%2e/%2e%2e",
		"/v1/%2e/%2e%2e",
		"/v1/a\\..\\..",
		"/v1/..%00",
		"/v1/..%00x/y",
	};

	(void)state;
	assert_climbs(true, "/v1", PATHS, sizeof(PATHS) / sizeof(PATHS[0]));
}

static void test_stays(void **state)
{
	static const char *const PATHS[] = {
		"/v1",
		"/v1/",
		"/v1/a",
		"/v1//a//",
		"/v1/a/..",
		"/v1/a/../b",
		"/v1/a/../b/..",
		"/v1/a/b/../..",
		"/v1/./././",
		"/v1/...",
		"/v1/.../x",
		"/v1/a..",
		"/v1/..a",
		"/v1/a%2f..",
		"/v1/. ./x",
		"/v1/;..",
		"/v1/;../x",
		"/v1/a;..",
		"/v1/a;/..",
		/* Decoded once: these hold a percent sign, no dots. */
		"/v1/%252e%252e",
		"/v1/%252e%252e%252fx",
		"/v1/..%252fx",
		"/v1/%25%32%65%25%32%65/x",
		/* Broken escapes are names. */
		"/v1/%2",
		"/v1/%",
		"/v1/..%",
		"/v1/%2g",
		"/v1/%2e%2",
		"/v1/..%2",
		"/v1/%zz",
		"/v1/..%01",
	};

	(void)state;
	assert_climbs(false, "/v1", PATHS, sizeof(PATHS) / sizeof(PATHS[0]));
}

static void test_climbs_from_other_prefixes(void **state)
{
	static const char *const UP[] = { "/..", "/../", "/a/../..",
					  "/%2e%2e/", "//..", "/\\.." };
	static const char *const STAY[] = { "", "/", "/a", "/a/..", "//a",
					    "/./" };
	static const char *const BELOW[] = { "/v1/..", "/v1/a/../..",
					     "/v1/%2e%2e/" };

	(void)state;
	assert_climbs(true, "", UP, 6);
	assert_climbs(true, "/", UP, 6);
	assert_climbs(false, "", STAY, 6);
	assert_climbs(false, "/", STAY, 6);
	assert_climbs(true, "/v1/", BELOW, 3);
	/* "/v1/" fits "/v1", which is shorter. */
	assert_false(target_climbs(STR("/v1"), STR("/v1/")));
	/* What is inside of the prefix is not looked at. */
	assert_false(target_climbs(STR("/a/../b/x"), STR("/a/../b")));
}

static void test_prefixes(void **state)
{
	static const struct {
		const char *path, *prefix;
		bool fits;
	} ROWS[] = {
		{ "/v1", "/v1", true },      { "/v1/", "/v1", true },
		{ "/v1/x", "/v1", true },    { "/v10", "/v1", false },
		{ "/v1x/y", "/v1", false },  { "/v", "/v1", false },
		{ "/V1/x", "/v1", false },   { "/v1", "/v1/", true },
		{ "/v1/", "/v1/", true },    { "/v1/x", "/v1/", true },
		{ "/v10", "/v1/", false },   { "/", "/v1", false },
		{ "", "/v1", false },        { "/x", "", true },
		{ "", "", true },            { "/x", "/", true },
		{ "", "/", true },           { "/v1//x", "/v1", true },
		{ "/v1%2fx", "/v1", false }, { "/v1\\x", "/v1", false },
		{ "/v1;a/x", "/v1", false }, { "/%761/x", "/v1", false },
		{ "/a/b/c", "/a/b", true },  { "/a/b", "/a/b/c", false },
		{ "/v1?", "/v1", false },    { "//v1", "/v1", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		if (target_has_prefix(str_z(ROWS[i].path),
				      str_z(ROWS[i].prefix)) != ROWS[i].fits)
			fail_msg("%s and %s", ROWS[i].path, ROWS[i].prefix);
	}
}

static void test_hosts_compare(void **state)
{
	(void)state;
	assert_true(host_eq(STR("Example.COM"), STR("example.com")));
	assert_true(host_eq(STR("example.com."), STR("example.com")));
	assert_true(host_eq(STR("example.com."), STR("EXAMPLE.com.")));
	assert_false(host_eq(STR("example.com.."), STR("example.com")));
	assert_false(host_eq(STR("example.com"), STR("example.co")));
	assert_false(host_eq(STR("a.example.com"), STR("example.com")));
	assert_true(host_eq(STR(""), (struct str){ NULL, 0 }));
}

static void test_hosts_are_normalized(void **state)
{
	struct buf b = BUF_INIT(50);

	(void)state;
	host_normalize(&b, STR("Api.EXAMPLE.com."));
	assert_string_equal(buf_z(&b), "api.example.com");
	host_normalize(&b, STR(":8119"));
	host_normalize(&b, STR(""));
	assert_string_equal(buf_z(&b), "api.example.com:8119");
	buf_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_origin),
		cmocka_unit_test(test_absolute),
		cmocka_unit_test(test_authority),
		cmocka_unit_test(test_asterisk),
		cmocka_unit_test(test_refuses),
		cmocka_unit_test(test_climbs),
		cmocka_unit_test(test_stays),
		cmocka_unit_test(test_climbs_from_other_prefixes),
		cmocka_unit_test(test_prefixes),
		cmocka_unit_test(test_hosts_compare),
		cmocka_unit_test(test_hosts_are_normalized),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
