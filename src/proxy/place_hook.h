/* SPDX-License-Identifier: MIT */
/* The place step's last part, for services with a hook: the upstream's request,
 * with all in it that the keys say, as Lua changes it. */
#pragma once

#include "base/attr.h"
#include "base/fault.h"

struct exchange;

/* Changes what is to be forwarded; the service has the function
 * protected_request. -1 with a fault where that has failed, or wants what may
 * not be. */
ATTR_MUST_CHECK int place_hook(struct exchange *x, struct fault *f);
