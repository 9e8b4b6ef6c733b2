/* SPDX-License-Identifier: MIT */
/* An issuer's metadata in the store, beside the sessions: a start finds there
 * what the server said last, should it not answer then. */
#pragma once

#include <stdint.h>

#include "base/attr.h"
#include "base/fault.h"
#include "base/mailbox.h"
#include "oauth/metadata.h"
#include "service/service.h"
#include "store/keeper.h"
#include "store/store.h"

/* What is stored for the service's issuer: 1, one reference, and when it was
 * had (clock_wall_ms); 0 where there is nothing; -1 where it cannot be
 * read. */
ATTR_MUST_CHECK int metadata_store_get(struct store *store,
				       const struct service *s,
				       struct metadata **out, int64_t *wall,
				       struct fault *f);
/* Writes a document. deliver runs in reply's thread with the job's mail, and
 * frees the job. */
ATTR_MALLOC struct keeper_job *metadata_store_job(
	const struct service *s, struct str text, int64_t wall,
	struct mailbox *reply, void (*deliver)(struct mail *mail, void *owner));
void metadata_store_job_free(struct keeper_job **job);
