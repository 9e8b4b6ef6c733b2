/* SPDX-License-Identifier: MIT */
#include "oauth/client_auth/client_auth.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "data/base64url.h"
#include "oauth/section.h"

static const struct client_auth *const method =
	&client_auth_client_secret_basic;

/* The pair that these settings send. */
static void expect_pair(const char *lines, const char *pair)
{
	struct section x = section_new(lines);
	struct buf b = BUF_INIT(1000);
	struct token_request r;
	struct fault f;
	const char *key;

	assert_int_equal(method->check(x.s, &key, &f), 0);
	token_request_init(&r);
	assert_int_equal(method->apply(asking(&x), &r, &f), 0);
	assert_int_equal(fields_count(&r.fields, STR("Authorization")), 1);
	struct str value = fields_find(&r.fields, STR("Authorization"))->value;

	assert_true(str_starts(value, STR("Basic ")));
	assert_int_equal(base64_decode(&b, str_from(value, 6)), 0);
	assert_string_equal(buf_z(&b), pair);
	assert_int_equal(r.nparams, 0);
	token_request_fini(&r);
	buf_fini(&b);
	section_free(&x);
}

static void test_encodings(void **state)
{
	(void)state;
	expect_pair("client_id = s6BhdRkqt3\nclient_secret = gX1fBat3bV\n",
		    "s6BhdRkqt3:gX1fBat3bV");
	expect_pair("client_id = a:b c\nclient_secret = +%/&\xc3\xa9\n",
		    "a%3Ab+c:%2B%25%2F%26%C3%A9");
	expect_pair("client_secret_basic_encoding = raw\nclient_id = a b\n"
		    "client_secret = +%/:&\xc3\xa9\n", "a b:+%/:&\xc3\xa9");
}

static void test_a_colon_fits_only_form(void **state)
{
	struct section x = section_new(
		"client_secret_basic_encoding = raw\nclient_id = a:b\n"
		"client_secret = y\n");
	const char *key = NULL;
	struct fault f;

	(void)state;
	assert_int_equal(method->check(x.s, &key, &f), -1);
	assert_string_equal(key, "client_id");
	assert_non_null(strstr(f.text, "colon"));
	section_free(&x);
}

static void test_needs_both(void **state)
{
	struct section x = section_new("client_id = a\n");
	const char *key = NULL;
	struct fault f;

	(void)state;
	assert_int_equal(method->check(x.s, &key, &f), -1);
	assert_string_equal(key, "client_secret");
	section_free(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_encodings),
		cmocka_unit_test(test_a_colon_fits_only_form),
		cmocka_unit_test(test_needs_both),
	};

	return cmocka_run_group_tests_name("oauth/client_auth/"
					   "client_secret_basic",
					   tests, NULL, NULL);
}
