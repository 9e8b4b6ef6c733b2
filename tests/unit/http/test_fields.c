/* SPDX-License-Identifier: MIT */
#include "http/fields.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/buf.h"

static struct arena arena;
static struct fields fs;

static int begin(void **state)
{
	(void)state;
	arena = (struct arena){ NULL, NULL, NULL };
	fields_init(&fs, &arena);
	return 0;
}

static int end(void **state)
{
	(void)state;
	arena_fini(&arena);
	return 0;
}

static void add(const char *name, const char *value)
{
	fields_add(&fs, str_z(name), str_z(value));
}

/* All that is left, as "Name: value" joined by "|". */
static void assert_left(const char *expected)
{
	struct buf b = BUF_INIT(100000);

	for (size_t i = 0; i < fs.n; i++)
		buf_addf(&b, "%s%.*s: %.*s", i ? "|" : "",
			 STR_ARGS(fs.v[i].name), STR_ARGS(fs.v[i].value));
	assert_string_equal(buf_z(&b), expected);
	buf_fini(&b);
}

static void test_order_case_and_repetition_stay(void **state)
{
	(void)state;
	add("Host", "a");
	add("ACCEPT", "x");
	add("accept", "y");
	add("X-Empty", "");
	assert_left("Host: a|ACCEPT: x|accept: y|X-Empty: ");
}

static void test_borrows_or_copies(void **state)
{
	char name[] = "Name", value[] = "value";

	(void)state;
	fields_add(&fs, str_z(name), str_z(value));
	fields_add_copy(&fs, str_z(name), str_z(value));
	name[0] = 'X';
	value[0] = 'X';
	assert_left("Xame: Xalue|Name: value");
}

static void test_grows(void **state)
{
	char name[8];
	int i;

	(void)state;
	for (i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "f%d", i);
		fields_add_copy(&fs, str_z(name), str_z(name));
	}
	assert_int_equal(fs.n, 1000);
	for (i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "f%d", i);
		assert_true(str_eq_z(fs.v[i].name, name));
		assert_true(str_eq_z(fs.v[i].value, name));
	}
}

static void test_finds_and_counts(void **state)
{
	(void)state;
	assert_null(fields_find(&fs, STR("Host")));
	assert_int_equal(fields_count(&fs, STR("Host")), 0);
	add("Host", "a");
	add("Cookie", "1");
	add("COOKIE", "2");
	add("Cookies", "3");
	assert_true(str_eq_z(fields_find(&fs, STR("cookie"))->value, "1"));
	assert_int_equal(fields_count(&fs, STR("cooKie")), 2);
	assert_null(fields_find(&fs, STR("Cooki")));
	assert_null(fields_find(&fs, STR("")));
}

static void test_removes(void **state)
{
	(void)state;
	assert_int_equal(fields_remove(&fs, STR("a")), 0);
	add("Authorization", "1");
	add("A", "x");
	add("AUTHORIZATION", "2");
	add("B", "y");
	add("authorization", "3");
	assert_int_equal(fields_remove(&fs, STR("Authorization")), 3);
	assert_left("A: x|B: y");
	assert_int_equal(fields_remove(&fs, STR("Authorization")), 0);
	assert_int_equal(fields_remove(&fs, STR("b")), 1);
	assert_int_equal(fields_remove(&fs, STR("a")), 1);
	assert_left("");
}

static void test_values(void **state)
{
	char one = 0;

	(void)state;
	assert_true(field_value_valid((struct str){ NULL, 0 }));
	assert_true(field_value_valid(STR("a b\tc \"\xc3\xa4\xff\"")));
	assert_false(field_value_valid(STR("a\rb")));
	assert_false(field_value_valid(STR("a\nb")));
	assert_false(field_value_valid(STR("a\0b")));
	for (int c = 0; c < 256; c++) {
		bool expected = c == '\t' || (c >= 0x20 && c != 0x7f);

		one = (char)c;
		assert_int_equal(field_value_valid((struct str){ &one, 1 }),
				 expected);
	}
}

/* Each octet at each place, also beside those whose first bit is set. */
static void test_values_octet_by_octet(void **state)
{
	static const char fills[] = { ' ', 'a', '~', '\x80', '\xff' };
	char text[19];

	(void)state;
	for (size_t k = 0; k < sizeof(fills); k++) {
		memset(text, fills[k], sizeof(text));
		for (size_t at = 0; at < sizeof(text); at++) {
			for (int c = 0; c < 256; c++) {
				bool good = c == '\t' ||
					    (c >= 0x20 && c != 0x7f);

				text[at] = (char)c;
				assert_int_equal(
					field_value_valid((struct str){
						text, sizeof(text) }),
					good);
			}
			text[at] = fills[k];
		}
	}
}

