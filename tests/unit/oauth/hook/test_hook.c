/* SPDX-License-Identifier: MIT */
#include "oauth/hook/hook.h"

#include "oauth/hook/lua.h"

static void mistake(const char *text, const char *words)
{
	struct lua l;

	assert_int_equal(lua_open(&l, text), -1);
	assert_null(l.hook);
	if (!strstr(buf_z(&l.mistakes), words))
		print_error("%s", buf_z(&l.mistakes));
	assert_non_null(strstr(buf_z(&l.mistakes), words));
	assert_non_null(strstr(buf_z(&l.mistakes), l.path));
	lua_shut(&l);
}

static void test_mistakes(void **state)
{
	(void)state;
	mistake("\n\nfunction protected_request(r\n end",
		":4: ')' expected");
	mistake("\nfunction protected_requst(r) end",
		":2: protected_requst is no hook; did you mean "
		"protected_request?");
	mistake("function x() end function client_auth(r) end",
		":1: x is no hook; a function of your own must be local");
	mistake("protected_request = 5",
		"protected_request must be a function");
	mistake("local x = 1", "it defines no hook");
	mistake("", "it defines no hook");
	mistake("\n\n\nlocal x = nil .. 'a'", ":4: attempt to concatenate");
	mistake("while true do end", ":1: it takes too long");
	mistake("\x1bLua\x54\x00", "attempt to load a binary chunk");
	mistake("error('no')", ":1: no");
}

static void test_all_mistakes(void **state)
{
	struct lua l;

	(void)state;
	assert_int_equal(lua_open(&l, "function a() end\n"
				  "function b() end"), -1);
	assert_non_null(strstr(buf_z(&l.mistakes), ":1: a is"));
	assert_non_null(strstr(buf_z(&l.mistakes), ":2: b is"));
	lua_shut(&l);
}

static void test_file_that_is_not_there(void **state)
{
	struct section s = section_new("hook = /nowhere/hook.lua\n");
	struct hook *h;
	struct lua l;

	(void)state;
	memset(&l, 0, sizeof(l));
	buf_init(&l.mistakes, 1024);
	assert_int_equal(hook_new(&h, s.s, lua_note, &l), -1);
	assert_null(h);
	assert_non_null(strstr(buf_z(&l.mistakes), "/nowhere/hook.lua"));
	buf_fini(&l.mistakes);
	section_free(&s);
	s = section_new("client_id = me\n");
	assert_int_equal(hook_new(&h, s.s, lua_note, &l), 0);
	assert_null(h);
	assert_false(hook_has(h, HOOK_PROTECTED_REQUEST));
	section_free(&s);
}

static void test_file_that_is_too_large(void **state)
{
	struct buf text = BUF_INIT(1 << 20);
	struct lua l;

	(void)state;
	while (text.n <= 256 * 1024)
		buf_add_z(&text, "-- as long as it takes\n");
	assert_int_equal(lua_read(&l, buf_str(&text)), -1);
	assert_non_null(strstr(buf_z(&l.mistakes), "larger than"));
	lua_shut(&l);
	buf_fini(&text);
}

static void test_functions(void **state)
{
	struct lua l;

	(void)state;
	assert_int_equal(lua_open(&l, "local function own(r) end\n"
				  "function client_auth(r) own(r) end\n"
				  "refresh_token_request = own\n"
				  "a_value = { 1 }\n"), 0);
	assert_true(hook_has(l.hook, HOOK_CLIENT_AUTH));
	assert_true(hook_has(l.hook, HOOK_REFRESH_TOKEN_REQUEST));
	assert_false(hook_has(l.hook, HOOK_PROTECTED_REQUEST));
	assert_false(hook_has(l.hook, HOOK_ACCESS_TOKEN_RESPONSE));
	lua_shut(&l);
}

static void test_errors(void **state)
{
	(void)state;
	lua_bad("\nerror('that is no good')",
		"line=3 reason=\"that is no good\"");
	lua_bad("error('no', 0)", "line=2 reason=no");
	lua_bad("local x\nx.y = 1", "line=3 reason=\"attempt to index a nil "
		"value (local 'x')\"");
	lua_bad("assert(false, 'not so')", "line=2 reason=\"not so\"");
	lua_bad("assert(nil)", "line=2 reason=\"assertion failed");
	lua_bad("error({})", "line=2 reason=\"the error that it raises is no");
	lua_bad("error()", "line=2 reason=\"the error that it raises is no");
	lua_bad("error(setmetatable({}, { __tostring = error }))",
		"line=2 reason=\"the error that it raises is no");
	lua_bad("hmac('md5', '', '')", "sha256, sha384 or sha512 is wanted");
	lua_bad("protected_request = nil\nreturn protected_request()",
		"line=3");
	lua_bad("local function f() error('in f') end\nf()",
		"line=2 reason=\"in f\"");
}

