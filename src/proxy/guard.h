/* SPDX-License-Identifier: MIT */
/* What is looked at before a request means anything: its framing, and whether
 * a foreign web page sent it. */
#pragma once

#include <stdbool.h>

#include "base/attr.h"
#include "base/fault.h"

struct exchange;

/* Whether the head that libmicrohttpd read is the head that the client sent:
 * it cuts values and the target at NUL, joins folded lines and skips spaces
 * before the target, all in place, so that the pieces no longer adjoin. The
 * values still have the spaces behind them. */
ATTR_MUST_CHECK int guard_head(const struct exchange *x, struct fault *f);

/* Whether Origin or Sec-Fetch-Site show a foreign page (section 1.1). own_page
 * is whether the target is below /-/ on the own address. */
bool guard_is_foreign(const struct exchange *x, bool own_page);
