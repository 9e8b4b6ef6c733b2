/* SPDX-License-Identifier: MIT */
/* Puts proofs (DPoP) into upstream requests, and reads nonces from their
 * answers, for services with dpop: others pay nothing for it. */
#include "proxy/proof.h"

#include "base/clock.h"
#include "base/limits.h"
#include "oauth/dpop.h"
#include "proxy/exchange.h"
#include "proxy/place.h"
#include "proxy/worker.h"

static struct str proof_session(const struct exchange *x)
{
	return str_z(x->route.service->name);
}

static struct str proof_origin(const struct exchange *x)
{
	return str_z(place_origin(x)->url);
}

static int proof_make(struct exchange *x, struct str *out, struct fault *f)
{
	ATTR_CLEANUP(buf_fini) struct buf text = BUF_INIT(LIMIT_DPOP_PROOF);
	ATTR_CLEANUP(buf_fini) struct buf url = BUF_INIT(LIMIT_DPOP_PROOF);
	struct dpop_proof p = {
		.key = x->route.snapshot->key,
		.method = x->upstream.method,
		.nonce = dpop_nonces_get(&x->worker->nonces, proof_session(x),
					 proof_origin(x)),
		.access_token = x->route.snapshot->token->access_token,
		.now = clock_wall_ms() / 1000,
	};

	origin_write_uri(place_origin(x), x->upstream.target, &url);
	if (!buf_ok(&url))
		return fault_set(f, "the address is too long for a proof");
	p.url = buf_str(&url);
	if (dpop_proof_write(&p, &text, f) < 0)
		return -1;
	*out = arena_str(&x->arena, buf_str(&text));
	return 0;
}

int proof_place(struct exchange *x, struct fault *f)
{
	struct str proof = { NULL, 0 };

	if (!x->route.service->placement.name)
		return 0;
	fields_remove(&x->upstream.fields, STR(DPOP_FIELD));
	if (!x->route.snapshot->key)
		return 0;
	if (proof_make(x, &proof, f) < 0)
		return -1;
	fields_add(&x->upstream.fields, STR(DPOP_FIELD), proof);
	return 0;
}

bool proof_is_challenged(struct exchange *x)
{
	struct str nonce;

	if (!x->route.snapshot->key || !x->route.service->placement.name)
		return false;
	nonce = dpop_nonce(&x->upstream.answer);
	dpop_nonces_put(&x->worker->nonces, proof_session(x), proof_origin(x),
			nonce);
	fields_remove(&x->upstream.answer, STR(DPOP_NONCE_FIELD));
	return x->upstream.status == 401 && nonce.n > 0 &&
	       dpop_asks_for_nonce(&x->upstream.answer);
}
