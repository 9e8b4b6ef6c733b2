/* SPDX-License-Identifier: MIT */
#include "command/descriptors.h"

#include <sys/resource.h>
#include <sys/wait.h>

#include "base/limits.h"
#include "proxy/spare.h"
#include "service/scratch.h"

/* In a child, which can lower its limits for good: what is said with these,
 * and what the soft limit is then. */
static int raise_with(rlim_t soft, rlim_t hard, char *said, size_t n)
{
	int ends[2], status;
	ssize_t got;
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct rlimit limit = { soft, hard };
		struct fault f = { "" };
		int rc;

		if (setrlimit(RLIMIT_NOFILE, &limit))
			_exit(2);
		rc = descriptors_raise(services, &f) ? 1 : 0;
		getrlimit(RLIMIT_NOFILE, &limit);
		if (limit.rlim_cur != hard || limit.rlim_max != hard)
			rc = 3;
		got = write(ends[1], f.text, strlen(f.text));
		_exit(got < 0 ? 4 : rc);
	}
	close(ends[1]);
	got = read(ends[0], said, n - 1);
	said[got > 0 ? got : 0] = '\0';
	close(ends[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void load_with(const char *lines)
{
	char text[512];

	(void)snprintf(text, sizeof(text), "[proxy]\nworkers = 1\n%s", lines);
	load_good(text);
}

static void test_needed(void **state)
{
	uint64_t one, many;

	(void)state;
	load_with("max_connections = 1\n");
	one = descriptors_needed(services);
	assert_true(one > 32 && one < 200);
	load_with("max_connections = 101\n");
	assert_int_equal(descriptors_needed(services), one + 200 - 5);
	load_with("");
	many = descriptors_needed(services);
	assert_int_equal(many, one - 2 + 20000 - 500);
	/* The default fits a common limit, also with many workers. */
	load_good("[proxy]\nworkers = 20\n");
	assert_true(descriptors_needed(services) <= 20000);
}

static void test_each_worker_and_address(void **state)
{
	uint64_t one, two;

	(void)state;
	load_good("[proxy]\nworkers = 4\nmax_connections = 9\n");
	one = descriptors_needed(services);
	load_good("[proxy]\nworkers = 5\nmax_connections = 9\n");
	two = descriptors_needed(services);
	assert_true(two > one);
	load_good("[proxy]\nworkers = 4\nmax_connections = 9\n"
		  "listen = 127.0.0.1:0\nlisten = [::1]:0\n");
	assert_int_equal(descriptors_needed(services), one + 8);
}

static void test_fits(void **state)
{
	char said[512];
	rlim_t needed;

	(void)state;
	load_with("max_connections = 50\n");
	needed = descriptors_needed(services);
	assert_int_equal(raise_with(needed, needed, said, sizeof(said)), 0);
	assert_string_equal(said, "");
	/* The soft limit is raised. */
	assert_int_equal(raise_with(32, needed + 5, said, sizeof(said)), 0);
}

/* What clients take beyond one descriptor each, where the limit of open files
 * is so far above what is needed. In a child, whose limits are its own. */
static int spares(rlim_t above)
{
	rlim_t needed = descriptors_needed(services) + above;
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0) {
		struct rlimit limit = { needed, needed };
		struct fault f;
		int n = 0;

		if (setrlimit(RLIMIT_NOFILE, &limit) ||
		    descriptors_raise(services, &f) < 0)
			_exit(255);
		while (spare_take() && n < 200)
			n++;
		_exit(n);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void test_what_is_left_is_shared(void **state)
{
	(void)state;
	load_with("max_connections = 50\n");
	assert_int_equal(spares(0), LIMIT_SPARE_LEAST);
	assert_int_equal(spares(61), LIMIT_SPARE_LEAST + 31);
	/* Idle connections to upstreams have no more than their most. */
	assert_int_equal(spares(2 * (LIMIT_IDLE_ALL - LIMIT_IDLE_LEAST)), 200);
	/* They are part of what is demanded. */
	assert_true(descriptors_needed(services) >
		    LIMIT_DESCRIPTORS + LIMIT_CONTROL_PEERS +
			    LIMIT_DESCRIPTORS_WORKER + LIMIT_IDLE_LEAST +
			    LIMIT_SPARE_LEAST + 2 * 50 - 3);
}

static void test_does_not_fit(void **state)
{
	char said[512], *advice;
	uint64_t fits;
	rlim_t needed;

	(void)state;
	load_with("max_connections = 500\n");
	needed = descriptors_needed(services);
	assert_int_equal(raise_with(64, needed - 1, said, sizeof(said)), 1);
	assert_non_null(strstr(said, "max_connections = 500 needs "));
	assert_non_null(strstr(said, "ulimit -n"));
	advice = strstr(said, "lower max_connections to ");
	assert_non_null(advice);
	/* Who takes the advice can start. */
	assert_true(str_u64(str_z(advice + strlen("lower max_connections to ")),
			    500, &fits));
	assert_int_equal(fits, 499);
	load_with("max_connections = 499\n");
	assert_int_equal(raise_with(64, needed - 1, said, sizeof(said)), 0);
}

static void test_limit_below_everything(void **state)
{
	char said[512];

	(void)state;
	load_with("");
	assert_int_equal(raise_with(20, 20, said, sizeof(said)), 1);
	assert_non_null(strstr(said, "the limit of open files is 20"));
	assert_non_null(strstr(said, "lower max_connections to 1"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_needed),
		cmocka_unit_test(test_each_worker_and_address),
		cmocka_unit_test(test_fits),
		cmocka_unit_test(test_what_is_left_is_shared),
		cmocka_unit_test(test_does_not_fit),
		cmocka_unit_test(test_limit_below_everything),
	};

	return cmocka_run_group_tests(tests, NULL, scratch_teardown);
}
