/* SPDX-License-Identifier: MIT */
/* Writes metadata into the store, and reads it at a start: a line with the
 * time, then the document as the server wrote it, which is read anew each
 * time. */
#include "authserver/metadata_store.h"

#include <inttypes.h>

#include "base/alloc.h"
#include "base/limits.h"

enum { METADATA_STORE_MAX = LIMIT_METADATA + 64 };

static int parse(struct str text, const struct service *s,
		 struct metadata **out, int64_t *wall, struct fault *f)
{
	size_t end = str_find(text, '\n');
	uint64_t ms;

	if (!str_u64(str_sub(text, 0, end), INT64_MAX, &ms))
		return fault_set(f, "it is damaged");
	*wall = (int64_t)ms;
	*out = metadata_parse(str_from(text, end + 1), s->oauth->issuer, f);
	return *out ? 1 : -1;
}

int metadata_store_get(struct store *store, const struct service *s,
		       struct metadata **out, int64_t *wall, struct fault *f)
{
	struct buf text = BUF_INIT(METADATA_STORE_MAX);
	int found = store_get(store, str_z(s->metadata_id), &text, f);

	*out = NULL;
	if (found > 0)
		found = parse(buf_str(&text), s, out, wall, f);
	buf_fini(&text);
	if (found < 0)
		fault_prefix(f, "the metadata of %.150s in the store",
			     s->oauth->issuer);
	return found;
}

struct keeper_job *metadata_store_job(const struct service *s, struct str text,
				      int64_t wall, struct mailbox *reply,
				      void (*deliver)(struct mail *mail,
						      void *owner))
{
	struct keeper_job *job = mem_new(struct keeper_job);
	struct buf b = BUF_INIT(METADATA_STORE_MAX);

	job->mail.deliver = deliver;
	job->reply = reply;
	job->id = mem_strdup(s->metadata_id);
	buf_addf(&b, "%" PRId64 "\n", wall);
	buf_add_str(&b, text);
	job->value = secret_take(&b);
	buf_fini(&b);
	return job;
}

void metadata_store_job_free(struct keeper_job **job)
{
	struct keeper_job *j = *job;

	*job = NULL;
	mem_free(j->id);
	secret_unref(&j->value);
	mem_free(j);
}
