/* SPDX-License-Identifier: MIT */
#include "base/limits.h"
#include "crypto/key.h"

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "crypto/jwk.h"
#include "crypto/jws.h"
#include "crypto/key_int.h"
#include "crypto/vectors.h"

static struct key *parsed(const char *text)
{
	struct fault f = { "" };
	struct key *key = key_parse_private(str_z(text), &f);

	if (!key)
		fail_msg("refused: %s", f.text);
	return key;
}

static void refused_str(struct str text, const char *words)
{
	struct fault f = { "" };
	struct key *key = key_parse_private(text, &f);

	assert_null(key);
	if (!strstr(f.text, words))
		fail_msg("\"%s\" does not say \"%s\"", f.text, words);
}

static void refused(const char *text, const char *words)
{
	refused_str(str_z(text), words);
}

static void thumbprint_of(const char *text, struct buf *out)
{
	struct key *key = parsed(text);

	jwk_thumbprint(key, out);
	key_unref(&key);
	assert_null(key);
}

/* ---- what is taken ---- */

static void test_each_kind(void **state)
{
	static const struct {
		const char *text;
		enum key_type type;
		const char *words;
	} kinds[] = {
		{ pem_rsa, KEY_RSA, "RSA, 2048 bits" },
		{ pem_rsa_pkcs1, KEY_RSA, "RSA, 2048 bits" },
		{ pem_p256, KEY_EC, "P-256" },
		{ pem_p256_sec1, KEY_EC, "P-256" },
		{ pem_p384, KEY_EC, "P-384" },
		{ pem_p521, KEY_EC, "P-521" },
		{ pem_ed25519, KEY_OKP, "Ed25519" },
		{ pem_ed448, KEY_OKP, "Ed448" },
		{ rfc7515_a2_key, KEY_RSA, "RSA, 2048 bits" },
		{ rfc7515_a3_key, KEY_EC, "P-256" },
		{ rfc7515_a4_key, KEY_EC, "P-521" },
		{ rfc8037_key, KEY_OKP, "Ed25519" },
		{ rfc7515_a1_key, KEY_OCT, "a shared secret" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		struct key *key = parsed(kinds[i].text);

		assert_int_equal(key_type(key), kinds[i].type);
		assert_string_equal(key_words(key), kinds[i].words);
		assert_true(key_is_private(key));
		assert_null(key_id(key));
		assert_null(key->alg);
		key_unref(&key);
	}
}

/* Each form of one key gives the same one. */
static void test_forms_of_one_key(void **state)
{
	ATTR_CLEANUP(buf_fini) struct buf pkcs8 = BUF_INIT(64);
	ATTR_CLEANUP(buf_fini) struct buf other = BUF_INIT(64);

	(void)state;
	thumbprint_of(pem_p256, &pkcs8);
	thumbprint_of(pem_p256_sec1, &other);
	assert_string_equal(buf_z(&pkcs8), buf_z(&other));
	buf_reset(&pkcs8);
	buf_reset(&other);
	thumbprint_of(pem_rsa, &pkcs8);
	thumbprint_of(pem_rsa_pkcs1, &other);
	assert_string_equal(buf_z(&pkcs8), buf_z(&other));
	buf_reset(&other);
	thumbprint_of(pem_p384, &other);
	assert_string_not_equal(buf_z(&pkcs8), buf_z(&other));
}

static void add_crlf(struct buf *b, const char *text)
{
	for (; *text; text++) {
		if (*text == '\n')
			buf_add_char(b, '\r');
		buf_add_char(b, *text);
	}
}

static void test_what_stands_around_it(void **state)
{
	ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT(8192);
	struct key *key;

	(void)state;
	buf_addf(&b, "Bag Attributes\n    friendlyName: x\n%s%s%s",
		 pem_p256_certificate, pem_p256, pem_p256_public);
	key = parsed(buf_z(&b));
	key_unref(&key);
	buf_reset(&b);
	add_crlf(&b, pem_p256_sec1);
	key = parsed(buf_z(&b));
	key_unref(&key);
	buf_reset(&b);
	buf_addf(&b, " \r\n\t%s\n", rfc8037_key);
	key = parsed(buf_z(&b));
	key_unref(&key);
}

static void test_jwk_members(void **state)
{
	struct key *key = parsed(rfc7517_a2_rsa);

	(void)state;
	assert_string_equal(key_id(key), "2011-04-29");
	assert_string_equal(key->alg, "RS256");
	key_unref(&key);
}

/* ---- what is not ---- */

static void test_encrypted(void **state)
{
	(void)state;
	refused(pem_p256_pkcs8_encrypted, "openssl pkey -in OLD -out NEW");
	refused(pem_p256_sec1_encrypted, "the private key is encrypted");
}

static void test_other_kinds(void **state)
{
	(void)state;
	refused(pem_rsa_1024, "1024 bits: one of 2048 or more");
	refused(pem_rsa_pss, "make a plain RSA key");
	refused(pem_secp256k1, "another kind than RSA, EC (P-256, P-384, "
			       "P-521), Ed25519, Ed448");
	refused(pem_x25519, "kind is not supported");
	refused("-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n"
		"-----END OPENSSH PRIVATE KEY-----\n", "ssh-keygen -p");
	refused("-----BEGIN DSA PRIVATE KEY-----\nAAAA\n"
		"-----END DSA PRIVATE KEY-----\n", "not an RSA, EC or EdDSA");
}

static void test_public_only(void **state)
{
	(void)state;
	refused(pem_p256_public, "but no private key");
	refused(pem_p256_certificate, "but no private key");
	refused(rfc8037_public, "with the member d");
	refused(rfc7517_a1, "it is a set of JWKs");
}

static void test_several(void **state)
{
	ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT(8192);

	(void)state;
	buf_addf(&b, "%s%s", pem_p256, pem_p384);
	refused(buf_z(&b), "there are 2 private keys");
}

static void test_no_key_at_all(void **state)
{
	(void)state;
	refused("", "the text is empty");
	refused(" \n\t\r\n", "the text is empty");
	refused_str((struct str){ NULL, 0 }, "the text is empty");
	refused("hunter2", "neither PEM");
	refused("-----BEGIN", "neither PEM");
	refused("-----BEGIN ", "not an RSA, EC or EdDSA");
	refused("{", "the JWK is not valid JSON");
	refused("{}", "kty is not one of");
}

static void test_damaged(void **state)
{
	ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT(8192);

	(void)state;
	for (size_t n = 30; n < strlen(pem_p256) - 30; n += 7) {
		struct str part = str_sub(str_z(pem_p256), 0, n);

		refused_str(part, "it is damaged");
	}
	buf_add_z(&b, pem_p256);
	b.p[strlen(pem_p256) / 2] = '*';
	refused(buf_z(&b), "it is damaged");
}

/* A key whose public part is another's signs what nobody can verify. */
static void test_parts_that_do_not_belong_together(void **state)
{
	ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT(8192);
	char *octet;

	(void)state;
	buf_add_z(&b, pem_p256);
	octet = strstr(buf_z(&b), "FIflwmN4"); /* within d */
	assert_non_null(octet);
	octet[4] = octet[4] == 'A' ? 'B' : 'A';
	refused(buf_z(&b), "do not belong together");
}

static void test_no_octet_of_a_key_in_a_fault(void **state)
{
	static const char secret[] = "Sup3rS3cr3tSup3rS3cr3t";
	static const char *const forms[] = {
		"%s",
		"-----BEGIN %s-----\n",
		"-----BEGIN PRIVATE KEY-----\n%s\n-----END PRIVATE KEY-----",
		"{\"kty\":\"%s\"}",
		"{\"kty\":\"oct\",\"k\":\"%s=\"}",
		"{\"kty\":\"EC\",\"crv\":\"%s\"}",
		"{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"%s\"}",
		"{\"k\":\"%s\",",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT(1024);
		struct str form = str_z(forms[i]);
		size_t at = str_find_str(form, STR("%s"));
		struct fault f = { "" };

		buf_add_str(&b, str_sub(form, 0, at));
		buf_add_z(&b, secret);
		buf_add_str(&b, str_from(form, at + 2));
		assert_null(key_parse_private(buf_str(&b), &f));
		assert_string_not_equal(f.text, "");
		assert_null(strstr(f.text, "Sup3r"));
	}
}

static void test_too_long(void **state)
{
	ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT(LIMIT_KEY_FILE + 1);
	struct key *key;

	(void)state;
	buf_add_z(&b, pem_p256);
	while (b.n < LIMIT_KEY_FILE)
		buf_add_char(&b, '\n');
	key = parsed(buf_z(&b));
	key_unref(&key);
	buf_add_char(&b, '\n');
	refused(buf_z(&b), "at most 65536 octets");
}

/* ---- files ---- */

static char path[64];

static int make_file(void **state)
{
	int fd;

	(void)state;
	(void)snprintf(path, sizeof(path), "/tmp/key-XXXXXX");
	fd = mkstemp(path);
	return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
	(void)state;
	return remove(path);
}

static void write_file(const char *text, size_t n)
{
	int fd = open(path, O_WRONLY | O_TRUNC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, n), n);
	assert_int_equal(close(fd), 0);
}

