/* SPDX-License-Identifier: MIT */
/* Documents as servers publish them, and as none should be believed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "oauth/metadata.h"

#define ISSUER "https://as.test/tenant"

static struct metadata *metadata;
static struct fault fault;

static bool lists(const struct metadata_list *l, const char *word)
{
	for (size_t i = 0; i < l->n; i++) {
		if (strcmp(l->v[i], word) == 0)
			return true;
	}
	return false;
}

static int forget(void **state)
{
	(void)state;
	metadata_unref(&metadata);
	return 0;
}

static void read_of(const char *issuer, const char *text)
{
	metadata_unref(&metadata);
	memset(&fault, 0, sizeof(fault));
	metadata = metadata_parse(str_z(text), issuer, &fault);
}

/* A document of the issuer with these members besides. */
static void read_with(const char *members)
{
	struct buf b = BUF_INIT(1 << 20);

	buf_addf(&b, "{\"issuer\":\"" ISSUER "\"%s%s}", members[0] ? "," : "",
		 members);
	read_of(ISSUER, buf_z(&b));
	buf_fini(&b);
}

static void refused(const char *members, const char *words)
{
	read_with(members);
	assert_null(metadata);
	if (!strstr(fault.text, words))
		fail_msg("\"%s\" is not in \"%s\"", words, fault.text);
}

static void taken(const char *members)
{
	read_with(members);
	if (!metadata)
		print_error("%s\n", fault.text);
	assert_non_null(metadata);
}

/* --- where it lies --- */

static void lies_at(const char *issuer, bool openid, const char *const *urls)
{
	size_t i = 0;

	for (; urls[i]; i++) {
		struct buf b = BUF_INIT(1024);

		assert_true(metadata_url(issuer, openid, i, &b));
		assert_string_equal(buf_z(&b), urls[i]);
		buf_fini(&b);
	}
	struct buf b = BUF_INIT(1024);

	assert_false(metadata_url(issuer, openid, i, &b));
	assert_false(metadata_url(issuer, openid, 100, &b));
	buf_fini(&b);
}

#define WELL_KNOWN "/.well-known/"

static void issuer_without_a_path(void **state)
{
	static const char *const urls[] = {
		"https://as.test" WELL_KNOWN "oauth-authorization-server",
		"https://as.test" WELL_KNOWN "openid-configuration",
		NULL,
	};

	(void)state;
	lies_at("https://as.test", false, urls);
	lies_at("https://as.test/", false, urls);
}

static void issuer_with_a_path(void **state)
{
	static const char *const urls[] = {
		"https://as.test:8443" WELL_KNOWN
		"oauth-authorization-server/a/b",
		"https://as.test:8443/a/b" WELL_KNOWN "openid-configuration",
		"https://as.test:8443" WELL_KNOWN "openid-configuration/a/b",
		NULL,
	};

	(void)state;
	lies_at("https://as.test:8443/a/b", false, urls);
	lies_at("https://as.test:8443/a/b/", false, urls);
}

static void openid_first(void **state)
{
	(void)state;
	lies_at("https://as.test/a", true,
		(const char *const[]){
			"https://as.test/a" WELL_KNOWN "openid-configuration",
			"https://as.test" WELL_KNOWN
			"oauth-authorization-server/a",
			"https://as.test" WELL_KNOWN "openid-configuration/a",
			NULL });
	lies_at("http://[::1]:9000", true,
		(const char *const[]){
			"http://[::1]:9000" WELL_KNOWN "openid-configuration",
			"http://[::1]:9000" WELL_KNOWN
			"oauth-authorization-server",
			NULL });
}

