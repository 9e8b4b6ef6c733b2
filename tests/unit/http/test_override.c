/* SPDX-License-Identifier: MIT */
#include "base/limits.h"
#include "http/override.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct arena arena;
static struct fields fields;

static int begin(void **state)
{
	(void)state;
	arena_init(&arena, NULL, 0);
	fields_init(&fields, &arena);
	return 0;
}

static int end(void **state)
{
	(void)state;
	arena_fini(&arena);
	return 0;
}

/* The methods that are named, with a space behind each. */
static const char *named(const char *query)
{
	static char text[256];
	struct str methods[LIMIT_OVERRIDES];
	size_t n = override_methods(&fields, str_z(query), &arena, methods);

	text[0] = '\0';
	for (size_t i = 0; i < n && i < LIMIT_OVERRIDES; i++)
		strncat(strncat(text, methods[i].p, methods[i].n), " ", 1);
	return text;
}

static void add(const char *name, const char *value)
{
	fields_add(&fields, str_z(name), str_z(value));
}

static void test_methods(void **state)
{
	(void)state;
	assert_string_equal(named(""), "");
	assert_string_equal(named("a=1&method=PUT&_methods=x"), "");
	add("Accept", "PUT");
	assert_string_equal(named(""), "");
	add("X-HTTP-Method-Override", "delete");
	add("x_http_method", "MERGE , patch,");
	add("X-METHOD-OVERRIDE", "");
	assert_string_equal(named("_method=put&a&%5Fmethod=%44ELETE"),
			    "DELETE MERGE PATCH PUT DELETE ");
	assert_string_equal(named("x-http-method-override=put"),
			    "DELETE MERGE PATCH PUT ");
}

static void test_too_many(void **state)
{
	struct str methods[LIMIT_OVERRIDES];

	(void)state;
	add("X-HTTP-Method", "A,B,C,D,E,F,G,H,I,J");
	assert_int_equal(override_methods(&fields, STR(""), &arena, methods),
			 10);
	assert_true(str_eq_z(methods[LIMIT_OVERRIDES - 1], "H"));
}

static void test_urls(void **state)
{
	static const char *const names[] = { "X-Original-URL", "x-rewrite-url",
					     "X_ORIGINAL_URL", "X-Override-Url",
					     "X-Original-URI" };

	(void)state;
	add("X-Original-URLs", "/");
	add("X-Forwarded-Host", "a");
	assert_int_equal(override_url(&fields).n, 0);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		add(names[i], "/x");
		assert_true(str_eq_z(override_url(&fields), names[i]));
		fields.n--;
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

/* A method of LIMIT_OVERRIDE octets is taken, a longer one counts as too
 * many, in whichever way it is named. */
static void test_long_method(void **state)
{
	struct str methods[LIMIT_OVERRIDES];
	char text[LIMIT_OVERRIDE + 32];

	(void)state;
	for (int over = 0; over <= 1; over++) {
		size_t n = LIMIT_OVERRIDE + (size_t)over;

		memset(text, '\0', sizeof(text));
		memcpy(text, "_method=DELETE", 14);
		memset(text + 14, '+', n - 6);
		assert_int_equal(override_methods(&fields, str_z(text),
						  &arena, methods),
				 over ? LIMIT_OVERRIDES + 1 : 1);
		if (!over)
			assert_true(str_eq_z(methods[0], "DELETE"));
	}
	for (int over = 0; over <= 1; over++) {
		memset(text, '\0', sizeof(text));
		memset(text, 'X', LIMIT_OVERRIDE + (size_t)over);
		fields.n = 0;
		add("X-HTTP-Method", text);
		assert_int_equal(override_methods(&fields, STR(""), &arena,
						  methods),
				 over ? LIMIT_OVERRIDES + 1 : 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_methods),
		TEST(test_long_method),
		TEST(test_too_many),
		TEST(test_urls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
