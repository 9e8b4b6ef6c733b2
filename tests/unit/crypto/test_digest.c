/* SPDX-License-Identifier: MIT */
#include "crypto/digest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"

static void check(struct str octets, const char *hex)
{
	unsigned char digest[DIGEST_SHA256_SIZE + 1];
	ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT(256);

	digest[DIGEST_SHA256_SIZE] = 0xa5;
	digest_sha256(octets, digest);
	for (size_t i = 0; i < DIGEST_SHA256_SIZE; i++)
		buf_addf(&b, "%02x", digest[i]);
	assert_string_equal(buf_z(&b), hex);
	assert_int_equal(digest[DIGEST_SHA256_SIZE], 0xa5);
}

/* The examples that NIST publishes with FIPS 180-4. */
static void test_known_answers(void **state)
{
	ATTR_CLEANUP(buf_fini) struct buf million = BUF_INIT(1000000);

	(void)state;
	check(STR("abc"), "ba7816bf8f01cfea414140de5dae2223"
			  "b00361a396177a9cb410ff61f20015ad");
	check(STR("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
	      "248d6a61d20638b8e5c026930c3e6039"
	      "a33ce45964ff2167f6ecedd419db06c1");
	for (int i = 0; i < 1000000; i++)
		buf_add_char(&million, 'a');
	assert_true(buf_ok(&million));
	check(buf_str(&million), "cdc76e5c9914fb9281a1c7e284d73e67"
				 "f1809a48a497200e046d39ccc7112cd0");
}

static void test_empty(void **state)
{
	static const char hex[] = "e3b0c44298fc1c149afbf4c8996fb924"
				  "27ae41e4649b934ca495991b7852b855";

	(void)state;
	check(STR(""), hex);
	check((struct str){ NULL, 0 }, hex);
}

static void test_counts_octets_not_text(void **state)
{
	unsigned char with[DIGEST_SHA256_SIZE], without[DIGEST_SHA256_SIZE];

	(void)state;
	digest_sha256(STR("a\0b"), with);
	digest_sha256(STR("a"), without);
	assert_memory_not_equal(with, without, sizeof(with));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known_answers),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_counts_octets_not_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
