/* SPDX-License-Identifier: MIT */
#include "page/health.h"

#include "page/page.h"

static void test_all_idle(void **state)
{
	(void)state;
	assert_int_equal(page_ask("GET", "/-/health"), 200);
	assert_string_equal(reply.content_type, "application/health+json");
	assert_string_equal(
		buf_z(&reply.body),
		"{\"status\":\"pass\",\"version\":\"" PACKAGE_VERSION "\","
		"\"checks\":{"
		"\"store\":[{\"componentType\":\"datastore\","
		"\"status\":\"pass\"}],"
		"\"session:one\":[{\"componentType\":\"component\","
		"\"observedValue\":\"idle\",\"status\":\"pass\"}],"
		"\"session:two\":[{\"componentType\":\"component\","
		"\"observedValue\":\"idle\",\"status\":\"pass\"}],"
		"\"session:three\":[{\"componentType\":\"component\","
		"\"observedValue\":\"idle\",\"status\":\"pass\"}]}}\n");
}

/* What a session's snapshot means for its check. */
static const struct {
	enum session_state state;
	int64_t ms;
	bool failed;
	const char *word;
} rows[] = {
	{ SESSION_IDLE, 0, false, "pass" },
	{ SESSION_READY, 5000, false, "pass" },
	{ SESSION_RENEWING, 5000, false, "pass" },
	{ SESSION_RENEWING, 0, false, "pass" },
	{ SESSION_RENEWING, 5000, true, "warn" },
	{ SESSION_FAILING, 5000, true, "warn" },
	{ SESSION_FAILING, 0, true, "fail" },
	{ SESSION_FAILING, -1, true, "fail" },
	{ SESSION_FAILING, 0, false, "fail" },
	{ SESSION_IDLE, 0, true, "fail" },
	{ SESSION_WAITING_FOR_LOGIN, 0, false, "warn" },
	{ SESSION_WAITING_FOR_LOGIN, 0, true, "warn" },
	{ SESSION_WAITING_FOR_LOGIN, -1, true, "fail" },
	{ SESSION_WAITING_FOR_LOGIN, 5000, true, "warn" },
};

static void test_each_state(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bool fails = strcmp(rows[i].word, "fail") == 0;
		char whole[64], check[128];

		page_put(1, rows[i].state, rows[i].ms, rows[i].failed);
		snprintf(whole, sizeof(whole), "{\"status\":\"%s\",",
			 rows[i].word);
		snprintf(check, sizeof(check),
			 "\"session:two\":[{\"componentType\":\"component\","
			 "\"observedValue\":\"%s\",\"status\":\"%s\"}]",
			 session_state_name(rows[i].state), rows[i].word);
		assert_int_equal(page_ask("GET", "/-/health"),
				 fails ? 503 : 200);
		assert_int_equal(strncmp(buf_z(&reply.body), whole,
					 strlen(whole)), 0);
		assert_true(page_holds(check));
		assert_int_equal(page_ask("GET", "/-/health/two"),
				 fails ? 503 : 200);
		assert_true(page_holds(check));
		assert_false(page_holds("session:one"));
		assert_int_equal(page_ask("GET", "/-/health/one"), 200);
		assert_true(page_holds("{\"status\":\"pass\","));
	}
}

/* A spent token is none, and the time is the context's. */
static void test_usable_is_what_counts(void **state)
{
	(void)state;
	page_put(0, SESSION_FAILING, 5000, true);
	assert_int_equal(page_ask("GET", "/-/health/one"), 200);
	context.now = NOW + 5000;
	assert_int_equal(page_ask("GET", "/-/health/one"), 503);
}

static void test_login_that_ends_soon(void **state)
{
	struct snapshot *s = snapshot_new(0);

	(void)state;
	s->state = SESSION_READY;
	s->expires = s->renew_at = INT64_MAX;
	s->login_warns = NOW + 5000;
	session_view_put(view, s);
	snapshot_unref(&s);
	assert_int_equal(page_ask("GET", "/-/health/one"), 200);
	assert_true(page_holds("{\"status\":\"pass\","));
	context.now = NOW + 5000;
	assert_int_equal(page_ask("GET", "/-/health/one"), 200);
	assert_true(page_holds("{\"status\":\"warn\","));
}

static void test_worst_is_the_whole(void **state)
{
	(void)state;
	page_put(0, SESSION_FAILING, 5000, true);
	assert_int_equal(page_ask("GET", "/-/health"), 200);
	assert_true(page_holds("{\"status\":\"warn\","));
	page_put(2, SESSION_FAILING, 0, true);
	assert_int_equal(page_ask("GET", "/-/health"), 503);
	assert_true(page_holds("{\"status\":\"fail\","));
}

static void test_store_warns(void **state)
{
	(void)state;
	context.store_ok = false;
	assert_int_equal(page_ask("GET", "/-/health"), 200);
	assert_true(page_holds("{\"status\":\"warn\","));
	assert_true(page_holds("\"store\":[{\"componentType\":\"datastore\","
			       "\"status\":\"warn\"}]"));
	/* A service's own document is of the service alone. */
	assert_int_equal(page_ask("GET", "/-/health/one"), 200);
	assert_true(page_holds("{\"status\":\"pass\","));
}

static void test_live_and_ready(void **state)
{
	(void)state;
	assert_int_equal(page_ask("GET", "/-/health/live"), 200);
	assert_string_equal(buf_z(&reply.body),
			    "{\"status\":\"pass\",\"version\":\""
			    PACKAGE_VERSION "\"}\n");
	assert_int_equal(page_ask("GET", "/-/health/ready"), 200);
	context.ready = false;
	assert_int_equal(page_ask("GET", "/-/health/ready"), 503);
	assert_true(page_holds("\"fail\""));
	assert_int_equal(page_ask("GET", "/-/health/live"), 200);
	context.live = false;
	assert_int_equal(page_ask("GET", "/-/health/live"), 503);
	/* Neither is of the sessions. */
	context.ready = context.live = true;
	page_put(0, SESSION_FAILING, 0, true);
	assert_int_equal(page_ask("GET", "/-/health/live"), 200);
	assert_int_equal(page_ask("GET", "/-/health/ready"), 200);
}

static void test_fixed_words_only(void **state)
{
	(void)state;
	page_put(0, SESSION_FAILING, 5000, true);
	page_ask("GET", "/-/health");
	assert_false(page_holds("own words"));
	assert_false(page_holds("t0ken"));
	page_ask("GET", "/-/health/one");
	assert_false(page_holds("own words"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PAGE_TEST(test_all_idle),
		PAGE_TEST(test_each_state),
		PAGE_TEST(test_usable_is_what_counts),
		PAGE_TEST(test_login_that_ends_soon),
		PAGE_TEST(test_worst_is_the_whole),
		PAGE_TEST(test_store_warns),
		PAGE_TEST(test_live_and_ready),
		PAGE_TEST(test_fixed_words_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
