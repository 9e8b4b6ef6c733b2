/* SPDX-License-Identifier: MIT */
#include "page/pages.h"

#include "page/page.h"

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

/* People's pages: no more is said of a page before it is known that there is
 * one. */
static void test_peoples_pages(void **state)
{
	static const char *const none[] = {
		"/-/login", "/-/login/", "/-/login/four", "/-/login/one/",
		"/-/login/One", "/-/callback/", "/-/callback/four",
		"/-/callback/one/x", "/-/callbacks", "/-/callback/one?",
	};
	static const char *const some[] = {
		"/-/login/one", "/-/callback", "/-/callback/one",
	};
	static const char *const methods[] = { "HEAD", "PUT", "post", "" };

	(void)state;
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		assert_int_equal(page_ask("GET", none[i]), 404);
		assert_int_equal(reply.body.n, 0);
		assert_null(reply.content_type);
		assert_int_equal(page_ask("POST", none[i]), 404);
	}
	for (size_t i = 0; i < 3; i++) {
		for (size_t j = 0; j < 4; j++) {
			assert_int_equal(page_ask(methods[j], some[i]), 405);
			assert_string_equal(reply.allow, "GET, POST");
			assert_null(reply.content_type);
			assert_int_equal(reply.body.n, 0);
		}
	}
}

static void test_which_take_a_form(void **state)
{
	static const struct {
		const char *path;
		bool form, callback;
	} rows[] = {
		{ "/-/login/one", true, false },
		{ "/-/callback", true, true },
		{ "/-/callback/one", true, true },
		{ "/-/callback/", false, false },
		{ "/-/health", false, false },
		{ "/-/health/one", false, false },
		{ "/-/nothing", false, false },
		{ "/", false, false },
		{ "", false, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct str path = str_z(rows[i].path);

		assert_int_equal(page_takes_form(STR("POST"), path),
				 rows[i].form);
		assert_false(page_takes_form(STR("GET"), path));
		assert_false(page_takes_form(STR("PUT"), path));
		assert_int_equal(page_is_callback(path), rows[i].callback);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PAGE_TEST(test_no_page),
		PAGE_TEST(test_head_is_as_get),
		PAGE_TEST(test_other_methods),
		PAGE_TEST(test_peoples_pages),
		PAGE_TEST(test_which_take_a_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
