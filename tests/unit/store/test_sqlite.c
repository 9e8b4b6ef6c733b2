/* SPDX-License-Identifier: MIT */
/* The store on disk: what it keeps, and what it refuses without touching. */
#include "store/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "store/scratch.h"

/* Two tokens to look for in the file. */
#define TOKEN "mF_9.B5f-4.1JqM-refresh-token"
#define OTHER "2YotnFZFEjr1zCsicMWpAA-access"

enum { FILE_MAX = 1 << 26 };

static struct store *opened(const char *letters)
{
	struct fault f = { "" };
	struct store *s = open_with(scratch_spec, letters, &f);

	if (!s)
		fail_msg("%s", f.text);
	return s;
}

static void make_store(void)
{
	struct store *s = opened("k");

	assert_int_equal(put(s, "a", TOKEN, NULL), 0);
	assert_int_equal(put(s, "b", OTHER, NULL), 0);
	store_close(&s);
}

/* That it is refused with these words and the path, and not an octet of it is
 * another. */
static void refused(const char *letters, const char *words)
{
	struct fault f = { "" };
	ATTR_CLEANUP(buf_fini) struct buf db = BUF_INIT(FILE_MAX);
	ATTR_CLEANUP(buf_fini) struct buf log = BUF_INIT(FILE_MAX);
	bool has_log = file_read(scratch_path("bearerd.db-wal"), &log);

	assert_true(file_read(scratch_db, &db));
	assert_null(open_with(scratch_spec, letters, &f));
	assert_non_null(strstr(f.text, scratch_db));
	if (!strstr(f.text, words))
		fail_msg("\"%s\" does not say \"%s\"", f.text, words);
	assert_true(file_same(scratch_db, &db));
	if (has_log)
		assert_true(file_same(scratch_path("bearerd.db-wal"), &log));
}

