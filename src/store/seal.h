/* SPDX-License-Identifier: MIT */
/* The seal: what makes a value readable with the store's key only, and only
 * under the identity that it was stored for. A sealed value is one octet that
 * says its form, eight that mark the key, and what aead_seal makes of it with
 * the identity as associated data. */
#pragma once

#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/secret.h"
#include "base/str.h"

/* What a seal adds to a value, in octets. */
enum { SEAL_OVERHEAD = 1 + 8 + 12 + 16 };

enum seal_result {
	SEAL_OPENED,
	SEAL_OTHER_KEY, /* it bears the mark of none of the keys */
	SEAL_BROKEN,    /* cut, changed, or another identity's */
};

/* Appends plain, sealed with the key (AEAD_KEY_SIZE octets) for id. */
void seal_write(const struct secret *key, struct str id, struct str plain,
		struct buf *out);
/* Opens with whichever of the n keys it was sealed with and appends to plain,
 * which is as before unless SEAL_OPENED. */
ATTR_MUST_CHECK enum seal_result seal_open(struct secret *const *keys,
					   size_t n, struct str id,
					   struct str sealed,
					   struct buf *plain);
