/* SPDX-License-Identifier: MIT */
#include "data/json_path.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_paths(void **state)
{
	static const struct {
		const char *path, *value; /* NULL: nothing */
	} rows[] = {
		{ "a.b.0", "1" },
		{ "a.b.1.c", "\"two\"" },
		{ "a.b", "[1,{\"c\":\"two\"}]" },
		{ "a", "{\"b\":[1,{\"c\":\"two\"}]}" },
		{ "https://x.y/z", "3" },
		{ "n.https://x.y/z", "4" },
		{ "e", "null" },
		{ "", NULL },
		{ ".", NULL },
		{ "a.", "{\"b\":[1,{\"c\":\"two\"}]}" },
		{ "a.b.2", NULL },
		{ "a.b.00", "1" },
		{ "a.b.-1", NULL },
		{ "a.b.0.c", NULL },
		{ "b", NULL },
		{ "a.b.99999999999999999999", NULL },
	};
	struct json *j = json_parse(
		STR("{\"a\":{\"b\":[1,{\"c\":\"two\"}]},\"https://x.y/z\":3,"
		    "\"n\":{\"https://x.y/z\":4},\"e\":null}"), NULL);

	(void)state;
	assert_non_null(j);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct json *at = json_path(j, str_z(rows[i].path));
		struct buf b = BUF_INIT(256);

		if (at)
			json_print(at, &b);
		if (rows[i].value)
			assert_string_equal(buf_z(&b), rows[i].value);
		else
			assert_null(at);
		buf_fini(&b);
	}
	assert_null(json_path(NULL, STR("a")));
	json_free(&j);
}

/* What the configuration says of a value. */
static void test_fits(void **state)
{
	static const struct {
		const char *json, *value;
		bool fits;
	} rows[] = {
		{ "\"a b\"", "a b", true },
		{ "\"a b\"", "\"a b\"", true },
		{ "\"a b\"", "a", false },
		{ "601", "601", true },
		{ "\"601\"", "601", true },
		{ "601", "\"601\"", false },
		{ "\"601\"", "\"601\"", true },
		{ "601", "601.0", false },
		{ "true", "true", true },
		{ "\"true\"", "true", true },
		{ "true", "\"true\"", false },
		{ "false", "true", false },
		{ "null", "null", true },
		{ "null", "\"null\"", false },
		{ "null", "", false },
		{ "\"\"", "\"\"", true },
		{ "\"\"", "", true },
		{ "\"\\u00e9\"", "\"\xc3\xa9\"", true },
		/* no text in quotation marks */
		{ "\"\\\"a\"", "\"a", true },
		{ "{}", "{}", false },
		{ "[1]", "1", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct json *j = json_parse(str_z(rows[i].json), NULL);

		assert_non_null(j);
		if (json_fits(j, str_z(rows[i].value)) != rows[i].fits)
			fail_msg("%s and %s", rows[i].json, rows[i].value);
		json_free(&j);
	}
	assert_false(json_fits(NULL, STR("null")));
	assert_false(json_fits(NULL, STR("")));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_paths),
					    cmocka_unit_test(test_fits) };

	return cmocka_run_group_tests_name("data/json_path", tests, NULL,
					   NULL);
}
