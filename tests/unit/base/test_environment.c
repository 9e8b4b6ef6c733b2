/* SPDX-License-Identifier: MIT */
#include "base/environment.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/alloc.h"

#define V(text) ((char[]){ text })

/* Not a NULL: what the kernel puts behind the variables. */
static char behind[] = "behind";

/* clang-format off */
static char *variables[] = {
	V("SSLKEYLOGFILE=/keys"), V("PATH=/bin"), V("HOSTALIASES=/aliases"),
	V("LC_ALL=C"), V("PATHS=/no"), V("PAT=/no"), V("NO_VALUE"), V(""),
	V("HOME=/root"), V("LOCALDOMAIN=evil.example"), V("MY_SECRET=a=b"),
	V("RES_OPTIONS=ndots:15"), V("GNUTLS_SYSTEM_PRIORITY_FILE=/weak"),
	V("XDG_RUNTIME_DIR=/run/user/1"), V("MY_SECRET=second"), V("EMPTY="),
	NULL, behind,
};
/* clang-format on */

static void assert_list(char *const *list, const char *const *expected)
{
	size_t i;

	for (i = 0; expected[i]; i++) {
		assert_non_null(list[i]);
		assert_string_equal(list[i], expected[i]);
	}
	assert_null(list[i]);
}

/* One after the other, as in a process: what is hidden stays hidden. */
static void test_nothing_hidden(void **state)
{
	static const char *const programs[] = {
		"PATH=/bin",
		"LC_ALL=C",
		"PATHS=/no",
		"PAT=/no",
		"NO_VALUE",
		"",
		"HOME=/root",
		"MY_SECRET=a=b",
		"XDG_RUNTIME_DIR=/run/user/1",
		"MY_SECRET=second",
		"EMPTY=",
		NULL,
	};
	char **list;

	(void)state;
	environ = variables;
	assert_string_equal(environment_get("SSLKEYLOGFILE"), "/keys");
	assert_null(environment_get("MY"));
	list = environment_for_programs();
	assert_list(list, programs);
	mem_free(list);
}

static void test_only_what_is_needed(void **state)
{
	static const char *const kept[] = {
		"PATH=/bin",  "LC_ALL=C",
		"HOME=/root", "XDG_RUNTIME_DIR=/run/user/1",
		NULL,
	};

	(void)state;
	environ = variables;
	environment_hide(variables);
	assert_list(variables, kept);
	assert_ptr_equal(variables[17], behind);
	assert_null(getenv("SSLKEYLOGFILE"));
	assert_null(getenv("MY_SECRET"));
	assert_null(getenv("EMPTY"));
}

static void test_hidden_ones_by_name(void **state)
{
	(void)state;
	assert_string_equal(environment_get("PATH"), "/bin");
	assert_string_equal(environment_get("SSLKEYLOGFILE"), "/keys");
	assert_string_equal(environment_get("EMPTY"), "");
	assert_non_null(environment_get("MY_SECRET"));
	assert_null(environment_get("MY"));
	assert_null(environment_get("MY_SECRETS"));
	assert_null(environment_get("NO_VALUE"));
}

static size_t count(char *const *list, const char *variable)
{
	size_t n = 0;

	for (; *list; list++)
		n += !strcmp(*list, variable);
	return n;
}

static void test_programs_see_the_hidden_ones(void **state)
{
	static const char *const withheld[] = {
		"SSLKEYLOGFILE=/keys",
		"HOSTALIASES=/aliases",
		"LOCALDOMAIN=evil.example",
		"RES_OPTIONS=ndots:15",
		"GNUTLS_SYSTEM_PRIORITY_FILE=/weak",
	};
	char **list;
	size_t n;

	(void)state;
	list = environment_for_programs();
	for (n = 0; list[n]; n++)
		;
	assert_int_equal(n, 11);
	assert_int_equal(count(list, "PATH=/bin"), 1);
	assert_int_equal(count(list, "MY_SECRET=a=b"), 1);
	for (size_t i = 0; i < sizeof(withheld) / sizeof(withheld[0]); i++)
		assert_int_equal(count(list, withheld[i]), 0);
	mem_free(list);
}

/* Only what can hold none, and what is given. */
static void test_programs_without_secrets(void **state)
{
	static const char *const expected[] = {
		"PATH=/bin",
		"LC_ALL=C",
		"HOME=/root",
		"XDG_RUNTIME_DIR=/run/user/1",
		"MORE=1",
		"EMPTY=given",
		NULL,
	};
	char *more[] = { V("MORE=1"), V("EMPTY=given"), NULL };
	char **list = environment_without_secrets(more);

	(void)state;
	assert_list(list, expected);
	mem_free(list);
}

static void test_nothing_to_hide(void **state)
{
	char *few[] = { V("HOME=/"), V("TZ=UTC"), NULL, behind };
	char *none[] = { NULL, behind };
	char *all[] = { V("A=1"), NULL, behind };

	(void)state;
	environment_hide(few);
	assert_string_equal(few[1], "TZ=UTC");
	assert_null(few[2]);
	environment_hide(none);
	assert_null(none[0]);
	environment_hide(all);
	assert_null(all[0]);
	assert_ptr_equal(all[2], behind);
	environ = all;
	assert_string_equal(environment_get("A"), "1");
	environ = variables;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_hidden),
		cmocka_unit_test(test_only_what_is_needed),
		cmocka_unit_test(test_hidden_ones_by_name),
		cmocka_unit_test(test_programs_see_the_hidden_ones),
		cmocka_unit_test(test_programs_without_secrets),
		cmocka_unit_test(test_nothing_to_hide),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
