/* SPDX-License-Identifier: MIT */
#include "page/html.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct buf b;

static int begin(void **state)
{
	(void)state;
	buf_init(&b, 64 * 1024);
	return 0;
}

static int end(void **state)
{
	(void)state;
	buf_fini(&b);
	return 0;
}

/* What can end a text, an attribute or a tag. */
static bool has_markup(const char *text)
{
	return strpbrk(text, "<>\"'") != NULL;
}

static void test_text_is_no_markup(void **state)
{
	(void)state;
	html_text(&b, STR("a<b>c&d\"e'f"));
	assert_string_equal(buf_z(&b), "a&lt;b&gt;c&amp;d&quot;e&#39;f");
}

static void test_each_octet(void **state)
{
	(void)state;
	for (int c = 1; c < 256; c++) {
		char octet = (char)c;

		buf_reset(&b);
		html_text(&b, (struct str){ &octet, 1 });
		assert_false(has_markup(buf_z(&b)));
		if (strchr("&<>\"'", octet)) {
			assert_int_equal(buf_z(&b)[0], '&');
			assert_int_equal(buf_z(&b)[b.n - 1], ';');
		} else {
			assert_int_equal(b.n, 1);
			assert_int_equal(buf_z(&b)[0], octet);
		}
	}
}

static void test_escapes_are_escaped(void **state)
{
	(void)state;
	html_text(&b, STR("&lt;script&gt;&#39;"));
	assert_string_equal(buf_z(&b), "&amp;lt;script&amp;gt;&amp;#39;");
}

static void test_nothing_is_nothing(void **state)
{
	(void)state;
	html_text(&b, STR(""));
	html_text(&b, (struct str){ NULL, 0 });
	assert_int_equal(b.n, 0);
}

static void test_nul_is_no_end(void **state)
{
	static const char text[] = "a\0<b";

	(void)state;
	html_text(&b, (struct str){ text, sizeof(text) - 1 });
	assert_int_equal(b.n, 7);
	assert_memory_equal(b.p, "a\0&lt;b", 7);
}

static void test_page(void **state)
{
	const char *page;

	(void)state;
	html_begin(&b, "Who's <there>?");
	html_paragraph(&b, STR("1 < 2 & \"3\""));
	html_end(&b);
	page = buf_z(&b);
	assert_int_equal(strncmp(page, "<!DOCTYPE html>\n<html lang=\"en\">",
				 32), 0);
	assert_non_null(strstr(page, "<meta charset=\"utf-8\">"));
	assert_non_null(strstr(page, "<title>Who&#39;s &lt;there&gt;?"
				     "</title>"));
	assert_non_null(strstr(page, "<h1>Who&#39;s &lt;there&gt;?</h1>"));
	assert_non_null(strstr(page,
			       "<p>1 &lt; 2 &amp; &quot;3&quot;</p>\n"));
	assert_string_equal(page + b.n - 16, "</body>\n</html>\n");
	/* nothing from elsewhere, and nothing that runs */
	assert_null(strstr(page, "<script"));
	assert_null(strstr(page, "src="));
	assert_null(strstr(page, "href="));
}

static void test_hidden_field(void **state)
{
	(void)state;
	html_hidden(&b, STR("a\" onfocus=\"x"), STR("\"><script>'"));
	assert_string_equal(buf_z(&b),
			    "<input type=\"hidden\" "
			    "name=\"a&quot; onfocus=&quot;x\" "
			    "value=\"&quot;&gt;&lt;script&gt;&#39;\">\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_text_is_no_markup),
		TEST(test_each_octet),
		TEST(test_escapes_are_escaped),
		TEST(test_nothing_is_nothing),
		TEST(test_nul_is_no_end),
		TEST(test_page),
		TEST(test_hidden_field),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
