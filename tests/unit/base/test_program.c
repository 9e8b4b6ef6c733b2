/* SPDX-License-Identifier: MIT */
#include "base/program.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/core_dump.h"
#include "base/inherited.h"

/* Words may be changed by who gets them. */
#define WORD(z) ((char[]){ z })

static struct loop *loop;

static struct {
	int calls;
	struct program_end end;
	char out[256], err[256], trouble[256];
} got;

static void copy(char *to, struct str s)
{
	size_t n = s.n < 255 ? s.n : 255;

	if (n > 0)
		memcpy(to, s.p, n);
	to[n] = '\0';
}

static void on_end(void *arg, const struct program_end *e)
{
	const char *trouble;
	struct fault f;

	assert_ptr_equal(arg, &got);
	got.calls++;
	got.end = *e;
	copy(got.out, e->out);
	copy(got.err, e->err);
	trouble = program_trouble(e, &f);
	(void)snprintf(got.trouble, sizeof(got.trouble), "%s",
		       trouble ? trouble : "");
}

static struct program *start(const char *script, int64_t timeout, size_t max)
{
	char text[512];
	char *argv[] = { WORD("/bin/sh"), WORD("-c"), text, WORD("name"),
			 WORD("a b"), NULL };
	char *env[] = { WORD("PATH=/usr/bin:/bin"), WORD("SHOWN=yes"), NULL };
	struct program *p;
	struct fault f;

	(void)snprintf(text, sizeof(text), "%s", script);
	memset(&got, 0, sizeof(got));
	p = program_start(loop,
			  &(struct program_spec){ argv, env, timeout, max },
			  on_end, &got, &f);
	if (!p)
		fail_msg("%s", f.text);
	return p;
}

static void run(const char *script, int64_t timeout, size_t max)
{
	int64_t until = clock_ms() + 60000;

	assert_non_null(start(script, timeout, max));
	while (!got.calls && clock_ms() < until)
		loop_turn(loop, 100);
	assert_int_equal(got.calls, 1);
}

static void test_output(void **state)
{
	(void)state;
	run("echo out; echo err >&2", 30000, 1024);
	assert_int_equal(got.end.status, 0);
	assert_string_equal(got.out, "out\n");
	assert_string_equal(got.err, "err\n");
	assert_string_equal(got.trouble, "");
	/* Words are words, and only these variables are there. */
	run("echo \"$1:$SHOWN:$HOME:\"", 30000, 1024);
	assert_string_equal(got.out, "a b:yes::\n");
}

static void test_descriptors_and_signals(void **state)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN }, old;
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0); /* it would be inherited */
	sigaction(SIGUSR2, &ignore, &old);
	run("ls /proc/self/fd | wc -w; wc -c < /dev/stdin; "
	    "grep SigIgn /proc/self/status", 30000, 1024);
	sigaction(SIGUSR2, &old, NULL);
	close(fds[0]);
	close(fds[1]);
	/* 0, 1, 2, and the folder that ls reads. */
	if (strncmp(got.out, "4\n0\n", 4) != 0)
		fail_msg("%s", got.out);
	/* All but 32 and 33, which are the C library's own. */
	if (strtoull(strstr(got.out, ":") + 1, NULL, 16) & ~0x180000000ull)
		fail_msg("%s", got.out);
}

static void set_soft(__rlimit_resource_t what, rlim_t soft)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(what, &limit), 0);
	assert_true(limit.rlim_max >= soft);
	limit.rlim_cur = soft;
	assert_int_equal(setrlimit(what, &limit), 0);
}

