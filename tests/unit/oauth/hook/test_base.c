/* SPDX-License-Identifier: MIT */
/* What a hook cannot get at, and cannot do without end. */
#include "oauth/hook/lua.h"

#include <inttypes.h>
#include <time.h>

#include "oauth/hook/int.h"

/* Seconds of the processor, of a call: thrice what the manual says, for a
 * machine may be slow, and sanitizers are. */
#define TIME_BOUND (LUA_IS_SLOW ? 3.0 : 0.8)

static void test_forbidden_names(void **state)
{
	static const char *const names[] = {
		"dofile", "loadfile", "require", "package", "io", "os",
		"debug", "coroutine", "collectgarbage", "print", "warn",
		"xpcall", "loadstring", "module", "getfenv", "setfenv",
		"string.dump", "math.randomseed", "table.foreach", "arg",
	};
	char body[256];

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(body, sizeof(body), "assert(%s == nil)", names[i]);
		lua_good(body);
		snprintf(body, sizeof(body),
			 "local ok = pcall(function() %s() end) assert(not ok)",
			 names[i]);
		lua_good(body);
	}
}

/* Whatever else comes in some day is looked at here first. */
static void test_all_names(void **state)
{
	(void)state;
	lua_good("local known = {}\n"
		 "for n in ('_G _VERSION assert error getmetatable ipairs load "
		 "next pairs pcall rawequal rawget rawlen rawset select "
		 "setmetatable tonumber tostring type string table math utf8 "
		 "time json form uri base64 base64url hex sha256 sha384 sha512 "
		 "hmac random protected_request'):gmatch('%S+') do "
		 "known[n] = true end\n"
		 "for n in pairs(_G) do assert(known[n], n) known[n] = nil "
		 "end\n"
		 "assert(next(known) == nil)");
}

static void test_load(void **state)
{
	(void)state;
	lua_good("x = 5 assert(load('return x')() == 5)");
	lua_good("assert(load('return x', 'n', 't', { x = 6 })() == 6)");
	lua_good("load('y = 7')() assert(y == 7)");
	lua_good("local f, e = load('\\27Lua') assert(f == nil and "
		 "e:find('binary'))");
	lua_good("local f = load('\\27Lua', 'x', 'b') assert(f == nil)");
	lua_good("local f, e = load('x =') assert(f == nil and "
		 "type(e) == 'string')");
	lua_bad("load(function() return 'x = 1' end)", "string expected");
	lua_bad("load(('x = 1 '):rep(100000))", "too long");
}

static void test_metatables(void **state)
{
	(void)state;
	lua_good("assert(getmetatable('') == false)");
	lua_bad("getmetatable('').__index = {}", "attempt to index");
	lua_bad("setmetatable('', {})", "table expected");
	lua_good("string.upper = nil assert(('a'):upper() == 'A')");
	lua_bad("setmetatable({}, { __gc = function() end })", "__gc");
	lua_good("assert(getmetatable(r.headers) == false)");
	lua_bad("setmetatable(r.headers, {})", "protected metatable");
	lua_good("assert(getmetatable(json.decode('[]')) == 'array')");
	lua_good("local t = setmetatable({}, { __index = { a = 1 } }) "
		 "assert(t.a == 1)");
	lua_good("assert('10' + 1 == 11)");
}

/* An address tells how memory is laid out. */
static void test_addresses_are_not_shown(void **state)
{
	(void)state;
	lua_good("assert(tostring({}) == 'table')");
	lua_good("assert(tostring(error) == 'function' and "
		 "tostring(function() end) == 'function')");
	lua_good("assert(tostring(json.null) == 'userdata')");
	lua_good("assert(('%s %s %10s'):format({}, print, error) == "
		 "'table nil   function')");
	lua_good("local t = setmetatable({}, { __name = 'mine' }) "
		 "assert(not tostring(t):find('0x') and "
		 "not ('%s'):format(t):find('0x'))");
	lua_good("assert(not ('x'):gsub('x', tostring):find('0x'))");
	lua_good("local t = setmetatable({}, { __tostring = function() "
		 "return 'me' end }) assert(tostring(t) == 'me' and "
		 "('%s'):format(t) == 'me')");
	lua_good("assert(tostring(nil) == 'nil' and tostring(1.5) == '1.5' "
		 "and tostring(2) == '2' and tostring(true) == 'true' and "
		 "tostring('a') == 'a')");
	lua_good("for _, f in ipairs({ '%d', '%q', '%x', '%c', '%g' }) do "
		 "local ok, e = pcall(string.format, f, {}) "
		 "assert(not ok and not e:find('0x')) end");
	lua_bad("string.format('%p', {})", "the format has a conversion");
	lua_bad("tostring()", "value expected");
	lua_bad("tostring(setmetatable({}, { __tostring = function() "
		"return {} end }))", "'__tostring' must return a string");
}

