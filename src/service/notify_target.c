/* SPDX-License-Identifier: MIT */
/* Checks the program of notify, and takes the URL of notify_url apart, once,
 * before anything is told. */
#include "service/notify_target.h"

#include <sys/stat.h>
#include <unistd.h>

#include "data/uri.h"
#include "service/compiling.h"

/* No mistake: the rest works without it, and it may be installed later. */
static void check_program(const struct compiling *c,
			  const struct config_section *s)
{
	const struct config_list *notify = &c->services->proxy->notify;
	struct stat st;

	if (notify->n == 0)
		return;
	if (stat(notify->v[0], &st) < 0 || !S_ISREG(st.st_mode) ||
	    access(notify->v[0], X_OK) < 0)
		config_report_warn_key(c->report, s, "notify",
				       "notify: there is no program %.200s "
				       "that may be run",
				       notify->v[0]);
}

/* Where a notice goes: nobody on the way reads or changes it. A webhook's path
 * is often its password, so that no fault repeats it. */
static int check_url(const char *url, struct uri *u, struct fault *f)
{
	if (uri_parse(str_z(url), u, f) < 0)
		return fault_prefix(f, "notify_url");
	if (!uri_is_https(u) && !uri_host_is_loopback(u->host))
		return fault_set(f, "notify_url must be an https URL; only a "
				    "loopback address may be http");
	if (u->has_userinfo)
		return fault_set(f, "notify_url must not hold a user or "
				    "password; most services have a URL that "
				    "is secret as a whole");
	return 0;
}

static void compile_url(struct compiling *c, const struct config_section *s)
{
	struct services *services = c->services;
	const char *url = services->proxy->notify_url, *key = "notify_url";
	struct transport_settings set = { 0 };
	struct fault f;
	struct uri u;

	if (!url)
		return;
	if (check_url(url, &u, &f) < 0) {
		config_report_key(c->report, s, key, "%s", f.text);
		return;
	}
	if (uri_is_https(&u)) {
		set.trust = compiling_trust(c, NULL, s, key);
		if (!set.trust)
			return;
	}
	services->notify_transport = transport_new(&set, &key, &f);
	if (!services->notify_transport ||
	    endpoint_init(&services->notify_url, url,
			  services->notify_transport, &f) < 0)
		config_report_key(c->report, s, "notify_url",
				  "notify_url: %s", f.text);
}

void notify_target_compile(struct compiling *c)
{
	const struct config_section *s =
		config_only(c->services->config, "proxy");

	check_program(c, s);
	compile_url(c, s);
}

void notify_target_fini(struct services *s)
{
	endpoint_fini(&s->notify_url);
	transport_unref(&s->notify_transport);
}
