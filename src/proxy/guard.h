/* SPDX-License-Identifier: MIT */
/* What is looked at before a request means anything: its framing, and whether
 * a foreign web page sent it. */
#pragma once

#include <stdbool.h>

#include "base/attr.h"
#include "base/fault.h"
#include "service/routes.h"

struct exchange;

/* Whether the head that libmicrohttpd read is the head that the client sent:
 * it cuts values and the target at NUL, joins folded lines and skips spaces
 * before the target, all in place, so that the pieces no longer adjoin. The
 * values still have the spaces behind them. */
ATTR_MUST_CHECK int guard_head(const struct exchange *x, struct fault *f);

/* Whether the head is over max_header_size: the exchange then has an own
 * answer. What does not fit libmicrohttpd's memory is refused there. */
ATTR_MUST_CHECK bool guard_is_large(struct exchange *x);

/* Whether Origin or Sec-Fetch-Site show a foreign page, and the request is for
 * what such a page must not reach: all but what is forwarded without a
 * service. */
ATTR_MUST_CHECK bool guard_is_foreign(const struct exchange *x,
				      enum route_result r);
