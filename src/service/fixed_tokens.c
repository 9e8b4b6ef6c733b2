/* SPDX-License-Identifier: MIT */
/* Tries the tokens that stand in the configuration in the requests that they
 * are for, so that one that cannot be sent is found at the start and not by
 * each request. */
#include "service/fixed_tokens.h"

#include "base/secret.h"
#include "oauth/placement/placed.h"
#include "service/compiling.h"

/* White space around a token is of a file or of an editor, unless a format is
 * made for it. */
static bool has_white_space(const struct service *s, const struct token *t)
{
	struct str value = secret_expose(t->access_token);

	return !s->oauth->token_format && str_trim(value).n != value.n;
}

/* As for each token that arrives; with this one, each request would fail. */
static int try_token(const struct service *s, struct token *t, struct fault *f)
{
	struct placed placed;
	int rc;

	if (has_white_space(s, t))
		return fault_set(f, "begins or ends with white space, which "
				    "no token does");
	rc = placed_init(&placed, &s->placement, t, s->session_section, f);
	if (rc < 0)
		return rc;
	rc = protected_values_init(&placed.others, &s->protected_request, t,
				   f);
	placed_fini(&placed);
	return rc;
}

/* A cookie has a narrower grammar than many who read it. */
static void tell_token(struct compiling *c, const struct service *s,
		       const struct fault *f)
{
	const struct config_section *session = s->session_section;

	if (s->placement.placement == &placement_cookie)
		config_report_warn_key(c->report, session, "access_token",
				       "access_token: %s ([service %s])",
				       f->text, s->name);
	else
		config_report_key(c->report, session, "access_token",
				  "access_token: %s ([service %s])", f->text,
				  s->name);
}

void check_fixed_tokens(struct compiling *c)
{
	for (size_t i = 0; i < c->services->n; i++) {
		const struct service *s = c->services->v[i];
		const struct grant *grant = s->session_of->grant;
		struct token *t;
		struct fault f;

		t = grant->fixed ? grant->fixed(s->session_section) : NULL;
		if (t && try_token(s, t, &f) < 0)
			tell_token(c, s, &f);
		token_unref(&t);
	}
}
