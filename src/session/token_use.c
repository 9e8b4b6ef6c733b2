/* SPDX-License-Identifier: MIT */
/* Between a token's arrival and its publication: all that would be the same
 * in each request. */
#include "session/token_use.h"

#include "base/alloc.h"
#include "service/upstream_template.h"

static int fit_make(struct fit *fit, const struct service *s, struct token *t,
		    struct fault *f)
{
	const struct config_section *session = s->session_section;

	if (placed_init(&fit->placed, &s->placement, t, session, f) < 0 ||
	    protected_values_init(&fit->placed.others, &s->protected_request,
				  t, f) < 0)
		return -1;
	if (!s->upstream_template)
		return 0;
	fit->has_upstream = true;
	return upstream_template_write(s->upstream_template, s, t,
				       &fit->upstream, &fit->base_path, f);
}

struct fit *fit_new(const struct service *s, struct token *t, struct fault *f)
{
	struct fit *fit = mem_new(struct fit);

	fit->refs = 1;
	if (fit_make(fit, s, t, f) == 0)
		return fit;
	fit_unref(&fit);
	(void)!fault_prefix(f, "[service %s]", s->name);
	return NULL;
}

struct fit *fit_ref(struct fit *fit)
{
	if (fit)
		fit->refs++;
	return fit;
}

void fit_unref(struct fit **it)
{
	struct fit *fit = *it;

	*it = NULL;
	if (!fit || --fit->refs > 0)
		return;
	placed_fini(&fit->placed);
	origin_fini(&fit->upstream);
	mem_free(fit->base_path);
	mem_free(fit);
}
