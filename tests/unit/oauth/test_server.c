/* SPDX-License-Identifier: MIT */
#include "oauth/server.h"

#include <string.h>

#include "oauth/section.h"

/* As RFC 8414 §2 has them, and refresh_endpoint, which is nobody's but ours. */
static const char *const names[ENDPOINT_KINDS] = {
	[ENDPOINT_AUTHORIZATION] = "authorization_endpoint",
	[ENDPOINT_TOKEN] = "token_endpoint",
	[ENDPOINT_REFRESH] = "refresh_endpoint",
	[ENDPOINT_DEVICE_AUTHORIZATION] = "device_authorization_endpoint",
	[ENDPOINT_REVOCATION] = "revocation_endpoint",
	[ENDPOINT_INTROSPECTION] = "introspection_endpoint",
	[ENDPOINT_PUSHED_AUTHORIZATION] =
		"pushed_authorization_request_endpoint",
	[ENDPOINT_JWKS] = "jwks_uri",
};

static const struct oauth_settings *settings_of(const struct section *x)
{
	return config_block(x->s, &oauth_settings_table);
}

static void keys_have_the_names_of_metadata(void **state)
{
	(void)state;
	for (int kind = 0; kind < ENDPOINT_KINDS; kind++)
		assert_string_equal(endpoint_key(kind), names[kind]);
}

static void each_is_found_alone(void **state)
{
	(void)state;
	for (int given = 0; given < ENDPOINT_KINDS; given++) {
		char line[128];
		struct section x;

		snprintf(line, sizeof(line), "%s = https://as.example/%d\n",
			 names[given], given);
		x = section_new(line);
		snprintf(line, sizeof(line), "https://as.example/%d", given);
		for (int kind = 0; kind < ENDPOINT_KINDS; kind++) {
			const char *url = endpoint_given(settings_of(&x), kind);

			if (kind == given)
				assert_string_equal(url, line);
			else
				assert_null(url);
		}
		section_free(&x);
	}
}

static void secrets_may_go_there(void **state)
{
	static const char *const good[] = {
		"https://as.example/token",  "https://as.example",
		"https://as.example:8443/x", "https://[2001:db8::1]/token",
		"https://as.example/t?tenant=a",
		"http://127.0.0.1:8080/token", "http://127.9.9.9/token",
		"http://[::1]/token",        "http://localhost:1/token",
		"HTTPS://AS.EXAMPLE/token",  "HTTP://LOCALHOST/token",
	};
	struct fault f = { "" };

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		if (endpoint_check("token_endpoint", good[i], &f) < 0)
			fail_msg("%s: %s", good[i], f.text);
	}
}

static void secrets_may_not_go_there(void **state)
{
	static const struct {
		const char *url, *words;
	} bad[] = {
		{ "http://as.example/token", "https" },
		{ "http://192.0.2.1/token", "https" },
		{ "http://localhost.example/token", "https" },
		{ "http://127.0.0.1.example/token", "https" },
		{ "ftp://as.example/token", "https" },
		{ "ftp://127.0.0.1/token", "https" },
		{ "file://localhost/token", "https" },
		{ "https://me:pa55@as.example/token", "client_secret" },
		{ "https://me@as.example/token", "client_secret" },
		{ "http://me@127.0.0.1/token", "client_secret" },
		{ "as.example/token", "" },
		{ "/token", "" },
		{ "https://", "" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct fault f = { "" };

		if (endpoint_check("refresh_endpoint", bad[i].url, &f) == 0)
			fail_msg("%s was taken", bad[i].url);
		assert_int_equal(strncmp(f.text, "refresh_endpoint", 16), 0);
		assert_non_null(strstr(f.text, bad[i].words));
		assert_null(strstr(f.text, "pa55"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_have_the_names_of_metadata),
		cmocka_unit_test(each_is_found_alone),
		cmocka_unit_test(secrets_may_go_there),
		cmocka_unit_test(secrets_may_not_go_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
