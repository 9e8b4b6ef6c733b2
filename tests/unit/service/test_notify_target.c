/* SPDX-License-Identifier: MIT */
/* notify and notify_url: what is taken, what is refused and what is made of
 * them. */
#include "service/scratch.h"

#define SERVICE "[service a]\nupstream = http://127.0.0.1:1\n"

static void test_none(void **state)
{
	(void)state;
	load_good(SERVICE);
	assert_int_equal(services->proxy->notify.n, 0);
	assert_null(services->notify_url.url);
}

static void test_program(void **state)
{
	char *const *argv;

	(void)state;
	load_good("[proxy]\nnotify = /bin/sh  -c\texit\n" SERVICE);
	assert_int_equal(services->proxy->notify.n, 3);
	argv = services->proxy->notify.v;
	assert_string_equal(argv[0], "/bin/sh");
	assert_string_equal(argv[1], "-c");
	assert_string_equal(argv[2], "exit");
	assert_null(argv[3]);
	load("[proxy]\nnotify = sh -c exit\n" SERVICE);
	assert_mistake(2, "absolute path");
	assert_mistakes(1);
}

static void test_urls(void **state)
{
	static const char *const good[] = {
		"https://hooks.example.com/a?b=c", "http://127.0.0.1:8/x",
		"http://[::1]/", "http://localhost", "HTTPS://h.example.com",
	};
	static const struct {
		const char *url, *words;
	} bad[] = {
		{ "http://hooks.example.com/s3cret", "must be an https URL" },
		{ "http://127.0.0.1.example.com/s3cret", "https URL" },
		{ "https://s3cret@h.example.com", "must not hold a user" },
		{ "https://h.example.com/#s3cret", "fragment" },
		{ "file:///s3cret", "must be a URL" },
	};
	char text[256];

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		(void)snprintf(text, sizeof(text),
			       "[proxy]\nnotify_url = %s\n" SERVICE, good[i]);
		load_good(text);
		assert_string_equal(services->notify_url.url, good[i]);
		assert_non_null(services->notify_transport);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		(void)snprintf(text, sizeof(text),
			       "[proxy]\nnotify_url = %s\n" SERVICE,
			       bad[i].url);
		load(text);
		assert_mistake(2, bad[i].words);
		assert_mistakes(1);
		assert_null(strstr(config_report_text(report, 0), "s3cret"));
	}
}

static void test_target(void **state)
{
	(void)state;
	load_good("[proxy]\nnotify_url = https://h.example.com:8443/a?b=c\n"
		  SERVICE);
	assert_string_equal(services->notify_url.target, "/a?b=c");
	assert_string_equal(services->notify_url.origin.authority,
			    "h.example.com:8443");
	/* believed are the system's authorities */
	assert_non_null(services->notify_transport->trust);
	load_good("[proxy]\nnotify_url = http://127.0.0.1:8\n" SERVICE);
	assert_string_equal(services->notify_url.target, "/");
	assert_null(services->notify_transport->trust);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_program),
		cmocka_unit_test(test_urls),
		cmocka_unit_test(test_target),
	};

	return cmocka_run_group_tests(tests, NULL, scratch_teardown);
}
