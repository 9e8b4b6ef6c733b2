/* SPDX-License-Identifier: MIT */
#include "http/template.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char NAMES[] = "access_token, token.FIELD";

static bool known(struct str name)
{
	return str_eq_z(name, "access_token") ||
	       (str_starts(name, STR("token.")) && name.n > 6);
}

static int value(void *arg, struct str name, struct buf *out,
		 struct fault *f)
{
	int *calls = arg;

	if (calls)
		++*calls;
	if (str_eq_z(name, "token.absent"))
		return fault_set(f, "the token has no \"absent\"");
	buf_add_char(out, '<');
	buf_add_str(out, name);
	buf_add_char(out, '>');
	return 0;
}

static void assert_expands(const char *text, const char *expected)
{
	struct buf out = BUF_INIT(1000);
	struct fault f = { "" };
	struct template *t = template_parse(str_z(text), known, NAMES, &f);

	if (!t)
		fail_msg("%s: %s", text, f.text);
	assert_int_equal(template_expand(t, value, NULL, &out, &f), 0);
	assert_string_equal(buf_z(&out), expected);
	template_free(&t);
	assert_null(t);
	buf_fini(&out);
}

static void test_expands(void **state)
{
	(void)state;
	assert_expands("", "");
	assert_expands("plain", "plain");
	assert_expands("Bearer {access_token}", "Bearer <access_token>");
	assert_expands("{access_token}", "<access_token>");
	assert_expands("{access_token}{token.a}",
		       "<access_token><token.a>");
	assert_expands("a{token.b.c}d{access_token}e",
		       "a<token.b.c>d<access_token>e");
}

static void test_braces(void **state)
{
	(void)state;
	assert_expands("{{", "{");
	assert_expands("}}", "}");
	assert_expands("{{}}", "{}");
	assert_expands("{{access_token}}", "{access_token}");
	assert_expands("{{{access_token}}}", "{<access_token>}");
	assert_expands("a{{b}}c{{{{d", "a{b}c{{d");
	assert_expands("{access_token}}}", "<access_token>}");
}

static void assert_refused(const char *text, const char *word)
{
	struct fault f = { "" };

	if (template_parse(str_z(text), known, NAMES, &f))
		fail_msg("was taken: %s", text);
	if (!strstr(f.text, word))
		fail_msg("no \"%s\" in: %s", word, f.text);
	assert_null(template_parse(str_z(text), known, NAMES, NULL));
}

static void test_refuses(void **state)
{
	(void)state;
	assert_refused("{", "without its \"}\"");
	assert_refused("a{access_token", "without its \"}\"");
	assert_refused("{{{", "without its \"}\"");
	assert_refused("{a{access_token}}", "without its \"}\"");
	assert_refused("}", "without its \"{\"");
	assert_refused("{access_token}}", "without its \"{\"");
	assert_refused("a}b", "without its \"{\"");
	assert_refused("{}", "there are access_token, token.FIELD");
	assert_refused("x{acess_token}", "\"{acess_token}\" is unknown");
	assert_refused("{acess_token}", "there are access_token, token.F");
	assert_refused("{ access_token}", "unknown");
	assert_refused("{ACCESS_TOKEN}", "unknown");
	assert_refused("{token.}", "unknown");
}

static void test_long_names_are_cut_in_the_fault(void **state)
{
	struct buf b = BUF_INIT(1000);
	struct fault f;

	(void)state;
	buf_add_char(&b, '{');
	for (int i = 0; i < 65; i++)
		buf_add_char(&b, 'x');
	buf_add_char(&b, '}');
	assert_null(template_parse(buf_str(&b), known, NAMES, &f));
	assert_int_equal(strspn(strchr(f.text, 'x'), "x"), 64);
	buf_fini(&b);
}

static void test_value_that_is_not_there(void **state)
{
	struct buf out = BUF_INIT(1000);
	struct fault f = { "" };
	int calls = 0;
	struct template *t = template_parse(
		STR("a{token.a}{token.absent}{token.b}"), known, NAMES, &f);

	(void)state;
	assert_non_null(t);
	assert_int_equal(template_expand(t, value, &calls, &out, &f), -1);
	assert_int_equal(calls, 2);
	assert_string_equal(f.text, "the token has no \"absent\"");
	template_free(&t);
	template_free(&t);
	buf_fini(&out);
}

static void test_many_pieces_and_its_own_text(void **state)
{
	char text[] = "{token.a}-{token.b}-{token.c}-{token.d}-{token.e}-";
	struct buf out = BUF_INIT(1000);
	struct template *t = template_parse(str_z(text), known, NAMES, NULL);

	(void)state;
	assert_non_null(t);
	memset(text, 'z', sizeof(text) - 1);
	for (int i = 0; i < 2; i++) {
		buf_reset(&out);
		assert_int_equal(template_expand(t, value, NULL, &out, NULL),
				 0);
		assert_string_equal(buf_z(&out),
				    "<token.a>-<token.b>-<token.c>-"
				    "<token.d>-<token.e>-");
	}
	template_free(&t);
	buf_fini(&out);
}

static void test_too_long_is_the_buffers_error(void **state)
{
	struct buf out = BUF_INIT(5);
	struct template *t = template_parse(STR("abc{access_token}"), known,
					    NAMES, NULL);

	(void)state;
	assert_non_null(t);
	assert_int_equal(template_expand(t, value, NULL, &out, NULL), 0);
	assert_false(buf_ok(&out));
	template_free(&t);
	buf_fini(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_expands),
		cmocka_unit_test(test_braces),
		cmocka_unit_test(test_refuses),
		cmocka_unit_test(test_long_names_are_cut_in_the_fault),
		cmocka_unit_test(test_value_that_is_not_there),
		cmocka_unit_test(test_many_pieces_and_its_own_text),
		cmocka_unit_test(test_too_long_is_the_buffers_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
