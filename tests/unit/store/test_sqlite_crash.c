/* SPDX-License-Identifier: MIT */
/* The store on disk among other processes, killed ones, and disks that take
 * no more. */
#include "store/store.h"

#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <time.h>

#include <cmocka.h>

#include "base/clock.h"
#include "store/scratch.h"

enum { FILE_MAX = 1 << 26 };

static struct store *opened(void)
{
	struct fault f = { "" };
	struct store *s = open_with(scratch_spec, "k", &f);

	if (!s)
		fail_msg("%s", f.text);
	return s;
}

static void sleep_ms(unsigned ms)
{
	const struct timespec t = { ms / 1000, (long)(ms % 1000) * 1000000 };

	(void)nanosleep(&t, NULL);
}

static void make_store(void)
{
	struct store *s = opened();

	assert_int_equal(put(s, "a", "one", NULL), 0);
	store_close(&s);
}

/* In the child: 0 opened and read, 1 in use, 2 anything else. */
static int open_as_second(void)
{
	struct fault f = { "" };
	int64_t begin = clock_ms();
	struct store *s = open_with(scratch_spec, "k", &f);

	if (s)
		return holds(s, "a", "one") ? 0 : 2;
	return strstr(f.text, "bearerd.db is in use by another process") &&
	       clock_ms() - begin < 2000 ? 1 : 2;
}

static void test_a_second_process(void **state)
{
	ATTR_CLEANUP(buf_fini) struct buf db = BUF_INIT(FILE_MAX);
	ATTR_CLEANUP(buf_fini) struct buf log = BUF_INIT(FILE_MAX);
	struct store *s;

	(void)state;
	make_store();
	s = opened();
	assert_true(file_read(scratch_db, &db));
	assert_true(file_read(scratch_path("bearerd.db-wal"), &log));
	assert_int_equal(in_child(open_as_second, false), 1);
	assert_int_equal(in_child(open_as_second, false), 1);
	assert_true(file_same(scratch_db, &db));
	assert_true(file_same(scratch_path("bearerd.db-wal"), &log));
	/* The first is not disturbed. */
	assert_int_equal(put(s, "b", "two", NULL), 0);
	assert_int_equal(in_child(open_as_second, false), 1);
	store_close(&s);
	assert_int_equal(in_child(open_as_second, false), 0);
}

static void test_a_second_time_in_one_process(void **state)
{
	struct store *s = opened();

	(void)state;
	assert_int_equal(open_as_second(), 1);
	/* Nor does the attempt let go of the first one's lock. */
	assert_int_equal(in_child(open_as_second, false), 1);
	assert_int_equal(put(s, "b", "two", NULL), 0);
	store_close(&s);
}

/* As open_as_second, but the value may not be there yet. */
static int open_first(void)
{
	struct fault f = { "" };
	struct store *s = open_with(scratch_spec, "k", &f);

	if (!s)
		return strstr(f.text, "in use by another process") ? 1 : 2;
	if (put(s, "a", "one", &f) < 0)
		return 3;
	store_close(&s);
	return 0;
}

/* Lets n processes open it at the same instant; how many were not refused.
 * -1: one of them met something else. */
static int open_at_once(int n)
{
	int gate[2], status, opened_it = 0;
	char c;

	if (pipe(gate) < 0)
		return -1;
	for (int i = 0; i < n; i++) {
		if (fork() > 0)
			continue;
		close(gate[1]);
		(void)!read(gate[0], &c, 1);
		_exit(open_first());
	}
	close(gate[0]);
	sleep_ms(2);
	close(gate[1]);
	for (int i = 0; i < n; i++) {
		if (wait(&status) < 0 || !WIFEXITED(status) ||
		    WEXITSTATUS(status) > 1)
			opened_it = -n;
		opened_it += status == 0;
	}
	return opened_it;
}

/* At the first start of all, and at a later one: never is each refused
 * because of the others. */
static void test_opened_at_once(void **state)
{
	(void)state;
	for (int round = 0; round < 20; round++) {
		struct store *s;

		assert_true(open_at_once(4) > 0);
		assert_true(open_at_once(4) > 0);
		s = opened();
		assert_true(holds(s, "a", "one"));
		store_close(&s);
		assert_int_equal(unlink(scratch_db), 0);
		/* Nothing half-made is left. */
		assert_int_equal(rmdir(scratch), 0);
		assert_int_equal(mkdir(scratch, 0700), 0);
	}
}

/* A value that says its number all the way through. */
static void numbered(struct buf *b, unsigned number)
{
	buf_reset(b);
	for (unsigned i = 0; i < 50 + number % 7 * 300; i++)
		buf_addf(b, "%u,", number);
}

/* Writes value after value, two of a number together, and says on ack which
 * are durable. Never returns. */
