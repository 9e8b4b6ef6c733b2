/* SPDX-License-Identifier: MIT */
/* Takes a response's head from libcurl line by line, and checks it before
 * anyone sees it. */
#include <string.h>

#include "base/limits.h"
#include "http/message.h"
#include "upstream/pool.h"

static bool invalid(struct curl_transfer *t, const char *what)
{
	transfer_fail(t, 502, "http_protocol_error", "%s", what);
	return false;
}

/* "HTTP/1.1 200 OK"; libcurl has looked at the version. */
static bool status_line(struct curl_transfer *t, struct str line)
{
	struct response *r = &t->response;
	struct str code = str_from(line, str_find(line, ' ') + 1);
	uint64_t status;

	if (!str_starts(line, STR("HTTP/")) ||
	    !str_u64(str_sub(code, 0, 3), 999, &status) || status < 100 ||
	    (code.n > 3 && code.p[3] != ' '))
		return invalid(t, "the answer has no valid status line");
	r->status = (int)status;
	r->http10 = str_starts(line, STR("HTTP/1.0"));
	r->fields.n = 0;
	r->state = RESPONSE_FIELDS;
	return true;
}

/* RFC 9112 §5.1: space between the name and the colon is taken off, §5.2: a
 * folded line is refused. */
static bool field_line(struct curl_transfer *t, struct fields *to,
		       struct str line)
{
	size_t colon = str_find(line, ':');
	struct str name = str_sub(line, 0, colon);
	struct str value = str_trim(str_from(line, colon + 1));

	while (name.n > 0 && (name.p[name.n - 1] == ' ' ||
			      name.p[name.n - 1] == '\t'))
		name.n--;
	if (colon == line.n || !str_is_token(name) ||
	    !field_value_valid(value))
		return invalid(t, "a field of the response is not valid");
	fields_add_copy(to, name, value);
	return true;
}

/* RFC 9112 §6.1: none but chunked was asked for ("identity" is what older
 * servers say where there is none). libcurl would unpack what is compressed,
 * all that one read brought at once: far more than what a paused client is to
 * hold in memory. */
static bool coding(struct curl_transfer *t)
{
	static const struct str name = { "Transfer-Encoding", 17 };
	struct response *r = &t->response;
	const struct field *field = fields_find(&r->fields, name);

	if (!field)
		return true;
	r->chunked = str_eq_nocase(field->value, STR("chunked"));
	if (fields_count(&r->fields, name) == 1 &&
	    (r->chunked || str_eq_nocase(field->value, STR("identity"))))
		return true;
	return invalid(t, "the response's Transfer-Encoding is not chunked "
			  "alone");
}

/* RFC 9112 §6.3: lengths that differ or are no numbers end the connection.
 * libcurl would take the last, or the digits at its beginning. */
static bool framing(struct curl_transfer *t)
{
	struct response *r = &t->response;

	if (!coding(t))
		return false;
	for (size_t i = 0; i < r->fields.n; i++) {
		const struct field *field = &r->fields.v[i];
		uint64_t n;

		if (!str_eq_nocase(field->name, STR("Content-Length")))
			continue;
		if (!str_u64(field->value, INT64_MAX, &n) ||
		    (r->sized && n != r->length))
			return invalid(t, "the response's length is not valid");
		r->sized = true;
		r->length = n;
	}
	/* RFC 9112 §6.1: framed in two ways, or in one that 1.0 has not. */
	r->last = r->http10 || (r->chunked && r->sized);
	if (r->chunked)
		r->sized = false;
	if (!status_has_body(r->status) || t->no_body) {
		r->sized = true;
		r->chunked = false;
		r->length = 0;
	}
	return true;
}

/* A change of protocol was not asked for. */
static bool head_end(struct curl_transfer *t, bool *whole)
{
	struct response *r = &t->response;

	if (r->status == 101)
		return invalid(t, "the answer changes the protocol unasked");
	if (r->status < 200) {
		r->state = RESPONSE_STATUS;
		return transfer_interim(t);
	}
	/* RFC 9110 §15.5.8: whoever asks must not take it for his own. */
	if (r->status == 407 &&
	    transport_is_proxied(t->pool->transport, t->origin->is_https)) {
		transfer_fail(t, 502, "proxy_configuration_error",
			      "the proxy %s wants other credentials",
			      t->pool->transport->proxy);
		return false;
	}
	r->state = RESPONSE_BODY;
	known_note_version(&t->pool->upstream->known, t->origin->url,
			   r->http10);
	*whole = true;
	return framing(t);
}

static struct str without_end(struct str line)
{
	if (line.n > 0 && line.p[line.n - 1] == '\n')
		line.n--;
	if (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	return line;
}

bool transfer_head_line(struct curl_transfer *t, struct str line, bool *whole)
{
	struct response *r = &t->response;

	*whole = false;
	r->octets += line.n;
	if (r->octets > LIMIT_ANSWER_HEAD) {
		transfer_fail(t, 502, "http_response_header_section_size",
			      "the response's head is over %d octets",
			      LIMIT_ANSWER_HEAD);
		return false;
	}
	line = without_end(line);
	if (r->state == RESPONSE_STATUS)
		return status_line(t, line);
	if (r->state == RESPONSE_BODY)
		return line.n == 0 || field_line(t, &r->trailers, line);
	if (line.n > 0)
		return field_line(t, &r->fields, line);
	return head_end(t, whole);
}

bool transfer_response_whole(const struct curl_transfer *t)
{
	const struct response *r = &t->response;

	return r->state == RESPONSE_BODY && r->sized &&
	       r->received == r->length;
}
