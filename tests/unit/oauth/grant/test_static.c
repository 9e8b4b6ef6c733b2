/* SPDX-License-Identifier: MIT */
#include "oauth/grant/grant.h"

#include "config/command.h"
#include "config/live_secret.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "oauth/section.h"

static void test_token_of_the_file(void **state)
{
	struct section x = section_new("access_token = ghp_16C7e42F\n");
	struct token *t = grant_static.fixed(x.s);
	const char *key;
	struct fault f;

	(void)state;
	assert_int_equal(grant_static.check(x.s, &key, &f), 0);
	section_free(&x);
	assert_non_null(t);
	assert_true(secret_eq_str(t->access_token, STR("ghp_16C7e42F")));
	token_unref(&t);
}

static void test_no_token(void **state)
{
	struct section x = section_new("grant_type = static\n");
	const char *key = NULL;
	struct fault f;

	(void)state;
	assert_null(grant_static.fixed(x.s));
	assert_int_equal(grant_static.check(x.s, &key, &f), -1);
	assert_string_equal(key, "access_token");
	assert_non_null(strstr(f.text, "missing"));
	section_free(&x);
}

static void expect_checked(const char *token, int rc)
{
	setenv("BEARERD_TEST_TOKEN", token, 1);
	struct section x = section_new(
		"access_token_env = BEARERD_TEST_TOKEN\n");
	const char *key = NULL;
	struct fault f;

	assert_int_equal(grant_static.check(x.s, &key, &f), rc);
	if (rc < 0) {
		assert_string_equal(key, "access_token");
		assert_null(strstr(f.text, "val-"));
	}
	section_free(&x);
	unsetenv("BEARERD_TEST_TOKEN");
}

static void test_odd_tokens(void **state)
{
	(void)state;
	expect_checked("val-a b", 0);
	expect_checked("val-\xc3\xa9", -1);
	expect_checked("val-\xff", -1);
}

/* Those that no secret may hold do not even come that far. */
static void test_control_characters(void **state)
{
	(void)state;
	setenv("BEARERD_TEST_TOKEN", "val-a\nb", 1);
	struct section x = section_read(
		"access_token_env = BEARERD_TEST_TOKEN\n");

	assert_int_equal(config_report_count(x.report), 1);
	section_free(&x);
	unsetenv("BEARERD_TEST_TOKEN");
}

/* The server can be asked about it: not in the clear. */
static void test_endpoints(void **state)
{
	struct section x = section_new(
		"access_token = t\n"
		"introspection_endpoint = http://as.example/introspect\n");
	const char *key = NULL;
	struct fault f;

	(void)state;
	assert_int_equal(grant_static.check(x.s, &key, &f), -1);
	assert_string_equal(key, "introspection_endpoint");
	section_free(&x);
}

/* What a program printed, with its life; the configuration has no token
 * then. */
static void test_token_of_a_program(void **state)
{
	struct section x = section_new("access_token_command = /bin/x\n");
	const struct token_asking a = { .section = x.s };
	struct config_command *c;
	const char *key = NULL;
	int64_t sent = 0;
	size_t at = 0;
	struct fault f;
	struct token *t;

	(void)state;
	assert_int_equal(grant_static.check(x.s, &key, &f), 0);
	assert_null(grant_static.fixed(x.s));
	assert_true(grant_makes(&grant_static, x.s));
	assert_null(grant_static.make(&a, &sent, &f));
	c = config_live_command_next(x.s, &at);
	assert_int_equal(config_command_take(
		c, STR("{\"access_token\":\"t\",\"expires_in\":60}"), 7, 8,
		&f), 0);
	t = grant_static.make(&a, &sent, &f);
	assert_non_null(t);
	assert_true(secret_eq_str(t->access_token, STR("t")));
	assert_int_equal(t->expires_in, 60);
	assert_int_equal(t->sent_wall, 8);
	assert_int_equal(sent, 7);
	token_unref(&t);
	section_free(&x);
	x = section_new("access_token = t\n");
	assert_false(grant_makes(&grant_static, x.s));
	section_free(&x);
}

static void test_row(void **state)
{
	(void)state;
	assert_false(grant_static.uses_client);
	assert_null(grant_static.request);
	assert_int_equal(grant_static.table->nkeys, 1);
	assert_int_equal(grant_static.table->keys[0].flags,
			 CONFIG_SECRET | CONFIG_TOKEN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_token_of_the_file),
		cmocka_unit_test(test_no_token),
		cmocka_unit_test(test_odd_tokens),
		cmocka_unit_test(test_control_characters),
		cmocka_unit_test(test_endpoints),
		cmocka_unit_test(test_token_of_a_program),
		cmocka_unit_test(test_row),
	};

	return cmocka_run_group_tests_name("oauth/grant/static", tests, NULL,
					   NULL);
}
