/* SPDX-License-Identifier: MIT */
/* Loads a file into the services that all threads share: at start and for
 * `check`. */
#include "service/service.h"

#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "config/mask.h"
#include "service/check.h"
#include "service/compile.h"
#include "service/fixed_tokens.h"
#include "service/keys.h"
#include "service/notify_target.h"
#include "service/others.h"
#include "service/paths.h"
#include "service/routes.h"
#include "service/sharing.h"

static void compile_all(struct compiling *c)
{
	struct services *s = c->services;

	s->n = config_count_of(s->config, "service");
	s->v = mem_array(s->n, sizeof(struct service *));
	for (size_t i = 0; i < s->n; i++) {
		s->v[i] = service_compile(c, config_nth(s->config, "service",
							i));
		s->v[i]->index = i;
	}
	notify_target_compile(c);
	for (size_t i = 0; i < c->ntrusts; i++)
		trust_unref(&c->trusts[i].trust);
	for (size_t i = 0; i < c->ntransports; i++)
		transport_unref(&c->transports[i]);
	mem_free(c->trusts);
	mem_free(c->transports);
}

/* Whose files are believed: the user's, and where root names a file in place
 * of its own, those of that file's owner. */
static struct ownership trusted(const char *path)
{
	struct ownership who = ownership_of_process();
	char *usual = services_default_path();
	struct stat st;

	if (who.user == 0 && strcmp(path, usual) != 0 && stat(path, &st) == 0)
		who.owner = st.st_uid;
	mem_free(usual);
	return who;
}

/* A file that is empty, or was cut, is good, and of no use. */
static void check_any(const struct compiling *c, const char *path)
{
	const struct services *s = c->services;

	if (config_report_count(c->report) == 0 &&
	    config_count_of(s->config, "service") == 0 &&
	    s->proxy->unmatched == UNMATCHED_DENY)
		config_report_warn(c->report, path, 0,
				   "there is no [service NAME], so that every "
				   "request is refused");
}

/* masked: its secrets are exchanged for masks. */
static struct services *load(const char *path, bool masked,
			     struct config_report *report)
{
	struct services *s = mem_new(struct services);
	struct compiling c = { .services = s, .report = report };
	size_t before = config_report_count(report);
	char *profiles = services_provider_dir();

	s->config = config_read(path, service_tables(), profiles, report);
	mem_free(profiles);
	/* A mask is no address of a proxy, and none goes by it. */
	if (masked)
		config_mask(s->config, "service", "upstream_proxy");
	s->proxy = config_block(config_only(s->config, "proxy"),
				&proxy_settings_table);
	s->ownership = trusted(path);
	config_check_files(s->config, &s->ownership, s->proxy->strict_modes,
			   report);
	check_any(&c, path);
	check_proxy(&c);
	compile_all(&c);
	check_others(&c);
	check_shared(&c);
	s->routes = routes_new(s, report);
	check_matches(&c);
	check_logins(&c);
	if (config_report_count(report) == before)
		check_fixed_tokens(&c);
	if (config_report_count(report) > before)
		services_free(&s);
	return s;
}

struct services *services_load(const char *path, struct config_report *report)
{
	return load(path, false, report);
}

struct services *services_load_masked(const char *path,
				      struct config_report *report)
{
	return load(path, true, report);
}

void services_free(struct services **s)
{
	struct services *x = *s;

	*s = NULL;
	if (!x)
		return;
	routes_free(&x->routes);
	for (size_t i = 0; i < x->n; i++)
		service_free(x->v[i]);
	for (size_t i = 0; i < x->nown_names; i++)
		mem_free(x->own_names[i]);
	mem_free(x->own_names);
	notify_target_fini(x);
	mem_free(x->listening);
	mem_free(x->v);
	config_free(&x->config);
	mem_free(x);
}
