/* SPDX-License-Identifier: MIT */
/* What holds for every kind of store. */
#include "store/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/child.h"
#include "store/scratch.h"

static struct store *fresh(const char *spec)
{
	struct fault f = { "" };
	struct store *s = open_with(spec, "k", &f);

	if (!s)
		fail_msg("%s", f.text);
	return s;
}

/* Runs the body for a new store of each kind. */
static void each_kind(void (*body)(struct store *s))
{
	const char *specs[] = { "memory:", scratch_spec };

	for (size_t i = 0; i < 2; i++) {
		struct store *s = fresh(specs[i]);

		body(s);
		store_close(&s);
		assert_null(s);
	}
	store_close(&(struct store *){ NULL });
}

static void puts_and_gets(struct store *s)
{
	assert_true(holds(s, "a", NULL));
	assert_int_equal(put(s, "a", "one", NULL), 0);
	assert_int_equal(put(s, "b", "two", NULL), 0);
	assert_true(holds(s, "a", "one"));
	assert_true(holds(s, "b", "two"));
	assert_true(holds(s, "c", NULL));
	assert_int_equal(put(s, "a", "another", NULL), 0);
	assert_true(holds(s, "a", "another"));
	assert_true(holds(s, "b", "two"));
	assert_int_equal(put(s, "a", NULL, NULL), 0);
	assert_int_equal(put(s, "a", NULL, NULL), 0);
	assert_true(holds(s, "a", NULL));
	assert_true(holds(s, "b", "two"));
	assert_int_equal(put(s, "a", "", NULL), 0);
	assert_true(holds(s, "a", ""));
}

static void test_put_and_get(void **state)
{
	(void)state;
	each_kind(puts_and_gets);
}

static void takes_any_octets(struct store *s)
{
	const struct str id = STR("a\0b\xff'\"; DROP TABLE sealed;--");
	const struct str value = STR("\0\xff\x80 value \n\0");
	ATTR_CLEANUP(buf_fini) struct buf plain = BUF_INIT_SECRET(100);

	assert_int_equal(store_begin(s, NULL), 0);
	assert_int_equal(store_put(s, id, value, NULL), 0);
	assert_int_equal(store_commit(s, NULL), 0);
	assert_int_equal(store_get(s, id, &plain, NULL), 1);
	assert_true(str_eq(buf_str(&plain), value));
	assert_int_equal(store_get(s, STR("a"), &plain, NULL), 0);
	assert_int_equal(store_get(s, STR("a\0b"), &plain, NULL), 0);
}

static void test_any_octets(void **state)
{
	(void)state;
	each_kind(takes_any_octets);
}

static void commits_all_or_nothing(struct store *s)
{
	assert_int_equal(put(s, "kept", "before", NULL), 0);
	assert_int_equal(put(s, "gone", "before", NULL), 0);
	assert_int_equal(store_begin(s, NULL), 0);
	assert_int_equal(store_put(s, STR("kept"), STR("x"), NULL), 0);
	assert_int_equal(store_put(s, STR("kept"), STR("y"), NULL), 0);
	assert_int_equal(store_put(s, STR("new"), STR("z"), NULL), 0);
	assert_int_equal(store_remove(s, STR("gone"), NULL), 0);
	/* Its own transaction sees it. */
	assert_true(holds(s, "kept", "y"));
	assert_true(holds(s, "gone", NULL));
	store_rollback(s);
	assert_true(holds(s, "kept", "before"));
	assert_true(holds(s, "gone", "before"));
	assert_true(holds(s, "new", NULL));
	/* A second one does nothing. */
	store_rollback(s);

	assert_int_equal(store_begin(s, NULL), 0);
	assert_int_equal(store_put(s, STR("kept"), STR("after"), NULL), 0);
	assert_int_equal(store_remove(s, STR("gone"), NULL), 0);
	assert_int_equal(store_put(s, STR("new"), STR("1"), NULL), 0);
	assert_int_equal(store_remove(s, STR("new"), NULL), 0);
	assert_int_equal(store_put(s, STR("new"), STR("2"), NULL), 0);
	assert_int_equal(store_commit(s, NULL), 0);
	store_rollback(s);
	assert_true(holds(s, "kept", "after"));
	assert_true(holds(s, "gone", NULL));
	assert_true(holds(s, "new", "2"));

	assert_int_equal(store_begin(s, NULL), 0);
	assert_int_equal(store_commit(s, NULL), 0);
}

static void test_all_or_nothing(void **state)
{
	(void)state;
	each_kind(commits_all_or_nothing);
}

