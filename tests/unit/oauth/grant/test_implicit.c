/* SPDX-License-Identifier: MIT */
#include "oauth/grant/grant.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "oauth/section.h"

#define ENDPOINT "authorization_endpoint = https://as.example/a\n"

static void test_check(void **state)
{
	static const struct {
		const char *lines, *key; /* NULL: fine */
	} rows[] = {
		{ ENDPOINT "client_id = x\n", NULL },
		{ ENDPOINT, "client_id" },
		{ "client_id = x\n", "authorization_endpoint" },
		{ ENDPOINT "client_id = x\nresponse_mode = query\n",
		  "response_mode" },
		{ ENDPOINT "client_id = x\nresponse_type = code\n",
		  "response_type" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct section x = section_new(rows[i].lines);
		const char *key = NULL;
		struct fault f;
		int rc = grant_implicit.check(x.s, &key, &f);

		assert_int_equal(rc, rows[i].key ? -1 : 0);
		if (rc < 0) {
			assert_string_equal(key, rows[i].key);
			assert_non_null(strstr(f.text, key));
		}
		section_free(&x);
	}
}

static void test_row(void **state)
{
	struct section x = section_new(ENDPOINT "client_id = x\n");

	(void)state;
	/* Never without being asked for. */
	assert_false(grant_implicit.infer(x.s));
	section_free(&x);
	assert_null(grant_implicit.request);
	assert_true(grant_has_tokens(&grant_implicit));
	assert_true(grant_implicit.person);
	assert_false(grant_implicit.repeatable);
	assert_string_equal(grant_implicit.response_type, "token");
	assert_ptr_equal(grant_implicit.table, grant_authorization_code.table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_row),
	};

	return cmocka_run_group_tests_name("oauth/grant/implicit", tests, NULL,
					   NULL);
}
