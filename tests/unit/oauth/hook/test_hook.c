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
		":2: protected_requst is not a hook; did you mean "
		"protected_request?");
	mistake("function x() end function client_auth(r) end",
		":1: x is not a hook; a function of your own must be local");
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
	lua_bad("error({})", "line=2 reason=\"the error that it raises is not");
	lua_bad("error()", "line=2 reason=\"the error that it raises is not");
	lua_bad("error(setmetatable({}, { __tostring = error }))",
		"line=2 reason=\"the error that it raises is not");
	lua_bad("hmac('md5', '', '')", "sha256, sha384 or sha512 is wanted");
	lua_bad("protected_request = nil\nreturn protected_request()",
		"line=3");
	lua_bad("local function f() error('in f') end\nf()",
		"line=2 reason=\"in f\"");
}

/* The call fails, at a line of the file, and its log has no part of these:
 * digits and names of the secret, an address. */
static void no_secret(const char *body)
{
	static const char *const parts[] = { "s3cret", "S3cret", "5e3c4e7",
					     "77001", "0x" };
	const char *log = lua_run(body);

	if (!log)
		print_error("%s\n", body);
	assert_non_null(log);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		const char *reason = strstr(log, " line=");

		assert_non_null(reason);
		if (strstr(reason, parts[i]))
			print_error("%s\n%s", body, log);
		assert_null(strstr(reason, parts[i]));
	}
	if (strstr(log, "line=0") || !strstr(log, " line=2 "))
		print_error("%s\n%s", body, log);
	assert_non_null(strstr(log, " line=2 "));
}

#define NO_SECRET(bodies)                                                    \
	for (size_t i = 0; i < sizeof(bodies) / sizeof((bodies)[0]); i++)    \
		no_secret((bodies)[i])

/* Text that a hook has put together may be anything. */
static void test_errors_show_no_secret(void **state)
{
	static const char *const bodies[] = {
		"error('the secret is ' .. r.client_secret)",
		"error(r.client_secret)",
		"error(r.client_secret, 0)",
		"error(r.client_secret, 2)",
		"assert(false, r.client_secret)",
		"local ok, e = pcall(error, r.client_secret) error(e)",
		"local ok, e = pcall(error, r.client_secret) error(e, 0)",
		("error(setmetatable({}, { __tostring = function() "
		 "return r.client_secret end }))"),
		"error({ code = r.client_secret, message = r.client_secret })",
		"string.format('%y' .. r.client_secret, 1)",
		"string.format('%' .. r.client_secret)",
		"string.format('%d', r.client_secret)",
		"string.format('%c%5.' .. r.client_secret, 1)",
		"string.pack('z' .. r.client_secret, 1)",
		"string.pack('i77001', 1)",
		"json.encode({ [r.client_secret] = error })",
		"string.rep(r.client_secret, 1 << 40)",
		"string.find(r.client_secret, '[' .. r.client_secret)",
		"hmac(r.client_secret, r.client_secret, r.client_secret)",
		"time.date('%' .. r.client_secret)",
		"tonumber(r.client_secret, 99)",
		"local x = r.client_secret + 1",
		"local x = r.client_secret // 0 | 1",
		"local x = {} x[r.client_secret].y = 1",
		"r[r.client_secret]()",
		"setmetatable({}, r.client_secret)",
		"local t = {} t[77001] = {} table.concat(t, '', 77001, 77001)",
		"for i = r.client_secret, 1 do end",
		"local x <close> = r.client_secret",
		"utf8.codepoint(r.client_secret, 77001)",
		"string.char(table.unpack({ 1, 2, 3, 4, 5, 6, 7, 8, 9, -1 }))",
	};

	(void)state;
	NO_SECRET(bodies);
}

/* What it leaves in the message is read behind its last line. */
static void test_messages_show_no_secret(void **state)
{
	static const char *const bodies[] = {
		"r.headers[r.client_secret .. ' '] = 'x'",
		"r.headers['X'] = r.client_secret .. '\\n'",
		"r.headers[r.client_secret] = { {} }",
		"r.url = { r.client_secret }",
		"r.method = r.client_secret .. ' '",
		"r.body = { [r.client_secret] = error }",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		const char *log = lua_run(bodies[i]);

		assert_non_null(log);
		assert_null(strstr(log, "s3cret"));
		assert_null(strstr(log, "line=0"));
	}
}

/* A type's name is the hook's to give. */
static void test_names_of_types_show_no_secret(void **state)
{
	static const char *const uses[] = {
		"t()", "local x = t + 1", "local x = 1 .. t", "local x = -t",
		"local x = t | 1", "local x = t < t", "local x = t < 1",
		"local x = 1 <= t", "string.rep(t)", "string.rep('x', t)",
		"('x'):rep(t)", "math.floor(t)", "sha256(t)", "json.decode(t)",
		"table.concat({ t })", "for i = t, 1 do end", "select(t)",
		"string.char(t)", "random(t)", "tonumber('1', t)",
		"setmetatable({}, 1, t)", "error(t)",
		"form.encode({ a = { t } })",
		"assert(false, t)", "('x'):gsub('x', function() return t end)",
		"table.sort({ 1, t })", "string.format('%d', t)",
		"string.format('%q', t)", "next({}, t)", "load(t)",
		"local x <close> = t", "r.headers[t] = 1", "ipairs()",
	};
	char body[256];

	(void)state;
	for (size_t i = 0; i < sizeof(uses) / sizeof(uses[0]); i++) {
		snprintf(body, sizeof(body), "local t = setmetatable({}, "
			 "{ __name = r.client_secret }) %s", uses[i]);
		no_secret(body);
	}
}

