/* SPDX-License-Identifier: MIT */
/* gzip and deflate undone; the octets are Python's zlib's. */
#include "http/content_coding.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* "hello, hello, hello" */
#define PLAIN "hello, hello, hello"
#define RAW "\xcb\x48\xcd\xc9\xc9\xd7\x51\xc8\x40\xa2\x00"
#define GZIP "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03" RAW \
	     "\x9f\xa1\xca\x09\x13\x00\x00\x00"
#define ZLIB "\x78\x9c" RAW "\x44\x28\x06\xd5"

enum { MAX = 100 };

static struct fault fault;

/* field may be NULL; out's text is compared where it is undone. */
static enum content_coding undo(const char *field, struct str body,
				const char *plain)
{
	struct arena arena = { 0 };
	struct fields fields;
	struct buf out = BUF_INIT_SECRET(MAX);
	enum content_coding coding;

	fields_init(&fields, &arena);
	fields_add(&fields, STR("Content-Type"), STR("gzip"));
	if (field)
		fields_add(&fields, STR("content-encoding"), str_z(field));
	memset(&fault, 0, sizeof(fault));
	coding = content_coding_undo(&fields, body, &out, &fault);
	if (coding == CONTENT_CODING_UNDONE)
		assert_string_equal(buf_z(&out), plain);
	buf_fini(&out);
	arena_fini(&arena);
	return coding;
}

static void test_nothing_to_undo(void **state)
{
	(void)state;
	assert_int_equal(undo(NULL, STR(GZIP), ""), CONTENT_CODING_NONE);
	assert_int_equal(undo("", STR(GZIP), ""), CONTENT_CODING_NONE);
	assert_int_equal(undo("Identity", STR(PLAIN), ""),
			 CONTENT_CODING_NONE);
	/* Nothing was packed. */
	assert_int_equal(undo("gzip", STR(""), ""), CONTENT_CODING_NONE);
	assert_int_equal(undo("br", STR(""), ""), CONTENT_CODING_NONE);
}

static void test_known_codings(void **state)
{
	(void)state;
	assert_int_equal(undo("gzip", STR(GZIP), PLAIN),
			 CONTENT_CODING_UNDONE);
	assert_int_equal(undo("X-Gzip", STR(GZIP), PLAIN),
			 CONTENT_CODING_UNDONE);
	assert_int_equal(undo("gzip", STR(GZIP GZIP), PLAIN PLAIN),
			 CONTENT_CODING_UNDONE);
	assert_int_equal(undo("gzip", STR(GZIP "\0\0\0\0"), PLAIN),
			 CONTENT_CODING_UNDONE);
	assert_int_equal(undo("deflate", STR(ZLIB), PLAIN),
			 CONTENT_CODING_UNDONE);
	assert_int_equal(undo("deflate", STR(RAW), PLAIN),
			 CONTENT_CODING_UNDONE);
	/* A stored block around what was packed already. */
	assert_int_equal(undo("gzip, identity, deflate",
			      STR("\x01\x1d\x00\xe2\xff" GZIP), PLAIN),
			 CONTENT_CODING_UNDONE);
}

static void test_cut_and_damaged(void **state)
{
	static const char whole[] = GZIP;

	(void)state;
	for (size_t n = 1; n < sizeof(whole) - 1; n++)
		assert_int_equal(undo("gzip", (struct str){ whole, n }, ""),
				 CONTENT_CODING_DAMAGED);
	assert_string_equal(fault.text,
			    "its Content-Encoding is gzip, but it is cut or "
			    "damaged");
	assert_int_equal(undo("gzip", STR("{}"), ""), CONTENT_CODING_DAMAGED);
	assert_int_equal(undo("deflate", STR("{}"), ""),
			 CONTENT_CODING_DAMAGED);
	assert_int_equal(undo("gzip", STR(GZIP "\x1f\x8b"), ""),
			 CONTENT_CODING_DAMAGED);
	assert_int_equal(undo("deflate, gzip", STR(GZIP), ""),
			 CONTENT_CODING_DAMAGED);
}

static void test_unknown(void **state)
{
	(void)state;
	assert_int_equal(undo("b\tr\x80", STR("x"), ""),
			 CONTENT_CODING_UNKNOWN);
	assert_non_null(strstr(fault.text, "\"b?r\""));
	assert_int_equal(undo("br, gzip", STR(GZIP), ""),
			 CONTENT_CODING_UNKNOWN);
	assert_non_null(strstr(fault.text, "\"br\""));
	assert_int_equal(undo("gzip, gzip, gzip, gzip, gzip", STR(GZIP), ""),
			 CONTENT_CODING_UNKNOWN);
}

static void test_bound(void **state)
{
	struct buf many = BUF_INIT(4096);

	(void)state;
	for (int i = 0; i < 6; i++)
		buf_add_str(&many, STR(GZIP));
	assert_int_equal(undo("gzip", buf_str(&many), ""),
			 CONTENT_CODING_LARGE);
	buf_cut(&many, 5 * (sizeof(GZIP) - 1));
	assert_int_equal(undo("gzip", buf_str(&many),
			      PLAIN PLAIN PLAIN PLAIN PLAIN),
			 CONTENT_CODING_UNDONE);
	buf_fini(&many);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_to_undo),
		cmocka_unit_test(test_known_codings),
		cmocka_unit_test(test_cut_and_damaged),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
