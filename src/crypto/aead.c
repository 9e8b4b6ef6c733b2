/* SPDX-License-Identifier: MIT */
/* Encrypts and decrypts by AES-256-GCM, nonce, ciphertext and tag in one piece.
 * The store's seal uses it. */
#include "crypto/aead.h"

#include <string.h>

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "crypto/random.h"

/* GnuTLS takes the key through a pointer to what is not const: a copy, which
 * it has made its own by the time it returns. */
static gnutls_aead_cipher_hd_t aead_cipher(const struct secret *key)
{
	struct str octets = secret_expose(key);
	unsigned char copy[AEAD_KEY_SIZE];
	gnutls_datum_t datum = { copy, sizeof(copy) };
	gnutls_aead_cipher_hd_t cipher = NULL;

	ASSERT(octets.n == AEAD_KEY_SIZE);
	memcpy(copy, octets.p, sizeof(copy));
	ASSERT(gnutls_aead_cipher_init(&cipher, GNUTLS_CIPHER_AES_256_GCM,
				       &datum) == 0);
	mem_wipe(copy, sizeof(copy));
	return cipher;
}

static const char *octets_of(struct str s)
{
	return s.p ? s.p : "";
}

void aead_seal(const struct secret *key, struct str associated,
	       struct str plain, struct buf *out)
{
	gnutls_aead_cipher_hd_t cipher = aead_cipher(key);
	unsigned char nonce[AEAD_NONCE_SIZE];
	size_t n = plain.n + AEAD_TAG_SIZE;
	char *sealed = mem_alloc(n);

	random_fill(nonce, sizeof(nonce));
	ASSERT(gnutls_aead_cipher_encrypt(cipher, nonce, sizeof(nonce),
					  octets_of(associated), associated.n,
					  AEAD_TAG_SIZE, octets_of(plain),
					  plain.n, sealed, &n) == 0);
	ASSERT(n == plain.n + AEAD_TAG_SIZE);
	buf_add(out, nonce, sizeof(nonce));
	buf_add(out, sealed, n);
	mem_free(sealed);
	gnutls_aead_cipher_deinit(cipher);
}

int aead_open(const struct secret *key, struct str associated,
	      struct str sealed, struct buf *out)
{
	if (sealed.n < AEAD_NONCE_SIZE + AEAD_TAG_SIZE)
		return -1;

	gnutls_aead_cipher_hd_t cipher = aead_cipher(key);
	struct str body = str_from(sealed, AEAD_NONCE_SIZE);
	size_t room = body.n, n = room;
	char *plain = mem_alloc(room);
	int rc = gnutls_aead_cipher_decrypt(cipher, sealed.p, AEAD_NONCE_SIZE,
					    octets_of(associated),
					    associated.n, AEAD_TAG_SIZE,
					    body.p, body.n, plain, &n);

	gnutls_aead_cipher_deinit(cipher);
	if (rc == 0)
		buf_add(out, plain, n);
	mem_wipe(plain, room);
	mem_free(plain);
	return rc == 0 ? 0 : -1;
}
