/* SPDX-License-Identifier: MIT */
/* allow and deny. Input: METHOD SP PATH LF, then rules, one a line; a line
 * that begins with "-" is a deny. The oracle makes a table for each glob, and
 * lists of segments for each reading of the path. */
#include "service/access.h"

#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "data/form.h"
#include "fuzz.h"
#include "http/path_reading.h"
#include "service/service.h"

enum { MAX = 2048, RULES = 8 };

static const char configuration[] =
	"[service a]\nupstream = https://a.test\n";

/* What mistakes are reported for. */
static const struct config_section *section(void)
{
	static struct services *s;
	char path[] = "/tmp/bearerd-fuzz-XXXXXX";
	struct config_report *r;
	int fd;

	if (s)
		return s->v[0]->section;
	fd = mkstemp(path);
	ASSERT(fd >= 0 && write(fd, configuration,
				sizeof(configuration) - 1) > 0);
	close(fd);
	r = config_report_new();
	s = services_load(path, r);
	unlink(path);
	ASSERT(s);
	config_report_free(&r);
	return s->v[0]->section;
}

/* fits[i][j]: the glob from i on fits the text from j on. */
static bool slow_glob(struct str g, struct str t, bool decode)
{
	static bool fits[MAX + 2][MAX + 2];
	static struct str one[MAX];
	struct buf b = BUF_INIT(MAX);
	size_t n = 0;
	bool result;

	/* Elements: stars as they stand, else one octet (or its escape). */
	while (g.n) {
		size_t k = str_starts(g, STR("**")) ? 2 : 1;

		if (decode && g.p[0] == '%' && g.n > 2 &&
		    char_hex(g.p[1]) >= 0 && char_hex(g.p[2]) >= 0)
			k = 3;
		one[n++] = str_sub(g, 0, k);
		g = str_from(g, k);
	}
	for (size_t j = 0; j <= t.n; j++)
		fits[n][j] = j == t.n;
	for (size_t i = n; i-- > 0;) {
		bool any = one[i].n == 2;
		bool star = any || str_eq_z(one[i], "*");
		char octet;

		buf_reset(&b);
		if (one[i].n == 3)
			percent_decode(&b, one[i]);
		else
			buf_add_str(&b, one[i]);
		octet = b.p[0] == '\\' ? '/' : b.p[0];
		for (size_t j = t.n + 1; j-- > 0;) {
			bool more = j < t.n;

			if (star)
				fits[i][j] = fits[i + 1][j] ||
					     (more && fits[i][j + 1] &&
					      (any || t.p[j] != '/'));
			else
				fits[i][j] = more && t.p[j] == octet &&
					     fits[i + 1][j + 1];
		}
	}
	result = fits[0][0];
	buf_fini(&b);
	return result;
}

static bool slow_fits(struct str glob, struct str path)
{
	return slow_glob(glob, path, false) || slow_glob(glob, path, true);
}

/* The octets of the path for this reading; only what ends a segment is "/". */
static void slow_octets(struct buf *out, struct str p, unsigned how)
{
	while (p.n) {
		struct buf b = BUF_INIT(4);
		size_t k = p.n > 2 && p.p[0] == '%' && char_hex(p.p[1]) >= 0 &&
			   char_hex(p.p[2]) >= 0 ? 3 : 1;
		bool slash;

		percent_decode(&b, str_sub(p, 0, k));
		slash = b.p[0] == '/' || b.p[0] == '\\';
		if (p.p[0] == '/' || (slash && (how & PATH_SLASHES)))
			buf_add_char(out, '/');
		else if (slash)
			buf_add_str(out, str_sub(p, 0, k));
		else
			buf_add_str(out, buf_str(&b));
		p = str_from(p, k);
		buf_fini(&b);
	}
}

static void slow_read(struct buf *out, struct str path, unsigned how)
{
	static struct str stack[MAX + 1];
	struct buf b = BUF_INIT(MAX);
	size_t n = 0;
	struct str rest;
	bool folder = false;

	slow_octets(&b, str_from(path, 1), how);
	rest = buf_str(&b);
	for (bool more = true; more;) {
		struct str name = str_sub(rest, 0, str_find(rest, '/'));

		more = name.n < rest.n;
		rest = str_from(rest, name.n + 1);
		if (how & PATH_CUT) {
			name = str_sub(name, 0, str_find(name, ';'));
			name = str_sub(name, 0, str_find(name, '\0'));
		}
		folder = false;
		if (str_eq_z(name, "..")) {
			n -= n > 0;
			folder = true;
		} else if (str_eq_z(name, ".") ||
			   (!name.n && (!more || (how & PATH_MERGE)))) {
			folder = true;
		} else {
			stack[n++] = name;
		}
	}
	for (size_t i = 0; i < n; i++) {
		if (!stack[i].n)
			continue;
		buf_add_char(out, '/');
		buf_add_str(out, stack[i]);
	}
	if (folder || !out->n)
		buf_add_char(out, '/');
	buf_fini(&b);
}

