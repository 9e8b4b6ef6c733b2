/* SPDX-License-Identifier: MIT */
#include "data/base64url.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct pair {
	const char *octets, *text, *padded;
};

/* RFC 4648 §10, and one that uses all of the alphabets' ends. */
static const struct pair PAIRS[] = {
	{ "", "", "" },
	{ "f", "Zg", "Zg==" },
	{ "fo", "Zm8", "Zm8=" },
	{ "foo", "Zm9v", "Zm9v" },
	{ "foob", "Zm9vYg", "Zm9vYg==" },
	{ "fooba", "Zm9vYmE", "Zm9vYmE=" },
	{ "foobar", "Zm9vYmFy", "Zm9vYmFy" },
	{ "\xfb\xff\xbf", "-_-_", "+/+/" },
	{ "user:p\xc3\xa4ss", "dXNlcjpww6Rzcw", "dXNlcjpww6Rzcw==" },
};

enum { PAIR_COUNT = sizeof(PAIRS) / sizeof(PAIRS[0]) };

static void assert_holds(struct buf *b, const char *z)
{
	assert_true(buf_ok(b));
	assert_int_equal(b->n, strlen(z));
	assert_string_equal(buf_z(b), z);
	buf_reset(b);
}

static void test_encodes(void **state)
{
	struct buf b = BUF_INIT(100);

	(void)state;
	for (int i = 0; i < PAIR_COUNT; i++) {
		base64url_encode(&b, str_z(PAIRS[i].octets));
		assert_holds(&b, PAIRS[i].text);
		base64_encode(&b, str_z(PAIRS[i].octets));
		assert_holds(&b, PAIRS[i].padded);
	}
	buf_fini(&b);
}

static void test_decodes(void **state)
{
	struct buf b = BUF_INIT(100);

	(void)state;
	for (int i = 0; i < PAIR_COUNT; i++) {
		assert_int_equal(base64url_decode(&b, str_z(PAIRS[i].text)),
				 0);
		assert_holds(&b, PAIRS[i].octets);
		assert_int_equal(base64_decode(&b, str_z(PAIRS[i].padded)),
				 0);
		assert_holds(&b, PAIRS[i].octets);
	}
	buf_fini(&b);
}

static void test_appends(void **state)
{
	struct buf b = BUF_INIT(100);

	(void)state;
	buf_add_z(&b, "Basic ");
	base64_encode(&b, STR("a:b"));
	assert_holds(&b, "Basic YTpi");
	buf_add_z(&b, "x");
	assert_int_equal(base64_decode(&b, STR("YTpi")), 0);
	assert_holds(&b, "xa:b");
	buf_fini(&b);
}

static void test_every_octet_comes_back(void **state)
{
	char all[256];
	struct buf text = BUF_INIT(1000), back = BUF_INIT(1000);

	(void)state;
	for (int i = 0; i < 256; i++)
		all[i] = (char)i;
	for (size_t n = 250; n <= 256; n++) {
		buf_reset(&text);
		buf_reset(&back);
		base64url_encode(&text, (struct str){ all, n });
		assert_int_equal(base64url_decode(&back, buf_str(&text)), 0);
		assert_int_equal(back.n, n);
		assert_memory_equal(back.p, all, n);
	}
	buf_fini(&text);
	buf_fini(&back);
}

static void test_refuses(void **state)
{
	static const char *const BAD_URL[] = {
		"A",      "Zg==", "Zm8=", "Zh",   "Zm9", "Zm9vY",
		"Zm 9v",  "+/+/", "Zm9v\n", "Z",  "Z-=", "\xc3\xa4",
	};
	static const char *const BAD[] = {
		"Zg",   "Zm8",  "Zh==", "Zm9=", "Zg=a", "=",    "==",
		"====", "Z===", "-_-_", "Zg==Zg==", "Zm9v ", "Zm9vZ===",
	};
	struct buf b = BUF_INIT(100);

	(void)state;
	for (size_t i = 0; i < sizeof(BAD_URL) / sizeof(BAD_URL[0]); i++)
		assert_int_equal(base64url_decode(&b, str_z(BAD_URL[i])), -1);
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++)
		assert_int_equal(base64_decode(&b, str_z(BAD[i])), -1);
	assert_int_equal(base64url_decode(&b, STR("Zg\0\0")), -1);
	buf_fini(&b);
}

static void test_keeps_to_the_maximum(void **state)
{
	struct buf b = BUF_INIT(7);

	(void)state;
	base64_encode(&b, STR("abcd"));
	assert_false(buf_ok(&b));
	buf_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_encodes),
		cmocka_unit_test(test_decodes),
		cmocka_unit_test(test_appends),
		cmocka_unit_test(test_every_octet_comes_back),
		cmocka_unit_test(test_refuses),
		cmocka_unit_test(test_keeps_to_the_maximum),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
