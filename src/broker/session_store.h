/* SPDX-License-Identifier: MIT */
/* A session's place in the store: read at the start, written through the
 * keeper. */
#pragma once

#include "base/attr.h"
#include "base/fault.h"
#include "base/mailbox.h"
#include "service/service.h"
#include "session/record.h"
#include "store/keeper.h"
#include "store/store.h"

/* What is stored for the service's identity: 1 and *out is filled; 0 where
 * there is nothing or the grant needs nothing; -1 where what is stored cannot
 * be read; nothing is removed. *out is to be freed by record_fini always. */
ATTR_MUST_CHECK int session_store_get(struct store *store,
				      const struct service *service,
				      struct record *out, struct fault *f);

/* Writes the record, or takes it away where r is NULL; a reference to its
 * token is taken. deliver runs in
 * reply's thread with the job's mail, and frees the job. */
ATTR_MALLOC
struct keeper_job *session_store_job(
	const struct service *service, const struct record *r,
	struct mailbox *reply, void (*deliver)(struct mail *mail, void *owner));
const struct service *session_store_job_service(const struct keeper_job *job);
/* The record's; NULL where it had none. */
const struct token *session_store_job_token(const struct keeper_job *job);
void session_store_job_free(struct keeper_job **job);
