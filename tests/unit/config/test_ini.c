/* SPDX-License-Identifier: MIT */
#include "base/limits.h"
#include "config/ini.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"

/* All that was found, as text: "1 [kind|name] 2 key=value 3 !". */
struct found {
	struct buf text;
	struct buf mistakes;
};

static void on_section(void *arg, int line, struct str kind, struct str name)
{
	struct found *found = arg;

	buf_addf(&found->text, "%d [%.*s|%.*s]\n", line, STR_ARGS(kind),
		 STR_ARGS(name));
}

static void on_entry(void *arg, int line, struct str key, struct str value)
{
	struct found *found = arg;

	buf_addf(&found->text, "%d ", line);
	buf_add_str(&found->text, key);
	buf_add_char(&found->text, '=');
	buf_add_str(&found->text, value);
	buf_add_char(&found->text, '\n');
}

static void on_mistake(void *arg, int line, const char *what)
{
	struct found *found = arg;

	buf_addf(&found->text, "%d !\n", line);
	buf_addf(&found->mistakes, "%s\n", what);
}

static void read_text(struct found *found, struct str text)
{
	static const struct ini_events events = {
		on_section, on_entry, on_mistake
	};

	buf_init(&found->text, 1 << 24);
	buf_init(&found->mistakes, 1 << 24);
	ini_read(text, &events, found);
	assert_true(buf_ok(&found->text));
}

static void found_fini(struct found *found)
{
	buf_fini(&found->text);
	buf_fini(&found->mistakes);
}

static void expect_n(const char *p, size_t n, const char *want)
{
	struct found found;

	read_text(&found, (struct str){ p, n });
	assert_string_equal(buf_z(&found.text), want);
	found_fini(&found);
}

static void expect(const char *text, const char *want)
{
	expect_n(text, strlen(text), want);
}

/* One mistake on line 1, whose words hold these. */
static void expect_mistake(const char *text, const char *words)
{
	struct found found;

	read_text(&found, str_z(text));
	if (strncmp(buf_z(&found.text), "1 !\n", 4) != 0 ||
	    !strstr(buf_z(&found.mistakes), words))
		fail_msg("\"%s\": %s %s", text, buf_z(&found.text),
			 buf_z(&found.mistakes));
	found_fini(&found);
}

static void test_lines(void **state)
{
	(void)state;
	expect("", "");
	expect("\n\n", "");
	expect("[a]\nk=v\n", "1 [a|]\n2 k=v\n");
	expect("[a]\nk=v", "1 [a|]\n2 k=v\n");
	expect("[a b]\n\n k\n[c]", "1 [a|b]\n3 !\n4 [c|]\n");
	expect("# c\n; c\n  # c\n\t; k = v\n k2 = v", "5 !\n");
	expect("k = v\nk = w\n", "1 k=v\n2 k=w\n");
	expect("[ a   b c ] \t\n", "1 [a|b c]\n");
	expect("[]\n[a][b]\n", "1 [|]\n2 !\n2 [a|]\n");
	expect("[a]\r\nk = v\r\n\r\nk2 = w\r\n", "1 [a|]\n2 k=v\n4 k2=w\n");
}

static void test_values_as_written(void **state)
{
	(void)state;
	expect("k = a ; b\n", "1 k=a ; b\n");
	expect("k = a # b\n", "1 k=a # b\n");
	expect("k=;\n", "1 k=;\n");
	expect("k = # ; #\t;;\n", "1 k=# ; #\t;;\n");
	expect("k = a=b:c = d\n", "1 k=a=b:c = d\n");
	expect("k = \"q\" 'r'\n", "1 k=\"q\" 'r'\n");
	expect("k = [x]\n", "1 k=[x]\n");
	expect("k =  \t a  b \t \n", "1 k=a  b\n");
	expect("k =\n", "1 k=\n");
	expect("k=\xc3\xa9\xff\n", "1 k=\xc3\xa9\xff\n");
	expect("a.b.C-d_e/f = v\n", "1 a.b.C-d_e/f=v\n");
}

/* "k = " and n octets, with what inih would cut at strewn in. */
static void expect_length(size_t n, const char *unit)
{
	struct buf text = BUF_INIT(20000), want = BUF_INIT(20000);
	size_t length = strlen(unit);

	buf_add_z(&text, "[a]\nkey = x");
	buf_add_z(&want, "1 [a|]\n2 key=x");
	for (size_t i = 0; i + 2 < n; i++) {
		buf_add_char(&text, unit[i % length]);
		buf_add_char(&want, unit[i % length]);
	}
	buf_add_z(&text, "x\nlast = 1\n");
	buf_add_z(&want, "x\n3 last=1\n");
	expect(buf_z(&text), buf_z(&want));
	buf_fini(&text);
	buf_fini(&want);
}

