/* SPDX-License-Identifier: MIT */
/* none: a route without a session. Requests go on with whatever credential
 * the client sent itself. */
#include "oauth/grant/grant.h"

static bool none_infer(const struct config_section *s ATTR_UNUSED)
{
	return true;
}

const struct grant grant_none = {
	.name = "none",
	.repeatable = true,
	.infer = none_infer,
};