static void put_until_killed(int ack, unsigned from)
{
	ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT(1 << 16);
	struct store *s = open_with(scratch_spec, "k", NULL);

	for (unsigned i = from; s; i++) {
		numbered(&b, i);
		if (store_begin(s, NULL) < 0 ||
		    store_put(s, STR("a"), buf_str(&b), NULL) < 0 ||
		    store_put(s, STR("b"), buf_str(&b), NULL) < 0 ||
		    store_commit(s, NULL) < 0 ||
		    write(ack, &i, sizeof(i)) != sizeof(i))
			break;
	}
	_exit(1);
}

/* The number of what is there: both values, whole and alike. */
static unsigned number_there(void)
{
	ATTR_CLEANUP(buf_fini) struct buf a = BUF_INIT(1 << 16);
	ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT(1 << 16);
	ATTR_CLEANUP(buf_fini) struct buf whole = BUF_INIT(1 << 16);
	struct store *s = opened();
	struct fault f = { "" };
	uint64_t number = 0;

	if (store_get(s, STR("a"), &a, &f) < 0 ||
	    store_get(s, STR("b"), &b, &f) < 0)
		fail_msg("%s", f.text);
	assert_true(str_eq(buf_str(&a), buf_str(&b)));
	if (a.n > 0) {
		assert_true(str_u64(str_sub(buf_str(&a), 0,
					    str_find(buf_str(&a), ',')),
				    UINT32_MAX, &number));
		numbered(&whole, (unsigned)number);
		assert_true(str_eq(buf_str(&a), buf_str(&whole)));
	}
	store_close(&s);
	return (unsigned)number;
}

static void wait_for_the_first(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	assert_int_equal(poll(&p, 1, 30000), 1);
}

/* Every second one once it has written, so that a slow machine has some. */
static void test_killed_at_any_instant(void **state)
{
	unsigned last = 0, seed = 1, rounds_with_writes = 0;

	(void)state;
	for (int round = 0; round < 40; round++) {
		unsigned acked = last, there, number;
		int fds[2], status;
		pid_t pid;

		assert_int_equal(pipe(fds), 0);
		pid = fork();
		assert_true(pid >= 0);
		if (pid == 0)
			put_until_killed(fds[1], last + 1);
		close(fds[1]);
		if (round % 2)
			wait_for_the_first(fds[0]);
		sleep_ms((unsigned)rand_r(&seed) % (round < 10 ? 8 : 60));
		assert_int_equal(kill(pid, SIGKILL), 0);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSIGNALED(status));
		while (read(fds[0], &number, sizeof(number)) ==
		       sizeof(number))
			acked = number;
		close(fds[0]);
		there = number_there();
		/* One may be durable without having been acknowledged. */
		assert_true(there == acked || there == acked + 1);
		rounds_with_writes += there > last;
		last = there;
	}
	assert_true(rounds_with_writes >= 20);
}

/* The disk is full from now on: what is beyond n octets of any file. */
static bool disk_full(rlim_t n)
{
	struct rlimit limit;

	(void)signal(SIGXFSZ, SIG_IGN);
	if (getrlimit(RLIMIT_FSIZE, &limit) < 0)
		return false;
	limit.rlim_cur = n;
	return setrlimit(RLIMIT_FSIZE, &limit) == 0;
}

static int make_on_a_full_disk(void)
{
	static const rlim_t sizes[] = { 0, 100, 4096, 5000 };

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		struct fault f = { "" };

		if (!disk_full(sizes[i]))
			return 98;
		if (open_with(scratch_spec, "k", &f) ||
		    !strstr(f.text, "there is no room left for it"))
			return 1 + (int)i;
	}
	return 0;
}

static void test_made_on_a_full_disk(void **state)
{
	(void)state;
	assert_int_equal(in_child(make_on_a_full_disk, false), 0);
	/* Nothing half-made is left. */
	assert_int_equal(file_mode(scratch_db), -1);
	assert_int_equal(rmdir(scratch), 0);
	assert_int_equal(mkdir(scratch, 0700), 0);
}

static int open_on_a_full_disk(void)
{
	static const rlim_t sizes[] = { 0, 31, 32, 100, 4096 };

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		struct fault f = { "" };

		if (!disk_full(sizes[i]))
			return 98;
		if (open_with(scratch_spec, "k", &f) ||
		    !strstr(f.text, "there is no room left for it"))
			return 1 + (int)i;
	}
	return 0;
}

static void test_opened_on_a_full_disk(void **state)
{
	ATTR_CLEANUP(buf_fini) struct buf db = BUF_INIT(FILE_MAX);
	struct store *s;

	(void)state;
	make_store();
	assert_true(file_read(scratch_db, &db));
	assert_int_equal(in_child(open_on_a_full_disk, false), 0);
	assert_true(file_same(scratch_db, &db));
	s = opened();
	assert_true(holds(s, "a", "one"));
	store_close(&s);
}

