/* SPDX-License-Identifier: MIT */
/* Passes on what comes and goes around a request's body, for the libcurl
 * carrier: the interim responses before the final one, the 100 that the body
 * waits for, the trailers behind it. libcurl has a wait of its own for a 100,
 * over HTTP/1.1 alone, and by itself sends a request again that is answered
 * with 417 meanwhile: it does not know of this one (curl_request.c), and its
 * source says that there is nothing yet. */
#include "base/limits.h"
#include "upstream/pool.h"

bool transfer_interim(struct curl_transfer *t)
{
	struct response *r = &t->response;

	if (++t->interims > LIMIT_INTERIM_ANSWERS) {
		transfer_fail(t, 502, "http_response_header_section_size",
			      "over %d interim answers have come",
			      LIMIT_INTERIM_ANSWERS);
		return false;
	}
	t->transfer.version = t->http2 ? 20 : 11;
	if (t->events.interim)
		t->events.interim(t->arg, r->status, &r->fields);
	if (r->status == 100 && t->awaits_continue) {
		t->awaits_continue = false;
		transfer_resume_write(&t->transfer);
	}
	if (r->status == 102 || t->awaits_continue)
		transfer_watch(t);
	return true;
}

/* RFC 9110 §10.1.1: the body is not wanted, and stays owed. */
void transfer_interim_over(struct curl_transfer *t)
{
	t->body_refused = t->awaits_continue;
	t->awaits_continue = false;
}

static bool trailer_add(struct curl_slist **list, const struct field *f)
{
	ATTR_CLEANUP(buf_fini) struct buf line =
		BUF_INIT_SECRET(f->name.n + 2 + f->value.n);
	struct curl_slist *longer;

	buf_add_str(&line, f->name);
	buf_add_z(&line, ": ");
	buf_add_str(&line, f->value);
	longer = curl_slist_append(*list, buf_z(&line));
	if (longer)
		*list = longer;
	return longer != NULL;
}

/* What libcurl does not hold would end the request; a trailer may be dropped
 * (RFC 9110 §6.5.2). */
static bool trailers_fit(const struct fields *trailers)
{
	size_t n = 0;

	for (size_t i = 0; i < trailers->n; i++)
		n += trailers->v[i].name.n + trailers->v[i].value.n + 4;
	return n <= LIMIT_TRAILERS;
}

/* libcurl frees the list. */
static int on_trailers(struct curl_slist **list, void *arg)
{
	struct curl_transfer *t = arg;
	const struct fields *trailers = NULL;

	if (!t->cancelled)
		trailers = t->events.source_trailers(t->arg);
	if (!trailers || !trailers_fit(trailers))
		return CURL_TRAILERFUNC_OK;
	for (size_t i = 0; i < trailers->n; i++)
		if (!trailer_add(list, &trailers->v[i]))
			return CURL_TRAILERFUNC_ABORT;
	return CURL_TRAILERFUNC_OK;
}

void transfer_interim_apply(struct curl_transfer *t,
			    const struct transfer_request *r)
{
	CURL *e = t->easy;

	t->expects = r->expect &&
		     (t->framing.body == FRAMING_CHUNKED ||
		      t->framing.length > 0) &&
		     !upstream_is_http10(t->pool->upstream, r->origin);
	t->awaits_continue = t->expects;
	if (t->framing.body != FRAMING_CHUNKED || !t->events.source_trailers)
		return;
	curl_easy_setopt(e, CURLOPT_TRAILERFUNCTION, on_trailers);
	curl_easy_setopt(e, CURLOPT_TRAILERDATA, t);
}
