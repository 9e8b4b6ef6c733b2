/* SPDX-License-Identifier: MIT */
/* Which clients are told interim responses (RFC 9110 §15.2). Every client of
 * HTTP/1.1 should be able to read them; some take the first that comes for
 * the answer. */
#pragma once

#include <stdbool.h>

#include "base/str.h"

/* By the request's User-Agent; an empty one is nobody's. */
bool interim_client_reads(struct str user_agent);
