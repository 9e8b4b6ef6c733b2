/* SPDX-License-Identifier: MIT */
#include "service/endpoints.h"

#include "base/alloc.h"
#include "service/scratch.h"

static void put(struct endpoints *e, enum endpoint_kind kind, const char *url)
{
	struct fault f;

	assert_int_equal(endpoint_init(&e->v[kind], url, NULL, &f), 0);
}

static void empty_has_none(void **state)
{
	struct endpoints *e = endpoints_new();

	(void)state;
	for (int kind = 0; kind < ENDPOINT_KINDS; kind++)
		assert_null(endpoints_get(e, kind));
	assert_null(e->issuer);
	assert_false(e->iss_parameter);
	endpoints_unref(&e);
	assert_null(e);
}

static void refresh_goes_to_the_token_endpoint(void **state)
{
	struct endpoints *e = endpoints_new();

	(void)state;
	put(e, ENDPOINT_TOKEN, "https://as.example/token");
	assert_ptr_equal(endpoints_get(e, ENDPOINT_TOKEN),
			 &e->v[ENDPOINT_TOKEN]);
	assert_ptr_equal(endpoints_get(e, ENDPOINT_REFRESH),
			 &e->v[ENDPOINT_TOKEN]);
	for (int kind = 0; kind < ENDPOINT_KINDS; kind++) {
		if (kind != ENDPOINT_TOKEN && kind != ENDPOINT_REFRESH)
			assert_null(endpoints_get(e, kind));
	}
	put(e, ENDPOINT_REFRESH, "https://as.example/refresh");
	assert_ptr_equal(endpoints_get(e, ENDPOINT_REFRESH),
			 &e->v[ENDPOINT_REFRESH]);
	endpoints_unref(&e);
}

/* And not the other way round. */
static void token_does_not_go_to_the_refresh_endpoint(void **state)
{
	struct endpoints *e = endpoints_new();

	(void)state;
	put(e, ENDPOINT_REFRESH, "https://as.example/refresh");
	assert_null(endpoints_get(e, ENDPOINT_TOKEN));
	endpoints_unref(&e);
}

static void references_are_counted(void **state)
{
	struct endpoints *e = endpoints_new(), *other, *none = NULL;

	(void)state;
	e->issuer = mem_strdup("https://as.example");
	other = endpoints_ref(e);
	assert_ptr_equal(other, e);
	endpoints_unref(&e);
	assert_null(e);
	assert_string_equal(other->issuer, "https://as.example");
	endpoints_unref(&other);
	assert_null(endpoints_ref(NULL));
	endpoints_unref(&none);
}

/* What a configuration says, for those that ask. */
static void services_have_theirs(void **state)
{
	const struct endpoint *e;

	(void)state;
	load_good("[service a]\nupstream = https://a.example\n"
		  "authorization_endpoint = https://as.example/authorize?x=y\n"
		  "token_endpoint = https://as.example/token\n"
		  "revocation_endpoint = https://as.example/revoke\n"
		  "client_id = me\n"
		  "[service b]\nupstream = https://b.example\n"
		  "access_token = fixed\n");
	e = endpoints_get(services->v[0]->endpoints, ENDPOINT_AUTHORIZATION);
	assert_string_equal(e->url, "https://as.example/authorize?x=y");
	assert_string_equal(e->target, "/authorize?x=y");
	e = endpoints_get(services->v[0]->endpoints, ENDPOINT_REVOCATION);
	assert_string_equal(e->target, "/revoke");
	e = endpoints_get(services->v[0]->endpoints, ENDPOINT_REFRESH);
	assert_string_equal(e->target, "/token");
	assert_ptr_equal(e->origin.transport, services->v[0]->token_transport);
	assert_null(endpoints_get(services->v[0]->endpoints,
				  ENDPOINT_DEVICE_AUTHORIZATION));
	for (int kind = 0; kind < ENDPOINT_KINDS; kind++)
		assert_null(endpoints_get(services->v[1]->endpoints, kind));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_has_none),
		cmocka_unit_test(refresh_goes_to_the_token_endpoint),
		cmocka_unit_test(token_does_not_go_to_the_refresh_endpoint),
		cmocka_unit_test(references_are_counted),
		cmocka_unit_test_teardown(services_have_theirs,
					  scratch_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
