/* SPDX-License-Identifier: MIT */
#include "data/form.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct buf name = BUF_INIT(50), value = BUF_INIT(50);

static int end(void **state)
{
	(void)state;
	buf_fini(&name);
	buf_fini(&value);
	return 0;
}

static void assert_pair(struct str *rest, const char *n, const char *v)
{
	assert_true(form_next(rest, &name, &value));
	assert_string_equal(buf_z(&name), n);
	assert_string_equal(buf_z(&value), v);
}

static void test_takes_pairs_in_order(void **state)
{
	struct str rest = STR("access_token=abc&expires_in=3600&scope=a+b");

	(void)state;
	assert_pair(&rest, "access_token", "abc");
	assert_pair(&rest, "expires_in", "3600");
	assert_pair(&rest, "scope", "a b");
	assert_false(form_next(&rest, &name, &value));
	assert_false(form_next(&rest, &name, &value));
}

static void test_empty_parts(void **state)
{
	struct str rest = STR("&&a&b=&=c&=&&");

	(void)state;
	assert_pair(&rest, "a", "");
	assert_pair(&rest, "b", "");
	assert_pair(&rest, "", "c");
	assert_pair(&rest, "", "");
	assert_false(form_next(&rest, &name, &value));
	assert_int_equal(name.n, 0);
	assert_int_equal(value.n, 0);
	rest = (struct str){ NULL, 0 };
	assert_false(form_next(&rest, &name, &value));
	rest = STR("&&&");
	assert_false(form_next(&rest, &name, &value));
}

static void test_decodes(void **state)
{
	struct str rest = STR("%61%2b+=%26%3D=%c3%A4&x%00y=1");

	(void)state;
	assert_pair(&rest, "a+ ", "&==\xc3\xa4");
	assert_true(form_next(&rest, &name, &value));
	assert_int_equal(name.n, 3);
	assert_memory_equal(name.p, "x\0y", 3);
}

static void test_broken_escapes_stay(void **state)
{
	struct str rest = STR("a%=%4&b=%zz%4g%%41&c%4=%");

	(void)state;
	assert_pair(&rest, "a%", "%4");
	assert_pair(&rest, "b", "%zz%4g%A");
	assert_pair(&rest, "c%4", "%");
}

static void test_names_the_bound(void **state)
{
	struct buf small = BUF_INIT(3);
	struct str rest = STR("a=12345&b=1");

	(void)state;
	assert_true(form_next(&rest, &name, &small));
	assert_false(buf_ok(&small));
	/* The next one begins anew. */
	assert_true(form_next(&rest, &name, &small));
	assert_true(buf_ok(&small));
	assert_string_equal(buf_z(&small), "1");
	buf_fini(&small);
}

static void test_writes_pairs(void **state)
{
	struct buf out = BUF_INIT(200);

	(void)state;
	form_add(&out, STR("grant_type"), STR("client_credentials"));
	form_add(&out, STR("scope"), STR("a b+c&d=e"));
	form_add(&out, STR(""), STR(""));
	form_add(&out, STR("k~-._9"), STR("\xc3\xa4\n%/"));
	assert_string_equal(buf_z(&out),
			    "grant_type=client_credentials&"
			    "scope=a+b%2Bc%26d%3De&=&k~-._9=%C3%A4%0A%25%2F");
	buf_fini(&out);
}

static void test_percent_encoding(void **state)
{
	struct buf out = BUF_INIT(200);

	(void)state;
	percent_encode(&out, STR("a b+c/~*'()!\0\x7f\xff"));
	assert_string_equal(buf_z(&out),
			    "a%20b%2Bc%2F~%2A%27%28%29%21%00%7F%FF");
	buf_reset(&out);
	percent_decode(&out, STR("a%20b+c%2f%25%32%35%"));
	assert_string_equal(buf_z(&out), "a b+c/%25%");
	buf_fini(&out);
}

static void test_every_octet_comes_back(void **state)
{
	char all[256];
	struct str octets = { all, sizeof(all) };
	struct buf out = BUF_INIT(1000), back = BUF_INIT(300);

	(void)state;
	for (int i = 0; i < 256; i++)
		all[i] = (char)i;
	percent_encode(&out, octets);
	percent_decode(&back, buf_str(&out));
	assert_true(str_eq(buf_str(&back), octets));

	buf_reset(&out);
	form_add(&out, STR("k"), octets);
	struct str rest = buf_str(&out);

	assert_true(form_next(&rest, &name, &back));
	assert_true(str_eq(buf_str(&back), octets));
	buf_fini(&out);
	buf_fini(&back);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_takes_pairs_in_order),
		cmocka_unit_test(test_empty_parts),
		cmocka_unit_test(test_decodes),
		cmocka_unit_test(test_broken_escapes_stay),
		cmocka_unit_test(test_names_the_bound),
		cmocka_unit_test(test_writes_pairs),
		cmocka_unit_test(test_percent_encoding),
		cmocka_unit_test(test_every_octet_comes_back),
	};

	return cmocka_run_group_tests(tests, NULL, end);
}
