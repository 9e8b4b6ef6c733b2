/* SPDX-License-Identifier: MIT */
#include "data/uri.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void assert_part(struct str s, const char *z)
{
	assert_true(str_eq_z(s, z));
}

static struct uri parse(const char *z)
{
	struct uri u;
	struct fault f = { "" };

	if (uri_parse(str_z(z), &u, &f) < 0)
		fail_msg("%s: %s", z, f.text);
	return u;
}

static void test_all_parts(void **state)
{
	struct uri u = parse(
		"HTTPS://u%20s:pw@Api.Example.com:8443/v1//x;y?a=b?c#f?#g");

	(void)state;
	assert_part(u.scheme, "HTTPS");
	assert_true(u.has_userinfo);
	assert_part(u.userinfo, "u%20s:pw");
	assert_part(u.host, "Api.Example.com");
	assert_int_equal(u.port, 8443);
	assert_false(u.is_ipv6);
	assert_part(u.path, "/v1//x;y");
	assert_true(u.has_query);
	assert_part(u.query, "a=b?c");
	assert_true(u.has_fragment);
	assert_part(u.fragment, "f?#g");
	assert_true(uri_is_https(&u));
	assert_false(uri_is_http(&u));
}

static void test_few_parts(void **state)
{
	struct uri u = parse("http://a");

	(void)state;
	assert_part(u.host, "a");
	assert_int_equal(u.port, -1);
	assert_part(u.path, "");
	assert_false(u.has_userinfo || u.has_query || u.has_fragment);
	assert_true(uri_is_http(&u));

	u = parse("http://a?q");
	assert_part(u.path, "");
	assert_part(u.query, "q");
	u = parse("http://a#f");
	assert_false(u.has_query);
	assert_part(u.fragment, "f");
	u = parse("http://@a/?#");
	assert_true(u.has_userinfo && u.has_query && u.has_fragment);
	assert_int_equal(u.userinfo.n + u.query.n + u.fragment.n, 0);
	assert_part(u.path, "/");
	u = parse("http://a/#x?y");
	assert_false(u.has_query);
	assert_part(u.fragment, "x?y");
	u = parse("http://a/@b:c");
	assert_false(u.has_userinfo);
}

static void test_ports(void **state)
{
	struct uri u = parse("http://a:1/");

	(void)state;
	assert_int_equal(uri_port(&u), 1);
	u = parse("http://a:65535");
	assert_int_equal(uri_port(&u), 65535);
	u = parse("http://a:/");
	assert_int_equal(u.port, -1);
	assert_int_equal(uri_port(&u), 80);
	u = parse("HTTPS://a");
	assert_int_equal(uri_port(&u), 443);
	u = parse("socks5://a");
	assert_int_equal(uri_port(&u), -1);
	u = parse("socks5://a:1080");
	assert_int_equal(uri_port(&u), 1080);
}

static void test_ipv6(void **state)
{
	struct uri u = parse("https://[2001:db8::1]:444/x");

	(void)state;
	assert_true(u.is_ipv6);
	assert_part(u.host, "2001:db8::1");
	assert_int_equal(u.port, 444);
	assert_part(u.path, "/x");
	u = parse("https://[::ffff:127.0.0.1]");
	assert_part(u.host, "::ffff:127.0.0.1");
	assert_int_equal(u.port, -1);
}

static void test_refuses(void **state)
{
	static const char *const BAD[] = {
		"",
		"a",
		"/a",
		"//a/",
		"http:",
		"http:/a",
		"http://",
		"http:///x",
		"http://?q",
		"http://#f",
		"http://:80/",
		"http://.",
		"http://.:80",
		"http://u@",
		"http://u@:80",
		"http://a@b@c/",
		"1http://a",
		"://a",
		"+a://b",
		"ht_tp://a",
		" http://a",
		"http://a ",
		"http://a/b c",
		"http://a/\t",
		"http://a/\r\nX: y",
		"http://a/\x7f",
		"http://a/\xc3\xa4",
		"http://\xc3\xa4/",
		"http://a:0",
		"http://a:65536",
		"http://a:99999999999999999999999",
		"http://a:-1",
		"http://a:+1",
		"http://a:8o",
		"http://a:80:80",
		"http://a\\@b/",
		"http://a\\b/",
		"http://a%2eb/",
		"http://a<b/",
		"http://[::1",
		"http://[]/",
		"http://[a]/",
		"http://[127.0.0.1]/",
		"http://[::1%25eth0]/",
		"http://[v1.x]/",
		"http://[::1]x/",
		"http://[::1]80",
		"http://[1:2:3:4:5:6:7:8:9]/",
		"http://[0000000000000000000000000000000000000000000000000]/",
		"http://::1/",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++) {
		struct uri u;
		struct fault f = { "" };

		if (uri_parse(str_z(BAD[i]), &u, &f) == 0)
			fail_msg("was taken: %s", BAD[i]);
		assert_true(strlen(f.text) > 0);
	}
	struct uri u;

	assert_int_equal(uri_parse(STR("http://a\0b/"), &u, NULL), -1);
	assert_int_equal(uri_parse(STR("http://[::1\0]/"), &u, NULL), -1);
}

