/* SPDX-License-Identifier: MIT */
/* Reads a session's record from the store at the start, writes it, and says
 * under which name it is stored. */
#include "broker/session_store.h"

#include "base/alloc.h"
#include "base/limits.h"

/* A token's members stand in it once as values and once as text, in which
 * each octet may be escaped. */
enum { SHELF_MAX = 32 * LIMIT_TOKEN_RESPONSE };

struct session_store_job {
	struct keeper_job job; /* first */
	const struct service *service;
	struct token *token;
};

int session_store_get(struct store *store, const struct service *service,
		      struct record *out, struct fault *f)
{
	struct buf text = BUF_INIT_SECRET(SHELF_MAX);
	int found;

	*out = (struct record){ 0 };
	if (service->grant->fixed || service->grant->make ||
	    !grant_has_tokens(service->grant))
		return 0;
	found = store_get(store, str_z(service->identity), &text, f);
	if (found > 0 && record_parse(buf_str(&text), out, f) < 0)
		found = -1;
	buf_fini(&text);
	if (found < 0)
		fault_prefix(f, "the token of [service %s] in the store",
			     service->name);
	return found;
}

struct keeper_job *session_store_job(
	const struct service *service, const struct record *r,
	struct mailbox *reply, void (*deliver)(struct mail *mail, void *owner))
{
	struct session_store_job *j = mem_new(struct session_store_job);
	struct buf text = BUF_INIT_SECRET(SHELF_MAX);

	j->job.mail.deliver = deliver;
	j->job.reply = reply;
	j->job.id = mem_strdup(service->identity);
	j->service = service;
	if (r) {
		record_write(r, &text);
		j->job.value = secret_take(&text);
		j->token = token_ref(r->token);
	}
	buf_fini(&text);
	return &j->job;
}

static const struct session_store_job *session_store_job_of(
	const struct keeper_job *job)
{
	return (const struct session_store_job *)(const void *)job;
}

const struct service *session_store_job_service(const struct keeper_job *job)
{
	return session_store_job_of(job)->service;
}

const struct token *session_store_job_token(const struct keeper_job *job)
{
	return session_store_job_of(job)->token;
}

void session_store_job_free(struct keeper_job **job)
{
	struct session_store_job *j = (struct session_store_job *)(void *)*job;

	*job = NULL;
	mem_free(j->job.id);
	secret_unref(&j->job.value);
	token_unref(&j->token);
	mem_free(j);
}
