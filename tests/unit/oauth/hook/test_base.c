/* SPDX-License-Identifier: MIT */
/* What a hook cannot get at, and cannot do without end. */
#include "oauth/hook/lua.h"

#include <time.h>

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

static void bounded(const char *body, const char *words)
{
	struct timespec began, ended;
	double took;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &began);
	lua_bad(body, words);
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ended);
	took = (double)(ended.tv_sec - began.tv_sec) +
	       (double)(ended.tv_nsec - began.tv_nsec) / 1e9;
	if (took > 3)
		print_error("%s\n%f s\n", body, took);
	assert_true(took < 3);
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
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
		bounded(bodies[i], "it takes too long");
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
	lua_good("for i = 1, 20 do local s = ('x'):rep(900000) .. i end");
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
		cmocka_unit_test(test_time_is_bounded),
		cmocka_unit_test(test_ranges_are_bounded),
		cmocka_unit_test(test_memory_is_bounded),
		cmocka_unit_test(test_recursion_is_bounded),
		cmocka_unit_test(test_what_works),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
