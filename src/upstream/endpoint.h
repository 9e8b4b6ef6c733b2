/* SPDX-License-Identifier: MIT */
/* One address that bearerd itself asks something of: a URL, taken apart once
 * for all requests to it. */
#pragma once

#include "base/attr.h"
#include "base/fault.h"
#include "upstream/transfer.h"

/* Zeroed: there is none. */
struct endpoint {
	char *url;            /* as it was written; NULL: there is none */
	struct origin origin;
	char *target;         /* its path and query */
};

/* url is copied, transport borrowed. -1 with a fault, and *e as zeroed, where
 * it is no http or https URL without a user. */
ATTR_MUST_CHECK int endpoint_init(struct endpoint *e, const char *url,
				  struct transport *transport,
				  struct fault *f);
void endpoint_fini(struct endpoint *e);