static void bounds_values(struct store *s)
{
	static char large[(1 << 20) + 1];
	struct fault f = { "" };
	ATTR_CLEANUP(buf_fini) struct buf plain = BUF_INIT_SECRET(2 << 20);
	ATTR_CLEANUP(buf_fini) struct buf small = BUF_INIT_SECRET(10);
	struct str most = { large, sizeof(large) - 1 };

	memset(large, 'x', sizeof(large));
	assert_int_equal(store_begin(s, &f), 0);
	assert_int_equal(store_put(s, STR("a"), most, &f), 0);
	assert_int_equal(store_commit(s, &f), 0);
	assert_int_equal(store_get(s, STR("a"), &plain, &f), 1);
	assert_true(str_eq(buf_str(&plain), most));

	assert_int_equal(store_begin(s, &f), 0);
	assert_int_equal(store_put(s, STR("a"),
				   (struct str){ large, sizeof(large) }, &f),
			 -1);
	assert_non_null(strstr(f.text, "1048577 octets is too large"));
	store_rollback(s);

	assert_int_equal(store_get(s, STR("a"), &small, &f), -1);
	assert_non_null(strstr(f.text, "larger than expected"));
}

static void test_bounds(void **state)
{
	(void)state;
	each_kind(bounds_values);
}

static void holds_a_thousand(struct store *s)
{
	char id[16], value[16];

	assert_int_equal(store_begin(s, NULL), 0);
	for (int i = 0; i < 1000; i++) {
		(void)snprintf(id, sizeof(id), "id%d", i);
		(void)snprintf(value, sizeof(value), "v%d", i);
		assert_int_equal(store_put(s, str_z(id), str_z(value), NULL),
				 0);
	}
	assert_int_equal(store_commit(s, NULL), 0);
	for (int i = 0; i < 1000; i++) {
		(void)snprintf(id, sizeof(id), "id%d", i);
		(void)snprintf(value, sizeof(value), "v%d", i);
		assert_true(holds(s, id, value));
	}
}

static void test_a_thousand(void **state)
{
	(void)state;
	each_kind(holds_a_thousand);
}

static void test_memory_forgets(void **state)
{
	struct store *s = fresh("memory:"), *other = fresh("memory:");

	(void)state;
	assert_int_equal(put(s, "a", "one", NULL), 0);
	assert_true(holds(other, "a", NULL));
	store_close(&s);
	s = fresh("memory:");
	assert_true(holds(s, "a", NULL));
	/* What was begun goes with it. */
	assert_int_equal(store_begin(s, NULL), 0);
	assert_int_equal(store_put(s, STR("a"), STR("x"), NULL), 0);
	store_close(&s);
	store_close(&other);
}

static void test_specs(void **state)
{
	static const char *const good[] = { "memory:", "sqlite:x",
					    "sqlite:/a/b.db", "sqlite:a:b" };
	static const char *const bad[] = { "", ":", "memory", "memory:x",
					   "sqlite", "sqlite:", "SQLite:x",
					   "redis:x", "/a/b.db", " sqlite:x",
					   "sqlite :x" };

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		assert_int_equal(store_spec_check(str_z(good[i]), NULL), 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct fault f = { "" };

		assert_int_equal(store_spec_check(str_z(bad[i]), &f), -1);
		assert_string_equal(f.text, "no such store; what there is: "
				    "sqlite:PATH, memory:");
		f.text[0] = '\0';
		assert_null(open_with(bad[i], "k", &f));
		assert_string_equal(f.text, "no such store; what there is: "
				    "sqlite:PATH, memory:");
	}
}

static void test_a_long_spec(void **state)
{
	static char spec[5000];
	struct fault f = { "" };

	(void)state;
	memset(spec, 'x', sizeof(spec) - 1);
	assert_int_equal(store_spec_check(str_z(spec), &f), -1);
	assert_non_null(strstr(f.text, "sqlite:PATH, memory:"));
}

static void begin_twice(void)
{
	struct store *s = open_with("memory:", "k", NULL);

	if (store_begin(s, NULL) == 0 && store_begin(s, NULL) == 0)
		_exit(0);
}

static void put_outside(void)
{
	struct store *s = open_with("memory:", "k", NULL);

	(void)!store_put(s, STR("a"), STR("b"), NULL);
}

static void put_under_no_identity(void)
{
	struct store *s = open_with("memory:", "k", NULL);

	if (store_begin(s, NULL) == 0)
		(void)!store_put(s, STR(""), STR("b"), NULL);
}

static void no_key(void)
{
	(void)!open_with("memory:", "", NULL);
}

static void test_defects(void **state)
{
	(void)state;
	assert_true(aborts_saying(begin_twice, "changing"));
	assert_true(aborts_saying(put_outside, "changing"));
	assert_true(aborts_saying(put_under_no_identity, "id.n > 0"));
	assert_true(aborts_saying(no_key, "n > 0"));
}

#define in_scratch(test) \
	cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_scratch(test_put_and_get),
		in_scratch(test_any_octets),
		in_scratch(test_all_or_nothing),
		in_scratch(test_bounds),
		in_scratch(test_a_thousand),
		in_scratch(test_memory_forgets),
		in_scratch(test_specs),
		in_scratch(test_a_long_spec),
		in_scratch(test_defects),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
