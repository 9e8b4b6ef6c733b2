/* SPDX-License-Identifier: MIT */
/* The table that a hook gets, and what becomes of its changes. */
#include "oauth/hook/lua.h"

static struct hook_machine *machine;
static char log_text[1024];

static int setup(void **state)
{
	(void)state;
	machine = hook_machine_new();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	hook_machine_free(&machine);
	return 0;
}

/* Opens a file with this protected_request; its message may then be changed
 * before it is called. */
static void open_body(struct lua *l, const char *body)
{
	struct buf text = BUF_INIT(4096);

	buf_addf(&text, "function protected_request(r)\n%s\nend\n", body);
	if (lua_open(l, buf_z(&text)) < 0)
		print_error("%s", buf_z(&l->mistakes));
	assert_non_null(l->hook);
	buf_fini(&text);
}

static int run(struct lua *l)
{
	return lua_call_in(l, machine, log_text, sizeof(log_text));
}

static void run_well(struct lua *l)
{
	int rc = run(l);

	if (rc < 0)
		print_error("%s\n", log_text);
	assert_int_equal(rc, 0);
}

/* The fields as "name: value|…". */
static void expect_fields(const struct lua *l, const char *expected)
{
	struct buf b = BUF_INIT(1024);

	for (size_t i = 0; i < l->m.fields.n; i++)
		buf_addf(&b, "%.*s: %.*s|", STR_ARGS(l->m.fields.v[i].name),
			 STR_ARGS(l->m.fields.v[i].value));
	assert_string_equal(buf_z(&b), expected);
	buf_fini(&b);
}

static void expect_after(const char *body, const char *fields)
{
	struct lua l;

	open_body(&l, body);
	run_well(&l);
	expect_fields(&l, fields);
	lua_shut(&l);
}

static void test_what_it_sees(void **state)
{
	static const char text[] =
		"assert(r.method == 'GET')"
		"assert(r.url == 'https://api.example.test/v1/me?a=1')"
		"assert(r.service == 'api' and r.client_id == 'me')"
		"assert(r.client_secret == 's3cret-s3cret')"
		"assert(r.status == nil and r.params == nil)"
		"assert(r.body == '' and r.token == nil)"
		"assert(r.headers.Accept == 'text/plain')"
		"assert(r.headers.ACCEPT == 'text/plain')"
		"assert(r.headers['X-Many'][2] == '2')"
		"assert(r.headers['x-many'][1] == '1')"
		"assert(r.headers.Nothing == nil and r.headers[1] == nil)"
		"local n = 0 for k, v in pairs(r.headers) do n = n + 1 end "
		"assert(n == 3)";
	struct lua l;

	(void)state;
	open_body(&l, text);
	run_well(&l);
	assert_true(str_eq_z(l.m.method, "GET"));
	assert_true(str_eq_z(l.m.url, "https://api.example.test/v1/me?a=1"));
	assert_int_equal(l.m.has_body, HOOK_BODY_NONE);
	expect_fields(&l, "Accept: text/plain|X-Many: 1|X-Other: o|"
		      "x-many: 2|");
	lua_shut(&l);
}

static void test_method_and_url(void **state)
{
	struct lua l;

	(void)state;
	open_body(&l, "r.method = 'POST' r.url = r.url .. '&b=2'");
	run_well(&l);
	assert_true(str_eq_z(l.m.method, "POST"));
	assert_true(str_eq_z(l.m.url, "https://api.example.test/v1/me?a=1&"
			     "b=2"));
	lua_shut(&l);
	lua_bad("r.method = nil", "method is a nil, not text");
	lua_bad("r.method = 'A B'", "method must be a token");
	lua_bad("r.method = ''", "method must be a token");
	lua_bad("r.url = {}", "url is a table, not text");
}

