/* SPDX-License-Identifier: MIT */
/* Stands in for a token endpoint (token_endpoint_stub), for programs that
 * insist on an OAuth handshake of their own: they get a placeholder, and
 * requests that bring it get the real token in its place. */
#pragma once

#include <stdbool.h>

struct exchange;

/* Answers a request that came to the stub. */
void stub_answer(struct exchange *x);
/* Whether the request brings the placeholder as its credential. */
bool stub_is_shown(const struct exchange *x);
