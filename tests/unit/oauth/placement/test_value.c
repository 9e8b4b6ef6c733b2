/* SPDX-License-Identifier: MIT */
#include "base/alloc.h"
#include "base/limits.h"
#include "oauth/placement/value.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "oauth/section.h"

static const char settings[] = "client_id = me\nclient_secret = s3:\n"
			       "username = u\n";

static int as_it_is(struct str value, struct buf *out, struct fault *f)
{
	if (str_eq_z(value, "refused"))
		return fault_set(f, "no place takes it");
	buf_add_str(out, value);
	return 0;
}

static void test_says_what_it_needs(void **state)
{
	static const struct {
		const char *text;
		bool of_token, of_secret, of_request;
	} rows[] = {
		{ "", false, false, false },
		{ "access_token", false, false, false },
		{ "{client_id}{username}", false, false, false },
		{ "{client_secret}", false, true, false },
		{ "{access_token}", true, false, false },
		{ "{token_type}", true, false, false },
		{ "{id_token}", true, false, false },
		{ "{token.a.0}", true, false, false },
		{ "{now}", false, false, true },
		{ "{base64:{token.a}{uuid}{client_secret}}", true, true,
		  true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct value *v = value_parse(str_z(rows[i].text), NULL);

		assert_non_null(v);
		assert_int_equal(v->of_token, rows[i].of_token);
		assert_int_equal(v->of_secret, rows[i].of_secret);
		assert_int_equal(v->of_request, rows[i].of_request);
		value_free(&v);
		assert_null(v);
		value_free(&v);
	}
}

static void test_names_that_are_none(void **state)
{
	struct fault f;

	(void)state;
	assert_null(value_parse(STR("{password}"), &f));
	assert_non_null(strstr(f.text, "{client_secret}"));
	assert_non_null(strstr(f.text, "{uuid}"));
	assert_null(value_parse(STR("{token.}"), &f));
	assert_null(value_parse(STR("{refresh_token}"), &f));
}

static void expect_checked(const char *lines, const char *text, bool has_token,
			   const char *words)
{
	struct section x = section_new(lines);
	struct value *v = value_parse(str_z(text), NULL);
	struct fault f = { "" };

	assert_non_null(v);
	assert_int_equal(value_check(v, x.s, has_token, &f), words ? -1 : 0);
	if (words && !strstr(f.text, words))
		fail_msg("no \"%s\" in: %s", words, f.text);
	assert_null(strstr(f.text, "s3"));
	value_free(&v);
	section_free(&x);
}

static void test_checks(void **state)
{
	(void)state;
	expect_checked("", "plain", false, NULL);
	expect_checked("", "{now} {uuid}", false, NULL);
	expect_checked("", "{access_token} {token.x}", true, NULL);
	expect_checked("", "{access_token}", false,
		       "{access_token}: the service gets no token");
	expect_checked("", "{token.x}", false, "{token.x}: the service");
	expect_checked("", "{client_id}", true, "there is no client_id");
	expect_checked("", "{client_secret}", true, "no client_secret");
	expect_checked("", "{base64:{username}}", true, "no username");
	expect_checked(settings, "{client_id}{client_secret}{username}", false,
		       NULL);
}

static void expect_written(const char *text, const char *expected)
{
	struct section x = section_new(settings);
	struct value *v = value_parse(str_z(text), NULL);
	struct value_source source = { .section = x.s };
	struct buf out = BUF_INIT(1000);
	struct fault f;

	assert_int_equal(value_write(v, &source, as_it_is, &out, &f), 0);
	assert_string_equal(buf_z(&out), expected);
	value_free(&v);
	section_free(&x);
	buf_fini(&out);
}

static void test_writes(void **state)
{
	(void)state;
	expect_written("", "");
	expect_written("a{{{client_id}}}", "a{me}");
	expect_written("Basic {base64:{client_id}:{client_secret}}",
		       "Basic bWU6czM6");
	expect_written("{username}", "u");
	clock_fake(5, 1700000000999);
	expect_written("{now}", "1700000000");
	clock_real();
}

static void expect_unwritten(const char *text, const char *words)
{
	struct section x = section_new("");
	struct token *t = NULL;
	struct value *v = value_parse(str_z(text), NULL);
	struct buf out = BUF_INIT(1000);
	struct oauth_error error;
	struct fault f;

	assert_int_equal(token_reply_read(
		200, STR("application/json"),
		STR("{\"access_token\":\"t\",\"cr\":\"val-\\r\",\"lf\":\"\\n\","
		    "\"nul\":\"\\u0000val-\",\"no\":\"refused\",\"nil\":null}"),
		0, &t, &error, &f), TOKEN_OK);

	struct value_source source = { .token = t, .section = x.s };

	assert_int_equal(value_write(v, &source, as_it_is, &out, &f), -1);
	if (!strstr(f.text, words))
		fail_msg("no \"%s\" in: %s", words, f.text);
	assert_null(strstr(f.text, "val-"));
	assert_int_equal(out.n, 0);
	value_free(&v);
	token_unref(&t);
	section_free(&x);
	buf_fini(&out);
}

static void test_without_a_token(void **state)
{
	static const char *const texts[] = { "{access_token}", "{token_type}",
					     "{id_token}", "{token.a}" };
	struct section x = section_new("");
	struct value_source source = { .section = x.s };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct value *v = value_parse(str_z(texts[i]), NULL);
		struct buf out = BUF_INIT(1000);
		struct fault f;

		assert_int_equal(value_write(v, &source, as_it_is, &out, &f),
				 -1);
		assert_non_null(strstr(f.text, "there is no token now"));
		value_free(&v);
		buf_fini(&out);
	}
	section_free(&x);
}