/* Dies with a value in the log that is nowhere else. */
static int die_open(void)
{
	struct store *s = open_with(scratch_spec, "k", NULL);

	return !s || put(s, "a", "in the log", NULL) < 0;
}

static int open_with_a_full_log(void)
{
	struct fault f = { "" };
	struct stat st;

	if (stat(scratch_path("bearerd.db-wal"), &st) < 0 ||
	    !disk_full((rlim_t)st.st_size))
		return 98;
	return open_with(scratch_spec, "k", &f) ||
	       !strstr(f.text, "there is no room left for it");
}

static void test_full_disk_keeps_the_log(void **state)
{
	ATTR_CLEANUP(buf_fini) struct buf db = BUF_INIT(FILE_MAX);
	ATTR_CLEANUP(buf_fini) struct buf log = BUF_INIT(FILE_MAX);
	struct store *s;

	(void)state;
	make_store();
	assert_int_equal(in_child(die_open, false), 0);
	assert_true(file_read(scratch_db, &db));
	assert_true(file_read(scratch_path("bearerd.db-wal"), &log));
	assert_int_equal(in_child(open_with_a_full_log, false), 0);
	assert_true(file_same(scratch_db, &db));
	assert_true(file_same(scratch_path("bearerd.db-wal"), &log));
	s = opened();
	assert_true(holds(s, "a", "in the log"));
	store_close(&s);
}

/* It fills up in mid-life, and has room again later. */
static int fill_up(void)
{
	static char large[200000];
	struct fault f = { "" };
	struct store *s = open_with(scratch_spec, "k", &f);

	memset(large, 'x', sizeof(large) - 1);
	if (!s || !disk_full(100000))
		return 98;
	for (int i = 0; i < 3; i++) {
		f.text[0] = '\0';
		if (put(s, "a", large, &f) == 0 ||
		    !strstr(f.text, "there is no room left for it"))
			return 1;
		if (!holds(s, "a", "one"))
			return 2;
	}
	if (put(s, "b", "small", &f) < 0)
		return 3;
	if (!disk_full(RLIM_INFINITY) || put(s, "c", large, &f) < 0)
		return 4;
	store_close(&s);
	return 0;
}

static void test_fills_up(void **state)
{
	struct store *s;

	(void)state;
	make_store();
	assert_int_equal(in_child(fill_up, false), 0);
	s = opened();
	assert_true(holds(s, "a", "one"));
	assert_true(holds(s, "b", "small"));
	assert_false(holds(s, "c", NULL));
	store_close(&s);
}

/* As an ordinary user: permissions stop nobody else. */
static int where_nothing_may_be_written(void)
{
	struct fault f = { "" };
	struct store *s;

	if (chmod(scratch, 0500) < 0)
		return 98;
	if (open_with(scratch_spec, "k", &f) ||
	    !strstr(f.text, "cannot make ") ||
	    !strstr(f.text, "Permission denied"))
		return 1;
	if (chmod(scratch, 0700) < 0)
		return 98;
	s = open_with(scratch_spec, "k", &f);
	if (!s || put(s, "a", "one", &f) < 0)
		return 2;
	store_close(&s);

	/* The folder alone: no log can be made. */
	if (chmod(scratch, 0500) < 0)
		return 98;
	if (open_with(scratch_spec, "k", &f) ||
	    !strstr(f.text, "cannot be written: the folder that it is in is "
		    "read-only"))
		return 3;
	/* The file alone. */
	if (chmod(scratch, 0700) < 0 || chmod(scratch_db, 0400) < 0)
		return 98;
	if (open_with(scratch_spec, "k", &f) ||
	    !strstr(f.text, "cannot be written: it is read-only"))
		return 4;
	if (chmod(scratch_db, 0) < 0)
		return 98;
	if (open_with(scratch_spec, "k", &f) ||
	    !strstr(f.text, "cannot be opened; bearerd has to be able to "
		    "write it and the folder that it is in: Permission "
		    "denied"))
		return 5;
	if (chmod(scratch, 0) < 0)
		return 98;
	if (open_with(scratch_spec, "k", &f) ||
	    !strstr(f.text, "Permission denied"))
		return 6;
	if (chmod(scratch, 0700) < 0 || chmod(scratch_db, 0600) < 0)
		return 98;
	return open_as_second();
}

static void test_nothing_may_be_written(void **state)
{
	(void)state;
	assert_int_equal(in_child(where_nothing_may_be_written, true), 0);
}

#define in_scratch(test) \
	cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_scratch(test_a_second_process),
		in_scratch(test_a_second_time_in_one_process),
		in_scratch(test_opened_at_once),
		in_scratch(test_killed_at_any_instant),
		in_scratch(test_made_on_a_full_disk),
		in_scratch(test_opened_on_a_full_disk),
		in_scratch(test_full_disk_keeps_the_log),
		in_scratch(test_fills_up),
		in_scratch(test_nothing_may_be_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