static void test_fields(void **state)
{
	(void)state;
	expect_after("r.headers.accept = 'x'",
		     "Accept: x|X-Many: 1|X-Other: o|x-many: 2|");
	expect_after("r.headers['X-MANY'] = 'x'",
		     "Accept: text/plain|X-Many: x|X-Other: o|");
	expect_after("r.headers['x-many'] = nil r.headers.accept = nil",
		     "X-Other: o|");
	expect_after("r.headers['X-many'] = { 'a', 'b', 'c' }",
		     "Accept: text/plain|X-Many: a|X-Other: o|x-many: b|"
		     "x-many: c|");
	expect_after("r.headers['X-Many'][1] = 5",
		     "Accept: text/plain|X-Many: 5|X-Other: o|x-many: 2|");
	expect_after("r.headers.B = 'b' r.headers.A = { 'p', 'q' } "
		     "r.headers.accept = nil r.headers['X-Other'] = ' o '",
		     "X-Many: 1|X-Other: o|x-many: 2|A: p|A: q|B: b|");
	expect_after("r.headers = { New = 'n', accept = 'y' }",
		     "Accept: y|New: n|");
	expect_after("r.headers = {}", "");
	expect_after("r.headers.Empty = ''",
		     "Accept: text/plain|X-Many: 1|X-Other: o|x-many: 2|"
		     "Empty: |");
}

static void test_fields_that_cannot_be(void **state)
{
	static const char *const ours[] = {
		"Host", "content-length", "Transfer-Encoding", "connection",
		"Upgrade", "TE", "Via", "Proxy-Authorization", "Expect",
	};
	char body[128];

	(void)state;
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++) {
		snprintf(body, sizeof(body), "r.headers['%s'] = 'x'", ours[i]);
		lua_bad(body, "a name that a hook cannot set");
	}
	lua_bad("r.headers['a b'] = 'x'", "a name that a hook cannot set");
	lua_bad("r.headers[''] = 'x'", "a name that a hook cannot set");
	lua_bad("rawset(r.headers, 'A', '1') rawset(r.headers, 'a', '2')",
		"differ in case alone");
	lua_bad("r.headers.A = 'x\\r\\nB: y'", "a value that none can have");
	lua_bad("r.headers.A = 'x\\0'", "a value that none can have");
	lua_bad("r.headers.A = true", "a header field is a boolean");
	lua_bad("r.headers.A = { {} }", "a header field is a table");
	lua_bad("rawset(r.headers, 5, 'x')", "a name in a table is a number");
	lua_bad("r.headers[{}] = 'x'", "string expected");
	lua_bad("r.headers = nil", "headers is a nil, not a table");
}

static void test_body(void **state)
{
	struct lua l;

	(void)state;
	open_body(&l, "assert(r.body == 'ab\\0c') r.body = r.body:upper()");
	l.m.has_body = HOOK_BODY_TEXT;
	l.m.body = STR("ab\0c");
	run_well(&l);
	assert_true(str_eq(l.m.body, STR("AB\0C")));
	lua_shut(&l);

	open_body(&l, "r.body = { a = 1 }");
	run_well(&l);
	assert_true(str_eq_z(l.m.body, "{\"a\":1}"));
	assert_int_equal(l.m.has_body, HOOK_BODY_TEXT);
	lua_shut(&l);

	open_body(&l, "r.body = nil");
	l.m.has_body = HOOK_BODY_TEXT;
	l.m.body = STR("x");
	run_well(&l);
	assert_int_equal(l.m.body.n, 0);
	assert_int_equal(l.m.has_body, HOOK_BODY_NONE);
	lua_shut(&l);
	lua_bad("r.body = true", "body is a boolean, not text");
}

static void test_body_that_is_not_there(void **state)
{
	struct lua l;

	(void)state;
	open_body(&l, "assert(r.body == nil) r.headers.A = '1'");
	l.m.has_body = HOOK_BODY_ABSENT;
	run_well(&l);
	assert_int_equal(l.m.has_body, HOOK_BODY_ABSENT);
	lua_shut(&l);
	open_body(&l, "r.body = 'x'");
	l.m.has_body = HOOK_BODY_ABSENT;
	assert_int_equal(run(&l), -1);
	assert_non_null(strstr(log_text, "replay_body"));
	lua_shut(&l);
}