/* What a browser brought is a part of an address, and no more. */
static void test_callback(void **state)
{
	static const struct {
		const char *text, *id;
		bool in_url, taken;
	} rows[] = {
		{ "x{token.callback.id}", "a/../b?c#d", false, true },
		{ "https://h/{token.callback.id}", "a-1._~", true, true },
		{ "https://h/{token.callback.id}", "a/b", true, false },
		{ "https://h/{token.callback.id}", "..", true, false },
		{ "https://h/{token.callback.id}", ".", true, false },
		{ "https://h/{token.callback.id}", "a?b", true, false },
		{ "https://h/{token.callback.id}", "a%2fb", true, false },
		{ "https://{token.callback.id}", "u@h", true, false },
		{ "https://{token.callback.id}", "h:1", true, false },
		{ "{token.callback.id}", "https://h:1/x", true, true },
		{ "{token.callback.id}", "https://h/x/../y", true, false },
		{ "{token.callback.id}", "https://u@h", true, false },
		{ "{token.callback.other}", "x", false, false },
	};
	struct section x = section_new("");

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct value *v = value_parse(str_z(rows[i].text), NULL);
		struct buf json = BUF_INIT(200), out = BUF_INIT(200);
		struct value_carried carried = { .callback = NULL };
		struct value_source source = { .section = x.s,
					       .carried = &carried,
					       .in_url = rows[i].in_url };
		struct secret *kept;
		struct fault f;

		buf_addf(&json, "{\"id\":\"%s\"}", rows[i].id);
		kept = secret_new(buf_str(&json));
		carried.callback = kept;
		assert_true(v->of_token);
		assert_false(v->of_reply);
		if ((value_write(v, &source, as_it_is, &out, &f) == 0) !=
		    rows[i].taken)
			fail_msg("%s of %s", rows[i].text, rows[i].id);
		value_free(&v);
		secret_unref(&kept);
		buf_fini(&json);
		buf_fini(&out);
	}
	section_free(&x);
}

static void test_what_cannot_be(void **state)
{
	(void)state;
	expect_unwritten("{id_token}", "{id_token}: the token response");
	expect_unwritten("{token.none}", "{token.none}");
	expect_unwritten("{token.nil}", "{token.nil}");
	expect_unwritten("a{token.cr}", "line break");
	expect_unwritten("{token.lf}", "line break");
	expect_unwritten("{token.nul}", "line break");
	expect_unwritten("{token.no}", "no place takes it");
}

static void test_is_bounded(void **state)
{
	char *text = mem_alloc(LIMIT_VALUE + 2);
	struct section x = section_new("");
	struct value_source source = { .section = x.s };
	struct buf out = BUF_INIT(VALUE_ENCODED_MAX);
	struct value *v;
	struct fault f;

	(void)state;
	memset(text, 'x', LIMIT_VALUE + 1);
	v = value_parse(str_z(text), NULL);
	assert_int_equal(value_write(v, &source, as_it_is, &out, &f), -1);
	assert_non_null(strstr(f.text, "longer than"));
	value_free(&v);
	text[LIMIT_VALUE] = '\0';
	v = value_parse(str_z(text), NULL);
	assert_int_equal(value_write(v, &source, as_it_is, &out, &f), 0);
	assert_int_equal(out.n, LIMIT_VALUE);
	value_free(&v);
	mem_free(text);
	section_free(&x);
	buf_fini(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_says_what_it_needs),
		cmocka_unit_test(test_names_that_are_none),
		cmocka_unit_test(test_checks),
		cmocka_unit_test(test_writes),
		cmocka_unit_test(test_without_a_token),
		cmocka_unit_test(test_callback),
		cmocka_unit_test(test_what_cannot_be),
		cmocka_unit_test(test_is_bounded),
	};

	return cmocka_run_group_tests_name("oauth/value", tests, NULL, NULL);
}
