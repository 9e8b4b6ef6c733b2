/* SPDX-License-Identifier: MIT */
#include "upstream/known.h"

#include <stdio.h>

#include "base/limits.h"
#include "upstream/bench.h"

static void test_versions(void **state ATTR_UNUSED)
{
	struct known_origins k;

	known_init(&k);
	assert_false(known_is_http10(&k, "http://a:80"));
	known_note_version(&k, "http://a:80", false);
	assert_int_equal(k.n, 0);
	known_note_version(&k, "http://a:80", true);
	known_note_version(&k, "http://a:80", true);
	assert_true(known_is_http10(&k, "http://a:80"));
	assert_false(known_is_http10(&k, "http://a:81"));
	known_note_version(&k, "http://a:80", false);
	assert_false(known_is_http10(&k, "http://a:80"));
	assert_int_equal(k.n, 1);
	known_fini(&k);
}

static void test_idle(void **state ATTR_UNUSED)
{
	struct known_origins k;

	known_init(&k);
	assert_int_equal(known_idle(&k, "http://a:80"), 0);
	known_note_idle(&k, "http://a:80", LIMIT_YOUNG - 1, 0);
	assert_int_equal(known_idle(&k, "http://a:80"), 0);
	known_note_idle(&k, "http://a:80", 5000, 1000);
	known_note_idle(&k, "http://a:80", 6000, 2000);
	assert_int_equal(known_idle(&k, "http://a:80"), 5000);
	known_note_idle(&k, "http://a:80", 4000, 3000);
	known_note_idle(&k, "http://a:80", 9000, 3000 + LIMIT_KNOWN_IDLE - 1);
	assert_int_equal(known_idle(&k, "http://a:80"), 4000);
	known_note_idle(&k, "http://a:80", 9000, 3000 + LIMIT_KNOWN_IDLE);
	assert_int_equal(known_idle(&k, "http://a:80"), 9000);
	known_fini(&k);
}

/* The one noted longest ago makes room. */
static void test_bounded(void **state ATTR_UNUSED)
{
	struct known_origins k;
	char url[64];

	known_init(&k);
	for (int i = 0; i < LIMIT_KNOWN_ORIGINS + 2; i++) {
		snprintf(url, sizeof(url), "http://a:%d", i);
		known_note_version(&k, url, true);
		known_note_version(&k, "http://a:0", true);
	}
	assert_int_equal(k.n, LIMIT_KNOWN_ORIGINS);
	assert_true(known_is_http10(&k, "http://a:0"));
	assert_false(known_is_http10(&k, "http://a:1"));
	assert_false(known_is_http10(&k, "http://a:2"));
	assert_true(known_is_http10(&k, "http://a:3"));
	known_fini(&k);
}

static atomic_bool speaks_http10;

static void either_version(struct peer *p)
{
	while (peer_head(p) && peer_body(p))
		peer_say(p, atomic_load(&speaks_http10)
				    ? "HTTP/1.0 204 \r\n"
				      "Connection: keep-alive\r\n\r\n"
				    : "HTTP/1.1 204 \r\n\r\n");
}

/* Over both carriers: the last answer counts, and requests say HTTP/1.1. */
static void test_asked(void **state ATTR_UNUSED)
{
	struct bench b;

	bench_init(&b, either_version, NULL);
	for (int i = 0; i < 4; i++) {
		atomic_store(&speaks_http10, i % 2);
		again(&b, "PUT", "/");
		run_body_set(&b.run, "abc", true);
		go(&b);
		assert_false(b.run.failed);
		assert_int_equal(upstream_is_http10(b.upstream, &b.origin),
				 i % 2);
		assert_non_null(strstr(b.server->head, "PUT / HTTP/1.1\r\n"));
	}
	bench_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_idle),
		cmocka_unit_test(test_bounded),
		cmocka_unit_test(test_asked),
	};

	return run_over_both(tests, NULL, NULL);
}
