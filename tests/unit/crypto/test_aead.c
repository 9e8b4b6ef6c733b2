/* SPDX-License-Identifier: MIT */
#include "crypto/aead.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/child.h"

static struct secret *key_of(char c)
{
	char octets[AEAD_KEY_SIZE];

	memset(octets, c, sizeof(octets));
	return secret_new((struct str){ octets, sizeof(octets) });
}

static void add_hex(struct buf *b, const char *hex)
{
	for (; *hex; hex += 2)
		buf_add_char(b, (char)(char_hex(hex[0]) << 4 |
				       char_hex(hex[1])));
}

/* The GCM specification's test case 16: AES-256 with associated data. */
static void test_known_answer(void **state)
{
	ATTR_CLEANUP(buf_fini) struct buf key = BUF_INIT(64);
	ATTR_CLEANUP(buf_fini) struct buf associated = BUF_INIT(64);
	ATTR_CLEANUP(buf_fini) struct buf plain = BUF_INIT(256);
	ATTR_CLEANUP(buf_fini) struct buf sealed = BUF_INIT(256);
	ATTR_CLEANUP(buf_fini) struct buf opened = BUF_INIT(256);

	(void)state;
	add_hex(&key, "feffe9928665731c6d6a8f9467308308"
		      "feffe9928665731c6d6a8f9467308308");
	add_hex(&associated, "feedfacedeadbeeffeedfacedeadbeefabaddad2");
	add_hex(&plain, "d9313225f88406e5a55909c5aff5269a"
			"86a7a9531534f7da2e4c303d8a318a72"
			"1c3c0c95956809532fcf0e2449a6b525"
			"b16aedf5aa0de657ba637b39");
	add_hex(&sealed, "cafebabefacedbaddecaf888"
			 "522dc1f099567d07f47f37a32a84427d"
			 "643a8cdcbfe5c0c97598a2bd2555d1aa"
			 "8cb08e48590dbb3da7b08b1056828838"
			 "c5f61e6393ba7a0abcc9f662"
			 "76fc6ece0f4e1768cddf8853bb2d551b");

	struct secret *secret = secret_new(buf_str(&key));

	assert_int_equal(aead_open(secret, buf_str(&associated),
				   buf_str(&sealed), &opened), 0);
	assert_true(str_eq(buf_str(&opened), buf_str(&plain)));
	secret_unref(&secret);
}

static void test_round(void **state)
{
	static const size_t sizes[] = { 0, 1, 15, 16, 17, 255, 4096, 100000 };
	struct secret *key = key_of('k');

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		ATTR_CLEANUP(buf_fini) struct buf plain = BUF_INIT(100000);
		ATTR_CLEANUP(buf_fini) struct buf sealed = BUF_INIT(200000);
		ATTR_CLEANUP(buf_fini) struct buf opened =
			BUF_INIT_SECRET(200000);

		for (size_t j = 0; j < sizes[i]; j++)
			buf_add_char(&plain, (char)(j * 7));
		aead_seal(key, STR("id"), buf_str(&plain), &sealed);
		assert_int_equal(buf_str(&sealed).n, AEAD_NONCE_SIZE +
				 sizes[i] + AEAD_TAG_SIZE);
		assert_int_equal(aead_open(key, STR("id"), buf_str(&sealed),
					   &opened), 0);
		assert_true(str_eq(buf_str(&opened), buf_str(&plain)));
	}
	secret_unref(&key);
}

static void test_appends(void **state)
{
	ATTR_CLEANUP(buf_fini) struct buf sealed = BUF_INIT(200);
	ATTR_CLEANUP(buf_fini) struct buf opened = BUF_INIT(200);
	struct secret *key = key_of('k');

	(void)state;
	buf_add_z(&sealed, "head");
	aead_seal(key, STR(""), STR("plain"), &sealed);
	assert_true(str_starts(buf_str(&sealed), STR("head")));
	buf_add_z(&opened, "before ");
	assert_int_equal(aead_open(key, STR(""), str_from(buf_str(&sealed), 4),
				   &opened), 0);
	assert_string_equal(buf_z(&opened), "before plain");
	secret_unref(&key);
}

static void test_empty_slices(void **state)
{
	const struct str none = { NULL, 0 };
	ATTR_CLEANUP(buf_fini) struct buf sealed = BUF_INIT(200);
	ATTR_CLEANUP(buf_fini) struct buf opened = BUF_INIT(200);
	struct secret *key = key_of('k');

	(void)state;
	aead_seal(key, none, none, &sealed);
	assert_int_equal(aead_open(key, STR(""), buf_str(&sealed), &opened),
			 0);
	assert_int_equal(buf_str(&opened).n, 0);
	assert_int_equal(aead_open(key, none, none, &opened), -1);
	secret_unref(&key);
}

