/* SPDX-License-Identifier: MIT */
/* Asks an issuer's well-known addresses, one after the other. Of the failures
 * that are met on the way the most telling one is reported: that one address
 * has nothing says little while another may. */
#include "authserver/metadata_fetch.h"

#include <string.h>

#include "authserver/call.h"
#include "base/alloc.h"
#include "base/limits.h"
#include "upstream/endpoint.h"

/* An issuer, and a well-known name. */
enum { URL_MAX = LIMIT_CONFIG_VALUE + 64 };

/* How telling a failure is, rising. */
enum rank { RANK_NONE, RANK_ABSENT, RANK_MOVED, RANK_WRONG, RANK_UNAVAILABLE };

struct metadata_fetch {
	struct upstream *upstream;
	const struct service *service;
	size_t i;                 /* which address */
	struct endpoint at;
	struct fetch *fetch;
	enum rank rank;
	struct session_trouble trouble;
	metadata_fetch_fn *done;
	void *arg;
};

static void metadata_fetch_free(struct metadata_fetch *m)
{
	endpoint_fini(&m->at);
	mem_free(m);
}

static void on_response(void *arg, const struct fetch_response *response,
			const struct transfer_fault *fault);

bool metadata_fetch_address(const struct oauth_settings *o, size_t i,
			    struct buf *out)
{
	if (!o->metadata_url)
		return metadata_url(o->issuer,
				    oauth_scope_holds(o, STR("openid")), i,
				    out);
	buf_add_z(out, o->metadata_url);
	return i == 0;
}

/* Asks the next address; false where there is none any more. */
static bool ask_next(struct metadata_fetch *m, struct fault *f)
{
	struct buf url = BUF_INIT(URL_MAX);
	const struct service *s = m->service;
	bool found = metadata_fetch_address(s->oauth, m->i++, &url);

	endpoint_fini(&m->at);
	found = found && endpoint_init(&m->at, buf_z(&url), s->token_transport,
				       f) == 0;
	if (found)
		m->fetch = fetch_json(m->upstream, &m->at,
				      s->tokens->token_timeout, LIMIT_METADATA,
				      on_response, m);
	buf_fini(&url);
	return found;
}

struct metadata_fetch *metadata_fetch_start(struct upstream *u,
					    const struct service *s,
					    metadata_fetch_fn *done, void *arg,
					    struct fault *f)
{
	struct metadata_fetch *m = mem_new(struct metadata_fetch);

	m->upstream = u;
	m->service = s;
	m->done = done;
	m->arg = arg;
	if (ask_next(m, f))
		return m;
	fault_prefix(f, "issuer");
	metadata_fetch_free(m);
	return NULL;
}

void metadata_fetch_cancel(struct metadata_fetch **mp)
{
	struct metadata_fetch *m = *mp;

	*mp = NULL;
	if (!m)
		return;
	fetch_cancel(&m->fetch);
	metadata_fetch_free(m);
}

/* --- the answers --- */

/* Where to, in texts: an address may be longer than they are. */
#define AT "%.150s"

static bool met(struct metadata_fetch *m, enum rank rank)
{
	if (rank <= m->rank)
		return false;
	m->rank = rank;
	m->trouble = (struct session_trouble){
		.trouble = rank == RANK_UNAVAILABLE ? REFRESH_UNAVAILABLE :
						      REFRESH_DENIED,
		.retry_after = -1,
	};
	return true;
}

static void met_fault(struct metadata_fetch *m, const struct fault *text)
{
	if (met(m, RANK_UNAVAILABLE))
		fault_set(&m->trouble.text,
			  "the server's metadata at " AT " cannot be had: %s; "
			  "it will be asked for again; where this lasts, check "
			  "issuer and the network",
			  m->at.url, text->text);
}

static void met_document(struct metadata_fetch *m, const struct fault *text)
{
	if (met(m, RANK_WRONG))
		fault_set(&m->trouble.text,
			  "the server's metadata at " AT " cannot be used: %s",
			  m->at.url, text->text);
}

static void met_status(struct metadata_fetch *m, const struct fetch_response *r)
{
	bool moved = r->status >= 300 && r->status < 400;

	if (r->status >= 500 || r->status == 429 || r->status == 408) {
		if (!met(m, RANK_UNAVAILABLE))
			return;
		m->trouble.retry_after = call_retry_after(r);
		fault_set(&m->trouble.text,
			  "the server's metadata at " AT " is not available "
			  "(status %d); it will be asked for again",
			  m->at.url, r->status);
	} else if (met(m, moved ? RANK_MOVED : RANK_ABSENT)) {
		fault_set(&m->trouble.text,
			  "the server's metadata cannot be had: " AT
			  " answered with %s%d%s; check issuer, or give the "
			  "endpoints themselves",
			  m->at.url, moved ? "a redirect (status " : "status ",
			  r->status,
			  moved ? "), and redirects are not followed" : "");
	}
}

static void finish(struct metadata_fetch *m, struct metadata_answer *a)
{
	metadata_fetch_fn *done = m->done;
	void *arg = m->arg;

	a->trouble = m->trouble;
	a->url = m->at.url;
	done(arg, a);
	metadata_unref(&a->metadata);
	metadata_fetch_free(m);
}

/* The document where the response is one; else NULL, and why is noted. */
static struct metadata *read_response(struct metadata_fetch *m,
				      const struct fetch_response *r)
{
	struct metadata *metadata;
	struct fault f;

	if (r->status != 200) {
		met_status(m, r);
		return NULL;
	}
	metadata = metadata_parse(r->body, m->service->oauth->issuer, &f);
	if (!metadata)
		met_document(m, &f);
	return metadata;
}

static bool is_too_long(const struct transfer_fault *fault)
{
	return strcmp(fault->error, "http_response_body_size") == 0;
}

/* Something before the server may let one address through and not another:
 * whatever is wrong with one, the next is asked. */
static void on_response(void *arg, const struct fetch_response *response,
			const struct transfer_fault *fault)
{
	struct metadata_fetch *m = arg;
	struct metadata_answer a = { 0 };

	m->fetch = NULL;
	if (fault && is_too_long(fault)) {
		met_document(m, &fault->text);
	} else if (fault) {
		met_fault(m, &fault->text);
	} else {
		a.metadata = read_response(m, response);
		a.text = response->body;
	}
	if (a.metadata || !ask_next(m, NULL))
		finish(m, &a);
}
