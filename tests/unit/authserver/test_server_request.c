/* SPDX-License-Identifier: MIT */
#include "authserver/server_request.h"

#include "oauth/grant/grant.h"
#include "service/scratch.h"

/* A service "a" with these lines too. */
static const struct service *service_with(const char *lines)
{
	char text[1024];

	snprintf(text, sizeof(text),
		 "[service a]\nupstream = https://a.example\n"
		 "grant_type = client_credentials\n"
		 "token_endpoint = https://as.example/token?x=1\n"
		 "client_id = me\nclient_secret = hush\n%s", lines);
	load_good(text);
	return services->v[0];
}

static int build(const struct token_asking *a, struct token_request *r,
		 struct fault *f)
{
	assert_string_equal(a->endpoint, "https://as.example/token?x=1");
	assert_string_equal(a->token_endpoint, a->endpoint);
	assert_null(a->issuer);
	assert_true(a->now > 1700000000);
	return grant_client_credentials.request(a, r, f);
}

static int write_it(const struct service *s, struct token_request *r,
		    struct fault *f)
{
	const struct server_request q = {
		.service = s,
		.endpoints = s->endpoints,
		.endpoint = endpoints_get(s->endpoints, ENDPOINT_TOKEN),
		.build = build,
	};

	token_request_init(r);
	return server_request_write(&q, r, f);
}

/* The grant's, then the client's, then what the server wants otherwise. */
static void all_parts_are_in(void **state)
{
	const struct service *s = service_with(
		"token_endpoint_auth_method = client_secret_post\n"
		"access_token_request.param.client_id =\n"
		"access_token_request.param.app = {client_id}\n");
	struct token_request r;

	(void)state;
	assert_int_equal(write_it(s, &r, NULL), 0);
	assert_true(str_eq(r.target, STR("/token?x=1")));
	assert_string_equal(buf_z(&r.body),
			    "grant_type=client_credentials&client_secret=hush"
			    "&app=me");
	token_request_fini(&r);
}

static void authentication_is_in(void **state)
{
	const struct service *s = service_with("");
	const struct field *f;
	struct token_request r;

	(void)state;
	assert_int_equal(write_it(s, &r, NULL), 0);
	f = fields_find(&r.fields, STR("Authorization"));
	assert_non_null(f);
	assert_true(str_eq(f->value, STR("Basic bWU6aHVzaA==")));
	token_request_fini(&r);
}

static void a_fault_names_the_service(void **state)
{
	const struct service *s = service_with(
		"access_token_request.format = json\n"
		"access_token_request.param.a = \xff\n");
	struct fault f = { "" };
	struct token_request r;

	(void)state;
	assert_int_equal(write_it(s, &r, &f), -1);
	assert_non_null(strstr(f.text, "[service a]"));
	token_request_fini(&r);
}

#define TEST(name) cmocka_unit_test_teardown(name, scratch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(all_parts_are_in),
		TEST(authentication_is_in),
		TEST(a_fault_names_the_service),
	};

	return cmocka_run_group_tests_name("service/server_request", tests,
					   NULL, NULL);
}
