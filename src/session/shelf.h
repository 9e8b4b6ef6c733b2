/* SPDX-License-Identifier: MIT */
/* A session's place in the store: read at the start, written through the
 * keeper. */
#pragma once

#include "base/attr.h"
#include "base/fault.h"
#include "base/mailbox.h"
#include "oauth/token.h"
#include "service/service.h"
#include "store/keeper.h"
#include "store/store.h"

/* The token that is stored for the service's identity: one reference, or NULL
 * where there is none or the grant needs none. -1 where what is stored cannot
 * be read; nothing is removed. */
ATTR_MUST_CHECK int shelf_get(struct store *store,
			      const struct service *service,
			      struct token **out, struct fault *f);

/* Writes the token; a reference is taken. deliver runs in reply's thread with
 * the job's mail, and frees the job. */
ATTR_MALLOC
struct keeper_job *shelf_job(const struct service *service, struct token *t,
			     struct mailbox *reply,
			     void (*deliver)(struct mail *mail, void *owner));
const struct service *shelf_job_service(const struct keeper_job *job);
const struct token *shelf_job_token(const struct keeper_job *job);
void shelf_job_free(struct keeper_job **job);
