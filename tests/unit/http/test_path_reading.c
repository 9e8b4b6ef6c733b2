/* SPDX-License-Identifier: MIT */
#include "http/path_reading.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_forms(void **state)
{
	static const struct {
		const char *path;
		unsigned how;
		const char *text;
	} rows[] = {
		{ "/", 0, "/" }, { "/a", 0, "/a" }, { "/a/", 7, "/a/" },
		{ "//", 0, "/" }, { "//", PATH_MERGE, "/" },
		{ "/..", 7, "/" }, { "/a/..", 7, "/" }, { "/a/.", 7, "/a/" },
		{ "/a/b/..", 7, "/a/" }, { "/../../a", 7, "/a" },
		{ "/a%2Fb", 0, "/a%2Fb" },
		{ "/a%2Fb", PATH_SLASHES, "/a/b" },
		{ "/a\\b", 0, "/a\\b" }, { "/a\\b", PATH_SLASHES, "/a/b" },
		{ "/a%5cb", 0, "/a%5cb" },
		{ "/a;b/c", 0, "/a;b/c" }, { "/a;b/c", PATH_CUT, "/a/c" },
		{ "/a%3Bb", PATH_CUT, "/a" }, { "/a%3Bb", 0, "/a;b" },
		{ "/a%00b/c", PATH_CUT, "/a/c" },
		{ "/a/..;/b", PATH_CUT, "/b" },
		{ "/a/..;/b", 0, "/a/..;/b" },
		{ "/a//../b", 0, "/a/b" }, { "/a//../b", PATH_MERGE, "/b" },
		{ "/a//b", 0, "/a/b" }, { "/%2561", 7, "/%61" },
		{ "/a%2", 7, "/a%2" }, { "/a%", 7, "/a%" },
		{ "/a%g0", 7, "/a%g0" }, { "/%C3%A9", 7, "/\xc3\xa9" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct str path = str_z(rows[i].path);
		struct buf b = BUF_INIT(path.n + 1);

		path_read(&b, path, rows[i].how);
		if (!str_eq_z(buf_str(&b), rows[i].text))
			fail_msg("%s %u: %s", rows[i].path, rows[i].how,
				 buf_z(&b));
		buf_fini(&b);
	}
}

/* By servers that decode twice, or take overlong UTF-8. */
static void test_second_reading(void **state)
{
	static const struct {
		const char *path;
		unsigned how;
		const char *text;
	} rows[] = {
		{ "/a/b", 7, "/a/b" }, { "/%2561", 0, "/a" },
		{ "/a%252Fb", 0, "/a%2Fb" },
		{ "/a%252Fb", PATH_SLASHES, "/a/b" },
		{ "/x/%252e%252e/a", 0, "/a" }, { "/%c0%ae%c0%ae/a", 0, "/a" },
		{ "/x%c0%afa", 0, "/x/a" }, { "/x%e0%80%afa", 0, "/x/a" },
		{ "/%f0%80%81%a1", 0, "/a" }, { "/%c1%a1", 0, "/a" },
		{ "/a%c0%bbb", PATH_CUT, "/a" }, { "/%c3%a9", 0, "/\xc3\xa9" },
		{ "/%c0", 0, "/\xc0" }, { "/%c0a", 0, "/\xc0" "a" },
		{ "/%e0%80", 0, "/\xe0\x80" }, { "/%ff%bf", 0, "/\xff\xbf" },
		{ "/%e2%82%ac", 0, "/\xe2\x82\xac" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct str path = str_z(rows[i].path);
		struct buf b = BUF_INIT(path.n + 1);

		path_reading(&b, path, PATH_FORMS + rows[i].how);
		if (!str_eq_z(buf_str(&b), rows[i].text))
			fail_msg("%s %u: %s", rows[i].path, rows[i].how,
				 buf_z(&b));
		buf_fini(&b);
	}
}

/* Where there is one reading, nobody has to look at others. */
static void test_plain(void **state)
{
	static const char *const plain[] = { "", "/", "/a", "/a.b/c-d_~!$&'()*",
					     "/a/b.", "/a../b" };
	static const char *const odd[] = { "//", "/a//b", "/.", "/a/./b",
					   "/a/..", "/%61", "/a;b", "/a\\b" };

	(void)state;
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
		struct str path = str_z(plain[i]);

		assert_true(path_is_plain(path));
		for (unsigned k = 0; path.n > 0 && k < PATH_READINGS; k++) {
			struct buf b = BUF_INIT(path.n + 1);

			path_reading(&b, path, k);
			assert_true(str_eq(buf_str(&b), path));
			buf_fini(&b);
		}
	}
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++)
		assert_false(path_is_plain(str_z(odd[i])));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_second_reading),
		cmocka_unit_test(test_plain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
