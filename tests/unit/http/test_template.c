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

/* The values are "<name>"; what is encoded stands in the rows in clear. */
static void test_base64(void **state)
{
	(void)state;
	assert_expands("{base64:}", "");
	assert_expands("{base64:f}", "Zg==");
	assert_expands("Basic {base64:{token.u}:{token.p}}",
		       "Basic PHRva2VuLnU+Ojx0b2tlbi5wPg==");
	assert_expands("a{base64:f}b{token.c}d", "aZg==b<token.c>d");
	/* Within one another. */
	assert_expands("{base64:{base64:f}}", "Wmc9PQ==");
	assert_expands("{base64:{base64:{token.u}}}",
		       "UEhSdmEyVnVMblUr");
	assert_expands("{base64:{base64:f}}{base64:f}", "Wmc9PQ==Zg==");
	assert_expands("{base64:{base64:{base64:{base64:}}}}", "");
}

static void test_braces_and_base64(void **state)
{
	(void)state;
	assert_expands("{base64:{{x}}}", "e3h9"); /* {x} */
	assert_expands("{base64:{{{{x}}}}}", "e3t4fX0="); /* {{x}} */
	assert_expands("{base64:{{}", "ew=="); /* { */
	assert_expands("{{{base64:f}}}", "{Zg==}");
	assert_expands("{base64:f}}}", "Zg==}");
	assert_expands("{{base64:f}}", "{base64:f}");
}

static bool is_field(struct str name)
{
	return str_starts(name, STR("token."));
}

static void test_any(void **state)
{
	static const struct {
		const char *text;
		bool any;
	} rows[] = {
		{ "", false },
		{ "token.a", false },
		{ "{access_token}", false },
		{ "{access_token} {token.a}", true },
		{ "{base64:token.a}", false },
		{ "{base64:a{base64:{token.a}}}", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct template *t = template_parse(str_z(rows[i].text), known,
						    NAMES, NULL);

		assert_non_null(t);
		assert_int_equal(template_any(t, is_field), rows[i].any);
		template_free(&t);
	}
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
	assert_refused("{base64}", "unknown");
	assert_refused("{base64:", "without its \"}\"");
	assert_refused("{base64:{access_token}", "without its \"}\"");
	assert_refused("{base64:{{x}}", "without its \"}\"");
	assert_refused("{base64:x}}", "without its \"{\"");
	assert_refused("{base64:{x}}", "\"{x}\" is unknown");
	assert_refused("{base64:{base64:{base64:{base64:{base64:}}}}}",
		       "more than 4");
}

static void test_base64_fails_with_what_is_in_it(void **state)
{
	struct buf out = BUF_INIT(20);
	struct fault f = { "" };
	struct template *t = template_parse(STR("{base64:{token.absent}}"),
					    known, NAMES, &f);

	(void)state;
	assert_non_null(t);
	assert_int_equal(template_expand(t, value, NULL, &out, &f), -1);
	assert_string_equal(f.text, "the token has no \"absent\"");
	template_free(&t);
	t = template_parse(STR("{base64:{token.that_is_too_long}}"), known,
			   NAMES, &f);
	assert_non_null(t);
	assert_int_equal(template_expand(t, value, NULL, &out, &f), -1);
	assert_string_equal(f.text, "the value is too long");
	template_free(&t);
	buf_fini(&out);
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
		cmocka_unit_test(test_base64),
		cmocka_unit_test(test_braces_and_base64),
		cmocka_unit_test(test_any),
		cmocka_unit_test(test_refuses),
		cmocka_unit_test(test_base64_fails_with_what_is_in_it),
		cmocka_unit_test(test_long_names_are_cut_in_the_fault),
		cmocka_unit_test(test_value_that_is_not_there),
		cmocka_unit_test(test_many_pieces_and_its_own_text),
		cmocka_unit_test(test_too_long_is_the_buffers_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