/* In place, and into another list, which is the same. */
static void remove_hop_by_hop(void)
{
	struct fields before, others;

	fields_init_like(&before, fs.arena, &fs);
	fields_init(&others, fs.arena);
	fields_add_end_to_end(&others, &before);
	fields_remove_hop_by_hop(&fs);
	assert_int_equal(others.n, fs.n);
	for (size_t i = 0; i < fs.n; i++) {
		assert_ptr_equal(others.v[i].name.p, fs.v[i].name.p);
		assert_ptr_equal(others.v[i].value.p, fs.v[i].value.p);
	}
}

static void test_all_hop_by_hop_go(void **state)
{
	(void)state;
	add("Connection", "keep-alive");
	add("Keep-Alive", "timeout=5");
	add("Proxy-Connection", "keep-alive");
	add("Proxy-Authenticate", "Basic");
	add("Proxy-Authentication-Info", "rspauth=1");
	add("Proxy-Authorization", "Basic x");
	add("TE", "trailers");
	add("Trailer", "X");
	add("Transfer-Encoding", "chunked");
	add("Upgrade", "h2c");
	add("HTTP2-Settings", "AAA");
	remove_hop_by_hop();
	assert_left("");
	add("CONNECTION", "close");
	add("te", "x");
	add("uPGRADE", "x");
	add("proxy-connection", "x");
	add("http2-settings", "x");
	remove_hop_by_hop();
	assert_left("");
}

static void test_others_stay(void **state)
{
	(void)state;
	add("Host", "a");
	add("Connection", "");
	add("TEE", "1");
	add("T", "1");
	add("Trailers", "2");
	add("User-Agent", "of ten letters");
	add("Upgrades", "3");
	add("Upgrade-Insecure-Requests", "1");
	add("Proxy-Connections", "4");
	add("Content-Length", "5");
	add("Authorization", "Bearer x");
	remove_hop_by_hop();
	assert_left("Host: a|TEE: 1|T: 1|Trailers: 2|"
		    "User-Agent: of ten letters|Upgrades: 3|"
		    "Upgrade-Insecure-Requests: 1|Proxy-Connections: 4|"
		    "Content-Length: 5|Authorization: Bearer x");
}

static void test_what_connection_names_goes(void **state)
{
	(void)state;
	add("X-Before", "1");
	add("A", "a");
	add("Connection", " X-Before ,, x-after,close");
	add("X-After", "2");
	add("B", "b");
	add("X-BEFORE", "3");
	remove_hop_by_hop();
	assert_left("A: a|B: b");
}

static void test_several_connections(void **state)
{
	(void)state;
	add("Connection", "X-One, Connection");
	add("X-One", "1");
	add("X-Two", "2");
	add("X-Three", "3");
	add("Connection", "X-Two");
	add("X-Two", "2");
	add("connection", "keep-alive, TE, x-none, X-Two");
	add("TE", "x");
	remove_hop_by_hop();
	assert_left("X-Three: 3");
}

static void test_connection_that_names_no_field(void **state)
{
	(void)state;
	add("A", "1");
	add("Connection", ", ,\t,");
	add("B", "2");
	add("Connection", "\"A\"");
	remove_hop_by_hop();
	assert_left("A: 1|B: 2");
}

static void test_all_named(void **state)
{
	(void)state;
	add("A", "1");
	add("B", "2");
	add("Connection", "a,b,c");
	add("C", "3");
	remove_hop_by_hop();
	assert_left("");
	remove_hop_by_hop();
	assert_left("");
}

/* All fields times all names would take many seconds here. */
static void test_many_named_among_many(void **state)
{
	enum { NAMES = 100000, FIELDS = 50000 };
	struct buf names = BUF_INIT(3 * NAMES);
	clock_t before = clock();

	(void)state;
	for (int i = 0; i < NAMES; i++)
		buf_addf(&names, "%c%c,", 'a' + i % 26, 'a' + i / 26 % 26);
	add("Connection", buf_z(&names));
	add("x-stays", "1");
	for (int i = 0; i < FIELDS; i++)
		add(i % 2 ? "Qz" : "q9", "2");
	remove_hop_by_hop();
	assert_int_equal(fs.n, 1 + FIELDS / 2);
	assert_int_equal(fields_count(&fs, STR("Q9")), FIELDS / 2);
	assert_true(clock() - before < 3 * CLOCKS_PER_SEC);
	buf_fini(&names);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(test_order_case_and_repetition_stay),
		TEST(test_borrows_or_copies),
		TEST(test_grows),
		TEST(test_finds_and_counts),
		TEST(test_removes),
		TEST(test_values),
		TEST(test_values_octet_by_octet),
		TEST(test_all_hop_by_hop_go),
		TEST(test_others_stay),
		TEST(test_what_connection_names_goes),
		TEST(test_several_connections),
		TEST(test_connection_that_names_no_field),
		TEST(test_all_named),
		TEST(test_many_named_among_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
