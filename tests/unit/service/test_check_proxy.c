/* SPDX-License-Identifier: MIT */
/* upstream_proxy: which URLs it may be, and what may go through it. */
#include "service/scratch.h"

#define SERVICE "[service a]\nupstream = https://a.test\n"

static void test_upstream_proxy(void **state)
{
	static const char *const good[] = {
		"http://p.test", "http://p.test:1/", "socks5://10.0.0.1",
		"socks5h://u:s3cret@p.test:1080", "HTTP://u:p%3a@[::1]:3128",
	};
	static const char *const bad[] = {
		"ftp://p.test", "p.test:3128", "http://s3cret@p.test/x",
		"http://p.test/?s3cret", "http://:s3cret@p.test",
		"socks5h://u:s3cret@p.test:99999", "https://u:s3cret@p.test",
	};
	char text[256];

	(void)state;
	for (size_t i = 0; i < 7; i++) {
		(void)snprintf(text, sizeof(text), SERVICE
			       "upstream_proxy = %s\n", bad[i]);
		load(text);
		assert_mistake(3, "upstream_proxy: ");
		assert_mistakes(1);
		assert_null(strstr(config_report_text(report, 0), "s3cret"));
	}
	for (size_t i = 0; i < 5; i++) {
		(void)snprintf(text, sizeof(text), SERVICE
			       "upstream_proxy = %s\n", good[i]);
		load_good(text);
	}
}

/* What goes to a proxy elsewhere is seen on the way, whatever host it is
 * for. */
static void test_plain_through_a_proxy(void **state)
{
	(void)state;
	load("[service a]\nupstream = http://127.0.0.1:1\naccess_token = t\n"
	     "upstream_proxy = http://p.test\n"
	     "[service b]\nupstream = https://b.test\nclient_id = x\n"
	     "token_endpoint = http://127.0.0.1/\n"
	     "refresh_endpoint = http://127.0.0.1/r\n"
	     "upstream_proxy = socks5://10.0.0.1\n");
	assert_mistake(2, "allow_plain_upstream");
	assert_mistake(8, "token_endpoint: what is sent there would go over");
	assert_mistake(9, "refresh_endpoint: what is sent there would go");
	assert_mistakes(3);
	load_good("[service a]\nupstream = http://127.0.0.1:1\n"
		  "access_token = t\nupstream_proxy = http://127.0.0.1:2\n"
		  "[service b]\nupstream = https://b.test\nclient_id = x\n"
		  "token_endpoint = http://127.0.0.1/\n"
		  "upstream_proxy = http://[::1]:3128\n"
		  "[service c]\nupstream = http://127.0.0.1:1\n"
		  "access_token = t\nallow_plain_upstream = yes\n"
		  "upstream_proxy = http://p.test\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_upstream_proxy),
		cmocka_unit_test(test_plain_through_a_proxy),
	};

	return cmocka_run_group_tests(tests, NULL, scratch_teardown);
}
