/* SPDX-License-Identifier: MIT */
/* Shows the requests that a service would make, for people to look at before
 * one is made. They are built by what builds the real ones; nothing is sent. */
#pragma once

#include "base/buf.h"
#include "base/limits.h"
#include "service/service.h"

/* Where people's browsers reach bearerd, as far as the configuration says.
 * mem_free; NULL: nowhere. */
char *preview_external(const struct services *s);
/* Appends them, at most LIMIT_PREVIEW octets. s: of services_load_masked.
 * external: as for service_redirect_uri. */
void preview_write(const struct service *s, const char *external,
		   struct buf *out);
