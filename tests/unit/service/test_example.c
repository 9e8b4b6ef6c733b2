/* SPDX-License-Identifier: MIT */
/* conf/bearerd.ini.example as it is, and with its examples in force. */
#include "service/keys.h"
#include "service/service.h"

#include <ftw.h>
#include <sys/stat.h>

#include "service/scratch.h"
#include "service/tree.h"
#include "upstream/certs.h"

/* A CA of nobody's, for upstream_ca; a certificate is not checked by its
 * date until something is verified by it. */
static const char ca[] =
	"-----BEGIN CERTIFICATE-----\n"
	"MIIBgDCCASegAwIBAgIUKbT/bsQOpNFW3JydoBAtUhjpJr8wCgYIKoZIzj0EAwIw\n"
	"FTETMBEGA1UEAwwKZXhhbXBsZSBDQTAgFw0yNjExMjMxNzQxNTNaGA8yMTI2MTAz\n"
	"MDE3NDE1M1owFTETMBEGA1UEAwwKZXhhbXBsZSBDQTBZMBMGByqGSM49AgEGCCqG\n"
	"SM49AwEHA0IABOx8FcPhkPiztACvNjmoIwu2EJKGk0UjyEEX6XBZAy98WTS2pWwW\n"
	"sIWUOBAOjceGMCEnr17YSVkh19NI0NUkjomjUzBRMB0GA1UdDgQWBBSFl5GFivuI\n"
	"/74QYOY3hFNCm/nCFzAfBgNVHSMEGDAWgBSFl5GFivuI/74QYOY3hFNCm/nCFzAP\n"
	"BgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0cAMEQCIHkDwZQz48rzBb+0eMyL\n"
	"H1g7ejJwXAY7//J3e2RTmMnvAiB0bh3qArjNj0PPCmkEb2ylkUOt5JrnbPm5ZjeO\n"
	"MNsVXA==\n"
	"-----END CERTIFICATE-----\n"
;

static char folder[64];

