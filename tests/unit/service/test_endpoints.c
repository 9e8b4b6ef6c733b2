/* SPDX-License-Identifier: MIT */
#include "service/endpoints.h"

#include "base/alloc.h"
#include "service/scratch.h"

#define ISSUER "https://as.test"
#define SERVICE "[service a]\nupstream = https://a.test\nclient_id = x\n" \
	"issuer = " ISSUER "\n"

/* All of the kinds, at the server's own addresses and at others for clients
 * that show a certificate. */
static const char document[] =
	"{\"issuer\":\"" ISSUER "\","
	"\"authorization_endpoint\":\"" ISSUER "/authorize\","
	"\"token_endpoint\":\"" ISSUER "/token?x=y\","
	"\"revocation_endpoint\":\"" ISSUER "/revoke\","
	"\"authorization_response_iss_parameter_supported\":true,"
	"\"mtls_endpoint_aliases\":{"
	"\"authorization_endpoint\":\"https://mtls.as.test/authorize\","
	"\"token_endpoint\":\"https://mtls.as.test/token\"}}";

static struct endpoints *merged(const struct service *s)
{
	struct metadata *m = metadata_parse(str_z(document), ISSUER, NULL);
	struct endpoints *e;
	struct fault f;

	assert_non_null(m);
	e = endpoints_merge(s, m, &f);
	metadata_unref(&m);
	assert_non_null(e);
	return e;
}

static const char *url(const struct endpoints *e, enum endpoint_kind kind)
{
	const struct endpoint *to = endpoints_get(e, kind);

	return to ? to->url : NULL;
}

static void metadata_fills_in_what_is_not_given(void **state)
{
	struct endpoints *e;

	(void)state;
	load_good(SERVICE);
	e = merged(services->v[0]);
	assert_string_equal(e->issuer, ISSUER);
	assert_true(e->iss_parameter);
	assert_non_null(e->metadata);
	assert_string_equal(url(e, ENDPOINT_TOKEN), ISSUER "/token?x=y");
	assert_string_equal(url(e, ENDPOINT_REFRESH), ISSUER "/token?x=y");
	assert_string_equal(url(e, ENDPOINT_REVOCATION), ISSUER "/revoke");
	assert_null(url(e, ENDPOINT_INTROSPECTION));
	assert_string_equal(endpoints_get(e, ENDPOINT_TOKEN)->target,
			    "/token?x=y");
	assert_ptr_equal(endpoints_get(e, ENDPOINT_TOKEN)->origin.transport,
			 services->v[0]->token_transport);
	endpoints_unref(&e);
}

static void keys_win(void **state)
{
	struct endpoints *e;

	(void)state;
	load_good(SERVICE "token_endpoint = https://own.test/t\n"
		  "refresh_endpoint = https://own.test/r\n");
	e = merged(services->v[0]);
	assert_string_equal(url(e, ENDPOINT_TOKEN), "https://own.test/t");
	assert_string_equal(url(e, ENDPOINT_REFRESH), "https://own.test/r");
	assert_string_equal(url(e, ENDPOINT_REVOCATION), ISSUER "/revoke");
	endpoints_unref(&e);
}

static void aliases_are_for_certificates(void **state)
{
	static const struct client_auth shows = {
		.name = "tls_client_auth", .shows_certificate = true,
	};
	struct service s;
	struct endpoints *e;

	(void)state;
	load_good(SERVICE);
	s = *services->v[0];
	s.auth = &shows;
	e = merged(&s);
	assert_string_equal(url(e, ENDPOINT_TOKEN),
			    "https://mtls.as.test/token");
	assert_string_equal(url(e, ENDPOINT_REVOCATION), ISSUER "/revoke");
	assert_string_equal(url(e, ENDPOINT_AUTHORIZATION),
			    ISSUER "/authorize");
	endpoints_unref(&e);
	load_good(SERVICE "token_endpoint = https://own.test/t\n");
	s = *services->v[0];
	s.auth = &shows;
	e = merged(&s);
	assert_string_equal(url(e, ENDPOINT_TOKEN), "https://own.test/t");
	endpoints_unref(&e);
}

/* Who may share a document, and finds it in the store. */
static void metadata_id(void **state)
{
	const struct service *const *v;

	(void)state;
	load_good(SERVICE
		  "[service b]\nupstream = https://b.test\nclient_id = y\n"
		  "issuer = " ISSUER "\nscope = a openidx\n"
		  "[service c]\nupstream = https://c.test\nclient_id = y\n"
		  "issuer = " ISSUER "\nscope = a openid\n"
		  "[service d]\nupstream = https://d.test\nclient_id = y\n"
		  "issuer = " ISSUER "/\n"
		  "[service e]\nupstream = https://e.test\nclient_id = y\n"
		  "issuer = " ISSUER "\n"
		  "upstream_proxy = http://u:s3cret@proxy.test:3128\n"
		  "[service f]\nupstream = https://f.test\nclient_id = y\n"
		  "issuer = " ISSUER "\n"
		  "upstream_proxy = http://u:other@proxy.test:3128\n"
		  "[service g]\nupstream = https://g.test\nclient_id = y\n"
		  "token_endpoint = " ISSUER "/token\n");
	v = (const struct service *const *)services->v;
	assert_non_null(strstr(v[0]->metadata_id, "issuer:"));
	assert_string_equal(v[0]->metadata_id, v[1]->metadata_id);
	assert_string_not_equal(v[0]->metadata_id, v[2]->metadata_id);
	assert_string_not_equal(v[0]->metadata_id, v[3]->metadata_id);
	assert_string_not_equal(v[0]->metadata_id, v[4]->metadata_id);
	assert_string_equal(v[4]->metadata_id, v[5]->metadata_id);
	assert_null(v[6]->metadata_id);
}

/* An issuer is a part of whose a stored token is. */
static void issuer_is_in_the_identity(void **state)
{
	char *before;

	(void)state;
	load_good(SERVICE "token_endpoint = https://own.test/t\n");
	before = mem_strdup(services->v[0]->identity);
	load_good("[service a]\nupstream = https://a.test\nclient_id = x\n"
		  "issuer = https://other.test\n"
		  "token_endpoint = https://own.test/t\n");
	assert_string_not_equal(before, services->v[0]->identity);
	load_good(SERVICE "token_endpoint = https://own.test/t\n");
	assert_string_equal(before, services->v[0]->identity);
	mem_free(before);
}

/* --- which is whose --- */

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
		cmocka_unit_test(metadata_fills_in_what_is_not_given),
		cmocka_unit_test(keys_win),
		cmocka_unit_test(aliases_are_for_certificates),
		cmocka_unit_test(metadata_id),
		cmocka_unit_test(issuer_is_in_the_identity),
		cmocka_unit_test(empty_has_none),
		cmocka_unit_test(refresh_goes_to_the_token_endpoint),
		cmocka_unit_test(token_does_not_go_to_the_refresh_endpoint),
		cmocka_unit_test(references_are_counted),
		cmocka_unit_test_teardown(services_have_theirs,
					  scratch_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, scratch_teardown);
}
