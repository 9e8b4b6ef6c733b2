/* SPDX-License-Identifier: MIT */
#include "service/match.h"

#include "base/alloc.h"
#include "service/scratch.h"

static void expect(const char *text, const char *host, bool wildcard,
		   int port, const char *prefix)
{
	struct route_match m;
	struct fault f = { "" };

	if (route_match_parse(&m, str_z(text), &f))
		fail_msg("%s: %s", text, f.text);
	assert_string_equal(m.host, host);
	assert_int_equal(m.wildcard, wildcard);
	assert_int_equal(m.port, port);
	assert_string_equal(m.prefix, prefix);
	route_match_fini(&m);
	assert_null(m.host);
	assert_null(m.prefix);
}

static void test_parse(void **state)
{
	(void)state;
	expect("api.test", "api.test", false, -1, "");
	expect("API.Test.", "api.test", false, -1, "");
	expect("api.test:8080", "api.test", false, 8080, "");
	expect("api.test/", "api.test", false, -1, "");
	expect("api.test/v1", "api.test", false, -1, "/v1");
	expect("api.test/v1//", "api.test", false, -1, "/v1");
	expect("api.test:1/a//b/", "api.test", false, 1, "/a//b");
	expect("*.Example.com", ".example.com", true, -1, "");
	expect("*.com:443/x", ".com", true, 443, "/x");
	expect("[::1]:9000", "::1", false, 9000, "");
	expect("[2001:DB8:0:0::1]", "2001:db8::1", false, -1, "");
	expect("127.0.0.1:9000", "127.0.0.1", false, 9000, "");
	expect("api.test/a%2Fb;x=1", "api.test", false, -1, "/a%2Fb;x=1");
}

static void test_refused(void **state)
{
	static const char *const bad[] = {
		"", "/", "/v1", "*", "*.", "*.*", "**.test", "a.*.test",
		"*a.test", "*.10.0.0.1", "*.[::1]", "http://api.test",
		"https://api.test/v1", "api.test:0", "api.test:65536",
		"api.test:x", "[::1", "::1", "[x]", "api.test/a?b",
		"api.test/a#b", "api.test/a b", "api.test/..",
		"api.test/a/%2e%2e/..", "user@api.test", "api test",
	};
	char text[400];
	struct route_match m;
	struct fault f;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		f.text[0] = '\0';
		if (!route_match_parse(&m, str_z(bad[i]), &f))
			fail_msg("\"%s\" was taken", bad[i]);
		assert_true(f.text[0]);
	}
	memset(text, 'a', 300);
	text[300] = '\0';
	assert_int_equal(route_match_parse(&m, str_z(text), &f), -1);
	assert_non_null(strstr(f.text, "too long"));
}

static void test_of_url(void **state)
{
	struct route_match m;
	struct fault f;

	(void)state;
	assert_int_equal(route_match_of_url(&m, STR("https://API.test:443/b/"),
					    &f), 0);
	assert_string_equal(m.host, "api.test");
	assert_int_equal(m.port, 443);
	assert_string_equal(m.prefix, "/b");
	route_match_fini(&m);
	assert_int_equal(route_match_of_url(&m, STR("http://[::1]"), &f), 0);
	assert_string_equal(m.host, "::1");
	assert_int_equal(m.port, -1);
	assert_string_equal(m.prefix, "");
	route_match_fini(&m);
	assert_int_equal(route_match_of_url(&m, STR("api.test"), &f), -1);
	assert_int_equal(route_match_of_url(&m, STR("http://*.test/"), &f),
			 -1);
	assert_int_equal(route_match_of_url(&m, STR("http://a.test/.."), &f),
			 -1);
}

static void test_prefix(void **state)
{
	static const char *const paths[][2] = {
		{ "", "" }, { "/", "" }, { "//", "" }, { "/a", "/a" },
		{ "/a/", "/a" }, { "/a/./b/", "/a/./b" },
	};
	struct fault f;

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		char *prefix = route_prefix(str_z(paths[i][0]), &f);

		assert_string_equal(prefix, paths[i][1]);
		mem_free(prefix);
	}
	assert_null(route_prefix(STR("/a\x7f"), &f));
	assert_null(route_prefix(STR("/a\xc3\xa9"), &f));
	assert_null(route_prefix(STR("/%2e%2e"), &f));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_of_url),
		cmocka_unit_test(test_prefix),
	};

	return cmocka_run_group_tests(tests, NULL, scratch_teardown);
}
