/* SPDX-License-Identifier: MIT */
/* allow and deny: what they fit, however a path is written, and what is wrong
 * with them. */
#include "service/access.h"

#include "service/scratch.h"

#define HEAD "[service a]\nupstream = https://a.test/base\n"

static enum access_result ask(const char *method, const char *path)
{
	return access_check(services->v[0]->access, str_z(method),
			    str_z(path));
}

static void expect(enum access_result result, const char *method,
		   const char *path)
{
	if (ask(method, path) != result)
		fail_msg("%s %s: %d instead of %d", method, path,
			 ask(method, path), result);
}

static void test_none(void **state)
{
	(void)state;
	load_good(HEAD);
	assert_null(services->v[0]->access);
	expect(ACCESS_GRANTED, "DELETE", "/x/%2e%2e");
}

static void test_deny(void **state)
{
	(void)state;
	load_good(HEAD "deny = DELETE,PUT /items/*\ndeny = * /admin/**\n"
		  "deny = * /exact\n");
	expect(ACCESS_DENIED, "DELETE", "/items/1");
	expect(ACCESS_DENIED, "PUT", "/items/1");
	expect(ACCESS_DENIED, "put", "/items/1");
	expect(ACCESS_DENIED, "PUT", "/items/");
	expect(ACCESS_DENIED, "PUT", "/items/1/");
	expect(ACCESS_GRANTED, "PUT", "/items");
	expect(ACCESS_GRANTED, "GET", "/items/1");
	expect(ACCESS_GRANTED, "PUTS", "/items/1");
	expect(ACCESS_GRANTED, "PU", "/items/1");
	expect(ACCESS_GRANTED, "DELETE", "/items/1/2");
	expect(ACCESS_DENIED, "GET", "/admin/");
	expect(ACCESS_DENIED, "X", "/admin/a/b/c");
	expect(ACCESS_GRANTED, "GET", "/admin");
	expect(ACCESS_GRANTED, "GET", "/administrator/x");
	expect(ACCESS_GRANTED, "GET", "/x/admin/y");
	expect(ACCESS_DENIED, "GET", "/exact");
	expect(ACCESS_DENIED, "GET", "/exact/");
	expect(ACCESS_GRANTED, "GET", "/exact/x");
	expect(ACCESS_GRANTED, "GET", "/Exact");
	expect(ACCESS_GRANTED, "GET", "/exactly");
	expect(ACCESS_GRANTED, "GET", "");
	expect(ACCESS_GRANTED, "GET", "/");
}

static void test_allow(void **state)
{
	(void)state;
	load_good(HEAD "allow = GET,HEAD /v1/**\nallow = POST /v1/jobs\n"
		  "deny = GET /v1/secret\n");
	expect(ACCESS_GRANTED, "GET", "/v1/");
	expect(ACCESS_GRANTED, "GET", "/v1/a/b");
	expect(ACCESS_GRANTED, "HEAD", "/v1/a%20b");
	expect(ACCESS_NOT_ALLOWED, "head", "/v1/a");
	expect(ACCESS_NOT_ALLOWED, "DELETE", "/v1/a");
	expect(ACCESS_NOT_ALLOWED, "GET", "/v1");
	expect(ACCESS_NOT_ALLOWED, "GET", "/v2/a");
	expect(ACCESS_NOT_ALLOWED, "GET", "/V1/a");
	expect(ACCESS_NOT_ALLOWED, "GET", "/");
	expect(ACCESS_NOT_ALLOWED, "OPTIONS", "");
	expect(ACCESS_GRANTED, "POST", "/v1/jobs");
	expect(ACCESS_NOT_ALLOWED, "POST", "/v1/jobs/");
	expect(ACCESS_DENIED, "GET", "/v1/secret");
	expect(ACCESS_GRANTED, "HEAD", "/v1/secret");
	load_good(HEAD "allow = * /\n");
	expect(ACCESS_GRANTED, "GET", "");
	expect(ACCESS_GRANTED, "GET", "/");
	expect(ACCESS_NOT_ALLOWED, "GET", "/x");
}

