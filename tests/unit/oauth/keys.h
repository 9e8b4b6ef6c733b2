/* SPDX-License-Identifier: MIT */
/* Private keys for the tests of what is signed with them, made anew in each
 * run, and what was signed. */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>

#include <cmocka.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "crypto/jwt.h"
#include "data/form.h"

static char keys_folder[64];

/* The path of a file in the folder; valid until the fourth call from now. */
static inline const char *keys_path(const char *name)
{
	static char paths[4][128];
	static int turn;
	char *path = paths[turn++ % 4];

	if (!keys_folder[0]) {
		(void)strcpy(keys_folder, "/tmp/bearerd-test-XXXXXX");
		assert_non_null(mkdtemp(keys_folder));
	}
	(void)snprintf(path, sizeof(paths[0]), "%s/%s", keys_folder, name);
	return path;
}

/* Writes a file; its path. */
static inline const char *keys_put(const char *name, const char *text)
{
	const char *path = keys_path(name);
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	return path;
}

/* A new private key as PEM (PKCS#8). free. */
static inline char *keys_pem(gnutls_pk_algorithm_t algorithm, unsigned bits)
{
	gnutls_x509_privkey_t key;
	gnutls_datum_t pem;
	char *z;

	assert_int_equal(gnutls_x509_privkey_init(&key), 0);
	assert_int_equal(gnutls_x509_privkey_generate(key, algorithm, bits, 0),
			 0);
	assert_int_equal(gnutls_x509_privkey_export2_pkcs8(
				 key, GNUTLS_X509_FMT_PEM, NULL,
				 GNUTLS_PKCS_PLAIN, &pem), 0);
	z = strndup((char *)pem.data, pem.size);
	assert_non_null(z);
	gnutls_free(pem.data);
	gnutls_x509_privkey_deinit(key);
	return z;
}

/* rsa.pem, p256.pem and ed25519.pem in the folder, once a run. */
static inline int keys_setup(void **state)
{
	static const struct {
		const char *name;
		gnutls_pk_algorithm_t algorithm;
		unsigned bits;
	} rows[] = {
		{ "rsa.pem", GNUTLS_PK_RSA, 2048 },
		{ "p256.pem", GNUTLS_PK_ECDSA,
		  GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1) },
		{ "p384.pem", GNUTLS_PK_ECDSA,
		  GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP384R1) },
		{ "ed25519.pem", GNUTLS_PK_EDDSA_ED25519,
		  GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_ED25519) },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *pem = keys_pem(rows[i].algorithm, rows[i].bits);

		keys_put(rows[i].name, pem);
		free(pem);
	}
	return 0;
}

static inline int keys_teardown(void **state)
{
	char command[128];

	(void)state;
	(void)snprintf(command, sizeof(command), "rm -rf %s", keys_folder);
	return system(command);
}

/* Verifies what a file's key has signed by that algorithm. */
static inline struct jwt keys_verify(const char *name, const char *alg,
				     struct str compact)
{
	struct fault f = { "" };
	struct key *key = key_load(keys_path(name), &f);
	struct jwt jwt;

	assert_non_null(key);
	if (jwt_verify(jws_alg_find(alg, &f), key, compact, &jwt, &f) < 0)
		fail_msg("%s", f.text);
	key_unref(&key);
	return jwt;
}

static inline void expect_text(const struct json *object, const char *name,
			       const char *value)
{
	const struct json *j = json_get(object, name);

	if (!value) {
		assert_null(j);
		return;
	}
	assert_true(json_is(j, JSON_STRING));
	if (!str_eq_z(json_text(j), value))
		fail_msg("%s is \"%.*s\", not \"%s\"", name,
			 STR_ARGS(json_text(j)), value);
}

static inline int64_t date_of(const struct json *claims, const char *name)
{
	int64_t n = -1;
	struct fault f;

	assert_int_equal(jwt_date(claims, name, &n, &f), 1);
	return n;
}

/* The value of a parameter of a form, decoded. free. */
static inline char *form_value(struct str form, const char *name)
{
	struct buf n = BUF_INIT(256), v = BUF_INIT(1 << 20);
	char *z = NULL;

	while (!z && form_next(&form, &n, &v))
		if (str_eq_z(buf_str(&n), name))
			z = strdup(buf_z(&v));
	buf_fini(&n);
	buf_fini(&v);
	if (!z)
		fail_msg("no %s in the form", name);
	return z;
}
