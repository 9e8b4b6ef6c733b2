/* SPDX-License-Identifier: MIT */
/* Random octets from GnuTLS: the source of every unguessable value of the
 * process. */
#include "crypto/random.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

#include "base/assert.h"

void random_fill(void *p, size_t n)
{
	/* Without a generator nothing that follows would be safe. */
	if (n > 0)
		ASSERT(gnutls_rnd(GNUTLS_RND_KEY, p, n) == 0);
}

uint32_t random_u32(void)
{
	uint32_t n;

	random_fill(&n, sizeof(n));
	return n;
}
