/* SPDX-License-Identifier: MIT */
/* One attempt to get the metadata of a service's issuer: the addresses where it
 * may be are asked, one after the other, until one has it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/fault.h"
#include "base/str.h"
#include "oauth/metadata.h"
#include "service/service.h"
#include "session/session.h"
#include "upstream/fetch.h"

struct metadata_fetch;

struct metadata_answer {
	struct metadata *metadata; /* borrowed; NULL: there is none … */
	struct session_trouble trouble; /* … for this reason */
	struct str text;           /* the document */
	const char *url;           /* where it lies */
};

/* Appends address i of those that are asked, in their order; false where there
 * are not so many. The settings have an issuer. */
bool metadata_fetch_address(const struct oauth_settings *o, size_t i,
			    struct buf *out);

/* Called once, from the loop; the fetch is gone by then. */
typedef void metadata_fetch_fn(void *arg, const struct metadata_answer *a);

/* The service, which has an issuer, outlives it; each address has its
 * token_timeout. NULL with a fault where the issuer is no address. */
ATTR_MUST_CHECK struct metadata_fetch *
metadata_fetch_start(struct upstream *u, const struct service *s,
		     metadata_fetch_fn *done, void *arg, struct fault *f);
/* Without done; nulls the pointer. NULL is fine. */
void metadata_fetch_cancel(struct metadata_fetch **m);
