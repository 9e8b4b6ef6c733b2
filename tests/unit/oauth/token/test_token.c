/* SPDX-License-Identifier: MIT */
/* Tokens shared, stored, and looked into. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "oauth/token/token.h"

static struct token *token_of(const char *body)
{
	struct token *t;
	struct oauth_error error;
	struct fault f;

	assert_int_equal(token_reply_read(200, STR("application/json"),
					  str_z(body), 77, &t, &error, &f),
			 TOKEN_OK);
	return t;
}

static void test_references_share_one_token(void **state)
{
	struct token *t = token_of("{\"access_token\":\"t\"}");
	struct token *other = token_ref(t);

	(void)state;
	assert_ptr_equal(t, other);
	token_unref(&t);
	assert_null(t);
	assert_true(secret_eq_str(other->access_token, STR("t")));
	token_unref(&other);
	assert_null(other);
	token_unref(&other);
	assert_null(token_ref(NULL));
}

static void test_a_static_token_names_nothing_else(void **state)
{
	struct secret *s = secret_new(STR("ghp_x"));
	struct token *t = token_static(s);
	struct buf b = BUF_INIT(100);

	(void)state;
	secret_unref(&s);
	assert_true(secret_eq_str(t->access_token, STR("ghp_x")));
	assert_string_equal(t->token_type, "Bearer");
	assert_int_equal(t->expires_in, 0);
	assert_null(t->refresh_token);
	assert_null(t->members);
	assert_int_equal(token_member(t, STR("access_token"), &b), -1);
	token_unref(&t);
	buf_fini(&b);
}

static void test_written_tokens_come_back_whole(void **state)
{
	struct token *t = token_of(
		"{\"access_token\":\"a\\\"\\\\\",\"token_type\":\"bearer\","
		"\"refresh_token\":\"r\\u0000\\n\\u00e9\",\"id_token\":\"i\","
		"\"expires_in\":\"60\",\"scope\":\"x y\","
		"\"refresh_token_expires_in\":86400,"
		"\"deep\":[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]}");
	struct buf b = BUF_INIT_SECRET(4096);
	struct fault f;

	(void)state;
	token_write(t, &b);
	assert_true(buf_ok(&b));
	struct token *back = token_parse(buf_str(&b), &f);

	assert_non_null(back);
	assert_true(secret_eq(t->access_token, back->access_token));
	assert_true(secret_eq(t->refresh_token, back->refresh_token));
	assert_true(secret_eq(t->id_token, back->id_token));
	assert_true(secret_eq(t->members, back->members));
	assert_string_equal(back->token_type, "bearer");
	assert_string_equal(back->scope, "x y");
	assert_int_equal(back->expires_in, 60);
	assert_int_equal(back->refresh_expires_in, 86400);
	assert_int_equal(back->sent_wall, 77);
	token_unref(&t);
	token_unref(&back);
	buf_fini(&b);
}

static void test_absent_members_stay_absent(void **state)
{
	struct secret *s = secret_new(STR("t"));
	struct token *t = token_static(s);
	struct buf b = BUF_INIT_SECRET(4096);
	struct fault f;

	(void)state;
	secret_unref(&s);
	token_write(t, &b);
	struct token *back = token_parse(buf_str(&b), &f);

	assert_non_null(back);
	assert_null(back->refresh_token);
	assert_null(back->id_token);
	assert_null(back->scope);
	assert_null(back->members);
	assert_int_equal(back->expires_in, 0);
	token_unref(&t);
	token_unref(&back);
	buf_fini(&b);
}

static void test_damaged_text_is_refused(void **state)
{
	static const char *const texts[] = {
		"", "{", "[]", "null", "{}", "\"val-1\"",
		"{\"access_token\":\"val-1\"}",
		"{\"access_token\":\"val-1\",\"sent_wall\":\"1\"}",
		"{\"access_token\":\"val-1\",\"sent_wall\":1.5}",
		"{\"access_token\":5,\"sent_wall\":1}",
		"{\"access_token\":\"val 1\",\"sent_wall\":1}",
		"{\"sent_wall\":1}",
		"{\"access_token\":\"val-1\",\"sent_wall\":1,\"members\":{}}",
		("{\"access_token\":\"val-1\",\"sent_wall\":1,"
		 "\"token_type\":\"m\\u0001c\"}"),
		"{\"access_token\":\"val-1\",\"sent_wall\":1}x",
	};
	struct fault f;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (token_parse(str_z(texts[i]), &f))
			fail_msg("taken: %s", texts[i]);
		assert_non_null(strstr(f.text, "damaged"));
		assert_null(strstr(f.text, "val-1"));
	}
}

static void test_members_are_found_by_path(void **state)
{
	static const struct {
		const char *path, *text;
	} rows[] = {
		{ "access_token", "t" },
		{ "n", "1.50" },
		{ "yes", "true" },
		{ "no", "false" },
		{ "o.p", "deep" },
		{ "o.list.0", "zero" },
		{ "o.list.1.q", "one" },
		{ "https://example.com/claim", "whole" },
		{ "o.a.b", "dotted" },
		{ "", NULL },
		{ ".", NULL },
		{ "o", NULL },
		{ "o.list", NULL },
		{ "o.list.2", NULL },
		{ "o.list.x", NULL },
		{ "o.list.-1", NULL },
		{ "o.list.99999999999999999999999", NULL },
		{ "o.list.0.x", NULL },
		{ "access_token.x", NULL },
		{ "nil", NULL },
		{ "missing", NULL },
		{ "o..p", NULL },
	};
	struct token *t = token_of(
		"{\"access_token\":\"t\",\"n\":1.50,\"yes\":true,\"no\":false,"
		"\"nil\":null,\"https://example.com/claim\":\"whole\","
		"\"o\":{\"p\":\"deep\",\"a.b\":\"dotted\","
		"\"list\":[\"zero\",{\"q\":\"one\"}]}}");

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf b = BUF_INIT(100);
		int rc = token_member(t, str_z(rows[i].path), &b);

		if (rc != (rows[i].text ? 0 : -1))
			fail_msg("%s: %d", rows[i].path, rc);
		assert_string_equal(buf_z(&b),
				    rows[i].text ? rows[i].text : "");
		buf_fini(&b);
	}
	token_unref(&t);
}

static struct token *reply_of(const char *members)
{
	struct oauth_error e;
	struct token *t;

	assert_int_equal(token_reply_read(200, STR("application/json"),
					  str_z(members), 7, &t, &e, NULL),
			 TOKEN_OK);
	return t;
}

/* What is of one token alone is the new one's, or is not there. */
static void test_refreshed(void **state)
{
	struct token *old = reply_of(
		"{\"access_token\":\"a1\",\"token_type\":\"bearer\","
		"\"expires_in\":60,\"refresh_token\":\"r1\","
		"\"id_token\":\"i\",\"scope\":\"one two\",\"site\":\"x\","
		"\"ext_expires_in\":9,\"expires_at\":8,\"of\":{\"a\":[1]},"
		"\"both\":1,\"null\":\"n\",\"empty\":\"e\"}");
	struct token *new = reply_of("{\"access_token\":\"a2\",\"both\":2,"
				     "\"null\":null,\"empty\":\"\","
				     "\"more\":true}");
	struct token *t = token_refreshed(new, old);

	(void)state;
	assert_true(secret_eq_str(t->members, STR(
		"{\"access_token\":\"a2\",\"both\":2,\"null\":\"n\","
		"\"empty\":\"e\",\"more\":true,\"scope\":\"one two\","
		"\"site\":\"x\",\"of\":{\"a\":[1]}}")));
	assert_true(secret_eq_str(t->access_token, STR("a2")));
	assert_null(t->refresh_token);
	assert_null(t->id_token);
	assert_string_equal(t->token_type, "Bearer");
	assert_string_equal(t->scope, "one two");
	assert_int_equal(t->expires_in, 0);
	token_unref(&t);
	token_unref(&new);
	new = reply_of("{\"access_token\":\"a2\",\"scope\":\"one\"}");
	t = token_refreshed(new, old);
	assert_string_equal(t->scope, "one");
	token_unref(&t);
	token_unref(&new);
	token_unref(&old);
}

