/* SPDX-License-Identifier: MIT */
/* Compiles services that use the session of another (`session`): one login,
 * several routes. */
#include "service/sharing.h"

#include <string.h>

#include "oauth/settings.h"
#include "service/compiling.h"
#include "service/keys.h"
#include "service/others.h"

static void check_one(struct compiling *c, struct service *s)
{
	static const char key[] = "session";
	const struct service *o = service_named(c, s->route->session);

	if (!o)
		config_report_key(c->report, s->section, key,
				  "session: there is no such service");
	else if (o->route->session)
		config_report_key(c->report, s->section, key,
				  "session: %s has no session of its own; "
				  "name the service that has it", o->name);
	else if (o->grant && !grant_has_tokens(o->grant))
		config_report_key(c->report, s->section, key,
				  "session: %s has no tokens (grant_type = "
				  "%s)", o->name, o->grant->name);
	else
		s->session_of = o;
}

void check_shared(struct compiling *c)
{
	for (size_t i = 0; i < c->services->n; i++)
		if (c->services->v[i]->route->session)
			check_one(c, c->services->v[i]);
}

static void check_row(struct compiling *c, const struct service *s,
		      const struct config_key *row)
{
	const char *key;
	size_t at = 0;

	while ((key = config_own_next(s->section, row, &at)))
		config_report_key(c->report, s->section, key,
				  "%s has no use beside session = %s: give it "
				  "there", key, s->route->session);
}

void check_shared_keys(struct compiling *c, const struct service *s)
{
	const struct config_table *const *t = service_tables();

	for (; *t; t++) {
		if (strcmp((*t)->section, "service") != 0 ||
		    (*t)->flags & CONFIG_ROUTE)
			continue;
		for (size_t i = 0; i < (*t)->nkeys; i++)
			if (!((*t)->keys[i].flags & CONFIG_ROUTE))
				check_row(c, s, &(*t)->keys[i]);
	}
}
