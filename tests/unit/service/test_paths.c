/* SPDX-License-Identifier: MIT */
#include "service/service.h"

#include <grp.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/alloc.h"
#include "base/secret.h"
#include "service/paths.h"
#include "service/scratch.h"

static int setup(void **state)
{
	(void)state;
	unsetenv("STATE_DIRECTORY");
	unsetenv("RUNTIME_DIRECTORY");
	unsetenv("CREDENTIALS_DIRECTORY");
	setenv("XDG_RUNTIME_DIR", "/xdg/run", 1);
	setenv("XDG_STATE_HOME", "/xdg/state", 1);
	setenv("XDG_CONFIG_HOME", "/xdg/config", 1);
	setenv("HOME", "/home/x", 1);
	load_good("");
	return 0;
}

/* Takes path over; root and others have different places. */
static void expect(char *path, const char *root, const char *user)
{
	assert_string_equal(path, geteuid() == 0 ? root : user);
	mem_free(path);
}

static void test_configuration(void **state)
{
	const char *root = BEARERD_SYSCONFDIR "/bearerd.ini";

	(void)state;
	expect(services_default_path(), root,
	       "/xdg/config/bearerd/bearerd.ini");
	setenv("XDG_CONFIG_HOME", "relative", 1);
	expect(services_default_path(), root,
	       "/home/x/.config/bearerd/bearerd.ini");
	unsetenv("XDG_CONFIG_HOME");
	expect(services_default_path(), root,
	       "/home/x/.config/bearerd/bearerd.ini");
}

static void test_state(void **state)
{
	(void)state;
	expect(services_state_dir(), "/var/lib/bearerd",
	       "/xdg/state/bearerd");
	unsetenv("XDG_STATE_HOME");
	expect(services_state_dir(), "/var/lib/bearerd",
	       "/home/x/.local/state/bearerd");
	setenv("STATE_DIRECTORY", "/state/a:/state/b", 1);
	expect(services_state_dir(), "/state/a", "/state/a");
	setenv("STATE_DIRECTORY", "/state/a", 1);
	expect(services_state_dir(), "/state/a", "/state/a");
}

static void expect_control(const char *root, const char *user)
{
	expect(services_control_path(services->proxy), root, user);
}

static void test_control(void **state)
{
	const char *root = "/run/bearerd/control.sock";

	(void)state;
	expect_control(root, "/xdg/run/bearerd/control.sock");
	setenv("XDG_RUNTIME_DIR", "relative", 1);
	expect_control(root, "/xdg/state/bearerd/control.sock");
	unsetenv("XDG_RUNTIME_DIR");
	expect_control(root, "/xdg/state/bearerd/control.sock");
	setenv("RUNTIME_DIRECTORY", "/run/a:/run/b", 1);
	expect_control("/run/a/control.sock", "/run/a/control.sock");
	load_good("[proxy]\ncontrol = /c.sock\n");
	expect_control("/c.sock", "/c.sock");
}

static void test_no_home(void **state)
{
	char *path;

	(void)state;
	unsetenv("HOME");
	unsetenv("XDG_STATE_HOME");
	path = services_state_dir();
	assert_int_equal(path[0], '/');
	mem_free(path);
}

static void test_store(void **state)
{
	struct secret *spec;

	(void)state;
	setenv("STATE_DIRECTORY", "/state", 1);
	spec = services_store_spec(services);
	assert_true(secret_eq_str(spec, STR("sqlite:/state/bearerd.db")));
	secret_unref(&spec);
	load_good("[proxy]\nstore = memory:\n");
	spec = services_store_spec(services);
	assert_true(secret_eq_str(spec, STR("memory:")));
	secret_unref(&spec);
}

static void expect_keys(const char *first, const char *second)
{
	size_t n;
	char **files = services_key_files(services, &n);

	assert_int_equal(n, second ? 2 : 1);
	assert_string_equal(files[0], first);
	if (second)
		assert_string_equal(files[1], second);
	for (size_t i = 0; i < n; i++)
		mem_free(files[i]);
	mem_free(files);
}

static void test_key_files(void **state)
{
	char dir[] = "/tmp/bearerd-test-XXXXXX", path[64];
	FILE *file;

	(void)state;
	assert_non_null(mkdtemp(dir));
	setenv("STATE_DIRECTORY", "/state", 1);
	expect_keys("/state/store.key", NULL);
	setenv("CREDENTIALS_DIRECTORY", dir, 1);
	expect_keys("/state/store.key", NULL);
	(void)snprintf(path, sizeof(path), "%s/store.key", dir);
	file = fopen(path, "w");
	assert_non_null(file);
	fclose(file);
	expect_keys(path, NULL);
	unlink(path);
	rmdir(dir);
	load_good("[proxy]\nstore_key_file = /new.key\n"
		  "store_key_file = /old.key\n");
	expect_keys("/new.key", "/old.key");
}

/* In a child, as nobody: what an ordinary user gets, also where root tests. */
static int as_nobody(void)
{
	const uid_t nobody = 65534;
	char *config, *state;
	int rc;

	if (setgroups(0, NULL) || setresgid(nobody, nobody, nobody) ||
	    setresuid(nobody, nobody, nobody))
		return 2;
	config = services_default_path();
	state = services_state_dir();
	rc = strcmp(config, "/xdg/config/bearerd/bearerd.ini") != 0 ||
	     strcmp(state, "/xdg/state/bearerd") != 0;
	mem_free(config);
	mem_free(state);
	unsetenv("XDG_STATE_HOME");
	unsetenv("HOME");
	state = services_state_dir();
	rc |= state[0] != '/' || !strstr(state, "/.local/state/bearerd");
	mem_free(state);
	return rc;
}

static void test_ordinary_user(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	if (geteuid() != 0)
		return; /* then all the other tests are an ordinary user's */
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(as_nobody());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_configuration, setup),
		cmocka_unit_test_setup(test_state, setup),
		cmocka_unit_test_setup(test_control, setup),
		cmocka_unit_test_setup(test_no_home, setup),
		cmocka_unit_test_setup(test_store, setup),
		cmocka_unit_test_setup(test_key_files, setup),
		cmocka_unit_test_setup(test_ordinary_user, setup),
	};

	return cmocka_run_group_tests(tests, NULL, scratch_teardown);
}