static uint64_t turned(uint64_t x, int n)
{
	return x << n | x >> (64 - n);
}

/* The first of Lua's random numbers (xoshiro256**), by its seed. */
static uint64_t first_number(uint64_t seed, uint64_t more)
{
	uint64_t s[4] = { seed, 0xff, more, 0 }, x = 0;

	for (int i = 0; i < 17; i++) {
		uint64_t t = s[1] << 17;

		x = turned(s[1] * 5, 7) * 9;
		s[2] ^= s[0];
		s[3] ^= s[1];
		s[1] ^= s[2];
		s[0] ^= s[3];
		s[2] ^= t;
		s[3] = turned(s[3], 45);
	}
	return x;
}

/* Lua would seed them with the time and the address of its state. */
static void test_random_numbers_hold_no_address(void **state)
{
	struct hook_machine *m = hook_machine_new();
	char log[512], number[32];
	uint64_t now;
	struct lua l;

	(void)state;
	assert_int_equal(lua_open(&l, "function protected_request(r) r.body = "
				  "('%x'):format(math.random(0)) end"), 0);
	assert_int_equal(lua_call_in(&l, m, log, sizeof(log)), 0);
	now = (uint64_t)time(NULL);
	for (uint64_t at = now - 60; at <= now; at++) {
		snprintf(number, sizeof(number), "%" PRIx64,
			 first_number(at, (uintptr_t)m->L));
		assert_false(str_eq_z(l.m.body, number));
	}
	lua_shut(&l);
	hook_machine_free(&m);
}

static void bounded(const char *body, const char *words)
{
	struct timespec began, ended;
	double took;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &began);
	lua_bad(body, words);
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ended);
	took = (double)(ended.tv_sec - began.tv_sec) +
	       (double)(ended.tv_nsec - began.tv_nsec) / 1e9;
	if (took > TIME_BOUND)
		print_error("%s\n%f s\n", body, took);
	assert_true(took < TIME_BOUND);
}

