/* SPDX-License-Identifier: MIT */
/* The versions that a start says something about. */
#include "command/libraries.h"

#include "base/log.h"
#include "session/setup.h"

static char said[4096];

/* clang-format off */
static const char plain[] =
	"[service a]\nupstream = https://a.test\naccess_token = t\n";
static const char http2[] =
	"[service a]\nupstream = https://a.test\naccess_token = t\n"
	"[service b]\nupstream = https://b.test\naccess_token = t\n"
	"http_version = auto\n";
static const char proxied[] =
	"[service a]\nupstream = https://a.test\naccess_token = t\n"
	"upstream_proxy = socks5h://127.0.0.1:1080\n";
/* clang-format on */

static const char *tell(const char *config, const char *libraries)
{
	struct services *s = services_at(config, "1");
	FILE *to = tmpfile();
	size_t n;

	assert_non_null(to);
	log_set_fd(fileno(to));
	libraries_tell_faults(s, str_z(libraries));
	log_set_fd(STDERR_FILENO);
	rewind(to);
	n = fread(said, 1, sizeof(said) - 1, to);
	said[n] = '\0';
	fclose(to);
	services_free(&s);
	return said;
}

static bool tells(const char *config, const char *libraries, const char *words)
{
	return strstr(tell(config, libraries), words) != NULL;
}

static void test_versions(void **state)
{
	(void)state;
	assert_true(tells(plain, "libcurl/7.83.0", "11103"));
	assert_true(tells(plain, "x/1 libcurl/7.88.1-DEV y/2", "11103"));
	assert_true(tells(plain, "libcurl/8.1.0", "11103"));
	assert_true(tells(plain, "libcurl/8.1", "11103"));
	assert_false(tells(plain, "libcurl/8.1.1", "11103"));
	assert_false(tells(plain, "libcurl/8.10.0", "11103"));
	assert_false(tells(plain, "libcurl/7.82.99", "11103"));
	assert_false(tells(plain, "libcurl/10.0.0", "11103"));
	assert_false(tells(plain, "libmicrohttpd/1.0.5", "libmicrohttpd"));
	assert_true(tells(plain, "libmicrohttpd/1.0.4", "libmicrohttpd"));
	assert_string_equal(tell(plain, ""), "");
	assert_string_equal(tell(plain, "libcurl/"), "");
	assert_string_equal(tell(plain, "libcurl"), "");
}

/* Only what the services use. */
static void test_what_is_used(void **state)
{
	(void)state;
	assert_false(tells(plain, "libcurl/8.20.0", "2026-92392"));
	assert_true(tells(http2, "libcurl/8.20.0", "2026-92392"));
	assert_non_null(strstr(said, " warning library_fault "));
	assert_non_null(strstr(said, " advice="));
	assert_false(tells(http2, "libcurl/8.14.1", "2026-92392"));
	assert_false(tells(plain, "libcurl/7.88.1", "2023-38545"));
	assert_true(tells(proxied, "libcurl/7.88.1", "2023-38545"));
	assert_non_null(strstr(said, " info library_fault "));
	assert_non_null(strstr(said, " safe="));
}

static void test_those_that_run(void **state)
{
	struct buf out = BUF_INIT(1024);

	(void)state;
	libraries_write(&out);
	assert_true(buf_ok(&out));
	assert_non_null(strstr(buf_z(&out), "libcurl/"));
	assert_non_null(strstr(buf_z(&out), " Lua/5.4."));
	tell(plain, buf_z(&out));
	buf_fini(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_what_is_used),
		cmocka_unit_test(test_those_that_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
