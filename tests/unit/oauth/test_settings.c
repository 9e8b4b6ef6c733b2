/* SPDX-License-Identifier: MIT */
#include "oauth/settings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "oauth/section.h"

static void test_defaults(void **state)
{
	struct section x = section_new("");
	const struct oauth_settings *o = config_block(x.s,
						      &oauth_settings_table);

	(void)state;
	assert_null(o->grant_type);
	assert_null(o->token_endpoint);
	assert_null(o->client_id);
	assert_null(o->client_secret.value);
	assert_null(o->token_endpoint_auth_method);
	assert_int_equal(o->client_secret_basic_encoding, 0);
	assert_null(o->scope);
	assert_null(o->audience);
	assert_int_equal(o->resource.n, 0);
	assert_string_equal(o->token_placement, "header");
	assert_null(o->token_name);
	assert_null(o->token_format);
	section_free(&x);
}

static void test_every_key_has_its_place(void **state)
{
	struct section x = section_new(
		"grant_type = g\ntoken_endpoint = https://as.example/token\n"
		"client_id = id\nclient_secret = s3cret\n"
		"token_endpoint_auth_method = m\n"
		"client_secret_basic_encoding = raw\nscope = a b\n"
		"audience = aud\nresource = https://one/\n"
		"resource = https://two/\ntoken_placement = query\n"
		"token_name = n\ntoken_format = {access_token}\n");
	const struct oauth_settings *o = config_block(x.s,
						      &oauth_settings_table);

	(void)state;
	assert_string_equal(o->grant_type, "g");
	assert_string_equal(o->token_endpoint, "https://as.example/token");
	assert_string_equal(o->client_id, "id");
	assert_true(secret_eq_str(o->client_secret.value, STR("s3cret")));
	assert_string_equal(o->token_endpoint_auth_method, "m");
	assert_int_equal(o->client_secret_basic_encoding, 1);
	assert_string_equal(o->scope, "a b");
	assert_string_equal(o->audience, "aud");
	assert_int_equal(o->resource.n, 2);
	assert_string_equal(o->resource.v[1], "https://two/");
	assert_string_equal(o->token_placement, "query");
	assert_string_equal(o->token_name, "n");
	assert_string_equal(o->token_format, "{access_token}");
	section_free(&x);
}

static void test_a_secret_may_come_from_elsewhere(void **state)
{
	setenv("BEARERD_TEST_SECRET", "from-env", 1);
	struct section x = section_new(
		"client_secret_env = BEARERD_TEST_SECRET\n");
	const struct oauth_settings *o = config_block(x.s,
						      &oauth_settings_table);

	(void)state;
	assert_true(secret_eq_str(o->client_secret.value, STR("from-env")));
	section_free(&x);
	unsetenv("BEARERD_TEST_SECRET");
}

static void test_mistakes_are_reported(void **state)
{
	static const char *const lines[] = {
		"token_endpoint = as.example/token\n",
		"token_endpoint = ftp://as.example/token\n",
		"token_endpoint = https://as.example/token#x\n",
		"client_secret_basic_encoding = base64\n",
		"scopes = a\n",
		"scope = a\nscope = b\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct section x = section_read(lines[i]);

		if (config_report_count(x.report) != 1)
			fail_msg("taken: %s", lines[i]);
		section_free(&x);
	}
}

static void expect_scope(const char *lines, const char *scope)
{
	struct section x = section_new(lines);
	struct buf b = BUF_INIT(256);

	oauth_scope_write(config_block(x.s, &oauth_settings_table), &b);
	assert_string_equal(buf_z(&b), scope);
	buf_fini(&b);
	section_free(&x);
}

static void test_scope_separator(void **state)
{
	(void)state;
	expect_scope("client_id = x\n", "");
	expect_scope("scope_separator = ,\n", "");
	/* As it was written. */
	expect_scope("scope = a  b\n", "a  b");
	expect_scope("scope = a  b c\nscope_separator = ,\n", "a,b,c");
	expect_scope("scope = a\nscope_separator = %20\n", "a");
	expect_scope("scope = a b\nscope_separator = %20\n", "a%20b");
}

/* The manual is made of the rows. */
static void test_every_key_is_documented(void **state)
{
	const struct config_table *t = &oauth_settings_table;

	(void)state;
	assert_string_equal(t->section, "service");
	assert_true(t->nkeys > 0);
	for (size_t i = 0; i < t->nkeys; i++) {
		const char *text = t->keys[i].text;

		assert_true(strlen(text) > 10);
		assert_int_equal(text[strlen(text) - 1], '.');
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_every_key_has_its_place),
		cmocka_unit_test(test_a_secret_may_come_from_elsewhere),
		cmocka_unit_test(test_mistakes_are_reported),
		cmocka_unit_test(test_scope_separator),
		cmocka_unit_test(test_every_key_is_documented),
	};

	return cmocka_run_group_tests_name("oauth/settings", tests, NULL,
					   NULL);
}
