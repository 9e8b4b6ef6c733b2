/* SPDX-License-Identifier: MIT */
#include "service/index.h"
#include "service/match.h"

#include <stdio.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* What a route needs to be in the index. */
static char letters[] = "service";

static struct index_route route(const struct route_match *m)
{
	return (struct index_route){
		.port = m->port,
		.prefix = str_z(m->prefix),
		.service = (const struct service *)(const void *)letters,
		.match = m,
	};
}

/* Nothing is freed or written through it. */
static char *borrow(const char *z)
{
	return (char *)(uintptr_t)z;
}

static struct route_match match(const char *host, bool wildcard, int port,
				const char *prefix)
{
	return (struct route_match){ .host = borrow(host),
				     .wildcard = wildcard, .port = port,
				     .prefix = borrow(prefix) };
}

static const struct index_route *find(const struct route_index *x,
				      const char *host, int port,
				      const char *path)
{
	const struct index_host *h;
	struct index_key k;

	index_key_init(&k, str_z(host), true);
	h = index_host_exact(x, &k);
	return h ? index_find(x, h, port, str_z(path)) : NULL;
}

static void test_empty(void **state)
{
	struct route_index x = { 0 };

	(void)state;
	assert_null(find(&x, "a.test", -1, "/"));
	assert_null(index_find(&x, NULL, -1, STR("/")));
	route_index_fini(&x);
}

static void test_same(void **state)
{
	struct route_match a = match("a.test", false, -1, "/x");
	struct route_match b = match("a.test", false, -1, "/x");
	struct route_match c = match("a.test", false, 80, "/x");
	struct route_match d = match("a.test", true, -1, "/x");
	struct index_route ra = route(&a), rb = route(&b), rc = route(&c),
			   rd = route(&d);
	struct route_index x = { 0 };
	const struct index_route *found;

	(void)state;
	assert_null(index_add(&x, &ra));
	found = index_add(&x, &rb);
	assert_non_null(found);
	assert_ptr_equal(found->match, &a);
	assert_null(index_add(&x, &rc));
	assert_false(x.has_wildcard);
	assert_null(index_add(&x, &rd));
	assert_true(x.has_wildcard);
	assert_ptr_equal(find(&x, "a.test", -1, "/x/y")->match, &a);
	assert_ptr_equal(find(&x, "a.test", 80, "/x/y")->match, &c);
	assert_null(find(&x, "a.test", 81, "/x/y"));
	route_index_fini(&x);
}

static void test_longest_prefix(void **state)
{
	struct route_match m[] = {
		match("a", false, -1, ""), match("a", false, -1, "/v1"),
		match("a", false, -1, "/v1/x/y"), match("a", false, -1, "/w"),
	};
	struct route_index x = { 0 };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct index_route r = route(&m[i]);

		assert_null(index_add(&x, &r));
	}
	assert_ptr_equal(find(&x, "a", -1, "")->match, &m[0]);
	assert_ptr_equal(find(&x, "a", -1, "/")->match, &m[0]);
	assert_ptr_equal(find(&x, "a", -1, "/v")->match, &m[0]);
	assert_ptr_equal(find(&x, "a", -1, "/v1")->match, &m[1]);
	assert_ptr_equal(find(&x, "a", -1, "/v1/")->match, &m[1]);
	assert_ptr_equal(find(&x, "a", -1, "/v10")->match, &m[0]);
	assert_ptr_equal(find(&x, "a", -1, "/v1/x")->match, &m[1]);
	assert_ptr_equal(find(&x, "a", -1, "/v1/x/y")->match, &m[2]);
	assert_ptr_equal(find(&x, "a", -1, "/v1/x/y/z")->match, &m[2]);
	assert_ptr_equal(find(&x, "a", -1, "/v1/x/yz")->match, &m[1]);
	assert_ptr_equal(find(&x, "a", -1, "/w/v1/x/y")->match, &m[3]);
	assert_ptr_equal(find(&x, "a", -1, "//v1")->match, &m[0]);
	route_index_fini(&x);
}

static void test_suffixes(void **state)
{
	struct route_match a = match(".test", true, -1, "");
	struct route_match b = match(".a.test", true, -1, "");
	struct index_route ra = route(&a), rb = route(&b);
	struct route_index x = { 0 };
	struct index_key k;

	(void)state;
	assert_null(index_add(&x, &ra));
	assert_null(index_add(&x, &rb));
	index_key_init(&k, STR("y.x.a.test"), true);
	assert_int_equal(k.ndots, 3);
	assert_null(index_host_exact(&x, &k));
	assert_true(str_eq_z(index_host_below(&x, &k, 0)->host, ".test"));
	assert_true(str_eq_z(index_host_below(&x, &k, 1)->host, ".a.test"));
	assert_null(index_host_below(&x, &k, 2));
	index_key_init(&k, STR("y.x.a.test"), false);
	assert_int_equal(k.ndots, 0);
	/* A dot in front makes no name below anything. */
	index_key_init(&k, STR(".test"), true);
	assert_int_equal(k.ndots, 0);
	assert_null(index_host_exact(&x, &k));
	route_index_fini(&x);
}

static void test_many(void **state)
{
	enum { N = 3000 };
	static struct route_match m[N];
	static char hosts[N][16], prefixes[N][16];
	struct route_index x = { 0 };

	(void)state;
	for (int i = 0; i < N; i++) {
		struct index_route r;

		(void)snprintf(hosts[i], sizeof(hosts[i]), "h%d", i / 3);
		(void)snprintf(prefixes[i], sizeof(prefixes[i]), "/p%d", i);
		m[i] = match(hosts[i], false, i % 3 ? i % 3 : -1,
			     prefixes[i]);
		r = route(&m[i]);
		assert_null(index_add(&x, &r));
	}
	assert_int_equal(x.hosts.n, N / 3);
	assert_int_equal(x.routes.n, N);
	for (int i = 0; i < N; i++) {
		const struct index_route *r =
			find(&x, hosts[i], m[i].port, prefixes[i]);

		assert_non_null(r);
		assert_ptr_equal(r->match, &m[i]);
		assert_null(find(&x, hosts[i], 7, prefixes[i]));
	}
	route_index_fini(&x);
	assert_null(x.hosts.slots);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_same),
		cmocka_unit_test(test_longest_prefix),
		cmocka_unit_test(test_suffixes),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
