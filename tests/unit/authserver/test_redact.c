/* SPDX-License-Identifier: MIT */
#include "authserver/redact.h"

#include "session/setup.h"

static bool held(const char *words, size_t room, const char *secret)
{
	struct secret *s = secret ? secret_new(str_z(secret)) : NULL;
	bool is = redact_holds(words, room, s);

	secret_unref(&s);
	return is;
}

static void secrets_are_found(void **state)
{
	static const struct {
		const char *words, *secret;
		bool held;
	} rows[] = {
		{ "client demo with p4ssw0rd is wrong", "p4ssw0rd", true },
		{ "p4ssw0rd", "p4ssw0rd", true },
		{ "a p4ssw0r", "p4ssw0rd", false },
		{ "P4SSW0RD", "p4ssw0rd", false },
		{ "", "p4ssw0rd", false },
		{ "anything", "", false },
		{ "anything", NULL, false },
		/* percent- and form-encoded, in either case of the digits */
		{ "got s3cr3t%2Fw%25rd%2B", "s3cr3t/w%rd+", true },
		{ "got s3cr3t%2fw%25rd%2b", "s3cr3t/w%rd+", true },
		{ "got s3cr3t/w%rd+", "s3cr3t/w%rd+", true },
		{ "got a%20b%20c!", "a b c!", true },
		{ "got a+b+c%21", "a b c!", true },
		{ "got a b c!", "a b c!", true },
		{ "got a+b", "a+b", true },
		{ "got %70%34%73%73", "p4ss", true },
		/* as words are cleaned: "?" for what is not ASCII */
		{ "got p?ss", "p\xc3\xa4ss", true },
		{ "got p%C3%A4ss", "p\xc3\xa4ss", true },
		{ "got l1?l2", "l1\nl2", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bool is = held(rows[i].words, 255, rows[i].secret);

		if (is != rows[i].held)
			print_error("row %zu\n", i);
		assert_int_equal(is, rows[i].held);
	}
}

static void cut_ones_are_found_at_the_end(void **state)
{
	(void)state;
	assert_true(held("the secret is p4ss", 18, "p4ssw0rd"));
	assert_true(held("the secret is a%2Fbc", 20, "a/bcdef"));
	/* the words were not cut */
	assert_false(held("the secret is p4ss", 19, "p4ssw0rd"));
	/* too little to tell */
	assert_false(held("the secret is p4s", 17, "p4ssw0rd"));
}

static void secrets_longer_than_all_words(void **state)
{
	char words[256], secret[70000];

	(void)state;
	memset(secret, 'x', sizeof(secret) - 1);
	secret[sizeof(secret) - 1] = '\0';
	memset(words, 'x', 255);
	words[255] = '\0';
	assert_true(held(words, 255, secret));
	words[254] = 'y';
	assert_false(held(words, 255, secret));
	words[100] = '\0';
	assert_false(held(words, 255, secret));
}

/* A server may say as much as it likes. */
static void texts_of_any_length(void **state)
{
	static char words[20000];
	const size_t last = sizeof(words) - 1;

	(void)state;
	memset(words, '+', last);
	memcpy(words + last - 10, "p4ss%77%30rd", 10);
	assert_false(held(words, last + 1, "p4ssw0rd"));
	memcpy(words + last - 12, "p4ss%77%30rd", 12);
	assert_true(held(words, last + 1, "p4ssw0rd"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(secrets_are_found),
		cmocka_unit_test(cut_ones_are_found_at_the_end),
		cmocka_unit_test(secrets_longer_than_all_words),
		cmocka_unit_test(texts_of_any_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