static struct token *token_of(const char *text)
{
	struct oauth_error e;
	struct token *t;

	assert_int_equal(token_reply_read(200, STR("application/json"),
					  str_z(text), 1, &t, &e, NULL),
			 TOKEN_OK);
	return t;
}

static void test_token(void **state)
{
	struct token *t = token_of("{\"access_token\":\"at\",\"a\":{\"b\":"
				   "[1]},\"expires_in\":60}");
	struct secret *fixed = secret_new(STR("fixed"));
	struct lua l;

	(void)state;
	open_body(&l, "r.headers = { A = r.token.access_token, "
		  "B = r.token.token_type, C = (r.token.a or { b = { 0 } })"
		  ".b[1], D = r.token.expires_in } "
		  "r.token.access_token = 'x' if r.token.a then "
		  "r.token.a.b[1] = 9 end");
	for (int i = 0; i < 2; i++) {
		lua_message(&l);
		l.m.token = t;
		run_well(&l);
		expect_fields(&l, "A: at|B: Bearer|C: 1|D: 60|");
	}
	token_unref(&t);
	t = token_static(fixed);
	lua_message(&l);
	l.m.token = t;
	run_well(&l);
	expect_fields(&l, "A: fixed|B: Bearer|C: 0|");
	token_unref(&t);
	secret_unref(&fixed);
	lua_shut(&l);
}

static void test_response(void **state)
{
	struct lua l;

	(void)state;
	open_body(&l, "assert(r.status == 404 and r.method == nil and "
		  "r.url == nil) r.status = 200 r.body = 'b'");
	l.m.status = 404;
	run_well(&l);
	assert_int_equal(l.m.status, 200);
	assert_true(str_eq_z(l.m.body, "b"));
	lua_shut(&l);
	open_body(&l, "r.status = r.body");
	for (int i = 0; i < 3; i++) {
		static const char *const none[] = { "99", "600", "x" };

		lua_message(&l);
		l.m.status = 200;
		l.m.has_body = HOOK_BODY_TEXT;
		l.m.body = str_z(none[i]);
		assert_int_equal(run(&l), -1);
		assert_non_null(strstr(log_text, "status must be a number"));
	}
	lua_shut(&l);
}

/* Parameters as "name=value&…". */
static void expect_params(const char *body, const char *expected)
{
	struct token_param params[] = {
		{ STR("b"), STR("1") }, { STR("resource"), STR("p") },
		{ STR("a"), STR("2") }, { STR("resource"), STR("q") },
	};
	struct buf b = BUF_INIT(1024);
	struct lua l;

	open_body(&l, body);
	l.m.has_params = true;
	l.m.params = params;
	l.m.nparams = 4;
	run_well(&l);
	for (size_t i = 0; i < l.m.nparams; i++)
		buf_addf(&b, "%.*s=%.*s&", STR_ARGS(l.m.params[i].name),
			 STR_ARGS(l.m.params[i].value));
	assert_string_equal(buf_z(&b), expected);
	buf_fini(&b);
	lua_shut(&l);
}

static void test_params(void **state)
{
	(void)state;
	expect_params("assert(r.params.b == '1' and "
		      "r.params.resource[2] == 'q')",
		      "b=1&resource=p&resource=q&a=2&");
	expect_params("r.params.b = nil r.params.a = 3 r.params.z = 'z' "
		      "r.params.y = { 'k', 'l' } r.params.resource = 'r'",
		      "resource=r&a=3&y=k&y=l&z=z&");
	expect_params("r.params = { empty = '' }", "empty=&");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_it_sees),
		cmocka_unit_test(test_method_and_url),
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_fields_that_cannot_be),
		cmocka_unit_test(test_body),
		cmocka_unit_test(test_body_that_is_not_there),
		cmocka_unit_test(test_token),
		cmocka_unit_test(test_response),
		cmocka_unit_test(test_params),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
