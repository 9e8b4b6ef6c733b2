/* SPDX-License-Identifier: MIT */
/* Finds each endpoint of a service: from its keys, else from its server's
 * metadata. */
#include "service/endpoints.h"

#include "base/alloc.h"
#include "service/service.h"

struct endpoints *endpoints_new(void)
{
	struct endpoints *e = mem_new(struct endpoints);

	e->refs = 1;
	return e;
}

struct endpoints *endpoints_ref(struct endpoints *e)
{
	if (e)
		e->refs++;
	return e;
}

void endpoints_unref(struct endpoints **ep)
{
	struct endpoints *e = *ep;

	*ep = NULL;
	if (!e || --e->refs > 0)
		return;
	for (size_t i = 0; i < ENDPOINT_KINDS; i++)
		endpoint_fini(&e->v[i]);
	metadata_unref(&e->metadata);
	mem_free(e->issuer);
	mem_free(e);
}

const struct endpoint *endpoints_get(const struct endpoints *e,
				     enum endpoint_kind kind)
{
	if (e->v[kind].url)
		return &e->v[kind];
	if (kind == ENDPOINT_REFRESH && e->v[ENDPOINT_TOKEN].url)
		return &e->v[ENDPOINT_TOKEN];
	return NULL;
}

const char *service_token_endpoint(const struct service *s)
{
	if (s->oauth->token_endpoint || !s->grant || !s->grant->token_endpoint)
		return s->oauth->token_endpoint;
	return s->grant->token_endpoint(s->grant_state);
}

/* Browsers show no certificate: people have no other address. */
static const char *endpoint_url(const struct service *s,
				const struct metadata *m,
				enum endpoint_kind kind)
{
	const char *given = kind == ENDPOINT_TOKEN ?
				    service_token_endpoint(s) :
				    endpoint_given(s->oauth, kind);

	if (given)
		return given;
	if (s->auth && s->auth->shows_certificate &&
	    kind != ENDPOINT_AUTHORIZATION && m->mtls.v[kind])
		return m->mtls.v[kind];
	return m->endpoints.v[kind];
}

struct endpoints *endpoints_merge(const struct service *s, struct metadata *m,
				  struct fault *f)
{
	struct endpoints *e = endpoints_new();

	e->issuer = mem_strdup(m->issuer);
	e->iss_parameter = m->authorization_response_iss_parameter_supported;
	e->metadata = metadata_ref(m);
	for (int kind = 0; kind < ENDPOINT_KINDS; kind++) {
		const char *url = endpoint_url(s, m, kind);

		if (url && endpoint_init(&e->v[kind], url, s->token_transport,
					 f) < 0) {
			fault_prefix(f, "%s", endpoint_key(kind));
			endpoints_unref(&e);
			return NULL;
		}
	}
	return e;
}
