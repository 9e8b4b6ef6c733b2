/* SPDX-License-Identifier: MIT */
/* What hooks have beside Lua's own: values from the standards' examples. */
#include "oauth/hook/lua.h"

static void all_good(const char *const *bodies, size_t n)
{
	for (size_t i = 0; i < n; i++)
		lua_good(bodies[i]);
}

#define ALL(bodies) (bodies), sizeof(bodies) / sizeof((bodies)[0])

static void test_json(void **state)
{
	static const char *const bodies[] = {
		"local v = json.decode('{\"a\":[1,2.5,\"x\",true,null,{}],"
		"\"b\":{\"c\":-3}}') assert(v.a[1] == 1 and v.a[2] == 2.5 and "
		"v.a[3] == 'x' and v.a[4] == true and v.a[5] == json.null and "
		"v.b.c == -3 and #v.a == 6)",
		"assert(math.type(json.decode('3')) == 'integer')",
		"assert(json.decode('1e400') == math.huge)",
		"local v, e = json.decode('{') assert(v == nil and "
		"e == 'it is not JSON')",
		"assert(json.decode('{\"a\":1,\"a\":2}') == nil)",
		"assert(json.encode({ b = 1, a = 'x\"', c = true }) == "
		"'{\"a\":\"x\\\\\"\",\"b\":1,\"c\":true}')",
		"assert(json.encode({ 1, 2.5, 'x', json.null, { } }) == "
		"'[1,2.5,\"x\",null,{}]')",
		"assert(json.encode({}) == '{}')",
		"assert(json.encode(json.array()) == '[]')",
		"assert(json.encode(json.array({})) == '[]')",
		"assert(json.encode(json.decode('{\"a\":[],\"b\":{}}')) == "
		"'{\"a\":[],\"b\":{}}')",
		"local t = json.decode('[1]') table.insert(t, 2) "
		"assert(json.encode(t) == '[1,2]')",
		"assert(json.encode(0.1) == '0.1')",
		"assert(json.decode(json.encode(1 / 3)) == 1 / 3)",
		"assert(json.encode(math.maxinteger) == '9223372036854775807')",
		"assert(json.encode(nil) == 'null')",
		"local t = {} for i = 50, 1, -1 do t['k' .. i] = i end "
		"local last = '' for k in json.encode(t):gmatch('\"(k%d+)\"') "
		"do assert(last < k) last = k end assert(last == 'k9')",
	};

	(void)state;
	all_good(ALL(bodies));
	lua_bad("json.encode(1 / 0)", "infinite");
	lua_bad("json.encode(0 / 0)", "none");
	lua_bad("json.encode(error)", "JSON has no function");
	lua_bad("json.encode({ [true] = 1 })",
		"a name in a table is a boolean");
	lua_bad("local t = {} for i = 1, 5000 do t[i] = i end json.encode(t)",
		"more than 4096 values");
	lua_bad("json.decode()", "string expected");
}

static void test_form_and_uri(void **state)
{
	static const char *const bodies[] = {
		"assert(form.encode({ b = 'x y&', a = 1, c = { 'p', 'q' } }) "
		"== "
		"'a=1&b=x+y%26&c=p&c=q')",
		"local t = form.decode('a=1&b=x+y%26&c=p&c=q&c=r&d') "
		"assert(t.a == '1' and t.b == 'x y&' and t.c[1] == 'p' and "
		"t.c[3] == 'r' and t.d == '')",
		"assert(next(form.decode('')) == nil)",
		"assert(uri.encode('a b/~') == 'a%20b%2F~')",
		"assert(uri.decode('a%20b+%zz') == 'a b+%zz')",
		"local u = uri.parse('https://H.example:8443/p/q?a=1#f') "
		"assert(u.scheme == 'https' and u.host == 'H.example' and "
		"u.port == 8443 and u.path == '/p/q' and u.query == 'a=1' and "
		"u.fragment == 'f')",
		("local u = uri.parse('http://h') assert(u.port == 80 and "
		 "u.path == '' and u.query == nil and u.fragment == nil)"),
		"assert(uri.parse('nothing') == nil)",
	};

	(void)state;
	all_good(ALL(bodies));
	lua_bad("form.encode({ a = true })", "a form's value is a boolean");
	lua_bad("form.encode({ a = { {} } })", "a form's value is a table");
	lua_bad("form.encode({ 'a' })", "a name in a table is a number");
	lua_bad("form.encode('a')", "table expected");
}

