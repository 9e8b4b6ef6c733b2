/* SPDX-License-Identifier: MIT */
/* WebSocket handshakes (RFC 6455 §4): the only change of protocol that passes.
 * The exchange's steps place and relay use it. */
#pragma once

#include <stdbool.h>

#include "http/fields.h"

struct MHD_Response;
struct exchange;

/* Behind all else that makes the upstream's request: where it is a handshake,
 * the fields that ask for it, which end at each hop, are put in anew. */
void websocket_place(struct exchange *x);
/* Whether the fields of a 101 take up what was asked for. */
bool websocket_is_taken(const struct fields *answer);
/* The answer 101, whose fields the caller adds: once it is sent, the client's
 * connection and the transfer are a tunnel's. NULL: no memory. */
struct MHD_Response *websocket_response(struct exchange *x);
