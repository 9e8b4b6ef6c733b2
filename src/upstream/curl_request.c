/* SPDX-License-Identifier: MIT */
/* Sets libcurl's options for a request on its way out. What stands on the wire
 * is the caller's, byte for byte, but for the framing and for Host, which
 * libcurl puts first. */
#include <string.h>

#include "base/assert.h"
#include "upstream/curl_transport.h"
#include "upstream/pool.h"

static void set_long(struct curl_transfer *t, CURLoption option, long value)
{
	CURLcode code = curl_easy_setopt(t->easy, option, value);

	ASSERT(code == CURLE_OK);
}

static void set_text(struct curl_transfer *t, CURLoption option,
		     const char *text)
{
	CURLcode code = curl_easy_setopt(t->easy, option, text);

	ASSERT(code == CURLE_OK);
}

/* For libcurl a request with a body is an upload, and HEAD expects none back;
 * the word of the method is set apart from that. GET and HEAD without a body
 * are libcurl's own words. */
static void apply_method(struct curl_transfer *t, struct str method)
{
	bool upload = t->framing.body != FRAMING_NONE;

	t->no_body = str_eq(method, STR("HEAD"));
	if (upload)
		set_long(t, CURLOPT_UPLOAD, 1);
	if (t->no_body)
		set_long(t, CURLOPT_NOBODY, 1);
	if (upload || (!t->no_body && !str_eq(method, STR("GET"))))
		set_text(t, CURLOPT_CUSTOMREQUEST,
			 arena_str(&t->arena, method).p);
}

static void apply_body(struct curl_transfer *t)
{
	curl_off_t n = -1;
	CURLcode code;

	if (t->framing.body == FRAMING_NONE)
		return;
	if (t->framing.body == FRAMING_SIZED)
		n = (curl_off_t)t->framing.length;
	code = curl_easy_setopt(t->easy, CURLOPT_INFILESIZE_LARGE, n);
	ASSERT(code == CURLE_OK);
}

/* A host that libcurl does not take fails when it is asked for. */
static void url_parse(struct curl_transfer *t, const char *url)
{
	mem_free(t->url);
	t->url = mem_strdup(url);
	if (!t->parsed)
		t->parsed = curl_url();
	ASSERT(t->parsed);
	if (curl_url_set(t->parsed, CURLUPART_URL, url, 0) == CURLUE_OK)
		return;
	curl_url_cleanup(t->parsed);
	t->parsed = NULL;
}

/* Told twice: the parsed one is used; without the text libcurl would write
 * it out of the parsed one each time. */
static void apply_url(struct curl_transfer *t, const char *url)
{
	CURLcode code;

	if (!t->url || strcmp(t->url, url) != 0)
		url_parse(t, url);
	set_text(t, CURLOPT_URL, url);
	code = curl_easy_setopt(t->easy, CURLOPT_CURLU, t->parsed);
	ASSERT(code == CURLE_OK);
}

static void apply_origin(struct curl_transfer *t,
			 const struct transfer_request *r)
{
	bool https = r->origin->is_https;

	t->wants_http2 =
		curl_transport_is_http2(t->pool->transport, https,
					r->fresh || t->pool->own);
	curl_transport_version(t->easy, t->wants_http2, https);
	apply_url(t, r->origin->url);
	if (!r->fresh &&
	    (!t->wants_http2 || https || !t->pool->upstream->plain_http2_once))
		return;
	set_long(t, CURLOPT_FRESH_CONNECT, 1);
	set_long(t, CURLOPT_FORBID_REUSE, 1);
}

/* The nodes of one list of libcurl's, in one piece of memory. */
struct curl_lines {
	struct curl_slist *v;
	size_t n;
	char *p;
};

static void lines_add(struct curl_lines *l, struct str name, struct str value)
{
	struct curl_slist *node = &l->v[l->n];

	if (l->n > 0)
		l->v[l->n - 1].next = node;
	l->n++;
	node->data = l->p;
	node->next = NULL;
	memcpy(l->p, name.p, name.n);
	l->p += name.n;
	if (value.n == 0) {
		*l->p++ = ';'; /* a field with nothing in it */
	} else {
		*l->p++ = ':';
		*l->p++ = ' ';
		memcpy(l->p, value.p, value.n);
		l->p += value.n;
	}
	*l->p++ = '\0';
}

