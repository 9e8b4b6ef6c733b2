/* SPDX-License-Identifier: MIT */
#include "config/file.h"

#include "base/alloc.h"
#include "config/scratch.h"

static void expect_join(const char *dir, const char *path, const char *want)
{
	char *joined = config_file_join(dir, str_z(path));

	assert_string_equal(joined, want);
	mem_free(joined);
}

static void expect_dir(const char *path, const char *want)
{
	char *dir = config_file_dir(path);

	assert_string_equal(dir, want);
	mem_free(dir);
}

static void test_paths(void **state)
{
	char cwd[4096], want[4200];

	(void)state;
	expect_join("/a", "b", "/a/b");
	expect_join("/", "b", "/b");
	expect_join("/a", "/b", "/b");
	expect_join("/a", "../b", "/a/../b");
	expect_dir("/a/b.ini", "/a");
	expect_dir("/b.ini", "/");
	expect_dir("/a//b.ini", "/a");
	assert_non_null(getcwd(cwd, sizeof(cwd)));
	expect_dir("b.ini", cwd);
	(void)snprintf(want, sizeof(want), "%s/a", cwd);
	expect_dir("a/b.ini", want);
	assert_true(config_file_exists("/"));
	assert_false(config_file_exists(scratch_path("nothing")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths),
	};

	return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
