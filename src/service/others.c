/* SPDX-License-Identifier: MIT */
/* Finds whose token a service's session needs, and refuses services that need
 * each other in a circle. */
#include "service/others.h"

#include <string.h>

#include "service/compiling.h"


struct service *service_named(const struct compiling *c, const char *name)
{
	for (size_t i = 0; i < c->services->n; i++)
		if (!strcmp(c->services->v[i]->name, name))
			return c->services->v[i];
	return NULL;
}

/* The service whose token this one's needs, or NULL: the one that has the
 * session, where the one that is named uses another's. */
static const struct service *other_of(const struct compiling *c,
				      const struct service *s)
{
	const char *name = s->grant && s->grant->other_service ?
				   s->grant->other_service(s->section) : NULL;
	const struct service *o = name ? service_named(c, name) : NULL;
	const struct service *has = o && o->route->session ?
				    service_named(c, o->route->session) : o;

	return has ? has : o;
}

/* A chain that is longer than there are services goes round; reported for each
 * that is in the round itself. */
static bool needs_itself(const struct compiling *c, const struct service *s)
{
	const struct service *o = other_of(c, s);

	for (size_t i = 0; o && o != s && i < c->services->n; i++)
		o = other_of(c, o);
	return o == s;
}

void check_others(struct compiling *c)
{
	static const char key[] = "subject_token_service";

	for (size_t i = 0; i < c->services->n; i++) {
		struct service *s = c->services->v[i];
		const struct service *o;

		if (!s->grant || !s->grant->other_service ||
		    !s->grant->other_service(s->section))
			continue;
		o = other_of(c, s);
		s->subject = o;
		if (!o)
			config_report_key(c->report, s->section, key,
					  "%s: there is no such service", key);
		else if (needs_itself(c, s))
			config_report_key(c->report, s->section, key,
					  "%s: the token of %s would be needed "
					  "to get the token of %s", key,
					  o->name, s->name);
		else if (o->grant && !grant_has_tokens(o->grant))
			config_report_key(c->report, s->section, key,
					  "%s: %s has no tokens (grant_type = "
					  "%s)", key, o->name, o->grant->name);
	}
}