/* One that libcurl would add by itself, kept off; name has its colon. */
static void lines_suppress(struct curl_lines *l, char *name)
{
	struct curl_slist *node = &l->v[l->n];

	if (l->n > 0)
		l->v[l->n - 1].next = node;
	l->n++;
	node->data = name;
	node->next = NULL;
}

/* It goes with the line before it, where libcurl does not see it: it would
 * wait for a 100 by itself. */
static void lines_expect(struct curl_lines *l)
{
	static const char expect[] = "\r\nExpect: 100-continue";

	memcpy(l->p - 1, expect, sizeof(expect));
	l->p += sizeof(expect) - 1;
}

/* Host where libcurl makes the same one; Expect is made here. */
static bool is_left_out(const struct curl_transfer *t,
			const struct field *field)
{
	if (str_eq_nocase(field->name, STR("Host")))
		return !t->expects &&
		       str_eq_z(field->value, t->origin->authority);
	return str_eq_nocase(field->name, STR("Expect"));
}

static void apply_fields(struct curl_transfer *t, const struct fields *fields)
{
	static char no_accept[] = "Accept:", no_expect[] = "Expect:";
	static char no_connection[] = "Proxy-Connection:";
	static const struct str te = { "Transfer-Encoding", 17 };
	size_t octets = sizeof("Transfer-Encoding: chunked") +
			sizeof("\r\nExpect: 100-continue");
	struct curl_lines l = { NULL, 0, NULL };
	bool accept = false;

	for (size_t i = 0; i < fields->n; i++)
		octets += fields->v[i].name.n + fields->v[i].value.n + 3;
	l.v = arena_alloc(&t->arena, (fields->n + 4) * sizeof(*l.v));
	l.p = arena_alloc(&t->arena, octets);
	for (size_t i = 0; i < fields->n; i++) {
		const struct field *field = &fields->v[i];

		if (is_left_out(t, field))
			continue;
		accept |= str_eq_nocase(field->name, STR("Accept"));
		lines_add(&l, field->name, field->value);
		if (t->expects && str_eq_nocase(field->name, STR("Host")))
			lines_expect(&l);
	}
	if (!accept)
		lines_suppress(&l, no_accept);
	if (t->framing.body != FRAMING_NONE)
		lines_suppress(&l, no_expect);
	if (transport_is_proxied(t->pool->transport, t->origin->is_https))
		lines_suppress(&l, no_connection);
	/* HTTP/2 has no such coding, but libcurl would do it. */
	if (t->framing.body == FRAMING_CHUNKED && !t->wants_http2)
		lines_add(&l, te, STR("chunked"));
	curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, l.n ? l.v : NULL);
}

/* RFC 9112 §3.2.2, §3.2.4: absolute-form for a proxy, and "*" is no path
 * there. */
static void apply_target(struct curl_transfer *t, struct str target)
{
	struct str authority = str_z(t->origin->authority);
	char *text, *p;

	if (!transport_is_proxied(t->pool->transport, t->origin->is_https)) {
		set_text(t, CURLOPT_REQUEST_TARGET,
			 arena_str(&t->arena, target).p);
		return;
	}
	if (str_eq(target, STR("*")))
		target.n = 0;
	text = p = arena_alloc(&t->arena, 7 + authority.n + target.n + 1);
	p = mempcpy(p, "http://", 7);
	p = mempcpy(p, authority.p, authority.n);
	p = mempcpy(p, target.p, target.n);
	*p = '\0';
	set_text(t, CURLOPT_REQUEST_TARGET, text);
}

void transfer_apply(struct curl_transfer *t, const struct transfer_request *r)
{
	apply_origin(t, r);
	apply_method(t, r->method);
	apply_body(t);
	transfer_interim_apply(t, r);
	apply_fields(t, r->fields);
	apply_target(t, r->target);
}
