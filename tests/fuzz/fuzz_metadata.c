/* SPDX-License-Identifier: MIT */
/* An issuer, a line's end, and what lies at its addresses: whatever is taken,
 * nothing may be sent but where the issuer's own protection reaches. */
#include "base/limits.h"
#include "oauth/metadata.h"

#include <string.h>

#include "base/alloc.h"
#include "data/uri.h"
#include "fuzz.h"

/* All lie on the issuer's own host. */
static void check_places(const char *issuer, bool openid)
{
	struct uri from, u;

	ASSERT(uri_parse(str_z(issuer), &from, NULL) == 0);
	for (size_t i = 0; i < 4; i++) {
		struct buf b = BUF_INIT(1 << 20);

		if (metadata_url(issuer, openid, i, &b)) {
			ASSERT(i < 3);
			ASSERT(uri_parse(buf_str(&b), &u, NULL) == 0);
			ASSERT(str_eq(u.scheme, from.scheme));
			ASSERT(str_eq(u.host, from.host));
			ASSERT(u.port == from.port);
			ASSERT(!u.has_query && !u.has_fragment);
		}
		buf_fini(&b);
	}
}

static void check_url(const char *url, const struct uri *from)
{
	struct uri u;

	if (!url)
		return;
	ASSERT(uri_parse(str_z(url), &u, NULL) == 0);
	ASSERT(!u.has_userinfo && !u.has_fragment);
	ASSERT(uri_is_https(&u) || (uri_is_http(from) &&
				    uri_host_is_loopback(u.host)));
}

static void check_endpoints(const struct metadata_endpoints *e,
			    const struct uri *from)
{
	for (int kind = 0; kind < ENDPOINT_KINDS; kind++)
		check_url(e->v[kind], from);
	ASSERT(!e->v[ENDPOINT_REFRESH]);
}

static void check_list(const struct metadata_list *l)
{
	ASSERT(l->n <= LIMIT_METADATA_LIST && (l->given || l->n == 0));
	for (size_t i = 0; i < l->n; i++)
		ASSERT(strlen(l->v[i]) > 0 &&
		       strlen(l->v[i]) <= LIMIT_METADATA_WORD);
}

static void check_metadata(const struct metadata *m, const char *issuer)
{
	struct uri from;

	ASSERT(strcmp(m->issuer, issuer) == 0);
	ASSERT(uri_parse(str_z(issuer), &from, NULL) == 0);
	check_endpoints(&m->endpoints, &from);
	check_endpoints(&m->mtls, &from);
	check_list(&m->id_token_signing_alg_values);
	check_list(&m->token_endpoint_auth_methods);
	check_list(&m->code_challenge_methods);
	check_list(&m->grant_types);
	check_list(&m->dpop_signing_alg_values);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rest = fuzz_text(data, size);
	char *issuer = str_dup(fuzz_part(&rest, '\n'));
	struct metadata *m;
	struct fault f;

	if (issuer_check(issuer, &f) == 0) {
		check_places(issuer, false);
		check_places(issuer, true);
		m = metadata_parse(rest, issuer, &f);
		if (m)
			check_metadata(m, issuer);
		metadata_unref(&m);
	}
	mem_free(issuer);
	return 0;
}