/* What anybody with the file and SQLite can do to it. */
static void change(const char *sql)
{
	sqlite3 *db = NULL;

	assert_int_equal(sqlite3_open(scratch_db, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void test_keeps(void **state)
{
	struct store *s;

	(void)state;
	make_store();
	for (int i = 0; i < 3; i++) {
		s = opened("k");
		assert_true(holds(s, "a", TOKEN));
		assert_true(holds(s, "b", OTHER));
		store_close(&s);
	}
	s = opened("k");
	assert_int_equal(put(s, "a", "new", NULL), 0);
	assert_int_equal(put(s, "b", NULL, NULL), 0);
	store_close(&s);
	s = opened("k");
	assert_true(holds(s, "a", "new"));
	assert_true(holds(s, "b", NULL));
	store_close(&s);
}

static void test_uncommitted_is_not_kept(void **state)
{
	struct store *s;

	(void)state;
	make_store();
	s = opened("k");
	assert_int_equal(store_begin(s, NULL), 0);
	assert_int_equal(store_put(s, STR("a"), STR("new"), NULL), 0);
	store_close(&s);
	s = opened("k");
	assert_true(holds(s, "a", TOKEN));
	store_close(&s);
}

static void test_modes(void **state)
{
	struct store *s;

	(void)state;
	umask(0);
	(void)snprintf(scratch_spec, sizeof(scratch_spec),
		       "sqlite:%s/var/lib/bearerd.db", scratch);
	s = opened("k");
	assert_int_equal(file_mode(scratch_path("var")), 0700);
	assert_int_equal(file_mode(scratch_path("var/lib")), 0700);
	assert_int_equal(file_mode(scratch_db), 0600);
	assert_int_equal(file_mode(scratch_path("var/lib/bearerd.db-wal")),
			 0600);
	assert_int_equal(file_mode(scratch_path("var/lib/bearerd.db-shm")),
			 -1);
	store_close(&s);
	assert_int_equal(file_mode(scratch_db), 0600);
	assert_int_equal(file_mode(scratch_path("var/lib/bearerd.db-wal")),
			 -1);
	assert_int_equal(unlink(scratch_db), 0);
	/* Nothing else is left there. */
	assert_int_equal(rmdir(scratch_path("var/lib")), 0);
}

static void sealed_in(const char *path)
{
	ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT(FILE_MAX);
	struct str s;

	assert_true(file_read(path, &b));
	s = buf_str(&b);
	assert_true(s.n > 0);
	assert_int_equal(str_find_str(s, STR(TOKEN)), s.n);
	assert_int_equal(str_find_str(s, STR(OTHER)), s.n);
	assert_int_equal(str_find_str(s, STR("mF_9")), s.n);
	assert_int_equal(str_find_str(s, STR("access")), s.n);
	/* The key that it was sealed with. */
	assert_int_equal(str_find_str(s, STR("kkkkkkkk")), s.n);
}

static void test_sealed_at_rest(void **state)
{
	struct store *s;

	(void)state;
	make_store();
	sealed_in(scratch_db);
	s = opened("k");
	assert_int_equal(put(s, "c", TOKEN OTHER, NULL), 0);
	sealed_in(scratch_db);
	sealed_in(scratch_path("bearerd.db-wal"));
	store_close(&s);
}

static void test_bound_to_its_identity(void **state)
{
	struct fault f = { "" };
	ATTR_CLEANUP(buf_fini) struct buf plain = BUF_INIT_SECRET(1000);
	struct store *s;

	(void)state;
	make_store();
	change("DELETE FROM sealed WHERE id = x'62';"
	       "UPDATE sealed SET id = x'62' WHERE id = x'61'");
	s = opened("k");
	assert_int_equal(store_get(s, STR("b"), &plain, &f), -1);
	assert_non_null(strstr(f.text, "is damaged"));
	assert_int_equal(plain.n, 0);
	/* It can be written over. */
	assert_int_equal(put(s, "b", "new", &f), 0);
	assert_true(holds(s, "b", "new"));
	store_close(&s);
}

static void test_values_of_others(void **state)
{
	struct fault f = { "" };
	ATTR_CLEANUP(buf_fini) struct buf plain = BUF_INIT_SECRET(1000);
	struct store *s;

	(void)state;
	make_store();
	change("UPDATE sealed SET value = zeroblob(2000000) WHERE id = x'61';"
	       "UPDATE sealed SET value = 'text' WHERE id = x'62'");
	s = opened("k");
	assert_int_equal(store_get(s, STR("a"), &plain, &f), -1);
	assert_non_null(strstr(f.text, "is damaged: a value in it is larger"));
	assert_int_equal(store_get(s, STR("b"), &plain, &f), -1);
	assert_non_null(strstr(f.text, "is damaged"));
	store_close(&s);
}

static void test_another_key(void **state)
{
	struct store *s;

	(void)state;
	make_store();
	refused("o", "was sealed with another key: store_key_file");
	refused("xyz", "was sealed with another key: store_key_file");
	s = opened("k");
	assert_true(holds(s, "a", TOKEN));
	store_close(&s);
}

/* Dies with its log full. */
static int die_open(void)
{
	struct store *s = open_with(scratch_spec, "k", NULL);

	return !s || put(s, "a", "in the log", NULL) < 0;
}

static void test_another_key_leaves_the_log(void **state)
{
	struct store *s;

	(void)state;
	make_store();
	assert_int_equal(in_child(die_open, false), 0);
	assert_true(file_mode(scratch_path("bearerd.db-wal")) >= 0);
	refused("o", "was sealed with another key");
	refused("o", "was sealed with another key");
	s = opened("k");
	assert_true(holds(s, "a", "in the log"));
	assert_true(holds(s, "b", OTHER));
	store_close(&s);
}

static void test_keys_are_exchanged(void **state)
{
	struct fault f = { "" };
	ATTR_CLEANUP(buf_fini) struct buf plain = BUF_INIT_SECRET(1000);
	struct store *s;

	(void)state;
	make_store();
	s = opened("nk");
	assert_true(holds(s, "a", TOKEN));
	assert_int_equal(put(s, "b", "under the new key", NULL), 0);
	store_close(&s);
	refused("k", "was sealed with another key");
	s = opened("n");
	assert_true(holds(s, "b", "under the new key"));
	assert_int_equal(store_get(s, STR("a"), &plain, &f), -1);
	assert_non_null(strstr(f.text, "was sealed with another key"));
	store_close(&s);
}

static void test_spoilt_check_value(void **state)
{
	(void)state;
	make_store();
	change("UPDATE sealed SET value = zeroblob(60) WHERE id = x''");
	refused("k", "is damaged");
}

static void test_spoilt_pages(void **state)
{
	struct stat st;

	(void)state;
	make_store();
	assert_int_equal(stat(scratch_db, &st), 0);
	assert_true(st.st_size >= 3 * 4096);
	assert_true(file_spoil(scratch_db, 4096, 4096));
	refused("k", "is damaged and was left as it is");
}

static void test_spoilt_schema(void **state)
{
	(void)state;
	make_store();
	assert_true(file_spoil(scratch_db, 100, 3996));
	refused("k", "is damaged and was left as it is");
}

static void test_cut_short(void **state)
{
	static const off_t sizes[] = { 4096, 5000, 100, 99, 16 };

	(void)state;
	make_store();
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		assert_int_equal(truncate(scratch_db, sizes[i]), 0);
		refused("k", sizes[i] > 16 ? "is damaged" : "is not a store");
	}
	assert_int_equal(truncate(scratch_db, 0), 0);
	refused("k", "is empty, which no store ever is");
}

static void test_table_gone(void **state)
{
	(void)state;
	make_store();
	change("DROP TABLE sealed");
	refused("k", "is damaged");
}

static void test_another_file(void **state)
{
	(void)state;
	assert_true(file_write(scratch_db, STR("[proxy]\nlisten = x\n"),
			       0600));
	refused("k", "is not a store: it is another kind of file");
	assert_int_equal(unlink(scratch_db), 0);
	assert_int_equal(mkdir(scratch_db, 0700), 0);

	struct fault f = { "" };

	assert_null(open_with(scratch_spec, "k", &f));
	assert_non_null(strstr(f.text, "it is not a regular file"));
}

static void test_another_database(void **state)
{
	(void)state;
	change("CREATE TABLE t (x); INSERT INTO t VALUES (1)");
	refused("k", "it is a database of another program");
	change("PRAGMA application_id=42; PRAGMA journal_mode=WAL");
	refused("k", "it is a database of another program");
}

static void test_other_forms(void **state)
{
	struct store *s;

	(void)state;
	make_store();
	change("PRAGMA user_version=2");
	refused("k", "was written by a newer bearerd (schema 2; this one knows "
		     "1)");
	change("PRAGMA user_version=0");
	refused("k", "is damaged");
	change("PRAGMA user_version=-1");
	refused("k", "newer bearerd");
	change("PRAGMA user_version=1");
	s = opened("k");
	assert_true(holds(s, "a", TOKEN));
	store_close(&s);
}

static void test_back_from_a_backup(void **state)
{
	struct store *s;
	char sql[700];

	(void)state;
	make_store();
	(void)snprintf(sql, sizeof(sql), "VACUUM INTO '%s'",
		       scratch_path("copy.db"));
	change(sql);
	assert_int_equal(rename(scratch_path("copy.db"), scratch_db), 0);
	s = opened("k");
	assert_true(holds(s, "a", TOKEN));
	assert_int_equal(put(s, "a", "new", NULL), 0);
	assert_true(file_mode(scratch_path("bearerd.db-wal")) >= 0);
	store_close(&s);
}

static void test_log_without_its_store(void **state)
{
	struct fault f = { "" };
	struct store *s;

	(void)state;
	make_store();
	assert_int_equal(in_child(die_open, false), 0);
	assert_int_equal(rename(scratch_db, scratch_path("away")), 0);
	assert_null(open_with(scratch_spec, "k", &f));
	assert_non_null(strstr(f.text, "bearerd.db-wal, but not the store"));
	assert_int_equal(file_mode(scratch_db), -1);
	assert_int_equal(rename(scratch_path("away"), scratch_db), 0);
	s = opened("k");
	assert_true(holds(s, "a", "in the log"));
	store_close(&s);
}

/* Names that mean something to SQLite are names of files here. */
static void test_names(void **state)
{
	static const char *const names[] = { ":memory:", "file:x?mode=memory",
					     "-", "a b'c\"" };
	char before[512];

	(void)state;
	assert_non_null(getcwd(before, sizeof(before)));
	assert_int_equal(chdir(scratch), 0);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct store *s;

		(void)snprintf(scratch_spec, sizeof(scratch_spec), "sqlite:%s",
			       names[i]);
		s = opened("k");
		assert_int_equal(put(s, "a", "one", NULL), 0);
		store_close(&s);
		assert_int_equal(file_mode(names[i]), 0600);
		s = opened("k");
		assert_true(holds(s, "a", "one"));
		store_close(&s);
	}
	assert_int_equal(chdir(before), 0);
}

static void test_no_such_place(void **state)
{
	struct fault f = { "" };

	(void)state;
	assert_true(file_write(scratch_path("file"), STR("x"), 0600));
	(void)snprintf(scratch_spec, sizeof(scratch_spec),
		       "sqlite:%s/file/bearerd.db", scratch);
	assert_null(open_with(scratch_spec, "k", &f));
	assert_non_null(strstr(f.text, "Not a directory"));
	(void)snprintf(scratch_spec, sizeof(scratch_spec), "sqlite:%s/link",
		       scratch);
	assert_int_equal(symlink("nowhere", scratch_db), 0);
	assert_null(open_with(scratch_spec, "k", &f));
	assert_non_null(strstr(f.text, "No such file"));
	assert_int_equal(file_mode(scratch_path("nowhere")), -1);
}

#define in_scratch(test) \
	cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_scratch(test_keeps),
		in_scratch(test_uncommitted_is_not_kept),
		in_scratch(test_modes),
		in_scratch(test_sealed_at_rest),
		in_scratch(test_bound_to_its_identity),
		in_scratch(test_values_of_others),
		in_scratch(test_another_key),
		in_scratch(test_another_key_leaves_the_log),
		in_scratch(test_keys_are_exchanged),
		in_scratch(test_spoilt_check_value),
		in_scratch(test_spoilt_pages),
		in_scratch(test_spoilt_schema),
		in_scratch(test_cut_short),
		in_scratch(test_table_gone),
		in_scratch(test_another_file),
		in_scratch(test_another_database),
		in_scratch(test_other_forms),
		in_scratch(test_back_from_a_backup),
		in_scratch(test_log_without_its_store),
		in_scratch(test_names),
		in_scratch(test_no_such_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