static void test_faults_hide_userinfo(void **state)
{
	struct uri u;
	struct fault f;

	(void)state;
	assert_int_equal(uri_parse(STR("http://u:SECRET@/"), &u, &f), -1);
	assert_null(strstr(f.text, "SECRET"));
}

static void test_loopback(void **state)
{
	static const char *const YES[] = {
		"localhost",   "LOCALHOST",       "localhost.",
		"a.localhost", "x.y.LocalHost.",  "127.0.0.1",
		"127.1.2.3",   "127.255.255.255", "::1",
		"0:0:0:0:0:0:0:1",
	};
	static const char *const NO[] = {
		"",           ".",         ".localhost", "localhost.com",
		"xlocalhost", "localhos",  "128.0.0.1",  "126.0.0.1",
		"0.0.0.0",    "127.1",     "0x7f.0.0.1", "127.0.0.1.",
		"127.0.0.1.example.com",   "::",         "::2",
		"::ffff:127.0.0.1",        "2130706433", "127.0.0.256",
		"example.com",             "10.0.0.1",   "localhost..",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(YES) / sizeof(YES[0]); i++) {
		if (!uri_host_is_loopback(str_z(YES[i])))
			fail_msg("%s is loopback", YES[i]);
	}
	for (size_t i = 0; i < sizeof(NO) / sizeof(NO[0]); i++) {
		if (uri_host_is_loopback(str_z(NO[i])))
			fail_msg("%s is not loopback", NO[i]);
	}
	assert_false(uri_host_is_loopback(STR("127.0.0.1\0.example.com")));
	assert_false(uri_host_is_loopback((struct str){ NULL, 0 }));
}

static void test_authority(void **state)
{
	struct str host;
	int port;
	bool six;

	(void)state;
	assert_int_equal(authority_parse(STR("a.b:80"), &host, &port, &six,
					 NULL), 0);
	assert_part(host, "a.b");
	assert_int_equal(port, 80);
	assert_false(six);
	assert_int_equal(authority_parse(STR("*.example.com"), &host, &port,
					 &six, NULL), 0);
	assert_part(host, "*.example.com");
	assert_int_equal(port, -1);
	assert_int_equal(authority_parse(STR("a:"), &host, &port, &six,
					 NULL), 0);
	assert_int_equal(port, -1);
	assert_int_equal(authority_parse(STR("[::1]:8119"), &host, &port,
					 &six, NULL), 0);
	assert_part(host, "::1");
	assert_int_equal(port, 8119);
	assert_true(six);
}

static void test_authority_refuses(void **state)
{
	static const char *const BAD[] = {
		"", ":", ":80", "a b", " a", "a ", "a/", "a?b", "a#b", "u@a",
		"a:80/", "a:0", "a:65536", "[::1]:0", "[::1]:x", "[::1", "::1",
		"a\tb", "a\nb", "a\x80", "a%41",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++) {
		struct str host;
		struct fault f = { "" };
		int port;
		bool six;
		int got = authority_parse(str_z(BAD[i]), &host, &port, &six,
					  &f);

		if (got == 0)
			fail_msg("was taken: %s", BAD[i]);
		assert_true(strlen(f.text) > 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_parts),
		cmocka_unit_test(test_few_parts),
		cmocka_unit_test(test_ports),
		cmocka_unit_test(test_ipv6),
		cmocka_unit_test(test_refuses),
		cmocka_unit_test(test_faults_hide_userinfo),
		cmocka_unit_test(test_loopback),
		cmocka_unit_test(test_authority),
		cmocka_unit_test(test_authority_refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