static void load_refused(const char *where, const char *words)
{
	struct fault f = { "" };

	assert_null(key_load(where, &f));
	assert_non_null(strstr(f.text, where));
	if (!strstr(f.text, words))
		fail_msg("\"%s\" does not say \"%s\"", f.text, words);
}

static void test_loads_files(void **state)
{
	struct fault f = { "" };
	struct key *key;

	(void)state;
	write_file(pem_ed25519, strlen(pem_ed25519));
	key = key_load(path, &f);
	assert_non_null(key);
	assert_string_equal(key_words(key), "Ed25519");
	key_unref(&key);
	write_file(rfc7515_a2_key, strlen(rfc7515_a2_key));
	key = key_load(path, &f);
	assert_non_null(key);
	key_unref(&key);
}

static void test_refuses_files(void **state)
{
	char *zeros = calloc(1, LIMIT_KEY_FILE + 1);

	(void)state;
	assert_non_null(zeros);
	load_refused("/nonexistent/key.pem", "No such file");
	load_refused("/", "not a regular file");
	write_file("", 0);
	load_refused(path, ": there is no key");
	write_file(zeros, LIMIT_KEY_FILE);
	load_refused(path, "neither PEM");
	write_file(zeros, LIMIT_KEY_FILE + 1);
	load_refused(path, "larger than 65536 octets");
	assert_int_equal(remove(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	load_refused(path, "not a regular file");
	free(zeros);
}

/* ---- life ---- */

static void test_references(void **state)
{
	struct key *key = parsed(pem_p256), *other = key_ref(key);
	struct key *none = NULL;

	(void)state;
	assert_ptr_equal(key, other);
	key_unref(&key);
	assert_null(key);
	assert_string_equal(key_words(other), "P-256");
	key_unref(&other);
	key_unref(&none);
	assert_null(key_ref(NULL));
}

static void test_symmetric_has_a_reference_of_its_own(void **state)
{
	struct secret *secret = secret_new(STR("a secret"));
	struct key *key = key_symmetric(secret);

	(void)state;
	secret_unref(&secret);
	assert_int_equal(key_type(key), KEY_OCT);
	assert_true(key_is_private(key));
	key_unref(&key);
}

static void test_generates(void **state)
{
	ATTR_CLEANUP(buf_fini) struct buf a = BUF_INIT(64);
	ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT(64);
	struct key *one = key_generate_p256(), *two = key_generate_p256();

	(void)state;
	assert_string_equal(key_words(one), "P-256");
	assert_true(key_is_private(one));
	jwk_thumbprint(one, &a);
	jwk_thumbprint(two, &b);
	assert_string_not_equal(buf_z(&a), buf_z(&b));
	key_unref(&one);
	key_unref(&two);
}

struct signer {
	const struct jws_alg *alg;
	struct key *key;
	int good;
};

/* Takes a reference, signs and verifies with the shared key, drops it. */
static void *sign_on(void *arg)
{
	struct signer *s = arg;

	for (int i = 0; i < 20; i++) {
		struct buf out = BUF_INIT(2048), payload = BUF_INIT(64);
		struct key *key = key_ref(s->key);

		if (jws_sign(s->alg, key, STR("{\"alg\":\"ES256\"}"),
			     STR("threads"), &out, NULL) == 0 &&
		    jws_verify(s->alg, key, buf_str(&out), NULL, &payload,
			       NULL) == 0)
			s->good++;
		key_unref(&key);
		buf_fini(&out);
		buf_fini(&payload);
	}
	return NULL;
}

static void test_threads_share_one(void **state)
{
	struct key *key = parsed(pem_p256);
	struct signer signers[4];
	pthread_t threads[4];

	(void)state;
	for (int i = 0; i < 4; i++) {
		signers[i] = (struct signer){ jws_alg_find("ES256", NULL),
					      key, 0 };
		assert_int_equal(pthread_create(&threads[i], NULL, sign_on,
						&signers[i]), 0);
	}
	for (int i = 0; i < 4; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_int_equal(signers[i].good, 20);
	}
	key_unref(&key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_kind),
		cmocka_unit_test(test_forms_of_one_key),
		cmocka_unit_test(test_what_stands_around_it),
		cmocka_unit_test(test_jwk_members),
		cmocka_unit_test(test_encrypted),
		cmocka_unit_test(test_other_kinds),
		cmocka_unit_test(test_public_only),
		cmocka_unit_test(test_several),
		cmocka_unit_test(test_no_key_at_all),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_parts_that_do_not_belong_together),
		cmocka_unit_test(test_no_octet_of_a_key_in_a_fault),
		cmocka_unit_test(test_too_long),
		cmocka_unit_test_setup_teardown(test_loads_files, make_file,
						remove_file),
		cmocka_unit_test_setup_teardown(test_refuses_files, make_file,
						remove_file),
		cmocka_unit_test(test_references),
		cmocka_unit_test(test_symmetric_has_a_reference_of_its_own),
		cmocka_unit_test(test_generates),
		cmocka_unit_test(test_threads_share_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
