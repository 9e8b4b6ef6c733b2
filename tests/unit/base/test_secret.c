/* SPDX-License-Identifier: MIT */
#include "base/secret.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void test_copies(void **state)
{
	char from[] = "hunter2";
	struct secret *s = secret_new(str_z(from));

	(void)state;
	memset(from, 'x', sizeof(from));
	assert_int_equal(secret_expose(s).n, 7);
	assert_string_equal(secret_expose(s).p, "hunter2");
	secret_unref(&s);
	assert_null(s);
	secret_unref(&s);
}

static void test_any_octets(void **state)
{
	struct secret *s = secret_new(STR("a\0b"));
	struct secret *empty = secret_new((struct str){ NULL, 0 });

	(void)state;
	assert_int_equal(secret_expose(s).n, 3);
	assert_memory_equal(secret_expose(s).p, "a\0b", 4);
	assert_int_equal(secret_expose(empty).n, 0);
	assert_string_equal(secret_expose(empty).p, "");
	assert_true(secret_eq_str(empty, STR("")));
	assert_true(secret_eq_str(empty, (struct str){ NULL, 0 }));
	secret_unref(&s);
	secret_unref(&empty);
}

static void test_null(void **state)
{
	struct secret *s = NULL;

	(void)state;
	assert_null(secret_ref(NULL));
	secret_unref(&s);
	assert_int_equal(secret_expose(NULL).n, 0);
}

static void test_take_wipes_the_buffer(void **state)
{
	struct buf b = BUF_INIT(100);
	struct secret *s;

	(void)state;
	buf_add_z(&b, "access-token");
	s = secret_take(&b);
	assert_true(secret_eq_str(s, STR("access-token")));
	assert_int_equal(b.n, 0);
	for (size_t i = 0; i < b.cap; i++)
		assert_int_equal(b.p[i], 0);
	buf_add_z(&b, "x");
	assert_string_equal(buf_z(&b), "x");
	secret_unref(&s);
	buf_fini(&b);
	s = secret_take(&b);
	assert_int_equal(secret_expose(s).n, 0);
	secret_unref(&s);
}

static void test_references_keep_it(void **state)
{
	struct secret *a = secret_new(STR("kept")), *b = secret_ref(a);

	(void)state;
	assert_ptr_equal(a, b);
	secret_unref(&a);
	assert_null(a);
	assert_string_equal(secret_expose(b).p, "kept");
	secret_unref(&b);
}

static void test_equality(void **state)
{
	struct secret *a = secret_new(STR("same"));
	struct secret *b = secret_new(STR("same"));
	struct secret *c = secret_new(STR("sane")), *d = secret_new(STR("sam"));
	struct secret *empty = secret_new(STR(""));

	(void)state;
	assert_true(secret_eq(a, a));
	assert_true(secret_eq(a, b));
	assert_false(secret_eq(a, c));
	assert_false(secret_eq(a, d));
	assert_false(secret_eq(d, a));
	assert_true(secret_eq(NULL, NULL));
	assert_false(secret_eq(a, NULL));
	assert_false(secret_eq(NULL, a));
	assert_false(secret_eq(empty, NULL));
	assert_true(secret_eq_str(a, STR("same")));
	assert_false(secret_eq_str(a, STR("samE")));
	assert_false(secret_eq_str(a, STR("Same")));
	assert_false(secret_eq_str(a, STR("same ")));
	assert_false(secret_eq_str(a, STR("")));
	assert_false(secret_eq_str(NULL, STR("")));
	secret_unref(&a);
	secret_unref(&b);
	secret_unref(&c);
	secret_unref(&d);
	secret_unref(&empty);
}

static void *use(void *arg)
{
	struct secret *mine = arg;

	for (int i = 0; i < 2000; i++) {
		struct secret *more = secret_ref(mine);

		if (!secret_eq_str(more, STR("shared")))
			return arg;
		secret_unref(&more);
	}
	secret_unref(&mine);
	return NULL;
}

static void test_shared_by_threads(void **state)
{
	struct secret *s = secret_new(STR("shared"));
	pthread_t threads[4];
	void *bad;

	(void)state;
	for (int i = 0; i < 4; i++)
		assert_int_equal(
			pthread_create(&threads[i], NULL, use, secret_ref(s)),
			0);
	secret_unref(&s);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(pthread_join(threads[i], &bad), 0);
		assert_null(bad);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_copies),
		cmocka_unit_test(test_any_octets),
		cmocka_unit_test(test_null),
		cmocka_unit_test(test_take_wipes_the_buffer),
		cmocka_unit_test(test_references_keep_it),
		cmocka_unit_test(test_equality),
		cmocka_unit_test(test_shared_by_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