static void put(const char *name, const char *text)
{
	char path[128];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

/* A certificate and its key, for upstream_certificate. */
static void put_client(const char *certificate, const char *key)
{
	const struct cert_wish wish = { .name = "client",
					.purpose = GNUTLS_KP_TLS_WWW_CLIENT };
	struct cert c;
	gnutls_datum_t pem;

	cert_make(&c, &wish);
	cert_must(gnutls_x509_crt_export2(c.crt, GNUTLS_X509_FMT_PEM, &pem));
	put(certificate, (char *)pem.data);
	gnutls_free(pem.data);
	cert_must(gnutls_x509_privkey_export2_pkcs8(c.key, GNUTLS_X509_FMT_PEM,
						    NULL, GNUTLS_PKCS_PLAIN,
						    &pem));
	put(key, (char *)pem.data);
	gnutls_free(pem.data);
	cert_free(&c);
}

/* A key that signs, alone and in the file of a service account. */
static void put_rsa_keys(void)
{
	struct buf account = BUF_INIT(16384);
	gnutls_x509_privkey_t key;
	gnutls_datum_t pem;
	struct json_out o;

	cert_must(gnutls_x509_privkey_init(&key));
	cert_must(gnutls_x509_privkey_generate(key, GNUTLS_PK_RSA, 2048, 0));
	cert_must(gnutls_x509_privkey_export2_pkcs8(key, GNUTLS_X509_FMT_PEM,
						    NULL, GNUTLS_PKCS_PLAIN,
						    &pem));
	put("ledger.key", (char *)pem.data);
	put("backend.key", (char *)pem.data);
	buf_add_z(&account, "{\"type\":\"service_account\",\"client_email\":"
			    "\"r@example.com\",\"token_uri\":"
			    "\"https://login.example.com/token\","
			    "\"private_key\":");
	json_out_init(&o, &account);
	json_out_z(&o, (char *)pem.data);
	buf_add_char(&account, '}');
	put("reports.json", buf_z(&account));
	buf_fini(&account);
	gnutls_free(pem.data);
	gnutls_x509_privkey_deinit(key);
}

static int setup(void **state)
{
	char path[128];

	(void)state;
	(void)strcpy(folder, "/tmp/bearerd-test-XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	put("example.secret", "s3cret\n");
	put("intranet.token", "t0ken\n");
	put("lab.token", "t0ken\n");
	put("wiki.secret", "s3cret\n");
	put("odd.secret", "s3cret\n");
	put("crm.secret", "s3cret\n");
	put("exchange.secret", "s3cret\n");
	put("signed-calls.lua", "function protected_request(r) end\n");
	put("legacy.password", "s3cret\n");
	put("cloud.refresh", "t0ken\n");
	put_client("intranet-client.pem", "intranet-client.key");
	put_client("bank-client.pem", "bank-client.key");
	put_rsa_keys();
	put("subject.token", "t0ken\n");
	put("actor.token", "t0ken\n");
	put("client.token", "t0ken\n");
	(void)snprintf(path, sizeof(path), "%s/providers", folder);
	if (mkdir(path, 0700))
		return -1;
	put("intranet-ca.pem", ca);
	setenv("TRACKER_TOKEN", "t0ken", 1);
	unsetenv("CREDENTIALS_DIRECTORY");
	return 0;
}

static int unlink_one(const char *path, const struct stat *st ATTR_UNUSED,
		      int type ATTR_UNUSED, struct FTW *at ATTR_UNUSED)
{
	return remove(path);
}

static int teardown(void **state)
{
	unload();
	return nftw(folder, unlink_one, 4, FTW_DEPTH | FTW_PHYS) |
	       scratch_teardown(state);
}

/* An example is "#key = value" or "#[section]": no space behind the "#". */
static bool is_example(struct str line)
{
	return line.n > 1 && line.p[0] == '#' &&
	       (char_is_alpha(line.p[1]) || line.p[1] == '[');
}

static void read_example(struct buf *out, bool in_force)
{
	struct buf page = BUF_INIT(1 << 20);
	struct str rest;

	assert_true(tree_read("conf/bearerd.ini.example", &page));
	buf_init(out, 1 << 20);
	rest = buf_str(&page);
	while (rest.n) {
		struct str line = str_sub(rest, 0, str_find(rest, '\n'));

		rest = str_from(rest, line.n + 1);
		if (in_force && is_example(line))
			line = str_from(line, 1);
		buf_add_str(out, line);
		buf_add_char(out, '\n');
	}
	buf_fini(&page);
}

static void load_example(bool in_force)
{
	char path[128];
	struct buf text;

	read_example(&text, in_force);
	put("bearerd.ini", buf_z(&text));
	buf_fini(&text);
	unload();
	report = config_report_new();
	(void)snprintf(path, sizeof(path), "%s/bearerd.ini", folder);
	services = services_load(path, report);
	show_mistakes();
	assert_int_equal(config_report_count(report), 0);
	assert_non_null(services);
}

static void test_as_it_is(void **state)
{
	(void)state;
	load_example(false);
	assert_int_equal(services->n, 0);
}

static size_t count_services(void)
{
	struct buf text;
	const char *at;
	size_t n = 0;

	read_example(&text, true);
	for (at = buf_z(&text); (at = strstr(at, "\n[service ")); at++)
		n++;
	buf_fini(&text);
	return n;
}

static void test_in_force(void **state)
{
	(void)state;
	load_example(true);
	assert_int_equal(services->n, count_services());
	assert_string_equal(services->v[0]->grant->name,
			    "client_credentials");
	assert_string_equal(services->v[1]->grant->name, "static");
	assert_string_equal(services->v[1]->placement.name, "X-Api-Key");
	assert_string_equal(services->v[2]->placement.placement->name,
			    "query");
	assert_non_null(services->v[2]->trust);
	assert_non_null(services->v[2]->transport->certificate);
	assert_string_equal(services->v[4]->grant->name, "password");
	assert_string_equal(services->v[5]->grant->name, "refresh_token");
	assert_string_equal(services->v[6]->grant->name,
			    "authorization_code");
	assert_string_equal(services->v[7]->auth->name, "client_secret_post");
	assert_string_equal(services->v[8]->grant->name, "jwt-bearer");
	assert_string_equal(services->v[9]->grant->name, "jwt-bearer");
	assert_string_equal(services->v[10]->grant->name, "signed-jwt");
	assert_string_equal(services->v[11]->grant->name, "token-exchange");
	assert_non_null(services->v[11]->auth_state);
	assert_string_equal(services->v[12]->auth->name, "private_key_jwt");
	assert_non_null(services->v[13]->token_transport->certificate);
}

/* Of a wildcard, any; of a secret, also from where it is read. */
static bool has_key(const struct buf *text, const struct config_key *key)
{
	static const char *const ways[] = { " = ", "_file = ", "_env = " };
	size_t n = key->flags & CONFIG_SECRET ? 3 : 1;
	char line[128];

	if (str_ends(str_z(key->name), STR(".*"))) {
		(void)snprintf(line, sizeof(line), "\n%.*s",
			       (int)strlen(key->name) - 1, key->name);
		return strstr(buf_z(text), line) != NULL;
	}
	while (n > 0) {
		(void)snprintf(line, sizeof(line), "\n%s%s", key->name,
			       ways[--n]);
		if (strstr(buf_z(text), line))
			return true;
	}
	return false;
}

/* Whoever adds a key shows it. */
static void test_has_every_key(void **state)
{
	const struct config_table *const *t = service_tables();
	struct buf text;

	(void)state;
	read_example(&text, true);
	for (; *t; t++)
		for (size_t i = 0; i < (*t)->nkeys; i++) {
			const struct config_key *key = &(*t)->keys[i];

			/* A later version's people will need it. */
			if (strcmp(key->name, "external_url") != 0 &&
			    !has_key(&text, key))
				fail_msg("the example has no %s", key->name);
		}
	buf_fini(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_as_it_is),
		cmocka_unit_test(test_in_force),
		cmocka_unit_test(test_has_every_key),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
