/* SPDX-License-Identifier: MIT */
#include "oauth/placement/placed.h"
#include "oauth/placement/placement.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void test_names(void **state)
{
	static const char *const good[] = { "Authorization", "X-Api-Key",
					    "Private-Token", "cookie", "a" };
	static const char *const bad[] = {
		"", "a b", "a:", "x\r\ny", "Host", "HOST", "content-length",
		"Transfer-Encoding", "connection", "Keep-Alive", "TE",
		"Trailer", "Upgrade", "Proxy-Authorization",
		"proxy-authenticate", "Proxy-Connection", "HTTP2-Settings",
		"Via", "Expect", "caf\xc3\xa9",
	};
	struct fault f;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_int_equal(placement_header.check_name(good[i], &f), 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (placement_header.check_name(bad[i], &f) == 0)
			fail_msg("taken: %s", bad[i]);
	}
}

static void test_values(void **state)
{
	struct buf b = BUF_INIT(100);
	struct fault f;

	(void)state;
	assert_int_equal(placement_header.encode(STR("Bearer a b"), &b, &f), 0);
	assert_string_equal(buf_z(&b), "Bearer a b");
	buf_reset(&b);
	assert_int_equal(placement_header.encode(STR("a\rb"), &b, &f), -1);
	assert_int_equal(placement_header.encode(STR("a\nb"), &b, &f), -1);
	assert_int_equal(placement_header.encode(STR("a\0b"), &b, &f), -1);
	assert_int_equal(placement_header.encode(STR("a\x7f"), &b, &f), -1);
	assert_int_equal(placement_header.encode(STR(" a"), &b, &f), -1);
	assert_int_equal(placement_header.encode(STR("Bearer "), &b, &f), -1);
	assert_int_equal(placement_header.encode(STR("a\t"), &b, &f), -1);
	assert_int_equal(b.n, 0);
	buf_fini(&b);
}

static void test_slot_is_replaced(void **state)
{
	char name[] = "X-Api-Key";
	struct placement_spec spec = { &placement_header, name, NULL, NULL };
	struct placed placed = {
		.spec = &spec,
		.value = secret_new(STR("new")),
	};
	struct arena arena = { NULL, NULL, NULL };
	struct fields fields;
	struct placement_request r = {
		.fields = &fields,
		.target = STR("/x?X-Api-Key=1"),
		.arena = &arena,
	};

	(void)state;
	fields_init(&fields, &arena);
	fields_add(&fields, STR("Accept"), STR("*/*"));
	assert_false(placement_header.present(str_z(spec.name), &r));
	fields_add(&fields, STR("x-api-key"), STR("old"));
	fields_add(&fields, STR("X-API-KEY"), STR("older"));
	assert_true(placement_header.present(str_z(spec.name), &r));
	placement_header.remove(str_z(spec.name), &r);
	assert_false(placement_header.present(str_z(spec.name), &r));
	assert_int_equal(fields.n, 1);
	placement_header.apply(str_z(spec.name),
			      secret_expose(placed.value), &r);
	assert_int_equal(fields.n, 2);
	assert_true(str_eq_z(fields.v[1].name, "X-Api-Key"));
	assert_true(str_eq_z(fields.v[1].value, "new"));
	/* Borrowed, so that no copy of the token is made. */
	assert_ptr_equal(fields.v[1].value.p, secret_expose(placed.value).p);
	assert_true(str_eq_z(r.target, "/x?X-Api-Key=1"));
	placed_fini(&placed);
	arena_fini(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_slot_is_replaced),
	};

	return cmocka_run_group_tests_name("oauth/placement/header", tests,
					   NULL, NULL);
}
