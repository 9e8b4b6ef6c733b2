/* SPDX-License-Identifier: MIT */
/* What RFC 9110 asks of whoever stands between: Via and loops, Max-Forwards;
 * and what pages of allowed origins need (the Fetch standard's CORS). */
#pragma once

#include <stdbool.h>

#include "base/attr.h"
#include "base/str.h"

struct exchange;
struct fields;

/* Whether this request ends at bearerd although it has a service: it has been
 * here before, its Max-Forwards is used up, it is a preflight of an allowed
 * origin, a TRACE that would show a token, refused by allow or deny, or larger
 * than max_body. The exchange then has an own answer. Else Max-Forwards is one
 * less. */
ATTR_MUST_CHECK bool gateway_answers(struct exchange *x);

/* The request's Origin where it is one of the service's allow_origin; else
 * the empty slice. */
struct str gateway_allowed_origin(const struct exchange *x);

/* The same for those of an interim response. */
void gateway_interim(struct exchange *x, struct fields *fields);
/* Some readers take a trailer for a field of the head (RFC 9110 §6.5.1 has
 * them not to): what may not be said there is not said here. */
void gateway_trailers(struct exchange *x, struct fields *trailers);
/* Completes the answer's fields for the client: Via, Cache-Control, what a
 * client that came by path needs (rewrite.h), what an allowed page needs. */
void gateway_response(struct exchange *x);
