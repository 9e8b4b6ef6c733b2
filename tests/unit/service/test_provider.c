/* SPDX-License-Identifier: MIT */
/* [provider NAME], provider = NAME, and where profiles are installed. */
#include "service/service.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "service/paths.h"
#include "service/scratch.h"

static char folder[64];

static const char *in_folder(const char *name)
{
	static char paths[4][128];
	static int turn;
	char *path = paths[turn++ % 4];

	(void)snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
	return path;
}

static void put(const char *name, const char *text)
{
	FILE *file = fopen(in_folder(name), "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static int setup(void **state)
{
	(void)state;
	(void)strcpy(folder, "/tmp/bearerd-test-XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	setenv("BEARERD_PROVIDER_DIR", folder, 1);
	return 0;
}

static int teardown(void **state)
{
	static const char *const names[] = {
		"git.ini", "bad.ini", "program", "config.status",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unlink(in_folder(names[i]));
	return rmdir(folder) | scratch_teardown(state);
}

static void test_takes_its_keys(void **state)
{
	const struct service *s;

	(void)state;
	put("git.ini", "[provider git]\n"
	    "upstream = https://api.git.test/v3\n"
	    "token_endpoint = https://git.test/token\n"
	    "token_endpoint_auth_method = client_secret_post\n"
	    "token_name = X-Token\ntoken_format = {access_token}\n"
	    "refresh_status = 401 403\nresource = https://git.test\n");
	load_good("[service a]\nprovider = git\nclient_id = x\n"
		  "client_secret = s\n"
		  "[service b]\nprovider = git\nclient_id = x\n"
		  "upstream = https://b.test\ntoken_name = X-Mine\n"
		  "token_endpoint_auth_method = none\nrefresh_status = 401\n"
		  "[service c]\nprovider = git\naccess_token = t\n"
		  "token_endpoint_auth_method = none\n");
	s = services->v[0];
	assert_string_equal(s->upstream.host, "api.git.test");
	assert_string_equal(s->base_path, "/v3");
	assert_int_equal(s->nmatches, 1);
	assert_string_equal(at(s, ENDPOINT_TOKEN)->origin.url,
			    "https://git.test:443");
	assert_string_equal(s->grant->name, "client_credentials");
	assert_string_equal(s->auth->name, "client_secret_post");
	assert_string_equal(s->placement.name, "X-Token");
	assert_int_equal(s->tokens->refresh_status.n, 2);
	assert_int_equal(s->oauth->resource.n, 1);
	s = services->v[1];
	assert_string_equal(s->upstream.host, "b.test");
	assert_string_equal(s->placement.name, "X-Mine");
	assert_string_equal(s->auth->name, "none");
	assert_int_equal(s->tokens->refresh_status.n, 1);
	assert_string_equal(services->v[2]->grant->name, "static");
}

/* The user's own goes before what is installed. */
static void test_own_profile(void **state)
{
	(void)state;
	load_good("[provider git]\nupstream = https://mine.test\n"
		  "[service a]\nprovider = git\n");
	assert_string_equal(services->v[0]->upstream.host, "mine.test");
	load("[proxy]\nprovider_dir = /nowhere/providers\n"
	     "provider_dir = /etc/passwd\n[service a]\nprovider = git\n");
	assert_mistake(2, "there is no such directory");
	assert_mistake(3, "there is no such directory");
	assert_mistakes(2);
}

static void test_unknown(void **state)
{
	(void)state;
	load("[service a]\nprovider = gitt\nclient_id = x\n");
	assert_mistake(2, "did you mean \"git\"?");
	assert_mistakes(1);
}

/* By their meaning too, in the profile's file and line. */
static void test_mistakes_in_a_profile(void **state)
{
	(void)state;
	put("bad.ini", "[provider bad]\n"
	    "upstream = https://u@bad.test\n"
	    "token_endpoint = http://bad.test/token\n"
	    "token_format = {nothing}\n");
	load("[service a]\nprovider = bad\nclient_id = x\n"
	     "[service b]\nprovider = bad\nclient_id = x\n");
	assert_mistake(2, "no user and password");
	assert_mistake(3, "must be an https URL");
	assert_mistake(4, "token_format");
	assert_mistakes(3);
	for (size_t i = 0; i < 3; i++)
		assert_memory_equal(config_report_text(report, i),
				    in_folder("bad.ini"),
				    strlen(in_folder("bad.ini")));
}

/* What is the service's own: where it listens, who may come, whom it trusts,
 * and all secrets. */
static void test_no_place_in_a_profile(void **state)
{
	static const char *const keys[] = {
		"provider", "match", "path", "allow_plain_upstream",
		"allow_origin", "connect_timeout", "response_timeout",
		"idle_timeout", "tunnel_idle_timeout", "max_body",
		"max_upstream_connections", "http_version", "upstream_ca",
		"upstream_certificate", "upstream_private_key",
		"upstream_proxy", "upstream_proxy_file", "client_secret",
		"client_secret_env", "access_token", "access_token_file",
	};
	char text[256];

	(void)state;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		(void)snprintf(text, sizeof(text), "[provider x]\n%s = 1\n",
			       keys[i]);
		load(text);
		assert_mistake(2, "profile");
		assert_mistakes(1);
	}
}

static void expect_dir(const char *want)
{
	char *dir = services_provider_dir();

	assert_string_equal(dir, want);
	mem_free(dir);
}

/* This program, elsewhere, asked where it would look. */
static void ask_program(char *out, size_t n)
{
	FILE *p = popen(in_folder("program --provider-dir"), "r");

	assert_non_null(p);
	assert_non_null(fgets(out, (int)n, p));
	assert_int_equal(pclose(p), 0);
}

static void copy_program(const char *to)
{
	int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	int fd = open(to, O_WRONLY | O_CREAT | O_CLOEXEC, 0700);
	char part[65536];
	ssize_t n;

	assert_true(from >= 0 && fd >= 0);
	while ((n = read(from, part, sizeof(part))) > 0)
		assert_int_equal(write(fd, part, (size_t)n), n);
	assert_int_equal(n, 0);
	close(from);
	close(fd);
}

static void test_directory(void **state)
{
	char said[256];

	(void)state;
	expect_dir(folder);
	/* One that is not absolute could be anybody's. */
	setenv("BEARERD_PROVIDER_DIR", "providers", 1);
	copy_program(in_folder("program"));
	ask_program(said, sizeof(said));
	assert_string_equal(said, BEARERD_PROVIDERDIR);
	put("config.status", "");
	ask_program(said, sizeof(said));
	assert_string_equal(said, in_folder("conf/providers"));
	setenv("BEARERD_PROVIDER_DIR", "/given", 1);
	ask_program(said, sizeof(said));
	assert_string_equal(said, "/given");
	setenv("BEARERD_PROVIDER_DIR", folder, 1);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_takes_its_keys),
		cmocka_unit_test(test_own_profile),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_mistakes_in_a_profile),
		cmocka_unit_test(test_no_place_in_a_profile),
		cmocka_unit_test(test_directory),
	};

	if (argc > 1 && !strcmp(argv[1], "--provider-dir")) {
		char *dir = services_provider_dir();
		int rc = fputs(dir, stdout) < 0;

		mem_free(dir);
		return rc;
	}
	return cmocka_run_group_tests(tests, setup, teardown);
}
