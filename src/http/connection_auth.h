/* SPDX-License-Identifier: MIT */
/* Credentials that authenticate a connection, not a request: NTLM, and
 * Negotiate, which often is NTLM or Kerberos (RFC 4559 §6). Whatever else goes
 * over such a connection counts as its client's. */
#pragma once

#include <stdbool.h>

#include "http/fields.h"

/* Whether a request has such a credential. */
bool connection_auth_asked(const struct fields *request);
/* Whether a response has a challenge for one, or its answer. */
bool connection_auth_offered(const struct fields *response);