static void issuer_that_is_none(void **state)
{
	struct buf b = BUF_INIT(1024);

	(void)state;
	assert_false(metadata_url("as.test", false, 0, &b));
	assert_int_equal(issuer_check("https://as.test/a", &fault), 0);
	assert_int_equal(issuer_check("http://localhost:1", &fault), 0);
	assert_int_equal(issuer_check("http://as.test", &fault), -1);
	assert_non_null(strstr(fault.text, "https"));
	assert_int_equal(issuer_check("ftp://localhost", &fault), -1);
	assert_non_null(strstr(fault.text, "https"));
	assert_int_equal(issuer_check("https://as.test?a", &fault), -1);
	assert_non_null(strstr(fault.text, "query"));
	assert_int_equal(issuer_check("https://as.test/#a", &fault), -1);
	assert_non_null(strstr(fault.text, "fragment"));
	assert_int_equal(issuer_check("https://u@as.test/", &fault), -1);
	assert_non_null(strstr(fault.text, "user"));
	buf_fini(&b);
}

/* --- what is in it --- */

static void reads_all_that_matters(void **state)
{
	(void)state;
	taken("\"authorization_endpoint\":\"https://as.test/authorize?a=b\","
	      "\"token_endpoint\":\"https://as.test/token\","
	      "\"device_authorization_endpoint\":\"https://as.test/device\","
	      "\"revocation_endpoint\":\"https://as.test/revoke\","
	      "\"introspection_endpoint\":\"https://as.test/introspect\","
	      "\"pushed_authorization_request_endpoint\":"
	      "\"https://as.test/par\","
	      "\"jwks_uri\":\"https://as.test/jwks\","
	      "\"require_pushed_authorization_requests\":true,"
	      "\"authorization_response_iss_parameter_supported\":true,"
	      "\"mtls_endpoint_aliases\":{"
	      "\"token_endpoint\":\"https://mtls.as.test/token\","
	      "\"pushed_authorization_request_endpoint\":"
	      "\"https://mtls.as.test/par\",\"else\":1},"
	      "\"id_token_signing_alg_values_supported\":[\"RS256\",\"ES256\"],"
	      "\"token_endpoint_auth_methods_supported\":[\"none\"],"
	      "\"code_challenge_methods_supported\":[\"S256\"],"
	      "\"grant_types_supported\":[\"password\"],"
	      "\"dpop_signing_alg_values_supported\":[\"PS256\"],"
	      "\"scopes_supported\":\"whatever\"");
	const struct metadata_endpoints *e = &metadata->endpoints;

	assert_string_equal(metadata->issuer, ISSUER);
	assert_string_equal(e->v[ENDPOINT_AUTHORIZATION],
			    "https://as.test/authorize?a=b");
	assert_string_equal(e->v[ENDPOINT_TOKEN], "https://as.test/token");
	assert_null(e->v[ENDPOINT_REFRESH]);
	assert_string_equal(e->v[ENDPOINT_DEVICE_AUTHORIZATION],
			    "https://as.test/device");
	assert_string_equal(e->v[ENDPOINT_REVOCATION],
			    "https://as.test/revoke");
	assert_string_equal(e->v[ENDPOINT_INTROSPECTION],
			    "https://as.test/introspect");
	assert_string_equal(e->v[ENDPOINT_PUSHED_AUTHORIZATION],
			    "https://as.test/par");
	assert_string_equal(metadata->endpoints.v[ENDPOINT_JWKS],
			    "https://as.test/jwks");
	assert_true(metadata->require_pushed_authorization_requests);
	assert_true(metadata->authorization_response_iss_parameter_supported);
	assert_string_equal(metadata->mtls.v[ENDPOINT_TOKEN],
			    "https://mtls.as.test/token");
	assert_null(metadata->mtls.v[ENDPOINT_REVOCATION]);
	assert_string_equal(metadata->mtls.v[ENDPOINT_PUSHED_AUTHORIZATION],
			    "https://mtls.as.test/par");
	assert_int_equal(metadata->id_token_signing_alg_values.n, 2);
	assert_true(lists(&metadata->id_token_signing_alg_values, "ES256"));
	assert_false(lists(&metadata->id_token_signing_alg_values, "ES25"));
	assert_true(lists(&metadata->token_endpoint_auth_methods, "none"));
	assert_true(lists(&metadata->code_challenge_methods, "S256"));
	assert_true(lists(&metadata->grant_types, "password"));
	assert_true(lists(&metadata->dpop_signing_alg_values, "PS256"));
}

