/* SPDX-License-Identifier: MIT */
/* Whose a stored token is. A token belongs to all that it was asked for with;
 * where any of that is changed, it is another session's, and what is stored
 * is not found any more. */
#include <inttypes.h>

#include "base/buf.h"
#include "crypto/digest.h"
#include "service/compile.h"

enum { IDENTITY_MAX = 1 << 20 };

/* "name length:value", so that no value can look like another's end. */
static void add(struct buf *b, const char *name, struct str value)
{
	buf_addf(b, "%s %zu:", name, value.n);
	buf_add_str(b, value);
	buf_add_char(b, '\n');
}

/* What is added later goes in with an empty value, which leaves the text as
 * it is; the first line changes when the form does. */
static void add_if(struct buf *b, const char *name, const char *value)
{
	if (value)
		add(b, name, str_z(value));
}

char *service_identity(const struct service *s)
{
	ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT(IDENTITY_MAX);
	unsigned char digest[DIGEST_SHA256_SIZE];
	struct buf out = BUF_INIT(256);

	buf_add_z(&b, "bearerd session 1\n");
	add(&b, "grant", str_z(s->grant->name));
	add_if(&b, "token_endpoint", s->oauth->token_endpoint);
	add_if(&b, "client_id", s->oauth->client_id);
	add_if(&b, "scope", s->oauth->scope);
	add_if(&b, "audience", s->oauth->audience);
	for (size_t i = 0; i < s->oauth->resource.n; i++)
		add(&b, "resource", str_z(s->oauth->resource.v[i]));
	digest_sha256(buf_str(&b), digest);
	buf_addf(&out, "%s:", s->name);
	for (size_t i = 0; i < sizeof(digest); i++)
		buf_addf(&out, "%02x", digest[i]);
	return buf_take(&out);
}
