/* SPDX-License-Identifier: MIT */
#include "oauth/grant/grant.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "oauth/section.h"

#define CLIENT "client_id = x\ntoken_endpoint = https://as.example/t\n"
#define USER "username = joe\npassword = pass\n"

static void expect_form(const char *lines, const char *form)
{
	struct section x = section_new(lines);
	struct token_request r;
	struct fault f;

	token_request_init(&r);
	assert_int_equal(grant_password.request(asking(&x), &r, &f), 0);
	assert_string_equal(form_of(&r), form);
	assert_null(fields_find(&r.fields, STR("Authorization")));
	token_request_fini(&r);
	section_free(&x);
}

static void test_requests(void **state)
{
	(void)state;
	expect_form(CLIENT USER,
		    "grant_type=password&username=joe&password=pass");
	expect_form("username = j\xc3\xb6&e\npassword = a =b%\n"
		    "scope = one two\naudience = api\nresource = urn:a\n",
		    "grant_type=password&username=j%C3%B6%26e"
		    "&password=a+%3Db%25&scope=one+two&audience=api"
		    "&resource=urn%3Aa");
}

static void test_check(void **state)
{
	static const struct {
		const char *lines, *key; /* NULL: fine */
	} rows[] = {
		{ CLIENT USER, NULL },
		{ CLIENT "username = joe\n", "password" },
		{ CLIENT "password = pass\n", "username" },
		{ USER "client_id = x\n", "token_endpoint" },
		{ USER "token_endpoint = https://as.example/t\n", NULL },
		{ USER "token_endpoint = https://as.example/t\n"
		  "client_secret = x\n", "client_id" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct section x = section_new(rows[i].lines);
		const char *key = NULL;
		struct fault f;
		int rc = grant_password.check(x.s, &key, &f);

		assert_int_equal(rc, rows[i].key ? -1 : 0);
		if (rc < 0) {
			assert_string_equal(key, rows[i].key);
			assert_non_null(strstr(f.text, key));
			assert_null(strstr(f.text, "pass\n"));
		}
		section_free(&x);
	}
}

static void test_user(void **state)
{
	struct section x = section_new(USER);

	(void)state;
	assert_string_equal(grant_password.user(x.s, NULL), "joe");
	assert_true(grant_password.infer(x.s));
	section_free(&x);
	x = section_new("username = joe\n");
	assert_false(grant_password.infer(x.s));
	section_free(&x);
	x = section_new("password = pass\n");
	assert_false(grant_password.infer(x.s));
	section_free(&x);
}

static void test_row(void **state)
{
	(void)state;
	assert_true(grant_password.uses_client);
	assert_true(grant_password.repeatable);
	assert_int_equal(grant_password.patience, 3);
	assert_null(grant_password.fixed);
	assert_null(grant_password.seed);
	assert_int_equal(grant_password.table->nkeys, 1);
	assert_int_equal(grant_password.table->keys[0].flags, CONFIG_SECRET);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_requests),
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_user),
		cmocka_unit_test(test_row),
	};

	return cmocka_run_group_tests_name("oauth/grant/password", tests, NULL,
					   NULL);
}
