/* SPDX-License-Identifier: MIT */
/* What a client is told before its request's end, past libmicrohttpd, which
 * cannot say it: interim responses, leave to send a body, and answers that do
 * not wait for it. */
#pragma once

#include <stdbool.h>

#include "base/attr.h"
#include "proxy/client_writer.h"

struct exchange;

/* The head has been read, its values not yet trimmed: whether the client
 * waits for a 100 before it sends its body (RFC 9110 §10.1.1). */
void early_read_expect(struct exchange *x);
/* The body is wanted: a client that waits is told so. */
void early_continue(struct exchange *x);
/* Passes an interim response of the upstream on, but 100 and 101. */
void early_interim(struct exchange *x, int status, const struct fields *fields);

/* There is an answer before the request's end: whether it goes out now. Where
 * it does not, the driver is called when it may. */
ATTR_MUST_CHECK bool early_is_due(struct exchange *x);
/* A refusal came before the request's end, whose whole is needed: whether to
 * wait for it, as long as the client goes on sending. As early_is_due. */
ATTR_MUST_CHECK bool early_waits_for_end(struct exchange *x);

/* Whether the answer must not be libmicrohttpd's, because something of ours is
 * half written. */
bool early_is_committed(const struct exchange *x);
/* Writes the answer, whose body relay_take gives; the connection ends behind
 * it. -1 where that cannot be. */
ATTR_MUST_CHECK int early_answer(struct exchange *x,
				 const struct client_answer *a);
/* More of the answer is there, or its end. */
void early_goes_on(struct exchange *x);
/* Whether the client does not take what is written. */
bool early_is_blocked(const struct exchange *x);
/* The answer breaks off. */
void early_cut(struct exchange *x);
/* The exchange ends, whatever is left. */
void early_end(struct exchange *x);
