/* SPDX-License-Identifier: MIT */
/* The response to one request, out of the octets of an HTTP/1.x connection as
 * they come, in pieces of any size (RFC 9112 §4 to §7). No I/O: whoever reads
 * the connection hands the octets over and is told what they are. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/fault.h"
#include "base/limits.h"
#include "base/str.h"
#include "http/fields.h"

/* What came. */
enum response_event {
	RESPONSE_MORE,    /* nothing yet: all octets were taken */
	RESPONSE_INTERIM, /* a whole head of 1xx, or of the 101 asked for */
	RESPONSE_HEAD,    /* the whole head of the final response */
	RESPONSE_DATA,    /* octets of the body */
	RESPONSE_END,     /* the response is whole; octets that are left are
			     no part of it */
	RESPONSE_INVALID, /* it is not HTTP/1.x, or can be read in two ways */
	RESPONSE_TOO_LARGE, /* a head over LIMIT_ANSWER_HEAD */
};

/* The parser's own. */
enum response_place {
	RESPONSE_AT_STATUS,
	RESPONSE_AT_FIELDS,
	RESPONSE_AT_SIZED,
	RESPONSE_AT_CHUNK_SIZE,
	RESPONSE_AT_CHUNK,
	RESPONSE_AT_CHUNK_END,
	RESPONSE_AT_TRAILERS,
	RESPONSE_AT_REST, /* a body that the connection's end ends */
	RESPONSE_AT_END,
};

struct response_parser {
	/* Of the head that came last. Names and values are the arena's. */
	int status;
	bool http10;          /* HTTP/1.0 */
	struct fields fields; /* in their order; hop-by-hop ones are in */
	/* Once the final head is there. */
	bool chunked;
	bool reusable;        /* the connection may carry another request once
				 this response is whole */
	struct fields trailers;

	enum response_place place;
	bool is_head;         /* the request's method is HEAD */
	bool upgrades;        /* it asked for another protocol */
	size_t head_octets;
	uint64_t left;        /* of a sized body, or of a chunk */
	struct buf line;      /* the beginning of one whose end has not come */
	struct buf folded;    /* a value that goes on in further lines */
	bool folds;
};

/* Embedded. arena lives as long as the fields are looked at. is_head: the
 * request's method is HEAD; upgrades: the request has an Upgrade field, so
 * that 101 is an answer. */
void response_parser_init(struct response_parser *p, struct arena *arena,
			  bool is_head, bool upgrades);
void response_parser_fini(struct response_parser *p);

/* Takes octets off *in until there is something to tell; with RESPONSE_DATA
 * *data is a piece of what in was. After RESPONSE_END, RESPONSE_INVALID and
 * RESPONSE_TOO_LARGE (which fill f in) it is not called again. */
ATTR_MUST_CHECK enum response_event
response_parser_take(struct response_parser *p, struct str *in,
		     struct str *data, struct fault *f);
/* The connection has ended in an orderly way: whether that ends the response
 * too (RFC 9112 §8). */
ATTR_MUST_CHECK bool response_parser_close(const struct response_parser *p);
/* Whether an octet of the response has come. */
bool response_parser_begun(const struct response_parser *p);
