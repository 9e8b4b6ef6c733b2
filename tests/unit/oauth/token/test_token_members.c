/* SPDX-License-Identifier: MIT */
/* Single members of a token response: a life in every shape, a scope of every
 * type, and what a token may be made of. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/limits.h"
#include "oauth/token/token.h"

static struct token *read_members(const char *members)
{
	struct buf b = BUF_INIT(4096);
	struct fault f;

	buf_addf(&b, "{\"access_token\":\"t\"%s}", members);
	struct json *j = json_parse(buf_str(&b), &f);

	assert_non_null(j);
	struct token *t = token_members_read(j, false, &f);

	json_free(&j);
	buf_fini(&b);
	return t;
}

static void test_expires_in_has_every_shape(void **state)
{
	static const struct {
		const char *value;
		int64_t seconds;
	} rows[] = {
		{ "3600", 3600 },
		{ "\"3600\"", 3600 },
		{ "3600.5", 3600 },
		{ "3600.9999", 3600 },
		{ "1e3", 1000 },
		{ "1E+3", 1000 },
		{ "12.5e2", 1250 },
		{ "1", 1 },
		{ "0", 0 },
		{ "-0", 0 },
		{ "0.9", 0 },
		{ "-1", 0 },
		{ "-1e300", 0 },
		{ "1e-300", 0 },
		{ "null", 0 },
		{ "true", 0 },
		{ "[3600]", 0 },
		{ "{}", 0 },
		{ "\"\"", 0 },
		{ "\"0\"", 0 },
		{ "\"00060\"", 60 },
		{ "\"-5\"", 0 },
		{ "\"+5\"", 0 },
		{ "\"1h\"", 0 },
		{ "\" 5\"", 0 },
		{ "\"3600.5\"", 3600 },
		{ "\"0x10\"", 0 },
		{ "\"inf\"", 0 },
		{ "\"never\"", 0 },
		{ "315360000", LIMIT_TOKEN_LIFE },
		{ "315359999", LIMIT_TOKEN_LIFE - 1 },
		{ "315360001", LIMIT_TOKEN_LIFE },
		{ "9223372036854775807", LIMIT_TOKEN_LIFE },
		{ "99999999999999999999999999", LIMIT_TOKEN_LIFE },
		{ "\"99999999999999999999999999\"", LIMIT_TOKEN_LIFE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf b = BUF_INIT(200);

		buf_addf(&b, ",\"expires_in\":%s", rows[i].value);
		struct token *t = read_members(buf_z(&b));

		assert_non_null(t);
		if (t->expires_in != rows[i].seconds)
			fail_msg("%s became %lld", rows[i].value,
				 (long long)t->expires_in);
		token_unref(&t);
		buf_fini(&b);
	}
}

static void test_scope_is_only_told(void **state)
{
	static const struct {
		const char *members, *scope;
	} rows[] = {
		{ "", NULL },
		{ ",\"scope\":\"a b\"", "a b" },
		{ ",\"scope\":\"\"", NULL },
		{ ",\"scope\":null", NULL },
		{ ",\"scope\":[\"a\",\"b:c\",7,\"\"]", "a b:c" },
		{ ",\"scope\":[]", NULL },
		{ ",\"scope\":[7]", NULL },
		{ ",\"scope\":[\"a\\n\"]", NULL },
		{ ",\"scope\":\"a\\nb\"", NULL },
		{ ",\"scope\":\"a\\u0000b\"", NULL },
		{ ",\"scope\":\"\\u00e9\"", NULL },
		{ ",\"scope\":7", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct token *t = read_members(rows[i].members);

		assert_non_null(t);
		if (rows[i].scope)
			assert_string_equal(t->scope, rows[i].scope);
		else
			assert_null(t->scope);
		token_unref(&t);
	}
}

static void test_token_type_has_any_case(void **state)
{
	struct token *t = read_members(",\"token_type\":\"bEARER\"");

	(void)state;
	assert_non_null(t);
	assert_string_equal(t->token_type, "bEARER");
	assert_false(token_is_bound(t));
	token_unref(&t);
	t = read_members(",\"token_type\":\"dpop\"");
	assert_non_null(t);
	assert_true(token_is_bound(t));
	token_unref(&t);
	assert_null(read_members(",\"token_type\":\"Bearer \""));
	assert_null(read_members(",\"token_type\":false"));
}

static void test_given_says_something(void **state)
{
	struct json *j = json_parse(STR("{\"a\":null,\"b\":\"\",\"c\":\"x\","
					"\"d\":0,\"e\":false,\"f\":{}}"), NULL);

	(void)state;
	assert_non_null(j);
	assert_false(token_member_given(j, "a"));
	assert_false(token_member_given(j, "b"));
	assert_true(token_member_given(j, "c"));
	assert_true(token_member_given(j, "d"));
	assert_false(token_member_given(j, "e"));
	assert_true(token_member_given(j, "f"));
	assert_false(token_member_given(j, "g"));
	assert_false(token_member_given(NULL, "g"));
	json_free(&j);
}

static void expect_type(const char *json, bool any, bool good)
{
	struct json *j = json_parse(str_z(json), NULL);
	struct token *t = token_members_read(j, any, NULL);

	assert_int_equal(t != NULL, good);
	token_unref(&t);
	json_free(&j);
}

static void test_another_type_where_that_was_agreed_to(void **state)
{
	static const char odd[] = "{\"access_token\":\"t\","
				  "\"token_type\":\"User Token\"}";
	static const char bad[] = "{\"access_token\":\"t\","
				  "\"token_type\":\"a\\nb\"}";
	static const char empty[] = "{\"access_token\":\"t\","
				    "\"token_type\":\"\"}";

	(void)state;
	expect_type(odd, true, true);
	expect_type(odd, false, false);
	expect_type(bad, true, false);
	/* As one that is not there. */
	expect_type(empty, true, true);
	expect_type(empty, false, true);
	assert_false(token_is_type(STR("1234567890123456789012345678901234567"
				       "8901234567890123456789012345")));
	assert_true(token_is_type(STR("123456789012345678901234567890123456789"
				      "0123456789012345678901234")));
}