/* As bearerd run does it: what was given is noted, then changed. */
static void test_limits_and_mode_are_as_given(void **state)
{
	struct rlimit core, files;
	mode_t mask = umask(0026);
	rlim_t most;
	char want[64];

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_CORE, &core), 0);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &files), 0);
	most = core.rlim_max < 1024 ? core.rlim_max : 1024;
	set_soft(RLIMIT_CORE, most);
	set_soft(RLIMIT_NOFILE, 123);
	inherited_note();
	core_dump_forbid();
	set_soft(RLIMIT_CORE, 0);
	set_soft(RLIMIT_NOFILE, 200);
	umask(077);
	run("ulimit -c; ulimit -n; umask; ulimit -Hn", 30000, 1024);
	setrlimit(RLIMIT_CORE, &core);
	setrlimit(RLIMIT_NOFILE, &files);
	umask(mask);
	inherited_note();
	(void)snprintf(want, sizeof(want), "%ju\n123\n0026\n%ju\n",
		       (uintmax_t)most / 512, (uintmax_t)files.rlim_max);
	assert_string_equal(got.out, want);
}

/* Alone in its session: without our terminal, and no signal reaches it that
 * is sent to our group. */
static void test_session_and_blocked_signals(void **state)
{
	sigset_t some, before;
	long pid, group, session, terminal;

	(void)state;
	sigemptyset(&some);
	sigaddset(&some, SIGUSR1);
	sigprocmask(SIG_BLOCK, &some, &before);
	run("cut -d' ' -f1,5,6,7 /proc/$$/stat; grep SigBlk /proc/$$/status",
	    30000, 1024);
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (sscanf(got.out, "%ld %ld %ld %ld", &pid, &group, &session,
		   &terminal) != 4 ||
	    !strstr(got.out, "\t0000000000000000\n"))
		fail_msg("%s", got.out);
	assert_int_equal(group, pid);
	assert_int_equal(session, pid);
	assert_int_equal(terminal, 0);
}

static void test_failures(void **state)
{
	(void)state;
	run("exit 3", 30000, 1024);
	assert_string_equal(got.trouble, "ended with status 3");
	run("kill -TERM $$", 30000, 1024);
	assert_string_equal(got.trouble, "was ended by signal 15");
	run("sleep 600", 200, 1024);
	assert_string_equal(got.trouble,
			    "did not end in time, and was killed");
	/* With all that it has started. */
	run("sleep 600 & sleep 600", 200, 1024);
	assert_true(got.end.timed_out);
	run("while :; do echo 0123456789abcdef; done", 60000, 1024);
	assert_true(got.end.too_long);
	assert_string_equal(got.trouble,
			    "wrote more than it may, and was killed");
	/* What is beyond the words that are kept of it is dropped. */
	run("i=0; while [ $i -lt 2000 ]; do echo 0123456789 >&2; "
	    "i=$((i+1)); done; echo done", 60000, 1024);
	assert_string_equal(got.out, "done\n");
}

/* Its end counts, not that of whoever has its pipe. */
static void test_leaves_others(void **state)
{
	(void)state;
	run("sleep 2 & echo first", 60000, 1024);
	assert_string_equal(got.out, "first\n");
	assert_int_equal(got.end.status, 0);
}

static void test_cannot_start(void **state)
{
	char *argv[] = { WORD("/no/such/program"), NULL }, *env[] = { NULL };
	struct fault f;

	(void)state;
	assert_null(program_start(
		loop, &(struct program_spec){ argv, env, 1000, 10 }, on_end,
		&got, &f));
	assert_non_null(strstr(f.text, "cannot start /no/such/program"));
}

static void test_cancel(void **state)
{
	struct program *p;

	(void)state;
	p = start("sleep 600", 60000, 1024);
	program_cancel(&p);
	assert_null(p);
	program_cancel(&p);
	loop_turn(loop, 0);
	assert_int_equal(got.calls, 0);
}

static int setup(void **state)
{
	struct fault f;

	(void)state;
	loop = loop_new(&f);
	return loop ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	loop_free(&loop);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_output),
		cmocka_unit_test(test_descriptors_and_signals),
		cmocka_unit_test(test_limits_and_mode_are_as_given),
		cmocka_unit_test(test_session_and_blocked_signals),
		cmocka_unit_test(test_failures),
		cmocka_unit_test(test_leaves_others),
		cmocka_unit_test(test_cannot_start),
		cmocka_unit_test(test_cancel),
	};

	return cmocka_run_group_tests_name("base/program", tests, setup,
					   teardown);
}
