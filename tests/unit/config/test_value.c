/* SPDX-License-Identifier: MIT */
#include "config/table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/secret.h"

static int read_as(const struct config_type *type, const char *text,
		   void *value)
{
	const struct config_key key = { .name = "key", .type = type,
					.words = "red green blue" };
	struct fault f = { "" };
	int rc = type->read(&key, str_z(text), value, &f);

	assert_int_equal(rc == 0, f.text[0] == '\0');
	return rc;
}

static void test_text(void **state)
{
	char *value = NULL;

	(void)state;
	assert_int_equal(read_as(&config_text, "a b", &value), 0);
	assert_string_equal(value, "a b");
	assert_int_equal(read_as(&config_text, "c", &value), 0);
	assert_string_equal(value, "c");
	assert_int_equal(read_as(&config_text, "", &value), -1);
	assert_int_equal(read_as(&config_text, "a\nb", &value), -1);
	assert_int_equal(read_as(&config_text, "a\x7f", &value), -1);
	assert_string_equal(value, "c");
	config_text.free(&value);
	assert_null(value);
	assert_int_equal(read_as(&config_path, "/a", &value), 0);
	config_path.free(&value);
}

static void test_secret(void **state)
{
	struct secret *value = NULL;

	(void)state;
	assert_int_equal(read_as(&config_secret, "s3cret", &value), 0);
	assert_true(secret_eq_str(value, STR("s3cret")));
	assert_int_equal(read_as(&config_secret, "other\ttab", &value), 0);
	assert_true(secret_eq_str(value, STR("other\ttab")));
	assert_int_equal(read_as(&config_secret, "", &value), -1);
	assert_int_equal(read_as(&config_secret, "two\nlines", &value), -1);
	config_secret.free(&value);
	assert_null(value);
}

static void test_bool(void **state)
{
	static const char *const yes[] = { "yes", "true", "on", "1", "YES" };
	static const char *const no[] = { "no", "false", "off", "0", "Off" };
	bool value = false;

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		assert_int_equal(read_as(&config_bool, yes[i], &value), 0);
		assert_true(value);
		assert_int_equal(read_as(&config_bool, no[i], &value), 0);
		assert_false(value);
	}
	assert_int_equal(read_as(&config_bool, "maybe", &value), -1);
	assert_int_equal(read_as(&config_bool, "", &value), -1);
	assert_int_equal(read_as(&config_bool, "2", &value), -1);
}

static int64_t duration(const char *text)
{
	int64_t value = -1;

	return read_as(&config_duration, text, &value) ? -1 : value;
}

static void test_interval(void **state)
{
	int64_t value = 5;

	(void)state;
	assert_int_equal(read_as(&config_interval, "no", &value), 0);
	assert_int_equal(value, -1);
	assert_int_equal(read_as(&config_interval, "Off", &value), 0);
	assert_int_equal(value, -1);
	assert_int_equal(read_as(&config_interval, "0", &value), 0);
	assert_int_equal(value, -1);
	assert_int_equal(read_as(&config_interval, "12h", &value), 0);
	assert_int_equal(value, 43200000);
	assert_int_equal(read_as(&config_interval, "yes", &value), -1);
	assert_int_equal(read_as(&config_interval, "1w", &value), -1);
}

static void test_duration(void **state)
{
	(void)state;
	assert_int_equal(duration("500ms"), 500);
	assert_int_equal(duration("30"), 30000);
	assert_int_equal(duration("30s"), 30000);
	assert_int_equal(duration("5m"), 300000);
	assert_int_equal(duration("2h"), 7200000);
	assert_int_equal(duration("7d"), 604800000);
	assert_int_equal(duration("0"), 0);
	assert_int_equal(duration("3650d"), 315360000000);
	assert_int_equal(duration("3651d"), -1);
	assert_int_equal(duration("99999999999999999999"), -1);
	assert_int_equal(duration("18446744073709551615ms"), -1);
	assert_int_equal(duration(""), -1);
	assert_int_equal(duration("s"), -1);
	assert_int_equal(duration("-1s"), -1);
	assert_int_equal(duration("1.5h"), -1);
	assert_int_equal(duration("10 s"), -1);
	assert_int_equal(duration("10S"), -1);
	assert_int_equal(duration("1h30m"), -1);
}