/* The first one that says something counts. */
static void test_life_of_the_refresh_token(void **state)
{
	static const struct {
		const char *members;
		int64_t seconds;
	} rows[] = {
		{ "", 0 },
		{ ",\"refresh_expires_in\":1800", 1800 },
		{ ",\"refresh_token_expires_in\":\"15811200\"", 15811200 },
		{ ",\"x_refresh_token_expires_in\":8726400", 8726400 },
		{ ",\"refresh_expires_in\":0", 0 },
		{ ",\"refresh_expires_in\":null", 0 },
		{ ",\"refresh_expires_in\":\"\","
		  "\"refresh_token_expires_in\":7", 7 },
		{ ",\"refresh_expires_in\":5,"
		  "\"refresh_token_expires_in\":7", 5 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf b = BUF_INIT(256);
		struct json *j;
		struct token *t;

		buf_addf(&b, "{\"access_token\":\"x\"%s}", rows[i].members);
		j = json_parse(buf_str(&b), NULL);
		t = token_members_read(j, false, NULL);
		assert_int_equal(t->refresh_expires_in, rows[i].seconds);
		token_unref(&t);
		json_free(&j);
		buf_fini(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_expires_in_has_every_shape),
		cmocka_unit_test(test_life_of_the_refresh_token),
		cmocka_unit_test(test_scope_is_only_told),
		cmocka_unit_test(test_token_type_has_any_case),
		cmocka_unit_test(test_given_says_something),
		cmocka_unit_test(test_another_type_where_that_was_agreed_to),
	};

	return cmocka_run_group_tests_name("oauth/token_members", tests, NULL,
					   NULL);
}
