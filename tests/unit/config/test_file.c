/* SPDX-License-Identifier: MIT */
#include "config/file.h"

#include "base/alloc.h"
#include "config/scratch.h"

static int read_name(const char *name, size_t max, struct buf *b,
		     struct fault *f)
{
	buf_init(b, max);
	f->text[0] = '\0';
	return config_file_read(scratch_path(name), b, NULL, f);
}

static void test_read(void **state)
{
	struct config_file_id one, same, other;
	struct buf b;
	struct fault f;

	(void)state;
	scratch_write("a", "text\n");
	scratch_write("b", "");
	assert_int_equal(read_name("a", 100, &b, &f), 0);
	assert_string_equal(buf_z(&b), "text\n");
	buf_fini(&b);
	assert_int_equal(read_name("b", 100, &b, &f), 0);
	assert_int_equal(b.n, 0);
	buf_fini(&b);
	buf_init(&b, 100);
	assert_int_equal(config_file_read(scratch_path("a"), &b, &one, &f),
			 0);
	assert_int_equal(config_file_read(scratch_path("a"), &b, &same, &f),
			 0);
	assert_int_equal(config_file_read(scratch_path("b"), &b, &other, &f),
			 0);
	assert_true(one.ino == same.ino && one.dev == same.dev);
	assert_false(one.ino == other.ino && one.dev == other.dev);
	buf_fini(&b);
}

static void test_bounds(void **state)
{
	char text[10001];
	struct buf b;
	struct fault f;

	(void)state;
	memset(text, 'x', sizeof(text));
	scratch_write_n("big", text, 10000);
	assert_int_equal(read_name("big", 10000, &b, &f), 0);
	assert_int_equal(b.n, 10000);
	buf_fini(&b);
	assert_int_equal(read_name("big", 9999, &b, &f), -1);
	assert_non_null(strstr(f.text, "larger than 9999"));
	buf_fini(&b);
}

static void test_no_regular_file(void **state)
{
	struct buf b;
	struct fault f;

	(void)state;
	assert_int_equal(read_name("nothing", 100, &b, &f), -1);
	assert_non_null(strstr(f.text, "No such file"));
	assert_int_equal(mkdir(scratch_path("dir"), 0700), 0);
	assert_int_equal(read_name("dir", 100, &b, &f), -1);
	assert_non_null(strstr(f.text, "is no regular file"));
	/* Nobody writes into it, and nobody waits for that. */
	assert_int_equal(mkfifo(scratch_path("fifo"), 0600), 0);
	assert_int_equal(read_name("fifo", 100, &b, &f), -1);
	assert_non_null(strstr(f.text, "is no regular file"));
	assert_int_equal(config_file_read("/dev/zero", &b, NULL, &f), -1);
	buf_fini(&b);
}

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
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_no_regular_file),
		cmocka_unit_test(test_paths),
	};

	return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
