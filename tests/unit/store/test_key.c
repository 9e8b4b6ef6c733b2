/* SPDX-License-Identifier: MIT */
#include "store/key.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "store/scratch.h"

static const char some_key[] = "0123456789abcdef0123456789abcdef";

static int entries(void)
{
	ATTR_CLEANUP(buf_fini) struct buf pattern = BUF_INIT(1024);
	char count[16] = "";
	FILE *p;

	buf_addf(&pattern, "ls -A '%s' | wc -l", scratch);
	p = popen(buf_z(&pattern), "r");
	if (!p || !fgets(count, sizeof(count), p))
		count[0] = '\0';
	if (p)
		(void)pclose(p);
	return atoi(count);
}

static const struct ownership *trusted(void)
{
	static struct ownership who;

	who = ownership_of_process();
	return &who;
}

static void refused(const char *path, bool make, const char *words)
{
	struct fault f = { "" };

	assert_null(store_key_load(path, make, trusted(), &f));
	assert_non_null(strstr(f.text, scratch));
	if (!strstr(f.text, words))
		fail_msg("\"%s\" does not say \"%s\"", f.text, words);
}

static void test_makes_and_reads_again(void **state)
{
	const char *path = scratch_path("deep/er/store.key");
	struct fault f = { "" };
	struct secret *made, *again, *read;

	(void)state;
	umask(0);
	made = store_key_load(path, true, trusted(), &f);
	assert_non_null(made);
	assert_int_equal(secret_expose(made).n, 32);
	assert_int_equal(file_mode(path), 0600);
	assert_int_equal(file_mode(scratch_path("deep/er")), 0700);
	again = store_key_load(path, true, trusted(), &f);
	assert_true(secret_eq(made, again));
	read = store_key_load(path, false, trusted(), &f);
	assert_true(secret_eq(made, read));
	assert_int_equal(entries(), 1);
	secret_unref(&made);
	secret_unref(&again);
	secret_unref(&read);
}

static void test_each_is_another(void **state)
{
	struct secret *a =
		store_key_load(scratch_path("a"), true, trusted(), NULL);
	struct secret *b =
		store_key_load(scratch_path("b"), true, trusted(), NULL);

	(void)state;
	assert_non_null(a);
	assert_non_null(b);
	assert_false(secret_eq(a, b));
	secret_unref(&a);
	secret_unref(&b);
}

static void test_reads_what_is_there(void **state)
{
	static const mode_t modes[] = { 0600, 0400, 0700 };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		const char *path = scratch_path("key");
		struct secret *key;

		unlink(path);
		assert_true(file_write(path, str_z(some_key), modes[i]));
		key = store_key_load(path, true, trusted(), NULL);
		assert_true(secret_eq_str(key, str_z(some_key)));
		secret_unref(&key);
	}
}

static void test_follows_a_link(void **state)
{
	struct secret *key;

	(void)state;
	assert_true(file_write(scratch_path("key"), str_z(some_key), 0600));
	assert_int_equal(symlink("key", scratch_path("link")), 0);
	key = store_key_load(scratch_path("link"), true, trusted(), NULL);
	assert_true(secret_eq_str(key, str_z(some_key)));
	secret_unref(&key);
}

static void test_not_there(void **state)
{
	(void)state;
	refused(scratch_path("key"), false, "No such file");
	assert_int_equal(entries(), 0);
	/* A link to nowhere is not written through. */
	assert_int_equal(symlink("nowhere", scratch_path("link")), 0);
	refused(scratch_path("link"), true, "No such file");
	assert_int_equal(entries(), 1);
}

static void test_other_sizes(void **state)
{
	static const size_t sizes[] = { 0, 1, 31, 33, 64, 4096 };
	const char *path = scratch_path("key");

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT(4096);

		for (size_t j = 0; j < sizes[i]; j++)
			buf_add_char(&b, 'k');
		assert_true(file_write(path, buf_str(&b), 0600));
		refused(path, true, "octets, a key has 32");
		assert_true(file_same(path, &b));
	}
}

static void test_open_to_others(void **state)
{
	static const mode_t modes[] = { 0640, 0604, 0620, 0602, 0610, 0601,
					0666, 0440 };
	const char *path = scratch_path("key");

	(void)state;
	for (size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++) {
		char mode[16];

		unlink(path);
		assert_true(file_write(path, str_z(some_key), modes[i]));
		(void)snprintf(mode, sizeof(mode), "mode %04o",
			       (unsigned)modes[i]);
		refused(path, true, "by others than its owner");
		refused(path, true, mode);
		assert_int_equal(file_mode(path), (int)modes[i]);
	}
}

/* Nothing is made where others could exchange it. */
static void test_folder_open_to_others(void **state)
{
	(void)state;
	assert_int_equal(chmod(scratch, 0777), 0);
	refused(scratch_path("key"), true, "can be written by everybody");
	assert_int_equal(entries(), 0);
	assert_int_equal(chmod(scratch, 0700), 0);
}