static void what_is_absent_or_null(void **state)
{
	(void)state;
	taken("");
	assert_null(metadata->endpoints.v[ENDPOINT_TOKEN]);
	assert_null(metadata->endpoints.v[ENDPOINT_JWKS]);
	assert_false(metadata->require_pushed_authorization_requests);
	assert_false(metadata->authorization_response_iss_parameter_supported);
	assert_false(metadata->grant_types.given);
	taken("\"token_endpoint\":null,\"jwks_uri\":null,"
	      "\"mtls_endpoint_aliases\":null,"
	      "\"require_pushed_authorization_requests\":null,"
	      "\"grant_types_supported\":null");
	assert_null(metadata->endpoints.v[ENDPOINT_TOKEN]);
	assert_false(metadata->grant_types.given);
	taken("\"grant_types_supported\":[]");
	assert_true(metadata->grant_types.given);
	assert_int_equal(metadata->grant_types.n, 0);
}

static void issuer_must_be_the_same(void **state)
{
	static const char *const others[] = {
		"https://as.test/tenant/", "https://AS.test/tenant",
		"https://as.test:443/tenant", "https://as.test/tenan",
		"https://evil.test/tenant",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		struct buf b = BUF_INIT(1024);

		buf_addf(&b, "{\"issuer\":\"%s\"}", others[i]);
		read_of(ISSUER, buf_z(&b));
		buf_fini(&b);
		assert_null(metadata);
		assert_non_null(strstr(fault.text, others[i]));
		assert_non_null(strstr(fault.text, "to the last character"));
	}
	read_of(ISSUER, "{\"issuer\":\"" ISSUER "\\u0000\"}");
	assert_null(metadata);
	read_of(ISSUER, "{\"issuer\":\"\\u001b[31m\\n\xc3\xa4\"}");
	assert_null(metadata);
	assert_non_null(strstr(fault.text, "\"?[31m??\""));
	read_of(ISSUER, "{}");
	assert_non_null(strstr(fault.text, "issuer is missing"));
	read_of(ISSUER, "{\"issuer\":[\"" ISSUER "\"]}");
	assert_non_null(strstr(fault.text, "issuer is of type array"));
}

static void addresses_that_are_none(void **state)
{
	static const char *const names[] = {
		"authorization_endpoint", "token_endpoint",
		"device_authorization_endpoint", "revocation_endpoint",
		"introspection_endpoint", "jwks_uri",
		"pushed_authorization_request_endpoint",
	};
	static const struct {
		const char *value, *words;
	} rows[] = {
		{ "17", "number, where a string" },
		{ "true", "boolean, where a string" },
		{ "[]", "array, where a string" },
		{ "{}", "object, where a string" },
		{ "\"http://as.test/x\"", "https" },
		{ "\"http://127.0.0.1/x\"", "https URL, as the issuer is" },
		{ "\"ftp://localhost/x\"", "https" },
		{ "\"//as.test/x\"", "begins with its scheme" },
		{ "\"https://u:p@as.test/x\"", "user" },
		{ "\"https://as.test/x#f\"", "fragment" },
		{ "\"https://as.test/x y\"", "visible" },
		{ "\"https://as.test/x\\r\\ny\"", "visible" },
		{ "\"https://as.test/\\u0000\"", "visible" },
		{ "\"https:///x\"", "host is empty" },
	};

	(void)state;
	for (size_t n = 0; n < sizeof(names) / sizeof(names[0]); n++) {
		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
			struct buf b = BUF_INIT(1024);

			buf_addf(&b, "\"%s\":%s", names[n], rows[i].value);
			refused(buf_z(&b), rows[i].words);
			assert_non_null(strstr(fault.text, names[n]));
			if (n == 5) { /* has no alias */
				buf_fini(&b);
				continue;
			}
			buf_reset(&b);
			buf_addf(&b, "\"mtls_endpoint_aliases\":{\"%s\":%s}",
				 names[n], rows[i].value);
			refused(buf_z(&b), "mtls_endpoint_aliases: ");
			buf_fini(&b);
		}
	}
	refused("\"mtls_endpoint_aliases\":[]", "array, where an object");
}

