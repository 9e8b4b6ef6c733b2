/* SPDX-License-Identifier: MIT */
/* Keeps secrets out of a server's words in errors and logs: none of what it was
 * sent, or gave, may come back in them. */
#pragma once

#include <stddef.h>

#include "base/attr.h"
#include "base/secret.h"

/* Whether the words (as token_reply_read cleans them: printable ASCII, "?"
 * for each other character, perhaps cut at room octets) hold the secret: as it
 * is, percent- or form-encoded, or a cut one at their end. NULL and empty
 * secrets are in nothing. */
ATTR_MUST_CHECK bool redact_holds(const char *words, size_t room,
				  const struct secret *secret);
