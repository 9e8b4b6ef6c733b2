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

static void check_hex(const unsigned char *octets, size_t n, const char *hex)
{
	ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT(256);

	for (size_t i = 0; i < n; i++)
		buf_addf(&b, "%02x", octets[i]);
	assert_string_equal(buf_z(&b), hex);
	assert_int_equal(octets[n], 0xa5);
}

/* The examples that NIST publishes with FIPS 180-4. */
static void test_longer_ones(void **state)
{
	unsigned char out[DIGEST_MAX_SIZE + 1];

	(void)state;
	out[DIGEST_SHA384_SIZE] = 0xa5;
	digest_sha384(STR("abc"), out);
	check_hex(out, DIGEST_SHA384_SIZE,
		  "cb00753f45a35e8bb5a03d699ac65007"
		  "272c32ab0eded1631a8b605a43ff5bed"
		  "8086072ba1e7cc2358baeca134c825a7");
	out[DIGEST_SHA512_SIZE] = 0xa5;
	digest_sha512(STR("abc"), out);
	check_hex(out, DIGEST_SHA512_SIZE,
		  "ddaf35a193617abacc417349ae204131"
		  "12e6fa4e89a97ea20a9eeee64b55d39a"
		  "2192992a274fc1a836ba3c23a3feebbd"
		  "454d4423643ce80e2a9ac94fa54ca49f");
}

/* RFC 4231 section 4.3 (test case 2). */
static void test_hmac(void **state)
{
	const struct str octets = STR("what do ya want for nothing?");
	struct secret *key = secret_new(STR("Jefe"));
	unsigned char out[DIGEST_MAX_SIZE + 1];

	(void)state;
	out[DIGEST_SHA256_SIZE] = 0xa5;
	digest_hmac_sha256(key, octets, out);
	check_hex(out, DIGEST_SHA256_SIZE,
		  "5bdcc146bf60754e6a042426089575c7"
		  "5a003f089d2739839dec58b964ec3843");
	out[DIGEST_SHA384_SIZE] = 0xa5;
	digest_hmac_sha384(key, octets, out);
	check_hex(out, DIGEST_SHA384_SIZE,
		  "af45d2e376484031617f78d2b58a6b1b"
		  "9c7ef464f5a01b47e42ec3736322445e"
		  "8e2240ca5e69e2c78b3239ecfab21649");
	out[DIGEST_SHA512_SIZE] = 0xa5;
	digest_hmac_sha512(key, octets, out);
	check_hex(out, DIGEST_SHA512_SIZE,
		  "164b7a7bfcf819e2e395fbe73b56e0a3"
		  "87bd64222e831fd610270cd7ea250554"
		  "9758bf75c05a994a6d034f65f8f0e6fd"
		  "caeab1a34d4a6b4b636e070a38bce737");
	secret_unref(&key);
}

/* RFC 4231 section 4.7: a key longer than the hash's block; and none. */
static void test_hmac_keys_of_any_length(void **state)
{
	ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT(256);
	struct secret *key;
	unsigned char out[DIGEST_MAX_SIZE + 1];

	(void)state;
	for (int i = 0; i < 131; i++)
		buf_add_char(&b, (char)0xaa);
	key = secret_new(buf_str(&b));
	out[DIGEST_SHA256_SIZE] = 0xa5;
	digest_hmac_sha256(key, STR("Test Using Larger Than Block-Size Key - "
				    "Hash Key First"), out);
	check_hex(out, DIGEST_SHA256_SIZE,
		  "60e431591ee0b67f0d8a26aacbf5b77f"
		  "8e0bc6213728c5140546040f0ee37f54");
	secret_unref(&key);
	key = secret_new(STR(""));
	out[DIGEST_SHA256_SIZE] = 0xa5;
	digest_hmac_sha256(key, (struct str){ NULL, 0 }, out);
	check_hex(out, DIGEST_SHA256_SIZE,
		  "b613679a0814d9ec772f95d778c35fc5"
		  "ff1697c493715653c6c712144292c5ad");
	secret_unref(&key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known_answers),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_counts_octets_not_text),
		cmocka_unit_test(test_longer_ones),
		cmocka_unit_test(test_hmac),
		cmocka_unit_test(test_hmac_keys_of_any_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
