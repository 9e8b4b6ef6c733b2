/* SPDX-License-Identifier: MIT */
#include "store/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "store/scratch.h"

static void test_folders(void **state)
{
	struct fault f = { "" };

	(void)state;
	umask(0);
	assert_int_equal(file_make_folder(scratch_path("a/b//c/file"), &f), 0);
	assert_int_equal(file_mode(scratch_path("a")), 0700);
	assert_int_equal(file_mode(scratch_path("a/b")), 0700);
	assert_int_equal(file_mode(scratch_path("a/b/c")), 0700);
	assert_int_equal(file_mode(scratch_path("a/b/c/file")), -1);
	assert_int_equal(file_make_folder(scratch_path("a/b/c/file"), &f), 0);
	assert_int_equal(file_make_folder("/file", &f), 0);
	assert_int_equal(file_make_folder("file", &f), 0);
}

static void test_folders_that_are_there_stay(void **state)
{
	struct fault f = { "" };

	(void)state;
	assert_int_equal(mkdir(scratch_path("a"), 0755), 0);
	assert_int_equal(chmod(scratch_path("a"), 0755), 0);
	assert_int_equal(file_make_folder(scratch_path("a/b/file"), &f), 0);
	assert_int_equal(file_mode(scratch_path("a")), 0755);
	assert_int_equal(file_mode(scratch_path("a/b")), 0700);
}

static void test_folder_below_a_file(void **state)
{
	struct fault f = { "" };

	(void)state;
	assert_true(file_write(scratch_path("a"), STR("x"), 0600));
	assert_int_equal(file_make_folder(scratch_path("a/b/file"), &f), -1);
	assert_non_null(strstr(f.text, "cannot make the folder"));
	assert_non_null(strstr(f.text, "/a/b"));
	assert_non_null(strstr(f.text, "Not a directory"));
}

static void test_publish(void **state)
{
	struct fault f = { "" };
	ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT(100);
	char *beside;
	int fd;

	(void)state;
	umask(0);
	fd = file_beside(scratch_path("file"), &beside, &f);
	assert_true(fd >= 0);
	assert_true(str_starts(str_z(beside), str_z(scratch_path("file."))));
	assert_int_equal(file_mode(beside), 0600);
	assert_int_equal(file_mode(scratch_path("file")), -1);
	assert_int_equal(write(fd, "whole", 5), 5);
	close(fd);
	assert_int_equal(file_publish(beside, scratch_path("file"), &f), 0);
	assert_int_equal(file_mode(beside), -1);
	assert_int_equal(file_mode(scratch_path("file")), 0600);
	assert_true(file_read(scratch_path("file"), &b));
	assert_string_equal(buf_z(&b), "whole");
	mem_free(beside);
}

static void test_publish_overwrites_nothing(void **state)
{
	struct fault f = { "" };
	ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT(100);
	char *beside;
	int fd;

	(void)state;
	assert_true(file_write(scratch_path("file"), STR("first"), 0600));
	fd = file_beside(scratch_path("file"), &beside, &f);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(file_publish(beside, scratch_path("file"), &f), 0);
	assert_int_equal(file_mode(beside), -1);
	assert_true(file_read(scratch_path("file"), &b));
	assert_string_equal(buf_z(&b), "first");
	mem_free(beside);
}

static void test_publish_fails(void **state)
{
	struct fault f = { "" };
	char *beside;
	int fd;

	(void)state;
	fd = file_beside(scratch_path("file"), &beside, &f);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(file_publish(beside, scratch_path("no/file"), &f),
			 -1);
	assert_non_null(strstr(f.text, "cannot make "));
	assert_non_null(strstr(f.text, "No such file"));
	assert_int_equal(file_mode(beside), -1);
	assert_int_equal(file_publish(beside, scratch_path("file"), &f), -1);
	mem_free(beside);
}

static void test_beside_fails(void **state)
{
	struct fault f = { "" };
	char name[9000];
	char *beside;

	(void)state;
	assert_int_equal(file_beside(scratch_path("no/file"), &beside, &f),
			 -1);
	assert_null(beside);
	assert_non_null(strstr(f.text, "No such file"));
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(file_beside(name, &beside, &f), -1);
	assert_null(beside);
	assert_non_null(strstr(f.text, "cannot make xxx"));
}

#define in_scratch(test) \
	cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_scratch(test_folders),
		in_scratch(test_folders_that_are_there_stay),
		in_scratch(test_folder_below_a_file),
		in_scratch(test_publish),
		in_scratch(test_publish_overwrites_nothing),
		in_scratch(test_publish_fails),
		in_scratch(test_beside_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