static void test_size(void **state)
{
	uint64_t value = 0;

	(void)state;
	assert_int_equal(read_as(&config_size, "4096", &value), 0);
	assert_int_equal(value, 4096);
	assert_int_equal(read_as(&config_size, "64K", &value), 0);
	assert_int_equal(value, 65536);
	assert_int_equal(read_as(&config_size, "10M", &value), 0);
	assert_int_equal(value, 10485760);
	assert_int_equal(read_as(&config_size, "3g", &value), 0);
	assert_int_equal(value, 3221225472);
	assert_int_equal(read_as(&config_size, "8589934592G", &value), -1);
	assert_int_equal(read_as(&config_size, "1KB", &value), -1);
	assert_int_equal(read_as(&config_size, "K", &value), -1);
	assert_int_equal(read_as(&config_size, "", &value), -1);
}

static void test_count_and_word(void **state)
{
	uint64_t count = 0;
	int word = -1;

	(void)state;
	assert_int_equal(read_as(&config_count, "1000", &count), 0);
	assert_int_equal(count, 1000);
	assert_int_equal(read_as(&config_count, "1k", &count), -1);
	assert_int_equal(read_as(&config_count, "-1", &count), -1);
	assert_int_equal(read_as(&config_word, "red", &word), 0);
	assert_int_equal(word, 0);
	assert_int_equal(read_as(&config_word, "blue", &word), 0);
	assert_int_equal(word, 2);
	assert_int_equal(read_as(&config_word, "Blue", &word), -1);
	assert_int_equal(read_as(&config_word, "red green", &word), -1);
	assert_int_equal(read_as(&config_word, "", &word), -1);
	assert_int_equal(word, 2);
}

static void test_word_lists_what_there_is(void **state)
{
	const struct config_key many = { .words = "red green" },
				one = { .words = "deny" };
	struct fault f;
	int word;

	(void)state;
	assert_int_equal(config_word.read(&many, STR("x"), &word, &f), -1);
	assert_string_equal(f.text, "must be one of: red green");
	assert_int_equal(config_word.read(&one, STR("forward"), &word, &f),
			 -1);
	assert_string_equal(f.text, "must be deny");
}

static void test_url(void **state)
{
	static const char *const bad[] = {
		"", "example.com", "ftp://example.com/", "https://",
		"https:///path", "https://h/#f", "https://h:0/",
		"https://h:99999/", "https://h /", "//h/", "https:/h/x",
	};
	char *value = NULL;

	(void)state;
	assert_int_equal(read_as(&config_url, "HTTPS://Api.example.com:8443/a"
					      "?q", &value), 0);
	assert_string_equal(value, "HTTPS://Api.example.com:8443/a?q");
	assert_int_equal(read_as(&config_url, "http://[::1]:80", &value), 0);
	assert_string_equal(value, "http://[::1]:80");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (!read_as(&config_url, bad[i], &value))
			fail_msg("\"%s\" was taken", bad[i]);
	config_url.free(&value);
}

static void test_lists(void **state)
{
	struct config_list list = { NULL, 0 };

	(void)state;
	assert_int_equal(read_as(&config_list, "a b, c", &list), 0);
	assert_int_equal(read_as(&config_list, "d", &list), 0);
	assert_int_equal(list.n, 2);
	assert_string_equal(list.v[0], "a b, c");
	assert_string_equal(list.v[1], "d");
	assert_int_equal(read_as(&config_list, "", &list), -1);
	config_list.free(&list);
	assert_int_equal(list.n, 0);

	assert_int_equal(read_as(&config_words, " a b,c ,\td", &list), 0);
	assert_int_equal(read_as(&config_words, "e", &list), 0);
	assert_int_equal(list.n, 5);
	assert_string_equal(list.v[2], "c");
	assert_string_equal(list.v[4], "e");
	assert_int_equal(read_as(&config_words, " , ", &list), -1);
	assert_int_equal(read_as(&config_words, "", &list), -1);
	config_words.free(&list);
	assert_null(list.v);

	assert_int_equal(read_as(&config_paths, "/a", &list), 0);
	config_paths.free(&list);
	assert_int_equal(read_as(&config_listen, "unix:/a", &list), 0);
	assert_string_equal(list.v[0], "unix:/a");
	config_listen.free(&list);
}

