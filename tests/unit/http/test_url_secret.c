/* SPDX-License-Identifier: MIT */
#include "http/url_secret.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define TOKEN "t0k/en+Z.~"

static void test_what_is_taken_out(void **state)
{
	static const struct {
		const char *text, *left;
	} rows[] = {
		{ "", "" },
		{ "/next", "/next" },
		{ "/next?a=1&b=2#f", "/next?a=1&b=2#f" },
		/* by name, whatever its value is */
		{ "/x?access_token=other", "/x" },
		{ "/x?access_token=other&a=1", "/x?a=1" },
		{ "/x?a=1&access_token=o&b=2", "/x?a=1&b=2" },
		{ "/x?access_token=o&access_token=p&b", "/x?b" },
		{ "/x?access_token=o&access_token=p", "/x" },
		{ "/x?a&access_token", "/x?a" },
		{ "/x?access%5Ftoken=o#access_token=p", "/x" },
		{ "/x#access_token=o&a=1", "/x#a=1" },
		{ "/x?access_tokens=o&my_access_token=p",
		  "/x?access_tokens=o&my_access_token=p" },
		{ "5; url=/x?access_token=o", "5; url=/x" },
		{ "5; url=\"/x?access_token=o\"", "5; url=\"/x\"" },
		{ "</x?access_token=o>; rel=next, </y?a=1&access_token=p>; "
		  "rel=\"last\"", "</x>; rel=next, </y?a=1>; rel=\"last\"" },
		/* by value, however it is written */
		{ "/x?t=" TOKEN, "/x?t=" },
		{ "/" TOKEN "/y", "//y" },
		{ "/x?t=t0k%2Fen%2bZ.%7E&a", "/x?t=&a" },
		{ "/x?t=%74%30%6b%2f%65%6e%2b%5a%2e%7e", "/x?t=" },
		{ "/login?next=%2Fx%3Faccess_token%3Dt0k%252Fen%252BZ.~",
		  "/login?next=%2Fx%3Faccess_token%3D" },
		{ "/x?t=%2574%25250k%25252fen+Z.~",
		  "/x?t=%2574%25250k%25252fen+Z.~" },
		{ "/x?t=%2574%252530k%25252fen+Z.~", "/x?t=" },
		{ "/x#" TOKEN TOKEN, "/x#" },
		{ "/x?t=t0k/en+Z.", "/x?t=t0k/en+Z." },
		{ "/x?t=t0k%2", "/x?t=t0k%2" }, { "/x?t=%", "/x?t=%" },
	};
	const struct str names[] = { STR("access_token") };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf b = BUF_INIT(1024);

		url_secret_remove(&b, str_z(rows[i].text), STR(TOKEN), names,
				  1);
		if (!str_eq_z(buf_str(&b), rows[i].left))
			fail_msg("%s: %s", rows[i].text, buf_z(&b));
		buf_fini(&b);
	}
}

static void test_what_is_in_a_text(void **state)
{
	(void)state;
	assert_true(url_secret_is_in(STR("a%41%2541x"), STR("AA")));
	assert_true(url_secret_is_in(STR("a+b"), STR("a b")));
	assert_true(url_secret_is_in(STR("100%25"), STR("0%")));
	assert_false(url_secret_is_in(STR("a%4"), STR("A")));
	assert_false(url_secret_is_in(STR(""), STR("A")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_taken_out),
		cmocka_unit_test(test_what_is_in_a_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