/* What a login's callback brought is nobody's to say otherwise. */
static void test_with_callback(void **state)
{
	struct token *t = reply_of("{\"access_token\":\"a1\",\"callback\":"
				   "{\"id\":\"reply\"},\"scope\":\"s\"}");
	struct token *new = reply_of("{\"access_token\":\"a2\",\"callback\":"
				     "{\"id\":\"other\"}}");
	struct secret *kept = secret_new(STR("{\"id\":\"1\"}"));
	struct token *with = token_with_callback(t, kept, NULL), *refreshed;

	(void)state;
	assert_true(secret_eq_str(with->members, STR(
		"{\"access_token\":\"a1\",\"scope\":\"s\","
		"\"callback\":{\"id\":\"1\"}}")));
	assert_string_equal(with->scope, "s");
	refreshed = token_refreshed(new, with);
	assert_true(secret_eq_str(refreshed->members, STR(
		"{\"access_token\":\"a2\",\"callback\":{\"id\":\"1\"},"
		"\"scope\":\"s\"}")));
	token_unref(&t);
	token_unref(&new);
	token_unref(&with);
	token_unref(&refreshed);
	secret_unref(&kept);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_with_callback),
		cmocka_unit_test(test_refreshed),
		cmocka_unit_test(test_references_share_one_token),
		cmocka_unit_test(test_a_static_token_names_nothing_else),
		cmocka_unit_test(test_written_tokens_come_back_whole),
		cmocka_unit_test(test_absent_members_stay_absent),
		cmocka_unit_test(test_damaged_text_is_refused),
		cmocka_unit_test(test_members_are_found_by_path),
	};

	return cmocka_run_group_tests_name("oauth/token", tests, NULL, NULL);
}
