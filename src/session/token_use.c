/* SPDX-License-Identifier: MIT */
/* Prepares once, when a token comes, all that would be the same in each
 * request: between its arrival and its publication. */
#include "session/token_use.h"

#include "base/alloc.h"
#include "service/upstream_template.h"

static int token_use_make(struct token_use *use, const struct service *s,
			  struct token *t, struct fault *f)
{
	const struct config_section *session = s->session_section;

	if (placed_init(&use->placed, &s->placement, t, session, f) < 0 ||
	    protected_values_init(&use->placed.others, &s->protected_request, t,
				  f) < 0)
		return -1;
	if (!s->upstream_template)
		return 0;
	use->has_upstream = true;
	return upstream_template_write(s->upstream_template, s, t,
				       &use->upstream, &use->base_path, f);
}

struct token_use *token_use_new(const struct service *s, struct token *t,
				struct fault *f)
{
	struct token_use *use = mem_new(struct token_use);

	use->refs = 1;
	if (token_use_make(use, s, t, f) == 0)
		return use;
	token_use_unref(&use);
	(void)!fault_prefix(f, "[service %s]", s->name);
	return NULL;
}

struct token_use *token_use_ref(struct token_use *use)
{
	if (use)
		use->refs++;
	return use;
}

void token_use_unref(struct token_use **it)
{
	struct token_use *use = *it;

	*it = NULL;
	if (!use || --use->refs > 0)
		return;
	placed_fini(&use->placed);
	origin_fini(&use->upstream);
	mem_free(use->base_path);
	mem_free(use);
}