static void test_octets(void **state)
{
	static const char *const bodies[] = {
		"assert(base64.encode('foob') == 'Zm9vYg==')",
		"assert(base64.decode('Zm9vYg==') == 'foob')",
		"assert(base64.decode('Zm9vYg') == nil)",
		"assert(base64url.encode('\\xfb\\xff') == '-_8')",
		"assert(base64url.decode('-_8') == '\\xfb\\xff')",
		"assert(base64url.decode('-_8=') == nil)",
		"assert(hex.encode('\\0\\xffa') == '00ff61')",
		"assert(hex.decode('00FF61') == '\\0\\xffa')",
		"assert(hex.decode('0') == nil and hex.decode('0g') == nil)",
		"assert(#random(16) == 16 and random(16) ~= random(16))",
	};

	(void)state;
	all_good(ALL(bodies));
	lua_bad("random(0)", "1 to 256");
	lua_bad("random(257)", "1 to 256");
	lua_bad("hex.encode(('x'):rep(700000))", "longer than 1048576");
}

/* FIPS 180's and RFC 4231's examples. */
static void test_digests(void **state)
{
	static const char *const bodies[] = {
		"assert(sha256('abc', 'hex') == 'ba7816bf8f01cfea414140de5dae"
		"2223b00361a396177a9cb410ff61f20015ad')",
		"assert(hex.encode(sha256('abc')) == sha256('abc', 'hex'))",
		"assert(#sha384('') == 48 and #sha512('') == 64)",
		"assert(sha384('abc', 'hex'):sub(1, 16) == 'cb00753f45a35e8b')",
		"assert(sha512('abc', 'hex'):sub(1, 16) == 'ddaf35a193617aba')",
		"assert(hmac('sha256', 'Jefe', 'what do ya want for nothing?', "
		"'hex') == '5bdcc146bf60754e6a042426089575c75a003f089d2739839d"
		"ec58b964ec3843')",
		"assert(hmac('sha512', 'Jefe', 'what do ya want for nothing?', "
		"'hex'):sub(1, 16) == '164b7a7bfcf819e2')",
		"assert(hmac('sha384', 'Jefe', 'what do ya want for nothing?', "
		"'hex'):sub(1, 16) == 'af45d2e376484031')",
		"assert(#hmac('sha256', '', '') == 32)",
	};

	(void)state;
	all_good(ALL(bodies));
	lua_bad("sha256('', 'base64')", "\\\"hex\\\" or nothing");
	lua_bad("sha256()", "string expected");
}

static void test_time(void **state)
{
	static const char *const bodies[] = {
		"assert(time.date('%Y-%m-%dT%H:%M:%SZ', 784111777) == "
		"'1994-11-06T08:49:37Z')",
		"assert(time.date('%a, %d %b %Y %H:%M:%S %Z', 784111777) == "
		"'Sun, 06 Nov 1994 08:49:37 GMT')",
		"assert(time.date('%e %j %y %z %%', 784111777) == "
		"' 6 310 94 +0000 %')",
		"assert(time.date('', 0) == '')",
		"assert(#time.date('%Y') == 4)",
		"assert(math.abs(time.now_ms() / 1000 - time.now()) < 2)",
		"assert(time.now() > 1700000000)",
	};

	(void)state;
	all_good(ALL(bodies));
	lua_bad("time.date('%n')", "conversion");
	lua_bad("time.date('%')", "conversion");
	lua_bad("time.date('%Y', -1)", "out of range");
	lua_bad("time.date('%Y', 1 << 60)", "out of range");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_form_and_uri),
		cmocka_unit_test(test_octets),
		cmocka_unit_test(test_digests),
		cmocka_unit_test(test_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