static void test_each_seal_is_another(void **state)
{
	ATTR_CLEANUP(buf_fini) struct buf one = BUF_INIT(200);
	ATTR_CLEANUP(buf_fini) struct buf two = BUF_INIT(200);
	struct secret *key = key_of('k');

	(void)state;
	aead_seal(key, STR("id"), STR("the same"), &one);
	aead_seal(key, STR("id"), STR("the same"), &two);
	assert_memory_not_equal(one.p, two.p, AEAD_NONCE_SIZE);
	assert_memory_not_equal(one.p + AEAD_NONCE_SIZE,
				two.p + AEAD_NONCE_SIZE, 8);
	assert_int_equal(str_find_str(buf_str(&one), STR("same")), one.n);
	secret_unref(&key);
}

static void test_refuses_every_change(void **state)
{
	ATTR_CLEANUP(buf_fini) struct buf sealed = BUF_INIT(200);
	ATTR_CLEANUP(buf_fini) struct buf opened = BUF_INIT(200);
	struct secret *key = key_of('k');

	(void)state;
	buf_add_z(&opened, "as it was");
	aead_seal(key, STR("id"), STR("a refresh token"), &sealed);
	for (size_t bit = 0; bit < sealed.n * 8; bit++) {
		sealed.p[bit / 8] ^= (char)(1 << bit % 8);
		assert_int_equal(aead_open(key, STR("id"), buf_str(&sealed),
					   &opened), -1);
		sealed.p[bit / 8] ^= (char)(1 << bit % 8);
	}
	for (size_t n = 0; n < sealed.n; n++)
		assert_int_equal(aead_open(key, STR("id"),
					   str_sub(buf_str(&sealed), 0, n),
					   &opened), -1);
	buf_add_char(&sealed, 'x');
	assert_int_equal(aead_open(key, STR("id"), buf_str(&sealed), &opened),
			 -1);
	assert_string_equal(buf_z(&opened), "as it was");
	secret_unref(&key);
}

static void test_refuses_other_key_and_associated(void **state)
{
	ATTR_CLEANUP(buf_fini) struct buf sealed = BUF_INIT(200);
	ATTR_CLEANUP(buf_fini) struct buf opened = BUF_INIT(200);
	struct secret *key = key_of('k'), *other = key_of('o');

	(void)state;
	aead_seal(key, STR("id"), STR("a refresh token"), &sealed);
	assert_int_equal(aead_open(other, STR("id"), buf_str(&sealed),
				   &opened), -1);
	assert_int_equal(aead_open(key, STR("ie"), buf_str(&sealed), &opened),
			 -1);
	assert_int_equal(aead_open(key, STR(""), buf_str(&sealed), &opened),
			 -1);
	assert_int_equal(aead_open(key, STR("id\0"), buf_str(&sealed),
				   &opened), -1);
	assert_int_equal(opened.n, 0);
	secret_unref(&key);
	secret_unref(&other);
}

static void test_bounds_are_the_buffers(void **state)
{
	ATTR_CLEANUP(buf_fini) struct buf sealed = BUF_INIT(200);
	ATTR_CLEANUP(buf_fini) struct buf small = BUF_INIT(4);
	struct secret *key = key_of('k');

	(void)state;
	aead_seal(key, STR("id"), STR("12345"), &sealed);
	assert_int_equal(aead_open(key, STR("id"), buf_str(&sealed), &small),
			 0);
	assert_false(buf_ok(&small));
	buf_reset(&small);
	aead_seal(key, STR("id"), STR(""), &small);
	assert_false(buf_ok(&small));
	secret_unref(&key);
}

static void seal_with_a_short_key(void)
{
	ATTR_CLEANUP(buf_fini) struct buf sealed = BUF_INIT(200);
	struct secret *key = secret_new(STR("sixteen octets.."));

	aead_seal(key, STR("id"), STR("plain"), &sealed);
}

static void test_a_short_key_is_a_defect(void **state)
{
	(void)state;
	assert_true(aborts_saying(seal_with_a_short_key, "AEAD_KEY_SIZE"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known_answer),
		cmocka_unit_test(test_round),
		cmocka_unit_test(test_appends),
		cmocka_unit_test(test_empty_slices),
		cmocka_unit_test(test_each_seal_is_another),
		cmocka_unit_test(test_refuses_every_change),
		cmocka_unit_test(test_refuses_other_key_and_associated),
		cmocka_unit_test(test_bounds_are_the_buffers),
		cmocka_unit_test(test_a_short_key_is_a_defect),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
