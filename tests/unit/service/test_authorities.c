/* SPDX-License-Identifier: MIT */
/* Services whose authorization server is told who they are by more than a
 * secret: keys, certificates, assertions. */
#include "service/service.h"

#include "oauth/keys.h"
#include "service/scratch.h"
#include "upstream/certs.h"

#define SERVICE "[service a]\nupstream = https://a.test\n"
#define CLIENT SERVICE "client_id = x\ntoken_endpoint = https://as.test/t\n"

/* The text with each "DIR" as the folder of the keys. */
static char *filled(const char *text)
{
	struct buf b = BUF_INIT(1 << 16);
	const char *at;

	for (; (at = strstr(text, "DIR")); text = at + 3) {
		buf_add(&b, text, (size_t)(at - text));
		buf_add_z(&b, keys_folder);
	}
	buf_add_z(&b, text);
	char *z = strdup(buf_z(&b));

	buf_fini(&b);
	return z;
}

static void load_filled(const char *text, bool good)
{
	char *z = filled(text);

	if (good)
		load_good(z);
	else
		load(z);
	free(z);
}

static void test_private_key_jwt(void **state)
{
	(void)state;
	load_filled(CLIENT "token_endpoint_auth_method = private_key_jwt\n"
		    "client_private_key = DIR/p256.pem\n", true);
	assert_non_null(services->v[0]->auth_state);
	load_filled(CLIENT "token_endpoint_auth_method = private_key_jwt\n"
		    "client_private_key = DIR/nothing.pem\n"
		    "[service b]\nupstream = https://b.test\nclient_id = x\n"
		    "token_endpoint = https://as.test/t\n"
		    "token_endpoint_auth_method = private_key_jwt\n"
		    "client_private_key = DIR/p256.pem\n"
		    "token_endpoint_auth_signing_alg = RS256\n"
		    "[service c]\nupstream = https://c.test\nclient_id = x\n"
		    "token_endpoint = https://as.test/t\n"
		    "token_endpoint_auth_method = client_secret_jwt\n"
		    "client_secret = s3cret\n", false);
	assert_mistake(6, "nothing.pem");
	assert_mistake(13, "token_endpoint_auth_signing_alg");
	assert_mistake(19, "client_secret");
	assert_mistakes(3);
}

static void test_keys_of_another_method(void **state)
{
	(void)state;
	load_filled(CLIENT "client_private_key = DIR/p256.pem\n"
		    "client_key_id = k\n", false);
	assert_mistake(5, "client_private_key is not used with "
			  "token_endpoint_auth_method = none; it is with "
			  "private_key_jwt, tls_client_auth, "
			  "self_signed_tls_client_auth");
	assert_mistake(6, "it is with private_key_jwt");
	assert_mistakes(2);
}

static void put_certificate(void)
{
	const struct cert_wish wish = { .name = "client",
					.purpose = GNUTLS_KP_TLS_WWW_CLIENT };
	gnutls_datum_t crt, key;
	struct cert c;
	char both[16384];

	cert_make(&c, &wish);
	cert_must(gnutls_x509_crt_export2(c.crt, GNUTLS_X509_FMT_PEM, &crt));
	cert_must(gnutls_x509_privkey_export2_pkcs8(c.key, GNUTLS_X509_FMT_PEM,
						    NULL, GNUTLS_PKCS_PLAIN,
						    &key));
	keys_put("c.pem", (char *)crt.data);
	keys_put("c.key", (char *)key.data);
	(void)snprintf(both, sizeof(both), "%s%s", (char *)crt.data,
		       (char *)key.data);
	keys_put("both.pem", both);
	gnutls_free(crt.data);
	gnutls_free(key.data);
	cert_free(&c);
}