/* Each of them is /admin/x for some server. */
static const char *const admin[] = {
	"/admin/x", "//admin/x", "/admin//x", "/./admin/x", "/x/../admin/x",
	"/admin/y/../x", "/%61dmin/x", "/%61%64%6d%69%6E/x", "/admin%2Fx",
	"/admin%2fx", "/admin\\x", "/admin%5Cx", "/admin%5cx", "/\\admin/x",
	"/admin;a=b/x", "/admin;/x", "/;/admin/x", "/admin%3Ba/x",
	"/x/%2e%2e/admin/x", "/x/%2E./admin/x", "/x/.%2e/admin/x",
	"/x/..;/admin/x", "/x/..;a=b/admin/x", "/x%2F..%2Fadmin%2Fx",
	"/x\\..\\admin\\x", "/x/..\\admin/x", "/.;/admin/x", "/%2e/admin/x",
	"/admin%00/x", "/admin/%2e/x", "/..%2Fadmin/x", "/x//..//admin/x",
	"/admin/x//../x", "/a/b/c/../../../admin/x", "/%2Fadmin/x",
	"/admin/x/%2e%2e/%2e%2e/admin/x", "/%2f%2fadmin%2f%2fx",
	"/admin//../x", "/y/../admin/..%2fx", "/y/../admin/..;/x",
};

static void test_evasions(void **state)
{
	(void)state;
	load_good(HEAD "deny = * /admin/**\n");
	for (size_t i = 0; i < sizeof(admin) / sizeof(admin[0]); i++)
		expect(ACCESS_DENIED, "GET", admin[i]);
	expect(ACCESS_GRANTED, "GET", "/%2561dmin/x");
	expect(ACCESS_GRANTED, "GET", "/admin%zz/x");
	expect(ACCESS_GRANTED, "GET", "/%41dmin/x");
	expect(ACCESS_GRANTED, "GET", "/.admin/x");
	expect(ACCESS_GRANTED, "GET", "/.../admin/x");
	expect(ACCESS_GRANTED, "GET", "/x/admin/../..");
	/* Nothing of it is in what is allowed. */
	load_good(HEAD "allow = * /x/**\nallow = * /y/**\n");
	for (size_t i = 0; i < sizeof(admin) / sizeof(admin[0]); i++)
		expect(ACCESS_NOT_ALLOWED, "GET", admin[i]);
	expect(ACCESS_NOT_ALLOWED, "GET", "/x/../admin");
	expect(ACCESS_NOT_ALLOWED, "GET", "/x/..");
	expect(ACCESS_NOT_ALLOWED, "GET", "/x/%2e%2e/z");
	expect(ACCESS_NOT_ALLOWED, "GET", "/x;a/y");
	expect(ACCESS_GRANTED, "GET", "/x/a;b/c%2Fd//e");
	expect(ACCESS_GRANTED, "GET", "/x/../y/a%25");
	expect(ACCESS_GRANTED, "GET", "/x/a/../b");
	expect(ACCESS_GRANTED, "GET", "/x/%");
	expect(ACCESS_GRANTED, "GET", "/x/.hidden");
}

/* The same, whether empty segments count or not. */
static void test_empty_segments(void **state)
{
	(void)state;
	load_good(HEAD "deny = * /x/admin\n");
	expect(ACCESS_DENIED, "GET", "/x//../admin");
	expect(ACCESS_DENIED, "GET", "/x//admin");
	expect(ACCESS_GRANTED, "GET", "/x/../admin");
}

static void test_globs(void **state)
{
	(void)state;
	load_good(HEAD "allow = GET /a/*/c\nallow = GET /b/**/z\n"
		  "allow = GET /*.json\nallow = GET /p/a%2Fb/**\n"
		  "allow = GET /q/a%20b\nallow = GET /**/x*y/*/end**\n"
		  "allow = GET /r/%2A\n");
	expect(ACCESS_GRANTED, "GET", "/a/b/c");
	expect(ACCESS_GRANTED, "GET", "/a/%62/c");
	expect(ACCESS_NOT_ALLOWED, "GET", "/a/b/b/c");
	expect(ACCESS_NOT_ALLOWED, "GET", "/a/b%2Fb/c");
	expect(ACCESS_NOT_ALLOWED, "GET", "/a/c");
	expect(ACCESS_NOT_ALLOWED, "GET", "/a/b/c/");
	expect(ACCESS_GRANTED, "GET", "/b/1/2/3/z");
	expect(ACCESS_GRANTED, "GET", "/b/z/z/z");
	expect(ACCESS_NOT_ALLOWED, "GET", "/b/z/zz");
	expect(ACCESS_GRANTED, "GET", "/x.json");
	expect(ACCESS_NOT_ALLOWED, "GET", "/x.json;y");
	expect(ACCESS_NOT_ALLOWED, "GET", "/x/y.json");
	expect(ACCESS_NOT_ALLOWED, "GET", "/x%2Fy.json");
	expect(ACCESS_NOT_ALLOWED, "GET", "/x;.json");
	expect(ACCESS_GRANTED, "GET", "/p/a%2Fb/issues");
	expect(ACCESS_GRANTED, "GET", "/q/a%20b");
	expect(ACCESS_NOT_ALLOWED, "GET", "/q/a%20c");
	expect(ACCESS_GRANTED, "GET", "/1/2/xxyy/3/end/of/it");
	expect(ACCESS_GRANTED, "GET", "/1/xy/xy/xy/2/end");
	expect(ACCESS_NOT_ALLOWED, "GET", "/1/xy/2/3/end");
	expect(ACCESS_GRANTED, "GET", "/r/%2A");
	expect(ACCESS_GRANTED, "GET", "/r/*");
	expect(ACCESS_NOT_ALLOWED, "GET", "/r/b");
}