/* Text that a hook has put together may be anything. */
static void test_errors_show_no_secret(void **state)
{
	static const char *const bodies[] = {
		"error('the secret is ' .. r.client_secret)",
		"error(r.client_secret)",
		"error(r.client_secret, 0)",
		"assert(false, r.client_secret)",
		"local ok, e = pcall(error, r.client_secret) error(e)",
		"string.format('%y' .. r.client_secret, 1)",
		"string.format('%' .. r.client_secret)",
		"string.pack('z' .. r.client_secret, 1)",
		"json.encode({ [r.client_secret] = error })",
		"r.headers[r.client_secret .. ' '] = 'x'",
		"r.headers['X'] = r.client_secret .. '\\n'",
		"r.url = { r.client_secret }",
		"r.method = r.client_secret .. ' '",
		"string.rep(r.client_secret, 1 << 40)",
		"string.find(r.client_secret, '[' .. r.client_secret)",
		"hmac(r.client_secret, r.client_secret, r.client_secret)",
		"time.date('%' .. r.client_secret)",
		"assert(load(r.client_secret))",
		"assert(load('x = ' .. r.client_secret .. ' ='))",
		"tonumber(r.client_secret, 99)",
		"local x = r.client_secret + 1",
		"local x = {} x[r.client_secret].y = 1",
		"r[r.client_secret]()",
		"setmetatable({}, r.client_secret)",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		const char *log = lua_run(bodies[i]);

		if (!log)
			print_error("%s\n", bodies[i]);
		assert_non_null(log);
		if (strstr(log, "s3cret"))
			print_error("%s\n%s", bodies[i], log);
		assert_null(strstr(log, "s3cret"));
		assert_null(strstr(log, "line=0"));
	}
}

static void test_services_share_nothing(void **state)
{
	static const char text[] =
		"local calls = 0\n"
		"function protected_request(r)\n"
		"calls = calls + 1\n"
		"shared = (shared or '') .. 'x'\n"
		"string.upper = string.lower\n"
		"table.mine = 1\n"
		"json.encode = nil\n"
		"r.body = calls .. shared .. ('a'):upper()\n"
		"end\n";
	static const char other[] =
		"function protected_request(r)\n"
		"assert(shared == nil and table.mine == nil)\n"
		"r.body = string.upper('b') .. json.encode(1)\n"
		"end\n";
	struct hook_machine *m = hook_machine_new();
	struct lua a, b;
	char log[512];

	(void)state;
	assert_int_equal(lua_open(&a, text), 0);
	assert_int_equal(lua_open(&b, other), 0);
	assert_int_equal(lua_call_in(&a, m, log, sizeof(log)), 0);
	assert_true(str_eq_z(a.m.body, "1xA"));
	assert_int_equal(lua_call_in(&b, m, log, sizeof(log)), 0);
	assert_true(str_eq_z(b.m.body, "B1"));
	lua_message(&a);
	assert_int_equal(lua_call_in(&a, m, log, sizeof(log)), 0);
	assert_true(str_eq_z(a.m.body, "2xxA"));
	lua_shut(&a);
	lua_shut(&b);
	hook_machine_free(&m);
}

/* A service that hoards does not take the others' memory. */
static void test_hoard(void **state)
{
	static const char text[] =
		"local hoard = {}\n"
		"function protected_request(r)\n"
		"hoard[#hoard + 1] = string.rep('x', 900000 + #hoard)\n"
		"end\n";
	static const char other[] =
		"function protected_request(r)\n"
		"local x = {}\n"
		"for i = 1, 3 do x[i] = ('y'):rep(900000 + i) end\n"
		"end\n";
	struct hook_machine *m = hook_machine_new();
	struct lua a, b;
	char log[512];

	(void)state;
	assert_int_equal(lua_open(&a, text), 0);
	assert_int_equal(lua_open(&b, other), 0);
	for (int i = 0; i < 20; i++) {
		lua_message(&a);
		assert_int_equal(lua_call_in(&a, m, log, sizeof(log)), 0);
		lua_message(&b);
		assert_int_equal(lua_call_in(&b, m, log, sizeof(log)), 0);
	}
	lua_shut(&a);
	lua_shut(&b);
	hook_machine_free(&m);
}

/* After any failure the same state works. */
static void test_goes_on_after_failures(void **state)
{
	static const char *const bad[] = {
		"while true do end",
		"local t = {} while true do t[#t + 1] = {} end",
		"error({})",
		"local function f() return 1 + f() end f()",
		"string.find(('a'):rep(9999), ('a*'):rep(50) .. 'b')",
		"local s = 'x' while true do s = s .. s end",
	};
	struct hook_machine *m = hook_machine_new();
	char log[512], text[512];
	struct lua l;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(text, sizeof(text), "function protected_request(r)\n"
			 "if r.body == '' then r.body = 'x' return end\n"
			 "%s end", bad[i]);
		assert_int_equal(lua_open(&l, text), 0);
		for (int round = 0; round < 2; round++) {
			lua_message(&l);
			assert_int_equal(lua_call_in(&l, m, log, sizeof(log)),
					 0);
			assert_true(str_eq_z(l.m.body, "x"));
			lua_message(&l);
			l.m.body = STR("bad");
			assert_int_equal(lua_call_in(&l, m, log, sizeof(log)),
					 -1);
			assert_non_null(strstr(log, "line=3"));
		}
		lua_shut(&l);
	}
	hook_machine_free(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_all_mistakes),
		cmocka_unit_test(test_file_that_is_not_there),
		cmocka_unit_test(test_file_that_is_too_large),
		cmocka_unit_test(test_functions),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_errors_show_no_secret),
		cmocka_unit_test(test_services_share_nothing),
		cmocka_unit_test(test_hoard),
		cmocka_unit_test(test_goes_on_after_failures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
