/* SPDX-License-Identifier: MIT */
/* The store's file goes while the store is open: by a cleaner of folders, or
 * by whoever thought that it was not in use. */
#include "store/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/log.h"
#include "store/scratch.h"

static int setup(void **state)
{
	/* What is told is in the log. */
	log_set_level(LOG_LEVEL_ERROR);
	return scratch_setup(state);
}

static struct store *opened(void)
{
	struct fault f = { "" };
	struct store *s = open_with(scratch_spec, "k", &f);

	if (!s)
		fail_msg("%s", f.text);
	return s;
}

/* One with two values. */
static struct store *begun(void)
{
	struct store *s = opened();

	assert_int_equal(put(s, "a", "one", NULL), 0);
	assert_int_equal(put(s, "b", "two", NULL), 0);
	return s;
}

static void assert_put(struct store *s, const char *id, const char *value)
{
	struct fault f = { "" };

	if (put(s, id, value, &f) < 0)
		fail_msg("%s", f.text);
}

static void gone(const char *name)
{
	assert_int_equal(unlink(scratch_path(name)), 0);
}

/* Every token is there again after the next write, and after a look. */
static void test_file(void **state)
{
	struct store *s = begun();

	(void)state;
	gone("bearerd.db");
	assert_put(s, "a", "three");
	store_close(&s);
	s = opened();
	assert_true(holds(s, "a", "three"));
	assert_true(holds(s, "b", "two"));
	gone("bearerd.db");
	assert_int_equal(store_check(s, NULL), 0);
	assert_int_equal(file_mode(scratch_db), 0600);
	assert_true(holds(s, "b", "two"));
	store_close(&s);
	s = opened();
	assert_true(holds(s, "a", "three"));
	assert_true(holds(s, "b", "two"));
	store_close(&s);
}

static void test_file_and_log(void **state)
{
	struct store *s = begun();

	(void)state;
	gone("bearerd.db");
	gone("bearerd.db-wal");
	assert_put(s, "b", "three");
	store_close(&s);
	s = opened();
	assert_true(holds(s, "a", "one"));
	assert_true(holds(s, "b", "three"));
	store_close(&s);
}

static void test_log(void **state)
{
	struct store *s = begun();

	(void)state;
	gone("bearerd.db-wal");
	assert_int_equal(store_check(s, NULL), 0);
	assert_put(s, "b", "three");
	assert_int_equal(access(scratch_path("bearerd.db-wal"), F_OK), 0);
	store_close(&s);
	s = opened();
	assert_true(holds(s, "a", "one"));
	assert_true(holds(s, "b", "three"));
	store_close(&s);
}

static void test_folder(void **state)
{
	struct store *s;

	(void)state;
	(void)snprintf(scratch_spec, sizeof(scratch_spec),
		       "sqlite:%s/deep/er/bearerd.db", scratch);
	s = begun();
	gone("deep/er/bearerd.db");
	gone("deep/er/bearerd.db-wal");
	assert_int_equal(rmdir(scratch_path("deep/er")), 0);
	assert_int_equal(rmdir(scratch_path("deep")), 0);
	assert_int_equal(store_check(s, NULL), 0);
	store_close(&s);
	s = opened();
	assert_true(holds(s, "a", "one"));
	store_close(&s);
}

static void test_by_way_of_a_link(void **state)
{
	struct store *s;

	(void)state;
	s = opened();
	store_close(&s);
	assert_int_equal(symlink(scratch_db, scratch_path("link")), 0);
	(void)snprintf(scratch_spec, sizeof(scratch_spec), "sqlite:%s/link",
		       scratch);
	s = begun();
	gone("bearerd.db");
	assert_int_equal(store_check(s, NULL), 0);
	store_close(&s);
	s = opened();
	assert_true(holds(s, "a", "one"));
	store_close(&s);
}

/* Before an orderly end, nobody having looked since. */
static void test_just_before_the_end(void **state)
{
	struct store *s = begun();

	(void)state;
	gone("bearerd.db");
	store_close(&s);
	s = opened();
	assert_true(holds(s, "a", "one"));
	store_close(&s);
}

/* Another file is nobody's to write to, and the open one stays what it is. */
static void test_replaced(void **state)
{
	struct fault f = { "" };
	ATTR_CLEANUP(buf_fini) struct buf other = BUF_INIT(1024);
	struct store *s = begun();

	(void)state;
	buf_add_z(&other, "from a backup");
	gone("bearerd.db");
	assert_true(file_write(scratch_db, buf_str(&other), 0600));
	assert_int_equal(store_check(s, &f), -1);
	assert_non_null(strstr(f.text, "was replaced while it was in use"));
	assert_int_equal(put(s, "a", "three", &f), -1);
	assert_true(file_same(scratch_db, &other));
	gone("bearerd.db");
	assert_put(s, "b", "three");
	store_close(&s);
	s = opened();
	assert_true(holds(s, "a", "one"));
	assert_true(holds(s, "b", "three"));
	store_close(&s);
}

/* It cannot be made again, and is once it can. */
static void test_no_folder_for_it(void **state)
{
	struct fault f = { "" };
	struct store *s;

	(void)state;
	(void)snprintf(scratch_spec, sizeof(scratch_spec),
		       "sqlite:%s/deep/bearerd.db", scratch);
	s = begun();
	gone("deep/bearerd.db");
	gone("deep/bearerd.db-wal");
	assert_int_equal(rmdir(scratch_path("deep")), 0);
	assert_true(file_write(scratch_path("deep"), STR("a file"), 0600));
	assert_int_equal(store_check(s, &f), -1);
	assert_non_null(strstr(f.text, "deleted while it was in use"));
	assert_int_equal(put(s, "a", "three", &f), -1);
	gone("deep");
	assert_put(s, "b", "three");
	store_close(&s);
	s = opened();
	assert_true(holds(s, "a", "one"));
	assert_true(holds(s, "b", "three"));
	store_close(&s);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, scratch_teardown)
	const struct CMUnitTest tests[] = {
		T(test_file),
		T(test_file_and_log),
		T(test_log),
		T(test_folder),
		T(test_by_way_of_a_link),
		T(test_just_before_the_end),
		T(test_replaced),
		T(test_no_folder_for_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
