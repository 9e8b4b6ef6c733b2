/* SPDX-License-Identifier: MIT */
/* Seals and opens values: the last thing that is done to a token before it
 * leaves for the disk, and the first when it comes back. */
#include "store/seal.h"

#include <string.h>

#include "crypto/aead.h"
#include "crypto/digest.h"

enum { SEAL_FORM = 1, SEAL_MARK_SIZE = 8, SEAL_HEAD_SIZE = 1 + SEAL_MARK_SIZE };

_Static_assert(SEAL_OVERHEAD ==
	       SEAL_HEAD_SIZE + AEAD_NONCE_SIZE + AEAD_TAG_SIZE,
	       "the overhead is what is added");

/* The form and the key's mark: a digest of the key, cut so short that it says
 * which key and nothing of it. With it a wrong key is told from damage. */
static void seal_head(const struct secret *key, char head[SEAL_HEAD_SIZE])
{
	unsigned char digest[DIGEST_SHA256_SIZE];
	ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT_SECRET(128);

	buf_add_z(&b, "bearerd store key:");
	buf_add_str(&b, secret_expose(key));
	digest_sha256(buf_str(&b), digest);
	head[0] = SEAL_FORM;
	memcpy(head + 1, digest, SEAL_MARK_SIZE);
}

/* The associated data: whose value it is, and in which form. */
static void seal_bind(struct buf *b, const char *head, struct str id)
{
	buf_init(b, SEAL_HEAD_SIZE + id.n);
	buf_add(b, head, SEAL_HEAD_SIZE);
	buf_add_str(b, id);
}

void seal_write(const struct secret *key, struct str id, struct str plain,
		struct buf *out)
{
	char head[SEAL_HEAD_SIZE];
	ATTR_CLEANUP(buf_fini) struct buf bound = BUF_INIT(0);

	seal_head(key, head);
	seal_bind(&bound, head, id);
	buf_add(out, head, sizeof(head));
	aead_seal(key, buf_str(&bound), plain, out);
}

enum seal_result seal_open(struct secret *const *keys, size_t n, struct str id,
			   struct str sealed, struct buf *plain)
{
	char head[SEAL_HEAD_SIZE];

	if (sealed.n < SEAL_OVERHEAD || sealed.p[0] != SEAL_FORM)
		return SEAL_BROKEN;
	for (size_t i = 0; i < n; i++) {
		ATTR_CLEANUP(buf_fini) struct buf bound = BUF_INIT(0);

		seal_head(keys[i], head);
		if (memcmp(head, sealed.p, sizeof(head)) != 0)
			continue;
		seal_bind(&bound, head, id);
		if (aead_open(keys[i], buf_str(&bound),
			      str_from(sealed, sizeof(head)), plain) < 0)
			return SEAL_BROKEN;
		return SEAL_OPENED;
	}
	return SEAL_OTHER_KEY;
}