/* Rules that are good, as they were written. */
struct slow_rule {
	bool denies;
	struct str methods, glob;
};

static bool slow_method(const struct slow_rule *r, struct str method)
{
	struct str rest = r->methods, one;

	while (str_next_element(&rest, &one))
		if (str_eq_z(one, "*") ||
		    (r->denies ? str_eq_nocase(one, method)
			       : str_eq(one, method)))
			return true;
	return false;
}

/* One reading: 'd'enied, 'a'llowed, or 'n'either. */
static char slow_reading(const struct slow_rule *rules, size_t n,
			 struct str method, struct str path)
{
	struct str bare = path;
	char result = 'a';

	if (path.n > 1 && str_ends(path, STR("/")))
		bare = str_sub(path, 0, path.n - 1);
	for (size_t i = 0; i < n; i++)
		if (rules[i].denies && slow_method(&rules[i], method) &&
		    (slow_fits(rules[i].glob, path) ||
		     slow_fits(rules[i].glob, bare)))
			return 'd';
	for (size_t i = 0; i < n; i++) {
		if (rules[i].denies)
			continue;
		if (slow_method(&rules[i], method) &&
		    slow_fits(rules[i].glob, path))
			return 'a';
		result = 'n';
	}
	return result;
}

static enum access_result slow_check(const struct slow_rule *rules, size_t n,
				     struct str method, struct str path)
{
	char seen[PATH_FORMS + 2] = "";

	seen[0] = slow_reading(rules, n, method, path);
	for (unsigned how = 0; how < PATH_FORMS; how++) {
		struct buf a = BUF_INIT(MAX), b = BUF_INIT(path.n);

		slow_read(&a, path, how);
		path_read(&b, path, how);
		ASSERT(buf_ok(&a) && buf_ok(&b));
		ASSERT(str_eq(buf_str(&a), buf_str(&b)));
		seen[how + 1] = slow_reading(rules, n, method, buf_str(&a));
		buf_fini(&a);
		buf_fini(&b);
	}
	if (strchr(seen, 'd'))
		return ACCESS_DENIED;
	return strchr(seen, 'n') ? ACCESS_NOT_ALLOWED : ACCESS_GRANTED;
}

/* A rule that the configuration takes; its glob is behind the last space. */
static bool slow_rule(struct slow_rule *r, struct str line)
{
	struct config_report *report = config_report_new();
	struct config_list list = { .n = 1 }, none = { .n = 0 };
	char *text;
	struct access *a;
	bool good;
	size_t at;

	r->denies = str_starts(line, STR("-"));
	if (r->denies)
		line = str_from(line, 1);
	line = str_trim(line);
	text = str_dup(line);
	list.v = &text;
	a = access_new(section(), &list, &none, report);
	good = config_report_count(report) == 0;
	for (at = line.n; at && !strchr(" \t", line.p[at - 1]); at--)
		continue;
	if (good)
		ASSERT(at > 0 && line.p[at] == '/');
	r->methods = str_sub(line, 0, at);
	r->glob = str_from(line, at);
	access_free(&a);
	mem_free(text);
	config_report_free(&report);
	return good;
}

static void check(const struct slow_rule *rules, size_t n, struct str method,
		  struct str path)
{
	struct config_report *report = config_report_new();
	char *texts[2][RULES];
	struct config_list lists[2] = { { texts[0], 0 }, { texts[1], 0 } };
	struct access *a;

	for (size_t i = 0; i < n; i++) {
		struct config_list *list = &lists[rules[i].denies];
		struct str whole = { rules[i].methods.p, rules[i].methods.n +
							 rules[i].glob.n };

		list->v[list->n++] = str_dup(whole);
	}
	a = access_new(section(), &lists[0], &lists[1], report);
	ASSERT(config_report_count(report) == 0);
	ASSERT(access_check(a, method, path) ==
	       slow_check(rules, n, method, path));
	access_free(&a);
	for (size_t k = 0; k < 2; k++)
		for (size_t i = 0; i < lists[k].n; i++)
			mem_free(texts[k][i]);
	config_report_free(&report);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rest = fuzz_text(data, size);
	struct str method = fuzz_part(&rest, ' ');
	struct str path = fuzz_part(&rest, '\n');
	struct slow_rule rules[RULES];
	size_t n = 0;

	if (size >= MAX || path.n == 0 || path.p[0] != '/')
		return 0;
	/* What no target holds. */
	for (size_t i = 0; i < path.n; i++)
		if (path.p[i] < 0x21 || path.p[i] > 0x7e)
			return 0;
	while (rest.n && n < RULES) {
		struct str line = fuzz_part(&rest, '\n');

		/* The file's reader lets none of them through. */
		if (str_find(line, '\0') == line.n && line.n &&
		    slow_rule(&rules[n], line))
			n++;
	}
	check(rules, n, method, path);
	return 0;
}
