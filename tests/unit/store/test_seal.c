/* SPDX-License-Identifier: MIT */
#include "store/seal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/scratch.h"

struct keys {
	struct secret *a, *b;
};

static int keys_setup(void **state)
{
	static struct keys keys;

	keys.a = key_of('a');
	keys.b = key_of('b');
	*state = &keys;
	return 0;
}

static int keys_teardown(void **state)
{
	struct keys *keys = *state;

	secret_unref(&keys->a);
	secret_unref(&keys->b);
	return 0;
}

static void test_round(void **state)
{
	struct keys *k = *state;
	ATTR_CLEANUP(buf_fini) struct buf sealed = BUF_INIT(200);
	ATTR_CLEANUP(buf_fini) struct buf plain = BUF_INIT_SECRET(200);

	seal_write(k->a, STR("id"), STR("a token"), &sealed);
	assert_int_equal(sealed.n, 7 + SEAL_OVERHEAD);
	assert_int_equal(str_find_str(buf_str(&sealed), STR("token")),
			 sealed.n);
	assert_int_equal(seal_open(&k->a, 1, STR("id"), buf_str(&sealed),
				   &plain), SEAL_OPENED);
	assert_string_equal(buf_z(&plain), "a token");
}

static void test_any_of_the_keys_opens(void **state)
{
	struct keys *k = *state;
	struct secret *const both[] = { k->a, k->b };
	ATTR_CLEANUP(buf_fini) struct buf sealed = BUF_INIT(200);
	ATTR_CLEANUP(buf_fini) struct buf plain = BUF_INIT_SECRET(200);

	seal_write(k->b, STR("id"), STR("a token"), &sealed);
	assert_int_equal(seal_open(both, 2, STR("id"), buf_str(&sealed),
				   &plain), SEAL_OPENED);
	assert_string_equal(buf_z(&plain), "a token");
}

static void test_another_key_is_told_from_damage(void **state)
{
	struct keys *k = *state;
	ATTR_CLEANUP(buf_fini) struct buf sealed = BUF_INIT(200);
	ATTR_CLEANUP(buf_fini) struct buf plain = BUF_INIT_SECRET(200);

	seal_write(k->a, STR("id"), STR("a token"), &sealed);
	assert_int_equal(seal_open(&k->b, 1, STR("id"), buf_str(&sealed),
				   &plain), SEAL_OTHER_KEY);
	assert_int_equal(seal_open(&k->a, 0, STR("id"), buf_str(&sealed),
				   &plain), SEAL_OTHER_KEY);
	sealed.p[sealed.n - 1] ^= 1;
	assert_int_equal(seal_open(&k->a, 1, STR("id"), buf_str(&sealed),
				   &plain), SEAL_BROKEN);
	assert_int_equal(plain.n, 0);
}

static void test_is_bound_to_the_identity(void **state)
{
	struct keys *k = *state;
	ATTR_CLEANUP(buf_fini) struct buf sealed = BUF_INIT(200);
	ATTR_CLEANUP(buf_fini) struct buf plain = BUF_INIT_SECRET(200);

	seal_write(k->a, STR("id"), STR("a token"), &sealed);
	assert_int_equal(seal_open(&k->a, 1, STR("ie"), buf_str(&sealed),
				   &plain), SEAL_BROKEN);
	assert_int_equal(seal_open(&k->a, 1, STR(""), buf_str(&sealed),
				   &plain), SEAL_BROKEN);
	assert_int_equal(seal_open(&k->a, 1, STR("id2"), buf_str(&sealed),
				   &plain), SEAL_BROKEN);
	assert_int_equal(plain.n, 0);
}

static void test_refuses_every_change(void **state)
{
	struct keys *k = *state;
	ATTR_CLEANUP(buf_fini) struct buf sealed = BUF_INIT(200);
	ATTR_CLEANUP(buf_fini) struct buf plain = BUF_INIT_SECRET(200);

	seal_write(k->a, STR("id"), STR("a token"), &sealed);
	for (size_t bit = 0; bit < sealed.n * 8; bit++) {
		sealed.p[bit / 8] ^= (char)(1 << bit % 8);
		assert_int_not_equal(seal_open(&k->a, 1, STR("id"),
					       buf_str(&sealed), &plain),
				     SEAL_OPENED);
		sealed.p[bit / 8] ^= (char)(1 << bit % 8);
	}
	for (size_t n = 0; n < sealed.n; n++)
		assert_int_equal(seal_open(&k->a, 1, STR("id"),
					   str_sub(buf_str(&sealed), 0, n),
					   &plain), SEAL_BROKEN);
	assert_int_equal(plain.n, 0);
}

static void test_nothing_of_the_key_shows(void **state)
{
	struct keys *k = *state;
	ATTR_CLEANUP(buf_fini) struct buf one = BUF_INIT(200);
	ATTR_CLEANUP(buf_fini) struct buf two = BUF_INIT(200);

	seal_write(k->a, STR("id"), STR("a token"), &one);
	seal_write(k->b, STR("id"), STR("a token"), &two);
	assert_int_equal(str_find_str(buf_str(&one), STR("aaa")), one.n);
	assert_memory_not_equal(one.p + 1, two.p + 1, 8);
}

static void test_empty_and_too_small(void **state)
{
	struct keys *k = *state;
	ATTR_CLEANUP(buf_fini) struct buf sealed = BUF_INIT(SEAL_OVERHEAD);
	ATTR_CLEANUP(buf_fini) struct buf plain = BUF_INIT_SECRET(200);

	seal_write(k->a, STR("id"), STR(""), &sealed);
	assert_true(buf_ok(&sealed));
	assert_int_equal(seal_open(&k->a, 1, STR("id"), buf_str(&sealed),
				   &plain), SEAL_OPENED);
	assert_int_equal(plain.n, 0);
	buf_reset(&sealed);
	seal_write(k->a, STR("id"), STR("x"), &sealed);
	assert_false(buf_ok(&sealed));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round),
		cmocka_unit_test(test_any_of_the_keys_opens),
		cmocka_unit_test(test_another_key_is_told_from_damage),
		cmocka_unit_test(test_is_bound_to_the_identity),
		cmocka_unit_test(test_refuses_every_change),
		cmocka_unit_test(test_nothing_of_the_key_shows),
		cmocka_unit_test(test_empty_and_too_small),
	};

	return cmocka_run_group_tests(tests, keys_setup, keys_teardown);
}