/* So are the names in a text that it loads, its constants and its lines. */
static void test_loaded_texts_show_no_secret(void **state)
{
	static const char *const bodies[] = {
		"assert(load(r.client_secret))",
		"assert(load('x = ' .. r.client_secret .. ' ='))",
		"assert(load('goto S3cret'))",
		"assert(load('::S3cret:: ::S3cret::'))",
		"assert(load('x = 5e3c4e7'))",
		"assert(load('local S3cret <const> = 1 S3cret = 2'))",
		"assert(load('local x <S3cret> = 1'))",
		"error(select(2, load('x = 77001x')))",
		"load('S3cret()')()",
		"load('local S3cret S3cret()')()",
		"load('local S3cret S3cret.x = 1')()",
		"load('local x = {} x.S3cret.y = 1')()",
		"load('local x = {} x:S3cret()')()",
		"load('local x = {} x[\"S3cret\"].y = 1')()",
		"load('S3cret = \"a\" .. S3cret')()",
		("load('local S3cret return function() return S3cret.x end')"
		 "()()"),
		"load('local S3cret <close> = 1')()",
		"load('return #S3cret')()",
		"load('return \"S3cret\" + 1')()",
		"load('local S3cret = string.rep S3cret()')()",
		"load('S3cret = function() error() end S3cret()', '@S3cret')()",
		"load('error(\"S3cret\")', 'S3cret')()",
		"load(('\\n'):rep(77001) .. 'error()')()",
		"load(('\\n'):rep(77001) .. 'local x = nil + 1')()",
		"load(('\\n'):rep(77001) .. 'while true do end')()",
		"load('x.S3cret()', 'n', 't', { x = {} })()",
		"assert(load('\\27S3cret'))",
	};

	(void)state;
	NO_SECRET(bodies);
	assert_non_null(strstr(lua_run("local x = load('S3cret()') x()"),
			       "attempt to call a nil value\""));
}

/* A name is told where it is the code's, words where a literal raises them:
 * that another part of the file holds them says nothing. */
static void test_what_of_the_file_is_told(void **state)
{
	(void)state;
	lua_bad("local some = {}\nsome.thing.x = 1", "line=3 reason=\"attempt "
		"to index a nil value (field 'thing')\"");
	lua_bad("local s = { key = 's3cretkey' }\nerror(s.key)", "line=3 "
		"reason=\"the words of its error are not shown");
	no_secret("local key = 's3cretkey' error(key)");
	no_secret("local x = {} x['s3cretkey'].y = 1");
	no_secret("local x = {} x[ [[s3cretkey]] ].y = 1");
	no_secret("load('x.' .. 's3cretkey()', '', 't', { x = {} })()");
	lua_bad("local ok, e = pcall(error, 'said', 0)\nerror(e)",
		"line=2 reason=said");
	lua_bad("local function f()\nerror('within', 2)\nend\nf()",
		"line=5 reason=within");
	lua_bad("assert(nil,\n 'elsewhere')", "words of its error");
	lua_bad("error(\"quoted\")", "reason=quoted");
	lua_bad("error \"bare\"", "reason=bare");
	lua_bad("string.rep('x', {})", "bad argument #2 to 'rep' (number "
		"expected, got table)");
	lua_bad("local x = r.client_secret + 1", "attempt to add a 'string' "
		"with a 'number'");
	lua_bad("table.concat({ 1, {} })", "invalid value (table) at index 2 "
		"in table for 'concat'");
	lua_bad("hmac('md5', '', '')", "bad argument #1 to 'hmac' (sha256, "
		"sha384 or sha512 is wanted)");
}

/* The file holds secrets, too, and what it does when it is read is told by
 * check. */
static void test_mistakes_show_no_secret(void **state)
{
	static const char *const texts[] = {
		"local key = 's3cret",
		"local key = [[s3cret",
		"local key = s3cret-s3cret x",
		"local key = 5e3c4e7s3cret",
		"local key = 's3cret\\q'",
		"x.s3cret = 's3cret' y",
		"error('key ' .. 's3cret')",
		"local key = 's3cret' error(key)",
		"_G['s3cret'] = function() end",
		"load('function s3cret() end')()",
		"load(('\\n'):rep(77001) .. 'function protected() end')()",
		"local t = setmetatable({}, { __name = 's3cret' }) t()",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct lua l;

		assert_int_equal(lua_open(&l, texts[i]), -1);
		if (strstr(buf_z(&l.mistakes), "s3cret"))
			print_error("%s\n%s", texts[i], buf_z(&l.mistakes));
		assert_null(strstr(buf_z(&l.mistakes), "s3cret"));
		assert_null(strstr(buf_z(&l.mistakes), "5e3c"));
		assert_null(strstr(buf_z(&l.mistakes), "77001"));
		lua_shut(&l);
	}
	mistake("\ngoto nowhere", ":2: no visible label 'nowhere' for");
	mistake("function f()\nif x then\nend", ":3: 'end' expected (to close "
		"'function' at line 1) near <eof>");
	mistake("local a <const> = 1 a = 2", "attempt to assign to const "
		"variable 'a'");
	mistake("x = }", ":1: unexpected symbol near '}'");
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
		cmocka_unit_test(test_messages_show_no_secret),
		cmocka_unit_test(test_names_of_types_show_no_secret),
		cmocka_unit_test(test_loaded_texts_show_no_secret),
		cmocka_unit_test(test_what_of_the_file_is_told),
		cmocka_unit_test(test_mistakes_show_no_secret),
		cmocka_unit_test(test_services_share_nothing),
		cmocka_unit_test(test_hoard),
		cmocka_unit_test(test_goes_on_after_failures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
