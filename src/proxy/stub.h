/* SPDX-License-Identifier: MIT */
/* For programs that insist on an OAuth handshake of their own: bearerd answers
 * in the token endpoint's place (token_endpoint_stub) with a placeholder, and
 * puts the real token where that comes back. */
#pragma once

#include <stdbool.h>

struct exchange;

/* Answers a request that came to the stub. */
void stub_answer(struct exchange *x);
/* Whether the request brings the placeholder as its credential. */
bool stub_is_shown(const struct exchange *x);
