/* SPDX-License-Identifier: MIT */
#include "session/record.h"

#include "crypto/jwk.h"
#include "session/setup.h"

static struct buf text;

static int set_up(void **state)
{
	(void)state;
	buf_init_secret(&text, 1 << 20);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	buf_fini(&text);
	return 0;
}

static void whole_record(void **state)
{
	struct token *t = token_of("tok\"\\en", 3600, 12345);
	char seed[] = "5eed", digest[] = "w15h";
	char iss[] = "https://as.test", sub[] = "ali\"ce", login_id[] = "10a";
	struct record r = {
		.token = t,
		.refresh_token = secret_new(STR("a\ng\"ain")),
		.seed = seed,
		.request_digest = digest,
		.login_id = login_id,
		.noted = true,
		.subject = { iss, sub, secret_new(STR("n-1")) },
		.refresh_given = INT64_C(1767225600123),
		.refresh_life = INT64_C(8640000000),
	};
	struct record back;
	struct fault f;

	(void)state;
	t->refresh_token = secret_new(STR("its own"));
	t->members = secret_new(STR("{\"access_token\":\"x\",\"y\":1}"));
	record_write(&r, &text);
	assert_int_equal(record_parse(buf_str(&text), &back, &f), 0);
	assert_true(secret_eq(back.token->access_token, t->access_token));
	assert_true(secret_eq(back.token->refresh_token, t->refresh_token));
	assert_true(secret_eq(back.token->members, t->members));
	assert_int_equal(back.token->expires_in, 3600);
	assert_int_equal(back.token->sent_wall, 12345);
	assert_true(secret_eq(back.refresh_token, r.refresh_token));
	assert_string_equal(back.seed, "5eed");
	assert_string_equal(back.request_digest, "w15h");
	assert_string_equal(back.login_id, login_id);
	assert_true(back.noted);
	assert_int_equal(back.refresh_given, INT64_C(1767225600123));
	assert_int_equal(back.refresh_life, INT64_C(8640000000));
	assert_null(back.key);
	assert_string_equal(back.subject.iss, iss);
	assert_string_equal(back.subject.sub, sub);
	assert_true(secret_eq(back.subject.nonce, r.subject.nonce));
	record_fini(&back);
	assert_null(back.token);
	assert_null(back.seed);
	secret_unref(&r.subject.nonce);
	secret_unref(&r.refresh_token);
	token_unref(&t);
}

static void least_record(void **state)
{
	char digest[] = "w";
	struct record r = { .request_digest = digest }, back;
	struct fault f;

	(void)state;
	record_write(&r, &text);
	assert_string_equal(buf_z(&text), "{\"wishes\":\"w\"}\n");
	assert_int_equal(record_parse(buf_str(&text), &back, &f), 0);
	assert_null(back.token);
	assert_null(back.refresh_token);
	assert_null(back.seed);
	assert_null(back.login_id);
	assert_false(back.noted);
	assert_null(back.subject.iss);
	assert_null(back.subject.sub);
	assert_null(back.subject.nonce);
	record_fini(&back);
}

static void key_of_a_session(void **state)
{
	char digest[] = "w";
	struct record r = { .request_digest = digest,
			    .key = key_generate_p256() };
	struct record back;
	struct buf one = BUF_INIT(64), two = BUF_INIT(64);
	struct fault f;

	(void)state;
	record_write(&r, &text);
	assert_int_equal(record_parse(buf_str(&text), &back, &f), 0);
	assert_true(key_is_private(back.key));
	jwk_thumbprint(r.key, &one);
	jwk_thumbprint(back.key, &two);
	assert_string_equal(buf_z(&one), buf_z(&two));
	buf_fini(&one);
	buf_fini(&two);
	record_fini(&back);
	assert_null(back.key);
	key_unref(&r.key);
}

static void damage(void **state)
{
	static const char *const rows[] = {
		"{\"wishes\":\"w\",\"dpop_key\":\"s3cr3t\"}\n",
		"{\"wishes\":\"w\",\"dpop_key\":{\"kty\":\"s3cr3t\"}}\n",
		("{\"wishes\":\"w\",\"dpop_key\":{\"kty\":\"EC\","
		 "\"crv\":\"P-256\",\"x\":"
		 "\"l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs\",\"y\":"
		 "\"9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA\"}}\n"),
		"", "\n", "rubbish\n", "{}", "{}\n", "[]\n", "1\n",
		"{\"wishes\":1}\n", "{\"wishes\":\"\"}\n",
		"{\"wishes\":\"s3cr3t\"", "{\"wishes\":\"w\"}\nrubbish",
		"{\"wishes\":\"w\"}\n{}", "{\"wishes\":\"w\"}\n\n",
		("{\"wishes\":\"w\"}\n{\"access_token\":1,\"expires_in\":1,"
		 "\"sent_wall\":1}"),
	};
	struct record r;
	struct fault f;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int rc = record_parse(str_z(rows[i]), &r, &f);

		if (rc == 0)
			print_error("taken: %s\n", rows[i]);
		assert_int_equal(rc, -1);
		assert_null(r.token);
		assert_non_null(strstr(f.text, "damaged"));
		assert_null(strstr(f.text, "s3cr3t"));
		record_fini(&r);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(whole_record),
		TEST(least_record),
		TEST(key_of_a_session),
		TEST(damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
