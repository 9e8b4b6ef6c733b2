/* SPDX-License-Identifier: MIT */
/* The answer to a client that came by path: addresses of the upstream in its
 * fields become those under which this client reaches them, and a browser is
 * kept from taking a page for one of bearerd's origin, which all services share
 * there. */
#pragma once

#include "base/str.h"

struct exchange;
struct fields;

/* answer: its fields, those of an interim response, or its trailers. Rewrites
 * Location, Content-Location, Link and Set-Cookie, and takes out what would
 * speak for the whole origin. */
void rewrite_places(struct exchange *x, struct fields *answer);
/* The same of all but trailers, which is isolated too. */
void rewrite_response(struct exchange *x, struct fields *answer);
/* Has a browser take the answer for what its Content-Type says, and for a page
 * of no origin. answer: the exchange's, or that of an own answer. */
void rewrite_isolate(const struct exchange *x, struct fields *answer);
/* A request's Destination (RFC 4918 §10.3), a place of this service as the
 * client knows it, as the upstream knows it; as it is where it is another.
 * Lives as long as the exchange. */
struct str rewrite_destination(struct exchange *x, struct str value);