static void test_long_values(void **state)
{
	static const char *const units[] = {
		"a", " ", "; ", " ;", "# ", "\t;", "a = b : c ", " [x] ",
		";", "ab ;cd\t#",
	};

	(void)state;
	for (size_t n = 2; n < 700; n += n < 180 || n > 210 ? 7 : 1)
		for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
			expect_length(n, units[i]);
	expect_length(LIMIT_CONFIG_VALUE, "a");
	expect_length(LIMIT_CONFIG_VALUE, " ;");
}

static void test_long_keys(void **state)
{
	struct buf text = BUF_INIT(20000), want = BUF_INIT(20000);

	(void)state;
	for (int i = 0; i < LIMIT_CONFIG_KEY; i++)
		buf_add_char(&text, 'k');
	buf_addf(&want, "1 %s=", buf_z(&text));
	buf_add_char(&text, '=');
	for (int i = 0; i < 1000; i++) {
		buf_add_z(&text, "v;");
		buf_add_z(&want, "v;");
	}
	buf_add_char(&want, '\n');
	expect(buf_z(&text), buf_z(&want));
	buf_reset(&text);
	for (int i = 0; i <= LIMIT_CONFIG_KEY; i++)
		buf_add_char(&text, 'k');
	buf_add_z(&text, "=v");
	expect_mistake(buf_z(&text), "longer than 128");
	buf_fini(&text);
	buf_fini(&want);
}

static void test_refused(void **state)
{
	struct buf text = BUF_INIT(20000);

	(void)state;
	expect_mistake("k: v\n", "\":\" does not separate");
	expect_mistake("k: v = w\n", "\":\" does not separate");
	expect_mistake(" k = v\n", "indented");
	expect_mistake("\tk = v\n", "indented");
	expect_mistake(" [a]\n", "indented");
	expect_mistake("word\n", "neither");
	expect_mistake("= v\n", "no key");
	expect_mistake("a b = v\n", "is not a key");
	expect_mistake("k\xc3\xa9 = v\n", "is not a key");
	expect_mistake("[a\n", "\"]\" is missing");
	expect_mistake("[a] ; c\n", "something behind");
	expect_mistake("k = a\rb\n", "control");
	expect_mistake("k = a\x01\n", "control");
	expect_mistake("k = a\x7f\n", "control");
	expect_mistake("# \x02\n", "control");
	buf_add_z(&text, "k = ");
	for (int i = 0; i <= LIMIT_CONFIG_VALUE; i++)
		buf_add_char(&text, 'v');
	expect_mistake(buf_z(&text), "longer than 8192");
	buf_fini(&text);
}

static void test_nul(void **state)
{
	const char in_value[] = "[a]\nk = v\0w\nl = x\n";
	const char in_comment[] = "# \0\nl = x\n";

	(void)state;
	expect_n(in_value, sizeof(in_value) - 1, "1 [a|]\n2 !\n3 l=x\n");
	expect_n(in_comment, sizeof(in_comment) - 1, "1 !\n2 l=x\n");
}

/* One mistake hides no other, and nothing of what is right. */
static void test_goes_on(void **state)
{
	(void)state;
	expect("x\n[a\nk = 1\n k = 2\nl: 3\n[b]\nm = 4\n",
	       "1 !\n2 !\n2 [a|]\n3 k=1\n4 !\n5 !\n6 [b|]\n7 m=4\n");
}

/* What is wrong never shows a value. */
static void test_mistakes_tell_no_value(void **state)
{
	struct found found;

	(void)state;
	read_text(&found, STR("client_secret: s3cret\n s3cret\ns3cret\n"
			      "a s3cret = s3cret\npass\x01 = s3cret\n"));
	assert_null(strstr(buf_z(&found.mistakes), "s3cret"));
	assert_string_equal(buf_z(&found.text), "1 !\n2 !\n3 !\n4 !\n5 !\n");
	found_fini(&found);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_values_as_written),
		cmocka_unit_test(test_long_values),
		cmocka_unit_test(test_long_keys),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_nul),
		cmocka_unit_test(test_goes_on),
		cmocka_unit_test(test_mistakes_tell_no_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
