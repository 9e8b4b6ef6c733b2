/* SPDX-License-Identifier: MIT */
/* What a token makes of requests, and tokens that do not fit. */
#include "session/token_use.h"

#include "session/setup.h"

static struct services *services;

static const struct service *load(const char *keys)
{
	char text[1024] = SERVICE("a");

	services_free(&services);
	strcat(text, keys);
	services = services_of(text);
	return services->v[0];
}

static int unload(void **state)
{
	(void)state;
	services_free(&services);
	return 0;
}

static struct token *token_with(const char *access_token, const char *members)
{
	struct token *t = token_of(access_token, 3600, 0);

	t->members = secret_new(str_z(members));
	return t;
}

static void value_is_made_once(void **state)
{
	const struct service *s = load("");
	struct token *t = token_of("tok", 3600, 0);
	struct token_use *use, *same;
	struct fault f;

	(void)state;
	use = token_use_new(s, t, &f);
	token_unref(&t);
	assert_non_null(use);
	assert_true(secret_eq_str(use->placed.value, STR("Bearer tok")));
	assert_false(use->has_upstream);
	same = token_use_ref(use);
	assert_ptr_equal(same, use);
	token_use_unref(&use);
	assert_null(use);
	assert_true(secret_eq_str(same->placed.value, STR("Bearer tok")));
	token_use_unref(&same);
	assert_null(token_use_ref(NULL));
	token_use_unref(&same);
}

static void what_does_not_fit(void **state)
{
	const struct service *s = load("token_format = {token.tenant}\n");
	struct token *t = token_with("tok", "{}");
	struct fault f;

	(void)state;
	assert_null(token_use_new(s, t, &f));
	assert_non_null(strstr(f.text, "[service a]: "));
	assert_non_null(strstr(f.text, "token.tenant"));
	token_unref(&t);
	s = load("protected_request.header.X-Tenant = {token.tenant}\n");
	t = token_with("tok", "{\"tenant\":7}");
	{
		struct token_use *use = token_use_new(s, t, &f);

		assert_non_null(use);
		token_use_unref(&use);
	}
	token_unref(&t);
	t = token_with("tok", "{\"tenant\":\"a\\nb\"}");
	assert_null(token_use_new(s, t, &f));
	assert_null(strstr(f.text, "a\nb"));
	token_unref(&t);
}

static void upstream_of_the_token(void **state)
{
	static const char text[] =
		"[service a]\nupstream = https://{token.host}/v1\n"
		"upstream_hosts = *.example.com\n"
		"grant_type = client_credentials\nclient_id = demo\n"
		"client_secret = s\ntoken_endpoint = https://as.test/\n";
	struct token *t = token_with("tok", "{\"host\":\"eu.example.com\"}");
	struct token_use *use;
	struct fault f;

	(void)state;
	services = services_of(text);
	use = token_use_new(services->v[0], t, &f);
	assert_non_null(use);
	assert_true(use->has_upstream);
	assert_string_equal(use->upstream.host, "eu.example.com");
	assert_string_equal(use->base_path, "/v1");
	token_use_unref(&use);
	token_unref(&t);
	t = token_with("tok", "{\"host\":\"evil.test\"}");
	assert_null(token_use_new(services->v[0], t, &f));
	assert_non_null(strstr(f.text, "upstream_hosts"));
	token_unref(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(value_is_made_once, unload),
		cmocka_unit_test_teardown(what_does_not_fit, unload),
		cmocka_unit_test_teardown(upstream_of_the_token, unload),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
