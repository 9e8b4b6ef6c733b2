/* SPDX-License-Identifier: MIT */
#include "config/nearest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char *const words[] = {
	"upstream", "match", "path", "client_id", "client_secret", "scope",
	"token_endpoint", "on",
};

static const char *nearest(const char *word)
{
	return config_nearest(word, words, sizeof(words) / sizeof(words[0]));
}

static void test_near(void **state)
{
	(void)state;
	assert_string_equal(nearest("upsteam"), "upstream");
	assert_string_equal(nearest("upstreams"), "upstream");
	assert_string_equal(nearest("paht"), "path");
	assert_string_equal(nearest("clinet_id"), "client_id");
	assert_string_equal(nearest("Client_ID"), "client_id");
	assert_string_equal(nearest("clientsecret"), "client_secret");
	assert_string_equal(nearest("token-endpoint"), "token_endpoint");
	assert_string_equal(nearest("scop"), "scope");
}

static void test_far(void **state)
{
	char longer[100];

	(void)state;
	assert_null(nearest("password"));
	assert_null(nearest("xx"));
	assert_null(nearest(""));
	assert_null(nearest("of"));
	memset(longer, 'a', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	assert_null(nearest(longer));
	assert_null(config_nearest("a", words, 0));
	/* 4 of 12 octets are a third, 5 are not. */
	assert_string_equal(nearest("client_sXXXXt"), "client_secret");
	assert_null(nearest("client_XXXXXt"));
}

static void test_words_too_long(void **state)
{
	const char *two[2] = { NULL, "match" };
	char longer[100];

	(void)state;
	memset(longer, 'm', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	two[0] = longer;
	assert_string_equal(config_nearest("macth", two, 2), "match");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_near),
		cmocka_unit_test(test_far),
		cmocka_unit_test(test_words_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
