/* SPDX-License-Identifier: MIT */
/* Which trailer fields (RFC 9110 §6.5) pass on. They do so only where the
 * message is chunked on both sides. */
#pragma once

struct exchange;
struct fields;

/* Those of the upstream's answer, for its client: into upstream.trailers,
 * copied. */
void trailers_answer(struct exchange *x, const struct fields *trailers);
/* Those of the request, once all of it is here, for its upstream; NULL: none.
 * They live as long as the request. */
const struct fields *trailers_request(struct exchange *x);
