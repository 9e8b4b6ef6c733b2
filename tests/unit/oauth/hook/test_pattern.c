/* SPDX-License-Identifier: MIT */
/* Patterns find what Lua's manual says that they find, and end. */
#include "oauth/hook/lua.h"

static void test_find(void **state)
{
	static const char *const bodies[] = {
		"assert(('hello'):find('l') == 3)",
		"local a, b = ('hello'):find('l+') assert(a == 3 and b == 4)",
		"local a, b = ('hello'):find('') assert(a == 1 and b == 0)",
		"local a, b = ('hello'):find('', 6) assert(a == 6 and b == 5)",
		"assert(('hello'):find('', 7) == nil)",
		"assert(('hello'):find('h', -5) == 1)",
		"assert(('hello'):find('h', -4) == nil)",
		"assert(('hello'):find('h', -40) == 1)",
		"assert(('a.b'):find('.', 1, true) == 2)",
		"assert(('a.b'):find('c', 1, true) == nil)",
		"assert(('a.b'):find('', 3, true) == 3)",
		"assert(('a+b'):find('+', 1, true) == 2)",
		("local a, b, c, d = ('key=value'):find('(%w+)=(%w+)') "
		 "assert(a == 1 and b == 9 and c == 'key' and d == 'value')"),
		"assert(('x'):find('^x$') == 1)",
		"assert(('xy'):find('^y') == nil)",
		"assert(('xy'):find('^y', 2) == 2)",
		"assert(('a$b'):find('$b') == 2)",
		"assert(('a^b'):find('a^') == 1)",
		"assert(('\\0x'):find('x') == 2)",
		"assert(('\\0'):find('%c') == 1)",
		"assert(('a\\0b'):find('\\0b') == 2)",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
		lua_good(bodies[i]);
}

static void test_match(void **state)
{
	static const char *const bodies[] = {
		"assert(('  x '):match('^%s*(.-)%s*$') == 'x')",
		"assert(('2026-11-23'):match('%d+-(%d+)') == '11')",
		"assert(('abc'):match('()') == 1)",
		"local a, b = ('abc'):match('()b()') assert(a == 2 and b == 3)",
		"assert(('f(a(b)c)d'):match('%b()') == '(a(b)c)')",
		"assert(('f(a'):match('%b()') == nil)",
		"assert(('||a|b'):match('%b||') == '||')",
		"assert(('THE (quick) fox'):find('%f[%a]%a+%f[%A]') == 1)",
		"assert(('aXb'):match('%f[%u].') == 'X')",
		"assert(('x'):match('%f[%z]') == nil)",
		"assert(('\"a\"'):match('([\"\\'])(.-)%1') == '\"')",
		"assert(('abab'):match('^(ab)%1$') == 'ab')",
		"assert(('[]'):match('[]]') == ']')",
		"assert(('^'):match('[%^]') == '^')",
		"assert(('a'):match('[^b]') == 'a')",
		"assert((']'):match('[^]]') == nil)",
		"assert(('-'):match('[a-]') == '-')",
		"assert(('b'):match('[a-c]') == 'b')",
		"assert(('-'):match('[%a-z]') == '-')",
		"assert(('caaab'):match('a-b') == 'aaab')",
		"assert(('caaab'):match('a*') == '')",
		"assert(('caaab'):match('a?b') == 'ab')",
		"assert(('aXb'):match('%U%u%U') == 'aXb')",
		"assert(('x.y'):match('%.') == '.')",
		"assert(('0xFf'):match('^0x(%x+)$') == 'Ff')",
		"assert(('\\t\\n '):match('^%s+$'))",
		"assert(('\\xff'):match('%w') == nil)",
		"assert(('a,b'):match('%p') == ',')",
		"assert(('a'):match('.', 2) == nil)",
		"assert(('abc'):match('((a)(b))') == 'ab')",
		"assert(select(3, ('abc'):match('((a)(b))')) == 'b')",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
		lua_good(bodies[i]);
}

static void test_gmatch_and_gsub(void **state)
{
	static const char *const bodies[] = {
		"local t = {} for k, v in ('a=1, b=2'):gmatch('(%w+)=(%w+)') "
		"do t[k] = v end assert(t.a == '1' and t.b == '2')",
		"local n = 0 for _ in ('abc'):gmatch('') do n = n + 1 end "
		"assert(n == 4)",
		"local s = '' for w in ('a,b,,c'):gmatch('[^,]*') do "
		"s = s .. w .. ';' end assert(s == 'a;b;;c;')",
		"local n = 0 for _ in ('xxx'):gmatch('x', 2) do n = n + 1 end "
		"assert(n == 2)",
		"local n = 0 for _ in ('a'):gmatch('^a') do n = n + 1 end "
		"assert(n == 0)",
		"assert(('hello'):gsub('l', 'L') == 'heLLo')",
		"assert(('hello'):gsub('l', 'L', 1) == 'heLlo')",
		"assert(select(2, ('hello'):gsub('', '-')) == 6)",
		"assert((('hello'):gsub('', '-')) == '-h-e-l-l-o-')",
		"assert((('abc'):gsub('%w', '%0%0')) == 'aabbcc')",
		"assert((('abc'):gsub('%w', '%1%1')) == 'aabbcc')",
		"assert((('a b'):gsub('(%w) (%w)', '%2 %1')) == 'b a')",
		"assert((('abc'):gsub('b', '%%')) == 'a%c')",
		"assert((('abc'):gsub('%w', { a = 'x', b = false })) == 'xbc')",
		"assert((('abc'):gsub('%w', function(c) if c == 'b' then "
		"return 5 end end)) == 'a5c')",
		"assert((('abc'):gsub('()b', '%1')) == 'a2c')",
		"assert((('aaa'):gsub('^a', 'b')) == 'baa')",
		"assert((('abc'):gsub('x*', '-')) == '-a-b-c-')",
		"assert((('a  b'):gsub(' *', '-')) == '-a-b-')",
		"assert((('abc'):gsub('.', '', 0)) == 'abc')",
		"assert((('/a b/'):gsub('[^%w/]', function(c) "
		"return ('%%%02X'):format(c:byte()) end)) == '/a%20b/')",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
		lua_good(bodies[i]);
}

static void test_what_is_none(void **state)
{
	static const char *const patterns[] = {
		"[", "[a", "[^", "[]", "[%", "%", "(", "(a", ")", "a)", "%b",
		"%bx", "%f", "%fx", "%1", "(a%1", "%0", "()%1",
	};
	char body[128];

	(void)state;
	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		snprintf(body, sizeof(body), "('aab'):find('%s')",
			 patterns[i]);
		lua_bad(body, "not a valid pattern");
	}
	lua_bad("('a'):find(('a?'):rep(200))", "too long");
	lua_bad("('a'):find(('()'):rep(40))", "too many captures");
	lua_bad("('a'):gsub('a', '%')", "before a digit");
	lua_bad("('a'):gsub('a', '%x')", "before a digit");
	lua_bad("('a'):gsub('a', '%2')", "no capture 2");
	lua_bad("('a'):gsub('a', function() return {} end)",
		"a replacement is a table");
	lua_bad("('a'):gsub('a', true)", "expected");
}

/* Each of these would take Lua's own matcher from minutes to ages. */
static void test_catastrophes(void **state)
{
	static const char *const bodies[] = {
		"(('a'):rep(100)):find(('a*'):rep(30) .. 'b')",
		"(('a'):rep(100)):find(('a-'):rep(30) .. 'b')",
		"(('a'):rep(100)):find(('a?'):rep(60) .. 'b')",
		"(('a'):rep(100)):match(('(a*)'):rep(30) .. 'b')",
		"(('a'):rep(100)):gsub(('a*'):rep(30) .. 'b', '')",
		("for _ in (('a'):rep(100)):gmatch(('a*'):rep(30) .. 'b') do "
		 "end"),
		"(('a'):rep(1000000)):find('.-.-.-b')",
		"(('a'):rep(1000000)):find('(.*).*%1b')",
		"(('('):rep(1000000)):find('%b()')",
		"(('a'):rep(1000000)):gsub('a*b', '')",
		"(('a'):rep(1000000)):gsub('', ('x'):rep(1000))",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
		lua_bad(bodies[i], "line=2");
	lua_good("assert(not (('a'):rep(1000000)):find('b'))");
	lua_good("assert((('a'):rep(100000)):match('^a*$'))");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_match),
		cmocka_unit_test(test_gmatch_and_gsub),
		cmocka_unit_test(test_what_is_none),
		cmocka_unit_test(test_catastrophes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
