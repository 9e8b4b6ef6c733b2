/* SPDX-License-Identifier: MIT */
#include "base/limits.h"
#include "oauth/dpop_nonces.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static const struct str A = { "https://a.test:443", 18 };
static const struct str B = { "https://b.test:443", 18 };

static struct dpop_nonces nonces;

static int set_up(void **state)
{
	(void)state;
	dpop_nonces_init(&nonces);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	dpop_nonces_fini(&nonces);
	assert_int_equal(nonces.n, 0);
	return 0;
}

static void is(const char *session, struct str origin, const char *nonce)
{
	assert_true(str_eq_z(dpop_nonces_get(&nonces, str_z(session), origin),
			     nonce));
}

static void put(const char *session, struct str origin, const char *nonce)
{
	dpop_nonces_put(&nonces, str_z(session), origin, str_z(nonce));
}

static void each_session_and_origin_has_its_own(void **state)
{
	(void)state;
	is("s", A, "");
	put("s", A, "1");
	put("s", B, "2");
	put("t", A, "3");
	is("s", A, "1");
	is("s", B, "2");
	is("t", A, "3");
	is("t", B, "");
	put("s", A, "4");
	is("s", A, "4");
	is("s", B, "2");
	is("t", A, "3");
	assert_int_equal(nonces.n, 3);
}

static void none_changes_nothing(void **state)
{
	(void)state;
	put("s", A, "");
	assert_int_equal(nonces.n, 0);
	put("s", A, "1");
	put("s", A, "");
	is("s", A, "1");
}

static void zeroed_is_empty(void **state)
{
	struct dpop_nonces n = { .n = 0 };

	(void)state;
	dpop_nonces_fini(&n);
}

static void the_oldest_goes(void **state)
{
	char name[16];

	(void)state;
	for (int i = 0; i < LIMIT_DPOP_NONCES; i++) {
		snprintf(name, sizeof(name), "s%d", i);
		put(name, A, "1");
	}
	put("s0", A, "2"); /* not the oldest any more */
	put("more", A, "1");
	assert_int_equal(nonces.n, LIMIT_DPOP_NONCES);
	is("s0", A, "2");
	is("s1", A, "");
	is("s2", A, "1");
	is("more", A, "1");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_session_and_origin_has_its_own),
		TEST(none_changes_nothing),
		TEST(zeroed_is_empty),
		TEST(the_oldest_goes),
	};

	return cmocka_run_group_tests_name("oauth/dpop_nonces", tests, NULL,
					   NULL);
}
