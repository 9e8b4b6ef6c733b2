/* SPDX-License-Identifier: MIT */
/* Which answers say themselves whose caches may have them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "http/cache_control.h"

static bool says(const char *name, const char *value)
{
	struct arena arena;
	struct fields f;
	bool says;

	arena_init(&arena, NULL, 0);
	fields_init(&f, &arena);
	fields_add(&f, STR("Cache-Control"), STR("max-age=60"));
	fields_add(&f, str_z(name), str_z(value));
	says = cache_control_says_who(&f);
	arena_fini(&arena);
	return says;
}

static void test_values(void **state)
{
	static const struct {
		const char *value;
		bool says;
	} rows[] = {
		{ "public", true },
		{ "PRIVATE", true },
		{ " no-store ", true },
		{ "s-maxage=0", true },
		{ "S-MaxAge=\"5\"", true },
		{ "S-MAXAGE = 9", true },
		{ "no-cache,\t,private", true },
		{ "private=\"Set-Cookie\", public", true },
		{ "x=\"a\\\"\", public", true },
		{ "", false },
		{ ",", false },
		{ "no-cache", false },
		{ "s-maxage", false },
		{ "privately", false },
		{ "x private", false },
		{ "private=\"Set-Cookie\"", false },
		{ "private=Set-Cookie", false },
		{ "private = \"Set-Cookie\"", false },
		{ "no-cache=\"a, private\"", false },
		{ "x=\"a, no-store, b\"", false },
		{ "x=\"\\\", public, \"", false },
		{ "x=\"public", false },
		{ "x=\", public\\", false },
		{ "\"public\"", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (says("cache-control", rows[i].value) != rows[i].says)
			fail_msg("%s", rows[i].value);
	assert_false(says("X-Cache-Control", "private"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