static void issuer_on_loopback_may_have_http(void **state)
{
	(void)state;
	read_of("http://localhost:1",
		"{\"issuer\":\"http://localhost:1\","
		"\"token_endpoint\":\"http://127.0.0.1:2/token\"}");
	assert_non_null(metadata);
	read_of("http://localhost:1",
		"{\"issuer\":\"http://localhost:1\","
		"\"token_endpoint\":\"http://as.test/token\"}");
	assert_null(metadata);
}

static void flags_and_lists_of_other_types(void **state)
{
	static const char *const values[] = { "\"yes\"", "1", "{}" };
	static const char *const flags[] = {
		"require_pushed_authorization_requests",
		"authorization_response_iss_parameter_supported",
	};
	static const char *const lists[] = {
		"id_token_signing_alg_values_supported",
		"token_endpoint_auth_methods_supported",
		"code_challenge_methods_supported", "grant_types_supported",
		"dpop_signing_alg_values_supported",
	};
	char text[256];

	(void)state;
	for (size_t v = 0; v < 3; v++) {
		for (size_t i = 0; i < 2; i++) {
			snprintf(text, sizeof(text), "\"%s\":%s", flags[i],
				 values[v]);
			refused(text, "where a boolean must be");
			assert_non_null(strstr(fault.text, flags[i]));
		}
		for (size_t i = 0; i < 5; i++) {
			snprintf(text, sizeof(text), "\"%s\":%s", lists[i],
				 values[v]);
			if (v > 0)
				refused(text, "where a list must be");
			else
				taken(text);
			snprintf(text, sizeof(text), "\"%s\":[\"a\",%s]",
				 lists[i], v == 0 ? "\"a b\"" : values[v]);
			refused(text, v == 0 ? "a word that is empty"
					     : "a list of strings");
			assert_non_null(strstr(fault.text, lists[i]));
		}
	}
}

/* As servers write them that make text of all their settings. */
static void flags_and_lists_that_are_text(void **state)
{
	(void)state;
	taken("\"require_pushed_authorization_requests\":\"True\","
	      "\"authorization_response_iss_parameter_supported\":\"false\","
	      "\"grant_types_supported\":\"password\","
	      "\"token_endpoint_auth_methods_supported\":"
	      "\"none  private_key_jwt\"");
	assert_true(metadata->require_pushed_authorization_requests);
	assert_false(metadata->authorization_response_iss_parameter_supported);
	assert_int_equal(metadata->grant_types.n, 1);
	assert_int_equal(metadata->token_endpoint_auth_methods.n, 2);
	assert_string_equal(metadata->token_endpoint_auth_methods.v[1],
			    "private_key_jwt");
}

static void empty_and_null_members_are_as_absent(void **state)
{
	(void)state;
	taken("\"token_endpoint\":\"\",\"jwks_uri\":null,"
	      "\"revocation_endpoint\":\"\",\"mtls_endpoint_aliases\":null,"
	      "\"require_pushed_authorization_requests\":\"\","
	      "\"grant_types_supported\":\"\","
	      "\"code_challenge_methods_supported\":null,"
	      "\"token_endpoint_auth_methods_supported\":[\"\",\"none\",null]");
	for (int kind = 0; kind < ENDPOINT_KINDS; kind++)
		assert_null(metadata->endpoints.v[kind]);
	assert_false(metadata->require_pushed_authorization_requests);
	assert_false(metadata->grant_types.given);
	assert_int_equal(metadata->token_endpoint_auth_methods.n, 1);
	assert_string_equal(metadata->token_endpoint_auth_methods.v[0],
			    "none");
}