static void test_not_held_to_it(void **state)
{
	const char *path = scratch_path("key");
	struct secret *key;

	(void)state;
	assert_true(file_write(path, str_z(some_key), 0666));
	assert_int_equal(chmod(scratch, 0777), 0);
	key = store_key_load(path, true, NULL, NULL);
	assert_non_null(key);
	secret_unref(&key);
	assert_int_equal(chmod(scratch, 0700), 0);
}

static void test_written_again(void **state)
{
	const char *path = scratch_path("deep/key");
	struct fault f = { "" };
	struct secret *key = store_key_load(path, true, trusted(), &f), *again;

	(void)state;
	assert_non_null(key);
	assert_int_equal(store_key_restore(path, key, &f), 0);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(scratch_path("deep")), 0);
	assert_int_equal(store_key_restore(path, key, &f), 1);
	assert_int_equal(file_mode(path), 0600);
	again = store_key_load(path, false, trusted(), &f);
	assert_true(secret_eq(key, again));
	secret_unref(&again);
	/* What is there is left as it is, whatever it is. */
	assert_true(file_write(path, STR("another"), 0600));
	assert_int_equal(store_key_restore(path, key, &f), 0);
	unlink(path);
	assert_int_equal(rmdir(scratch_path("deep")), 0);
	assert_true(file_write(scratch_path("deep"), STR("no folder"), 0600));
	assert_int_equal(store_key_restore(path, key, &f), -1);
	secret_unref(&key);
}

static void test_no_plain_file(void **state)
{
	(void)state;
	assert_int_equal(mkdir(scratch_path("folder"), 0700), 0);
	refused(scratch_path("folder"), true, "is not a regular file");
	/* Nor does a pipe that nobody writes to hold the start up. */
	assert_int_equal(mkfifo(scratch_path("pipe"), 0600), 0);
	refused(scratch_path("pipe"), true, "is not a regular file");
	assert_true(file_write(scratch_path("file"), STR("x"), 0600));
	refused(scratch_path("file/key"), true, "Not a directory");
}

/* Says in the exit status whether it was refused with the right words. */
static int on_a_full_disk(void)
{
	const struct rlimit none = { 0, 0 };
	struct fault f = { "" };
	struct secret *key;

	(void)signal(SIGXFSZ, SIG_IGN);
	if (setrlimit(RLIMIT_FSIZE, &none) < 0)
		return 98;
	key = store_key_load(scratch_path("key"), true, trusted(), &f);
	return key || !strstr(f.text, "cannot make the key file") ||
	       !strstr(f.text, "too large");
}

static void test_full_disk(void **state)
{
	(void)state;
	assert_int_equal(in_child(on_a_full_disk, false), 0);
	assert_int_equal(entries(), 0);
}

static int in_a_closed_folder(void)
{
	struct fault f = { "" };
	struct secret *key;

	if (chmod(scratch, 0500) < 0)
		return 97;
	key = store_key_load(scratch_path("key"), true, trusted(), &f);
	if (key || !strstr(f.text, "Permission denied"))
		return 1;
	if (chmod(scratch, 0700) < 0 ||
	    !file_write(scratch_path("key"), str_z(some_key), 0200))
		return 96;
	key = store_key_load(scratch_path("key"), true, trusted(), &f);
	return key || !strstr(f.text, "Permission denied");
}

static void test_no_permission(void **state)
{
	(void)state;
	assert_int_equal(in_child(in_a_closed_folder, true), 0);
}

/* Several make it at once: all end up with the same. */
static int make_one(void)
{
	struct secret *key =
		store_key_load(scratch_path("key"), true, trusted(), NULL);

	if (!key || !file_write(scratch_path(getpid() % 2 ? "odd" : "even"),
				secret_expose(key), 0600))
		return 1;
	secret_unref(&key);
	return 0;
}

static void test_made_at_once(void **state)
{
	int status;

	(void)state;
	for (int round = 0; round < 10; round++) {
		ATTR_CLEANUP(buf_fini) struct buf key = BUF_INIT(100);

		for (int i = 0; i < 4; i++)
			if (fork() == 0)
				_exit(make_one());
		for (int i = 0; i < 4; i++) {
			assert_true(wait(&status) > 0);
			assert_int_equal(status, 0);
		}
		assert_true(file_read(scratch_path("key"), &key));
		assert_int_equal(key.n, 32);
		if (file_mode(scratch_path("odd")) >= 0)
			assert_true(file_same(scratch_path("odd"), &key));
		if (file_mode(scratch_path("even")) >= 0)
			assert_true(file_same(scratch_path("even"), &key));
		unlink(scratch_path("key"));
		unlink(scratch_path("odd"));
		unlink(scratch_path("even"));
		assert_int_equal(entries(), 0);
	}
}

#define in_scratch(test) \
	cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_scratch(test_makes_and_reads_again),
		in_scratch(test_each_is_another),
		in_scratch(test_reads_what_is_there),
		in_scratch(test_follows_a_link),
		in_scratch(test_not_there),
		in_scratch(test_other_sizes),
		in_scratch(test_open_to_others),
		in_scratch(test_folder_open_to_others),
		in_scratch(test_not_held_to_it),
		in_scratch(test_written_again),
		in_scratch(test_no_plain_file),
		in_scratch(test_full_disk),
		in_scratch(test_no_permission),
		in_scratch(test_made_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