static void test_time_is_bounded(void **state)
{
	static const char *const bodies[] = {
		"while true do end",
		"local function f() return f() end f()",
		"while true do pcall(function() while true do end end) end",
		"while true do pcall(error) end",
		"repeat local ok = pcall(string.rep, 'x', 1e6) until false",
		"for i = 1, math.huge do local s = ('x'):rep(100000) .. i end",
		"local a, b = ('x'):rep(1000000) .. 'a', ('x'):rep(1000000) .. "
		"'b' while true do local c = a < b end",
		"local s = (' '):rep(1000000) while true do "
		"local n = tonumber(s) end",
		"local s = (' '):rep(1000000) .. 1 while true do "
		"local n = s + 1 end",
		"local t = {} for i = 1, 60000 do t[i] = i end "
		"while true do table.insert(t, 1, 0) table.remove(t, 1) end",
		"local t = {} while true do table.unpack(t, 1, 60000) end",
		"while true do table.concat(table.pack(('x'):byte(1, -1))) end",
		"local s = ('x'):rep(1000000) while true do utf8.len(s) end",
		"while true do json.decode('[' .. ('1,'):rep(4000) .. '1]') "
		"end",
		"local t = {} for i = 1, 4000 do t[i] = i end "
		"while true do json.encode(t) end",
		"local s = ('x'):rep(1000000) while true do sha256(s) end",
		"local s = ('x'):rep(500000) while true do "
		"hex.encode(s) end",
		"local s = ('a=b&'):rep(2000) while true do form.decode(s) "
		"end",
		"local x <close> = setmetatable({}, { __close = function() "
		"while true do end end }) while true do end",
		"local t <close> = setmetatable({}, { __close = function() "
		"while true do end end })",
		"local t = {} for i = 1, 1000 do t['x' .. i] = i end "
		"while true do form.encode(t) end",
		"while true do for k in pairs(_G) do end end",
		"local t = {} for i = 1, 5000 do r.headers['h' .. i] = 'x' end "
		"while true do local x = r.headers.nothing end",
		"local s = '' for i = 1, 1e9 do s = i .. '' end",
		"while true do load('return 1') end",
		"while true do load('return {' .. ('{},'):rep(60000) .. '}') "
		"end",
		"local t = {} for i = 1, 4000 do t[i] = 0.1 * i end "
		"while true do json.encode(t) end",
		"local s = ('\\0'):rep(500000) while true do "
		"string.format('%q', s) end",
		"local t = {} for i = 1, 2000 do t[i] = 1e308 end "
		"while true do pcall(string.format, ('%.99f'):rep(2000), "
		"table.unpack(t)) end",
		"local s = '0x' .. ('1'):rep(1000000) while true do "
		"local a = s + s + s + s + s + s + s + s + s + s + s + s + s "
		"end",
		"local s = (' '):rep(1000000) while true do "
		"pcall(math.abs, s) pcall(math.abs, s) end",
		"local t = {} for i = 1, 60000 do t[i] = {} end "
		"while true do local x = ('x'):rep(1000000) end",
		"local t = {} for i = 1, 60000 do t['x' .. i] = i end "
		"for k in pairs(t) do t[k] = nil end while true do next(t) end",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
		bounded(bodies[i], "it takes too long");
}

/* A collection of tables with weak keys, each of which is known to live once
 * the one at the table's other end is: with Lua's, it takes seconds. */
static void test_weak_keys_are_bounded(void **state)
{
	static const char body[] =
		"local keys, t = {}, setmetatable({}, { __mode = 'k' }) "
		"for i = 1, 30000 do t[{}] = 1 end "
		"for k in next, t do keys[#keys + 1] = k end "
		"local low, high = 1, #keys local root = keys[1] "
		"while low < high do t[keys[low]] = keys[high] low = low + 1 "
		"if low < high then t[keys[high]] = keys[low] end "
		"high = high - 1 end keys = nil "
		"while true do local x = ('x'):rep(1000000) .. #t end";

	(void)state;
	bounded(body, "line=2 reason=\"it ");
	lua_good("local m = {} local t = setmetatable({}, m) "
		 "m.__mode = 'k' m['__m' .. 'ode'] = 'k' assert(m.__mode == "
		 "'k') local n = 0 "
		 "for i = 1, 100 do t[{}] = ('x'):rep(50000) end "
		 "for k in pairs(t) do n = n + 1 end assert(n == 100)");
}

/* Tables that say of themselves that they have no end. */
static void test_ranges_are_bounded(void **state)
{
	static const char *const bodies[] = {
		"table.move({}, 1, 1 << 60, 2)",
		"table.move({}, math.mininteger, math.maxinteger, 2)",
		"table.unpack({}, 1, 1 << 30)",
		"table.unpack({}, math.mininteger, math.maxinteger)",
		"table.concat(setmetatable({}, { __len = function() "
		"return 1 << 60 end, __index = function() return '' end }))",
		"table.insert(setmetatable({}, { __len = function() "
		"return 1 << 60 end }), 1, 2)",
		"table.remove(setmetatable({}, { __len = function() "
		"return 1 << 60 end }), 1)",
		"table.sort(setmetatable({}, { __len = function() "
		"return 1 << 30 end }))",
		"string.rep('', 1 << 60)",
		"string.rep('x', 1 << 60)",
		"string.rep('', 1 << 60, 'x')",
		"local t = {} for i = 1, 70000 do t[i] = i end table.sort(t)",
		"select(-1, table.unpack({}, 1, 100000))",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
		bounded(bodies[i], "line=2");
}

static void test_memory_is_bounded(void **state)
{
	(void)state;
	bounded("local t = {} while true do t[#t + 1] = ('x'):rep(9999) .. #t "
		"end", "it needs more than 8 MiB");
	bounded("local t = {} for i = 1, 1e9 do t[i] = i end", "2 MiB");
	bounded("local s = 'x' while true do s = s .. s end", "2 MiB");
	bounded("local t = {} while true do t = { t } end",
		"it needs more than 8 MiB");
	bounded("local t = {} while true do pcall(function() "
		"t[#t + 1] = ('x'):rep(99999) .. #t end) end",
		"it needs more than 8 MiB");
	bounded("local s = ('x'):rep(1000000) local t = {} "
		"for i = 1, 60000 do t[i] = s end table.concat(t)",
		"memory");
	bounded("local s = ('x'):rep(1000) s:gsub('.', function() "
		"return ('y'):rep(100000) end)", "line=2");
	bounded("r.body = {} for i = 1, 4000 do "
		"r.body[i] = ('x'):rep(1000) end", "line=1");
	lua_good("for i = 1, 12 do local s = ('x'):rep(900000) .. i end");
}

static void test_recursion_is_bounded(void **state)
{
	static const char *const bodies[] = {
		"local function f() return 1 + f() end f()",
		"local function f() return pcall(f) end assert(not f())",
		"local function f(s) return ('x'):gsub('x', f) end f()",
		"local t = setmetatable({}, {}) getmetatable(t).__index = t "
		"local x = t.y",
		"local t = setmetatable({}, { __index = function(t, k) "
		"return t[k + 1] end }) local x = t[1]",
		"local t = {} t[1] = t json.encode(t)",
		"local t = {} t.a = t json.encode(t)",
		"load(('('):rep(10000))() ",
		"load('return ' .. ('{'):rep(10000))()",
		"local s = setmetatable({}, { __tostring = function(s) "
		"return tostring(s) end }) tostring(s)",
		"local function f(a, b) table.sort({ 1, 2, 3 }, f) "
		"return a < b end f(1, 2)",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
		bounded(bodies[i], "line=2");
}

static void test_what_works(void **state)
{
	(void)state;
	lua_good("local t = { 3, 1, 2 } table.sort(t) "
		 "assert(table.concat(t, ',') == '1,2,3')");
	lua_good("local t = { 3, 1, 2 } table.sort(t, function(a, b) "
		 "return a > b end) assert(table.concat(t, ',') == '3,2,1')");
	lua_good("local t = { 1, 2 } table.insert(t, 3) table.insert(t, 1, 0) "
		 "assert(#t == 4 and table.remove(t) == 3 and "
		 "table.remove(t, 1) == 0)");
	lua_good("assert(select('#', table.unpack({ 1, nil, 3 }, 1, 3)) == 3)");
	lua_good("local t = table.move({ 1, 2, 3 }, 2, 3, 1) "
		 "assert(t[1] == 2 and t[2] == 3)");
	lua_good("assert(('ab'):rep(3, '-') == 'ab-ab-ab')");
	lua_good("assert(('x'):rep(0) == '' and ('x'):rep(-1) == '')");
	lua_good("assert(string.format('%05.1f|%-4s|%q|%x%%', 3.14159, 'ab', "
		 "'c\"', 255) == '003.1|ab  |\"c\\\\\"\"|ff%')");
	lua_good("local ok, e = pcall(error, { code = 1 }) "
		 "assert(not ok and e.code == 1)");
	lua_good("local ok, e = pcall(error, 'x', 0) assert(e == 'x')");
	lua_good("assert(pcall(function(...) return ... end, 1, 2))");
	lua_good("local a, b = assert(1, 2) assert(a == 1 and b == 2)");
	lua_good("assert(math.type(math.tointeger(3.0)) == 'integer')");
	lua_good("assert(utf8.len('\\u{e4}b') == 2 and utf8.char(228) == "
		 "'\\u{e4}')");
	lua_good("assert(string.unpack('>I2', string.pack('>I2', 258)) == "
		 "258)");
	lua_good("local ok, e = pcall(function() local x = nil .. 'a' end) "
		 "assert(not ok and e:find('hook:2:', 1, true))");
	lua_good("local a <const> = 1 goto out ::out::");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forbidden_names),
		cmocka_unit_test(test_all_names),
		cmocka_unit_test(test_load),
		cmocka_unit_test(test_metatables),
		cmocka_unit_test(test_addresses_are_not_shown),
		cmocka_unit_test(test_random_numbers_hold_no_address),
		cmocka_unit_test(test_time_is_bounded),
		cmocka_unit_test(test_weak_keys_are_bounded),
		cmocka_unit_test(test_ranges_are_bounded),
		cmocka_unit_test(test_memory_is_bounded),
		cmocka_unit_test(test_recursion_is_bounded),
		cmocka_unit_test(test_what_works),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
