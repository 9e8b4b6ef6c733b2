/* SPDX-License-Identifier: MIT */
#include "proxy/kept_answer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct kept_answer k;
static struct arena arena;
static struct fields fields;
static char memory[64];
static const struct str body = { memory, 5 };

static int begin(void **state)
{
	(void)state;
	k = (struct kept_answer){ 0 };
	arena_init(&arena, NULL, 0);
	fields_init(&fields, &arena);
	fields_add(&fields, STR("Server"), STR("x"));
	fields_add(&fields, STR("ETag"), STR(""));
	fields_add(&fields, STR("Date"), STR("now"));
	return 0;
}

static int end(void **state)
{
	(void)state;
	kept_answer_fini(&k);
	arena_fini(&arena);
	return 0;
}

static struct MHD_Response *put(void)
{
	struct MHD_Response *r = MHD_create_response_from_buffer(
		body.n, memory, MHD_RESPMEM_PERSISTENT);

	assert_non_null(r);
	kept_answer_put(&k, r, &fields, body);
	return r;
}

static void test_same(void **state)
{
	struct MHD_Response *r;
	struct fields other;

	(void)state;
	assert_null(kept_answer_find(&k, &fields, body));
	r = put();
	memset(memory, 'x', sizeof(memory));
	fields_init(&other, &arena);
	for (size_t i = 0; i < fields.n; i++)
		fields_add_copy(&other, fields.v[i].name, fields.v[i].value);
	for (int i = 0; i < 3; i++)
		assert_ptr_equal(kept_answer_find(&k, &other, body), r);
	/* An empty value that stands nowhere. */
	other.v[1].value = (struct str){ NULL, 0 };
	assert_ptr_equal(kept_answer_find(&k, &other, body), r);
}

/* Another in any way: it is forgotten, and the next one can be kept. */
static void test_another(void **state)
{
	static const char *const rows[][9] = {
		{ "Server", "x", "ETag", "" },
		{ "Server", "x", "ETag", "", "Date", "now", "X", "" },
		{ "Server", "x", "ETag", "", "Date", "noW" },
		{ "Server", "x", "ETag", "", "date", "now" },
		{ "Server", "x", "ETag", "", "Date", "now " },
		{ "Server", "x", "ETag", "", "Date", "no" },
		{ "ETag", "", "Server", "x", "Date", "now" },
		{ "Server", "", "xETag", "", "Date", "now" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fields other;

		put();
		fields_init(&other, &arena);
		for (size_t j = 0; rows[i][j]; j += 2)
			fields_add(&other, str_z(rows[i][j]),
				   str_z(rows[i][j + 1]));
		assert_null(kept_answer_find(&k, &other, body));
		assert_null(kept_answer_find(&k, &fields, body));
	}
	put();
	assert_null(kept_answer_find(&k, &(struct fields){ 0 }, body));
}

static void test_another_body(void **state)
{
	const struct str others[] = {
		{ memory + 1, 5 }, { memory, 4 }, { memory, 6 }, { NULL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		put();
		assert_null(kept_answer_find(&k, &fields, others[i]));
	}
}

/* Its memory for heads grows, and holds shorter ones too. */
static void test_lengths(void **state)
{
	char value[3000];

	(void)state;
	for (size_t n = 1; n < sizeof(value); n = n * 3 / 2 + 1) {
		struct MHD_Response *r;

		memset(value, 'v', n);
		value[n] = '\0';
		fields.v[2].value = (struct str){ value, n };
		assert_null(kept_answer_find(&k, &fields, body));
		r = put();
		assert_ptr_equal(kept_answer_find(&k, &fields, body), r);
	}
	fields.v[2].value = STR("short");
	assert_null(kept_answer_find(&k, &fields, body));
	put();
	assert_non_null(kept_answer_find(&k, &fields, body));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_same, begin, end),
		cmocka_unit_test_setup_teardown(test_another, begin, end),
		cmocka_unit_test_setup_teardown(test_another_body, begin, end),
		cmocka_unit_test_setup_teardown(test_lengths, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