static void bounds(void **state)
{
	struct buf b = BUF_INIT(1 << 20);

	(void)state;
	buf_add_z(&b, "\"grant_types_supported\":[\"x\"");
	for (int i = 1; i < LIMIT_METADATA_LIST; i++)
		buf_add_z(&b, ",\"x\"");
	buf_add_z(&b, "]");
	taken(buf_z(&b));
	assert_int_equal(metadata->grant_types.n, LIMIT_METADATA_LIST);
	buf_cut(&b, buf_str(&b).n - 1);
	buf_add_z(&b, ",\"x\"]");
	refused(buf_z(&b), "more than 256 elements");
	buf_reset(&b);
	buf_add_z(&b, "\"jwks_uri\":\"https://as.test/");
	for (int i = 0; i < LIMIT_METADATA_URL; i++)
		buf_add_char(&b, 'x');
	buf_add_char(&b, '"');
	refused(buf_z(&b), "longer than 2048");
	buf_reset(&b);
	buf_add_z(&b, "\"grant_types_supported\":[\"");
	for (int i = 0; i <= LIMIT_METADATA_WORD; i++)
		buf_add_char(&b, 'x');
	buf_add_z(&b, "\"]");
	refused(buf_z(&b), "longer than 256");
	buf_reset(&b);
	buf_add_z(&b, "\"x\":\"");
	for (int i = 0; i < LIMIT_METADATA; i++)
		buf_add_char(&b, 'x');
	buf_add_char(&b, '"');
	refused(buf_z(&b), "longer than 262144");
	buf_fini(&b);
}

static void what_is_no_document(void **state)
{
	static const char *const texts[] = {
		"", "null", "[]", "\"" ISSUER "\"", "<html></html>",
		"{\"issuer\":\"" ISSUER "\"", "{\"issuer\":\"" ISSUER "\"}x",
		"{\"issuer\":\"" ISSUER "\",\"issuer\":\"" ISSUER "\"}",
		"{\"issuer\":\"" ISSUER "\",\"x\":{\"a\":1,\"a\":2}}",
		"{\"issuer\":\"" ISSUER "\",\"x\":[[[[[[[[[[[[[[[[[[[[1]]]]]]]]"
		"]]]]]]]]]]]]}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		read_of(ISSUER, texts[i]);
		assert_null(metadata);
		assert_true(fault.text[0]);
	}
	refused("\"token_endpoint\":\"https://as.test/a\","
		"\"token_endpoint\":\"https://as.test/b\"", "twice");
}

static void shared_by_reference(void **state)
{
	struct metadata *other, *none = NULL;

	(void)state;
	taken("\"grant_types_supported\":[\"a\"]");
	other = metadata_ref(metadata);
	metadata_unref(&metadata);
	assert_null(metadata);
	assert_true(lists(&other->grant_types, "a"));
	metadata_unref(&other);
	assert_null(metadata_ref(NULL));
	metadata_unref(&none);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(issuer_without_a_path),
		cmocka_unit_test(issuer_with_a_path),
		cmocka_unit_test(openid_first),
		cmocka_unit_test(issuer_that_is_none),
		cmocka_unit_test(reads_all_that_matters),
		cmocka_unit_test(what_is_absent_or_null),
		cmocka_unit_test(issuer_must_be_the_same),
		cmocka_unit_test(addresses_that_are_none),
		cmocka_unit_test(issuer_on_loopback_may_have_http),
		cmocka_unit_test(flags_and_lists_of_other_types),
		cmocka_unit_test(flags_and_lists_that_are_text),
		cmocka_unit_test(empty_and_null_members_are_as_absent),
		cmocka_unit_test(bounds),
		cmocka_unit_test(what_is_no_document),
		cmocka_unit_test(shared_by_reference),
	};

	return cmocka_run_group_tests(tests, NULL, forget);
}
