/* SPDX-License-Identifier: MIT */
#include "base/text_file.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char scratch[64];

static int setup(void **state)
{
	(void)state;
	(void)snprintf(scratch, sizeof(scratch), "/tmp/bearerd-test-XXXXXX");
	return mkdtemp(scratch) ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *st, int type,
		      struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

static int teardown(void **state)
{
	(void)state;
	return nftw(scratch, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static const char *in(const char *name)
{
	static char path[128];

	(void)snprintf(path, sizeof(path), "%s/%s", scratch, name);
	return path;
}

static void write_n(const char *name, const char *p, size_t n)
{
	FILE *file = fopen(in(name), "w");

	assert_non_null(file);
	assert_int_equal(fwrite(p, 1, n, file), n);
	assert_int_equal(fclose(file), 0);
}

#define write_text(name, text) write_n(name, text, sizeof(text) - 1)

static struct buf text;
static struct fault f;

static int read_name(const char *name, size_t max)
{
	buf_fini(&text);
	buf_init(&text, max);
	f.text[0] = '\0';
	return text_file_read(in(name), &text, NULL, &f);
}

static void assert_read(const char *name, const char *expected)
{
	assert_int_equal(read_name(name, 100), 0);
	assert_string_equal(buf_z(&text), expected);
}

static void assert_refused(const char *name, const char *words)
{
	assert_int_equal(read_name(name, 100), -1);
	assert_string_equal(f.text, words);
}

static void test_read(void **state)
{
	struct stat one, same, other;

	(void)state;
	write_text("a", "text\n");
	write_text("b", "");
	assert_read("a", "text\n");
	assert_read("b", "");
	assert_int_equal(text_file_read(in("a"), &text, &one, &f), 0);
	buf_reset(&text);
	assert_int_equal(text_file_read(in("a"), &text, &same, &f), 0);
	buf_reset(&text);
	assert_int_equal(text_file_read(in("b"), &text, &other, &f), 0);
	assert_true(one.st_ino == same.st_ino && one.st_dev == same.st_dev);
	assert_false(one.st_ino == other.st_ino &&
		     one.st_dev == other.st_dev);
}

static void test_bounds(void **state)
{
	char big[10001];

	(void)state;
	memset(big, 'x', sizeof(big));
	write_n("big", big, 10000);
	assert_int_equal(read_name("big", 10000), 0);
	assert_int_equal(text.n, 10000);
	assert_int_equal(read_name("big", 9999), -1);
	assert_non_null(strstr(f.text, "larger than 9999"));
}

static void test_no_regular_file(void **state)
{
	(void)state;
	assert_refused("nothing", "cannot be read: No such file or "
				  "directory");
	assert_int_equal(mkdir(in("dir"), 0700), 0);
	assert_refused("dir", "is not a regular file");
	/* Nobody writes into it, and nobody waits for that. */
	assert_int_equal(mkfifo(in("fifo"), 0600), 0);
	assert_refused("fifo", "is not a regular file");
	assert_int_equal(text_file_read("/dev/zero", &text, NULL, &f), -1);
}

static void test_mark_is_no_part_of_it(void **state)
{
	(void)state;
	write_text("a", "\xef\xbb\xbftext");
	assert_read("a", "text");
	write_text("a", "\xef\xbb\xbf");
	assert_read("a", "");
	write_text("a", "\xef\xbb\xbf\xef\xbb\xbfx");
	assert_read("a", "\xef\xbb\xbfx");
	write_text("a", "x\xef\xbb\xbf");
	assert_read("a", "x\xef\xbb\xbf");
	write_text("a", "\xef\xbb");
	assert_read("a", "\xef\xbb");
}

static void test_other_encodings(void **state)
{
	(void)state;
	write_text("a", "\xff\xfe" "a\0b\0");
	assert_refused("a", "is text in UTF-16: save it as UTF-8");
	write_text("a", "\xfe\xff\0a\0b");
	assert_refused("a", "is text in UTF-16: save it as UTF-8");
	write_text("a", "\xff\xfe\0\0a\0\0\0");
	assert_refused("a", "is text in UTF-32: save it as UTF-8");
	write_text("a", "\0\0\xfe\xff\0\0\0a");
	assert_refused("a", "is text in UTF-32: save it as UTF-8");
	write_text("a", "[\0p\0]\0\n\0");
	assert_refused("a", "is text in UTF-16: save it as UTF-8");
	write_text("a", "\0[\0p\0]\0\n");
	assert_refused("a", "is text in UTF-16: save it as UTF-8");
	/* Whoever takes octets may take these. */
	write_text("a", "\xfe\xfd");
	assert_read("a", "\xfe\xfd");
	write_text("a", "a\0bc");
	assert_int_equal(read_name("a", 100), 0);
	assert_int_equal(text.n, 4);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_read),
		T(test_bounds),
		T(test_no_regular_file),
		T(test_mark_is_no_part_of_it),
		T(test_other_encodings),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	buf_fini(&text);
	return failed;
}
