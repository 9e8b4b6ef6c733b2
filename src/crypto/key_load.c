/* SPDX-License-Identifier: MIT */
/* Reads a private key from a file of PEM or of a JWK. Where it is a file of
 * another kind, as most mistakes are, the fault says of which. */
#include "base/limits.h"
#include "crypto/key.h"

#include "base/alloc.h"
#include "base/assert.h"
#include "base/buf.h"
#include "base/text_file.h"
#include "crypto/jwk.h"
#include "crypto/key_int.h"

/* ---- PEM (RFC 7468) ---- */

static const struct str BEGIN = { "-----BEGIN ", 11 };
static const struct str DASHES = { "-----", 5 };
static const struct str PROC_TYPE = { "Proc-Type: 4,ENCRYPTED", 22 };

struct pem_block {
	struct str label, text; /* from its BEGIN to the next one's */
};

/* Takes the next block off *rest; false at the end. */
static bool next_block(struct str *rest, struct pem_block *block)
{
	size_t at = str_find_str(*rest, BEGIN);

	if (at == rest->n)
		return false;
	block->text = str_from(*rest, at);

	struct str inner = str_from(block->text, BEGIN.n);
	size_t next = str_find_str(inner, BEGIN);

	block->label = str_sub(inner, 0, str_find_str(inner, DASHES));
	block->text = str_sub(block->text, 0, BEGIN.n + next);
	*rest = str_from(inner, next);
	return true;
}

/* Blocks that may stand around the key. */
static bool is_beside(struct str label)
{
	return str_ends(label, STR("CERTIFICATE")) ||
	       str_eq(label, STR("EC PARAMETERS")) ||
	       str_eq(label, STR("PUBLIC KEY"));
}

static int check_label(const struct pem_block *block, struct fault *f)
{
	struct str label = block->label;

	if (str_eq(label, STR("ENCRYPTED PRIVATE KEY")) ||
	    str_find_str(block->text, PROC_TYPE) < block->text.n)
		return fault_set(f, "the private key is encrypted, and nobody "
				 "is there to type its passphrase: store it "
				 "decrypted (openssl pkey -in OLD -out NEW) "
				 "and readable by its user alone");
	if (str_eq(label, STR("OPENSSH PRIVATE KEY")))
		return fault_set(f, "the private key is in OpenSSH's own "
				 "format: convert a copy (ssh-keygen -p -m "
				 "PKCS8 -N \"\" -f COPY)");
	if (!str_eq(label, STR("PRIVATE KEY")) &&
	    !str_eq(label, STR("RSA PRIVATE KEY")) &&
	    !str_eq(label, STR("EC PRIVATE KEY")))
		return fault_set(f, "the PEM block is not an RSA, EC or EdDSA "
				    "private key (PRIVATE KEY, RSA PRIVATE KEY "
				    "or EC PRIVATE KEY)");
	return 0;
}

/* The one block that is a private key; the others are public. */
static int find_private(struct str text, struct pem_block *found,
			struct fault *f)
{
	struct pem_block block;
	size_t n = 0, others = 0;

	while (next_block(&text, &block)) {
		if (is_beside(block.label)) {
			others++;
			continue;
		}
		if (check_label(&block, f) < 0)
			return -1;
		*found = block;
		n++;
	}
	if (n == 0 && others > 0)
		return fault_set(f, "there is a certificate or a public key, "
				 "but no private key");
	if (n != 1)
		return fault_set(f, "there are %zu private keys, which leaves "
				 "open which one is meant: leave one", n);
	return 0;
}

static struct key *parse_pem(struct str text, struct fault *f)
{
	struct pem_block block = { { NULL, 0 }, { NULL, 0 } };
	gnutls_x509_privkey_t raw;

	if (find_private(text, &block, f) < 0)
		return NULL;

	/* GnuTLS wants the octets through a pointer to what is not const,
	 * and a NUL behind them. */
	char *copy = str_dup(block.text);
	gnutls_datum_t datum = { (unsigned char *)copy,
				 (unsigned)block.text.n };

	ASSERT(gnutls_x509_privkey_init(&raw) == 0);
	int rc = gnutls_x509_privkey_import2(raw, &datum, GNUTLS_X509_FMT_PEM,
					     NULL, GNUTLS_PKCS_PLAIN);

	mem_wipe(copy, block.text.n);
	mem_free(copy);
	if (rc == 0)
		return key_take_private(raw, f);
	gnutls_x509_privkey_deinit(raw);
	fault_set(f, "the private key cannot be read (%s): it is damaged, or "
		  "of another kind than RSA, EC (%s), %s",
		  gnutls_strerror(rc), key_curve_names(KEY_EC),
		  key_curve_names(KEY_OKP));
	return NULL;
}

/* ---- either ---- */

static struct key *parse_jwk(struct str text, struct fault *f)
{
	struct key *key = jwk_parse(text, f);

	if (key && !key_is_private(key)) {
		fault_set(f, "the JWK is a public key: the private one, with "
			  "the member d, is needed");
		key_unref(&key);
	}
	return key;
}

struct key *key_parse_private(struct str text, struct fault *f)
{
	struct cursor c = cursor_of(text);

	while (cursor_skip(&c, ' ') || cursor_skip(&c, '\t') ||
	       cursor_skip(&c, '\r') || cursor_skip(&c, '\n'))
		;
	if (text.n > LIMIT_KEY_FILE)
		fault_set(f, "a private key has at most %d octets of text",
			  LIMIT_KEY_FILE);
	else if (cursor_done(&c))
		fault_set(f, "there is no key, the text is empty");
	else if (cursor_peek(&c) == '{')
		return parse_jwk(text, f);
	else if (str_find_str(text, BEGIN) == text.n)
		fault_set(f, "there is no private key: neither PEM (a line "
			  "-----BEGIN PRIVATE KEY-----) nor a JWK (a JSON "
			  "object)");
	else
		return parse_pem(text, f);
	return NULL;
}

/* ---- the file ---- */

struct key *key_load(const char *path, struct fault *f)
{
	ATTR_CLEANUP(buf_fini) struct buf text =
		BUF_INIT_SECRET(LIMIT_KEY_FILE);
	struct key *key = NULL;

	if (text_file_read(path, &text, NULL, f) == 0)
		key = key_parse_private(buf_str(&text), f);
	if (!key)
		fault_prefix(f, "%s", path);
	return key;
}