/* It is shown to the authorization server, and to nobody else. */
static void test_certificates(void **state)
{
	(void)state;
	put_certificate();
	load_filled(CLIENT "token_endpoint_auth_method = tls_client_auth\n"
		    "client_certificate = DIR/c.pem\n"
		    "client_private_key = DIR/c.key\n"
		    "[service b]\nupstream = https://b.test\nclient_id = x\n"
		    "token_endpoint = https://as.test/t\n"
		    "token_endpoint_auth_method = self_signed_tls_client_auth"
		    "\nclient_certificate = DIR/both.pem\n"
		    "[service c]\nupstream = https://c.test\nclient_id = x\n"
		    "token_endpoint = https://as.test/t\n", true);
	assert_non_null(services->v[0]->token_transport->certificate);
	assert_null(services->v[0]->transport->certificate);
	assert_ptr_equal(at(services->v[0], ENDPOINT_TOKEN)->origin.transport,
			 services->v[0]->token_transport);
	assert_non_null(services->v[1]->token_transport->certificate);
	assert_null(services->v[2]->token_transport->certificate);
	assert_ptr_equal(services->v[2]->token_transport,
			 services->v[0]->transport);
}

static void test_bad_certificates(void **state)
{
	(void)state;
	put_certificate();
	load_filled(CLIENT "token_endpoint_auth_method = tls_client_auth\n"
		    "client_certificate = DIR/c.pem\n"
		    "client_private_key = DIR/p256.pem\n"
		    "[service b]\nupstream = https://b.test\nclient_id = x\n"
		    "token_endpoint = http://127.0.0.1/t\n"
		    "token_endpoint_auth_method = tls_client_auth\n"
		    "client_certificate = DIR/both.pem\n"
		    "[service c]\nupstream = https://c.test\nclient_id = x\n"
		    "token_endpoint = https://as.test/t\n"
		    "token_endpoint_auth_method = tls_client_auth\n", false);
	assert_mistake(6, "client_certificate: ");
	assert_mistake(11, "token_endpoint must be https");
	assert_mistake(14, "client_certificate is missing");
	assert_mistakes(3);
}

#define ACCOUNT                                                             \
	"{\"type\":\"service_account\",\"client_email\":\"x@p.example\","   \
	"\"token_uri\":\"https://oauth2.test/token\"}"

/* The endpoint that the file names is as one that a key names. */
static void test_service_account(void **state)
{
	(void)state;
	keys_put("account.json", ACCOUNT);
	load_filled(SERVICE "service_account_file = DIR/account.json\n"
		    "assertion_private_key = DIR/rsa.pem\n"
		    "[service b]\nupstream = https://b.test\n"
		    "service_account_file = DIR/account.json\n"
		    "assertion_private_key = DIR/rsa.pem\n"
		    "token_endpoint = http://127.0.0.1:9/t\n"
		    "assertion_subject = you\n", true);
	assert_string_equal(services->v[0]->grant->name, "jwt-bearer");
	assert_null(services->v[0]->auth);
	assert_string_equal(at(services->v[0], ENDPOINT_TOKEN)->url,
			    "https://oauth2.test/token");
	assert_string_equal(at(services->v[1], ENDPOINT_TOKEN)->url,
			    "http://127.0.0.1:9/t");
	assert_non_null(services->v[0]->trust);
}

/* Of the session's identity: what the file says, whatever it is called. */
static void test_identity(void **state)
{
	char *before;

	(void)state;
	keys_put("account.json", ACCOUNT);
	load_filled(SERVICE "service_account_file = DIR/account.json\n"
		    "assertion_private_key = DIR/rsa.pem\n", true);
	before = strdup(services->v[0]->identity);
	keys_put("account.json",
		 "{\"type\":\"service_account\",\"client_email\":"
		 "\"y@p.example\",\"token_uri\":"
		 "\"https://oauth2.test/token\"}");
	load_filled(SERVICE "service_account_file = DIR/account.json\n"
		    "assertion_private_key = DIR/rsa.pem\n", true);
	assert_string_not_equal(services->v[0]->identity, before);
	keys_put("account.json", ACCOUNT);
	load_filled(SERVICE "service_account_file = DIR/account.json\n"
		    "assertion_private_key = DIR/p256.pem\n"
		    "assertion_signing_alg = ES256\n", true);
	assert_string_equal(services->v[0]->identity, before);
	free(before);
}

static int teardown(void **state)
{
	return scratch_teardown(state) | keys_teardown(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_private_key_jwt),
		cmocka_unit_test(test_keys_of_another_method),
		cmocka_unit_test(test_certificates),
		cmocka_unit_test(test_bad_certificates),
		cmocka_unit_test(test_service_account),
		cmocka_unit_test(test_identity),
	};

	return cmocka_run_group_tests_name("service/authorities", tests,
					   keys_setup, teardown);
}
