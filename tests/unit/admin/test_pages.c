/* SPDX-License-Identifier: MIT */
#include "admin/pages.h"

#include "admin/page.h"

static void test_no_page(void **state)
{
	static const char *const paths[] = {
		"", "/", "/-/", "/-/health/", "/-/healt", "/-/healthy",
		"/-/health/four", "/-/health/one/", "/-/health/One",
		"/-/health/on", "/-/health/%6fne", "/-/HEALTH", "/health",
		"/-/health/live/", "/x/-/health",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		assert_int_equal(page_ask("GET", paths[i]), 404);
		assert_null(reply.content_type);
		assert_null(reply.allow);
		assert_int_equal(reply.body.n, 0);
		assert_int_equal(page_ask("POST", paths[i]), 404);
	}
}

static void test_head_is_as_get(void **state)
{
	(void)state;
	assert_int_equal(page_ask("HEAD", "/-/health"), 200);
	assert_true(page_holds("\"checks\""));
	assert_string_equal(reply.content_type, "application/health+json");
}

static void test_other_methods(void **state)
{
	static const char *const methods[] = { "POST", "PUT", "DELETE", "get",
					       "OPTIONS", "TRACE", "" };

	(void)state;
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		assert_int_equal(page_ask(methods[i], "/-/health/live"), 405);
		assert_string_equal(reply.allow, "GET, HEAD");
		assert_null(reply.content_type);
		assert_int_equal(reply.body.n, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PAGE_TEST(test_no_page),
		PAGE_TEST(test_head_is_as_get),
		PAGE_TEST(test_other_methods),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
