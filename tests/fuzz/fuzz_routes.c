/* SPDX-License-Identifier: MIT */
/* The choice among services. Input: METHOD SP TARGET LF HOST. The oracle goes
 * through all matches one by one, by the rules. */
#include "service/routes.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "data/uri.h"
#include "fuzz.h"
#include "http/path_reading.h"
#include "service/match.h"

static const char configuration[] =
	"[service a]\nupstream = https://a.test/base\n"
	"match = a.test/v1\nmatch = a.test:8080\nmatch = *.a.test\n"
	"match = *.b.a.test/x\n"
	"[service b]\nupstream = https://b.test\n"
	"match = a.test/v1/x\nmatch = b.a.test:81/v1\nmatch = *.a.test:81\n"
	"[service c]\nupstream = http://127.0.0.1:9000\npath = /c/d/\n"
	"match = a.test\nmatch = 127.0.0.1:9000/q\nmatch = [::2]:9\n"
	"[service d]\nupstream = https://d.test/d\npath = /c/\n";

static const struct services *load(void)
{
	static struct services *s;
	char path[] = "/tmp/bearerd-fuzz-XXXXXX";
	struct config_report *r;
	int fd;

	if (s)
		return s;
	fd = mkstemp(path);
	ASSERT(fd >= 0 && write(fd, configuration,
				sizeof(configuration) - 1) > 0);
	close(fd);
	r = config_report_new();
	s = services_load(path, r);
	unlink(path);
	for (size_t i = 0; i < config_report_count(r); i++)
		(void)fprintf(stderr, "%s\n", config_report_text(r, i));
	ASSERT(s);
	config_report_free(&r);
	return s;
}

/* How exactly a match's host is this one: 0 not at all, more for exact ones
 * and for longer wildcards. */
static size_t host_rank(const struct route_match *m, struct str host)
{
	struct buf b = BUF_INIT(1 << 20);
	struct str own = str_z(m->host);
	size_t rank = 0;

	host_normalize(&b, host);
	if (!m->wildcard && host_eq(host, own))
		rank = SIZE_MAX;
	else if (m->wildcard && b.n > own.n && b.n <= 255 &&
		 str_ends(buf_str(&b), own))
		rank = own.n;
	buf_fini(&b);
	return rank;
}

static bool better(const struct route_match *a, const struct route_match *b,
		   struct str host)
{
	if (host_rank(a, host) != host_rank(b, host))
		return host_rank(a, host) > host_rank(b, host);
	if ((a->port >= 0) != (b->port >= 0))
		return a->port >= 0;
	return strlen(a->prefix) > strlen(b->prefix);
}

static const struct route_match *slow(const struct services *s,
				      struct str host, int port,
				      struct str path, bool own)
{
	const struct route_match *best = NULL;

	for (size_t i = 0; i < s->n; i++)
		for (size_t j = 0; j < s->v[i]->nmatches; j++) {
			const struct route_match *m = &s->v[i]->matches[j];

			if (!host_rank(m, host) ||
			    (m->port >= 0 ? m->port != port : own) ||
			    !target_has_prefix(path, str_z(m->prefix)))
				continue;
			if (!best || better(m, best, host))
				best = m;
		}
	return best;
}

/* Whether another service has the path in another reading. */
static bool differs(const struct services *s, struct str host, int port,
		    struct str path, const struct route *r)
{
	struct buf b = BUF_INIT(path.n + 2);
	bool other = false;

	for (unsigned i = 0; path.n > 0 && i < PATH_READINGS; i++) {
		const struct route_match *m;

		buf_reset(&b);
		path_reading(&b, path, i);
		m = slow(s, host, port, buf_str(&b), false);
		other |= m && m->service != r->service &&
			 (i < PATH_FORMS || strlen(m->prefix) > r->prefix.n);
	}
	buf_fini(&b);
	return other;
}

static void check_target(const struct route *r, const struct target *t)
{
	struct buf b = BUF_INIT(8 << 20);
	struct str out;

	route_write_target(r, t, &b);
	out = buf_str(&b);
	ASSERT(buf_ok(&b) && out.n);
	if (r->asterisk) {
		ASSERT(str_eq(out, STR("*")));
	} else {
		ASSERT(out.p[0] == '/' || out.p[0] == '?' || r->base.n);
		ASSERT(str_starts(out, r->base));
		ASSERT(str_ends(out, t->query));
		ASSERT(target_has_prefix(str_sub(out, 0, str_find(out, '?')),
					 r->base));
	}
	buf_fini(&b);
}

static void check(const struct services *s, const struct route_request *q)
{
	const struct target *t = q->target;
	bool proxied = t->form == TARGET_ABSOLUTE ||
		       t->form == TARGET_AUTHORITY;
	struct str host = proxied ? t->host : q->host;
	int port = proxied ? t->port : q->host_port;
	bool own = (!proxied && !q->has_host) ||
		   route_host_is_own(s, host, NULL);
	const struct route_match *want;
	enum route_result result;
	struct route r;

	result = route_find(s, q, &r);
	if (port < 0)
		port = proxied && t->https ? 443 : 80;
	want = slow(s, host, port, t->path, own);
	if (result == ROUTE_SERVICE)
		check_target(&r, t);
	/* The oracle does not know how addresses are written. */
	if (str_find(host, ':') < host.n || t->form == TARGET_ASTERISK)
		return;
	if (!r.service || r.by_path) {
		ASSERT(!want);
		ASSERT(!r.by_path || own);
		return;
	}
	ASSERT(want && want->service == r.service);
	ASSERT(str_eq_z(r.prefix, want->prefix));
	ASSERT((result == ROUTE_CLIMBS) == target_climbs(t->path, r.prefix));
	if (!own && result != ROUTE_CLIMBS)
		ASSERT((result == ROUTE_AMBIGUOUS) ==
		       differs(s, host, port, t->path, &r));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rest = fuzz_text(data, size);
	struct str method = fuzz_part(&rest, ' ');
	struct str raw = fuzz_part(&rest, '\n');
	struct route_request q = { .host_port = -1 };
	struct target t;
	bool v6;

	if (target_parse(raw, method, &t, NULL))
		return 0;
	q.target = &t;
	q.options = str_eq_z(method, "OPTIONS");
	q.has_host = rest.n > 0;
	if (q.has_host && authority_parse(rest, &q.host, &q.host_port, &v6,
					  NULL))
		return 0;
	check(load(), &q);
	return 0;
}
