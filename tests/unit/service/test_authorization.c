/* SPDX-License-Identifier: MIT */
/* Which parts of a login go into its request: those that its keys ask for. */
#include "service/authorization.h"

#include "service/scratch.h"
#include "service/service.h"

#define PEOPLE(name)                                             \
	"[service " name "]\nupstream = https://" name ".example.com\n" \
	"token_endpoint = https://as.example.com/token\n"        \
	"authorization_endpoint = https://as.example.com/a\n"    \
	"client_id = demo\nredirect_uri = https://me.example.com/cb\n"

static struct authorization_request asks(size_t service)
{
	struct secret *state = secret_new(STR("st4te"));
	struct secret *nonce = secret_new(STR("n0nce"));
	struct secret *verifier = secret_new(STR("v3rifier"));
	const struct login_parts parts = {
		.redirect_uri = "https://me.example.com/cb",
		.state = state,
		.nonce = nonce,
		.verifier = verifier,
		.dpop_jkt = "thumbprint",
	};
	struct authorization_request r =
		service_authorization(services->v[service], &parts);

	assert_ptr_equal(r.section, services->v[service]->section);
	assert_ptr_equal(r.grant, services->v[service]->grant);
	assert_string_equal(r.redirect_uri, "https://me.example.com/cb");
	assert_ptr_equal(r.state, state);
	assert_true(!r.nonce || r.nonce == nonce);
	assert_true(!r.verifier || r.verifier == verifier);
	assert_null(r.endpoint);
	assert_null(r.request_uri);
	secret_unref(&state);
	secret_unref(&nonce);
	secret_unref(&verifier);
	return r; /* its secrets are to be compared with NULL only */
}

static void what_the_keys_ask_for_goes_in(void **state)
{
	struct authorization_request r;

	(void)state;
	load_good(PEOPLE("full") "scope = openid mail\ndpop = yes\n"
		  "issuer = https://as.example.com\n"
		  PEOPLE("plain") "scope = mail\npkce = no\n");
	r = asks(0);
	assert_true(service_login_has_nonce(services->v[0]));
	assert_non_null(r.nonce);
	assert_true(service_login_has_verifier(services->v[0]));
	assert_non_null(r.verifier);
	assert_string_equal(r.dpop_jkt, "thumbprint");
	r = asks(1);
	assert_false(service_login_has_nonce(services->v[1]));
	assert_null(r.nonce);
	assert_false(service_login_has_verifier(services->v[1]));
	assert_null(r.verifier);
	assert_null(r.dpop_jkt);
	unload();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_keys_ask_for_goes_in),
	};

	return cmocka_run_group_tests_name("service/authorization", tests,
					   NULL, NULL);
}