/* A glob over which one that backtracks without a bound would never end. */
static void test_time(void **state)
{
	char path[4001];

	(void)state;
	load_good(HEAD "deny = * /**a**a**a**a**a**a**a**a*a*a*a*a*a*a*b\n");
	memset(path, 'a', sizeof(path) - 1);
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	expect(ACCESS_GRANTED, "GET", path);
	path[sizeof(path) - 2] = 'b';
	expect(ACCESS_DENIED, "GET", path);
}

static void test_mistakes(void **state)
{
	(void)state;
	load(HEAD "allow = GET /good\nallow = /v1\nallow = GET\n"
	     "deny = GET v1\ndeny = GET HEAD /x\ndeny = GET, /x\n"
	     "deny = G*T /x\ndeny = G(T /x\ndeny = GET /x?y\n"
	     "deny = GET /a//b\ndeny = GET /a/../b\ndeny = GET /%2e/b\n"
	     "deny = GET /a;b/c\ndeny = GET /a\\b\ndeny = GET /\xc3\xa9\n"
	     "deny = GET /a%3bb\ndeny = GET /a#b\ndeny = GET https://x/y\n");
	assert_mistake(4, "allow: must be METHOD");
	assert_mistake(5, "allow: must be METHOD");
	assert_mistake(6, "deny: the path must begin with \"/\"");
	assert_mistake(7, "\"GET HEAD\" is not a method");
	assert_mistake(8, "\"\" is not a method");
	assert_mistake(9, "\"G*T\" is not a method");
	assert_mistake(10, "\"G(T\" is not a method");
	assert_mistake(11, "query");
	assert_mistake(12, "\"//\"");
	assert_mistake(13, "\"..\"");
	assert_mistake(14, "\"..\"");
	assert_mistake(15, "\";\"");
	assert_mistake(16, "%XX");
	assert_mistake(17, "%XX");
	assert_mistake(18, "\";\"");
	assert_mistake(19, "query");
	assert_mistake(20, "begin with \"/\"");
	assert_mistakes(17);
}

static void test_shape(void **state)
{
	char text[1200] = HEAD "deny = GET /";
	size_t n = strlen(text);

	(void)state;
	load_good(HEAD "deny =  GET ,\tPOST\t /x \ndeny = GET,* /any\n"
		  "deny = GET /...\ndeny = GET /a/\n");
	expect(ACCESS_DENIED, "POST", "/x");
	expect(ACCESS_GRANTED, "PUT", "/x");
	expect(ACCESS_DENIED, "PUT", "/any");
	expect(ACCESS_DENIED, "GET", "/...");
	expect(ACCESS_DENIED, "GET", "/a/");
	memset(text + n, 'a', 1023);
	text[n + 1023] = '\0';
	load_good(text);
	text[n + 1023] = 'a';
	text[n + 1024] = '\0';
	load(text);
	assert_mistake(3, "longer than 1024");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_deny),
		cmocka_unit_test(test_allow),
		cmocka_unit_test(test_evasions),
		cmocka_unit_test(test_empty_segments),
		cmocka_unit_test(test_globs),
		cmocka_unit_test(test_time),
		cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_shape),
	};

	return cmocka_run_group_tests(tests, NULL, scratch_teardown);
}
