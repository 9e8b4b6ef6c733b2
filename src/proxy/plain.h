/* SPDX-License-Identifier: MIT */
/* unmatched = forward: bearerd as an ordinary forward proxy for the hosts that
 * no service claims. Such requests get no service's token, and share no
 * connection with any service's. */
#pragma once

#include <stdbool.h>

#include "base/attr.h"
#include "base/fault.h"
#include "service/service.h"

struct exchange;
struct plain;

/* For all workers; settings outlive it. */
ATTR_RETURNS_NONNULL struct plain *plain_new(const struct proxy_settings *s);
void plain_free(struct plain **p);

/* Whether it takes a request that route_find found no service for: one in
 * absolute-form, by http, to a host that none claims. */
bool plain_takes(const struct exchange *x);
/* A service without a session, for such an exchange. */
const struct service *plain_service(const struct exchange *x);
/* Whether the exchange has that. */
bool plain_has(const struct exchange *x);
/* Its origin: the host that the target names, by http. */
ATTR_MUST_CHECK int plain_origin(struct exchange *x, struct fault *f);