static void test_program(void **state)
{
	struct config_list list = { NULL, 0 };

	(void)state;
	assert_int_equal(read_as(&config_program, "/a\tb  'c", &list), 0);
	assert_int_equal(list.n, 3);
	assert_string_equal(list.v[0], "/a");
	assert_string_equal(list.v[2], "'c");
	assert_null(list.v[3]);
	/* the one that was read last */
	assert_int_equal(read_as(&config_program, "/b", &list), 0);
	assert_int_equal(list.n, 1);
	assert_null(list.v[1]);
	assert_int_equal(read_as(&config_program, "b", &list), -1);
	assert_int_equal(read_as(&config_program, "", &list), -1);
	config_program.free(&list);
	assert_null(list.v);
}

static void test_statuses(void **state)
{
	struct config_numbers numbers = { NULL, 0 };

	(void)state;
	assert_int_equal(read_as(&config_statuses, "401, 403 419", &numbers),
			 0);
	assert_int_equal(read_as(&config_statuses, "100,599", &numbers), 0);
	assert_int_equal(numbers.n, 5);
	assert_int_equal(numbers.v[1], 403);
	assert_int_equal(numbers.v[4], 599);
	assert_int_equal(read_as(&config_statuses, "99", &numbers), -1);
	assert_int_equal(read_as(&config_statuses, "600", &numbers), -1);
	assert_int_equal(read_as(&config_statuses, "401 x", &numbers), -1);
	assert_int_equal(read_as(&config_statuses, ",", &numbers), -1);
	config_statuses.free(&numbers);
	assert_int_equal(numbers.n, 0);
}

static void test_cidrs(void **state)
{
	struct config_cidrs cidrs = { NULL, 0 };

	(void)state;
	assert_int_equal(read_as(&config_cidrs, "10.0.0.0/8,::1 127.0.0.1",
				 &cidrs), 0);
	assert_int_equal(cidrs.n, 3);
	assert_int_equal(cidrs.v[0].bits, 8);
	assert_int_equal(cidrs.v[1].bits, 128);
	assert_int_equal(read_as(&config_cidrs, "10.0.0.0/8 x", &cidrs), -1);
	assert_int_equal(read_as(&config_cidrs, " ", &cidrs), -1);
	config_cidrs.free(&cidrs);
	assert_int_equal(cidrs.n, 0);
}

/* A secret may stand in the wrong line. */
static void test_faults_repeat_nothing(void **state)
{
	static const struct config_type *const types[] = {
		&config_bool, &config_duration, &config_size, &config_count,
		&config_word, &config_url, &config_statuses, &config_cidrs,
	};
	const struct config_key key = { .words = "red green" };

	(void)state;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		struct fault f = { "" };
		char value[64] = "";

		assert_int_equal(types[i]->read(&key, STR("s3cret"), value,
						&f), -1);
		assert_true(f.text[0]);
		assert_null(strstr(f.text, "s3cret"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_secret),
		cmocka_unit_test(test_bool),
		cmocka_unit_test(test_duration),
		cmocka_unit_test(test_interval),
		cmocka_unit_test(test_size),
		cmocka_unit_test(test_count_and_word),
		cmocka_unit_test(test_word_lists_what_there_is),
		cmocka_unit_test(test_url),
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_program),
		cmocka_unit_test(test_statuses),
		cmocka_unit_test(test_cidrs),
		cmocka_unit_test(test_faults_repeat_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
