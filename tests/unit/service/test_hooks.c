/* SPDX-License-Identifier: MIT */
/* Hook files as the check sees them: whether what they define is ever called,
 * and where a mistake is told. */
#include "service/scratch.h"

#define SERVICE                                         \
	"[service s]\n"                                 \
	"upstream = https://api.example.com\n"          \
	"token_endpoint = https://login.example.com/t\n" \
	"client_id = c\n"                               \
	"client_secret = s\n"

static char file[] = "/tmp/bearerd-hook-XXXXXX";

/* Loads a service (or what else these lines are) whose last line names a file
 * with this text. */
static void load_hook(const char *lines, const char *text)
{
	struct buf b = BUF_INIT(4096);
	FILE *to = fopen(file, "w");

	assert_non_null(to);
	fputs(text, to);
	fclose(to);
	buf_addf(&b, "%shook = %s\n", lines, file);
	load(buf_z(&b));
	buf_fini(&b);
}

static int setup(void **state)
{
	int fd = mkstemp(file);

	(void)state;
	close(fd);
	return fd < 0 ? -1 : 0;
}

static int teardown(void **state)
{
	unlink(file);
	return scratch_teardown(state);
}

static void test_good(void **state)
{
	(void)state;
	load_hook(SERVICE, "function protected_request(r) end\n"
		  "function access_token_request(r) end\n"
		  "refresh_token_response = access_token_request\n");
	show_mistakes();
	assert_non_null(services);
	assert_true(hook_has(services->v[0]->hook, HOOK_PROTECTED_REQUEST));
	assert_true(hook_has(services->v[0]->hook,
			     HOOK_REFRESH_TOKEN_RESPONSE));
	load_good(SERVICE);
	assert_null(services->v[0]->hook);
}

static void test_mistakes(void **state)
{
	(void)state;
	load_hook(SERVICE, "function protected_request(r)\nx = = 1\nend");
	assert_mistake(6, ":2: ");
	assert_mistakes(1);
	load_hook(SERVICE, "\nfunction protected_requests(r) end\n"
		  "function other() end");
	assert_mistake(6, ":2: protected_requests is not a hook; did you mean");
	assert_mistake(6, ":3: other is not a hook");
	assert_mistakes(2);
	load(SERVICE "hook = /nowhere/hook.lua\n");
	assert_mistake(6, "/nowhere/hook.lua");
}

static void test_functions_that_nobody_calls(void **state)
{
	static const char token[] = "function access_token_request(r) end";

	(void)state;
	load_hook(SERVICE, "function client_auth(r) end");
	assert_mistake(6, "client_auth has no use: only "
		       "token_endpoint_auth_method = hook");
	load_hook("[service s]\nupstream = https://api.example.com\n", token);
	assert_mistake(3, "access_token_request has no use: the service asks "
		       "for no token");
	load_hook(SERVICE "[service t]\nupstream = https://b.example.com\n"
		  "session = s\n", token);
	assert_mistake(9, "access_token_request has no use: the session");
	load_hook(SERVICE "[service t]\nupstream = https://b.example.com\n"
		  "session = s\n", "function protected_request(r) end");
	show_mistakes();
	assert_non_null(services);
}

static void test_client_auth(void **state)
{
	(void)state;
	load(SERVICE "token_endpoint_auth_method = hook\n");
	assert_mistake(6, "hook is missing");
	load_hook(SERVICE "token_endpoint_auth_method = hook\n",
		  "function protected_request(r) end");
	assert_mistake(7, "needs the function client_auth");
	load_hook(SERVICE "token_endpoint_auth_method = hook\n",
		  "function client_auth(r) end");
	show_mistakes();
	assert_non_null(services);
}

static void test_hosts(void **state)
{
	static const char text[] = "function protected_request(r) end";

	(void)state;
	load_hook(SERVICE "upstream_hosts = *.com\n", text);
	assert_mistake(6, "*.com would let nearly every host through");
	load_hook(SERVICE "upstream_hosts = *.example.com\n", text);
	show_mistakes();
	assert_non_null(services);
	load(SERVICE "upstream_hosts = *.example.com\n");
	assert_mistake(6, "or a hook");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_functions_that_nobody_calls),
		cmocka_unit_test(test_client_auth),
		cmocka_unit_test(test_hosts),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
