/* SPDX-License-Identifier: MIT */
/* Decides by `allow` and `deny` whether a service lets a request through: after
 * the service is chosen, before its token. A path is looked at in every reading
 * that a server may have of it (http/path_reading.h), and a rule that refuses
 * something holds in each of them. */
#include "service/access.h"

#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "http/path_reading.h"

/* An element of a glob: an octet, or one of these. */
enum { ANY_IN_SEGMENT = 256, ANY = 257 };

struct glob {
	uint16_t v[LIMIT_RULE_PATH];
	size_t n;
};

struct rule {
	char *methods;             /* separated by commas; NULL: any */
	struct glob raw, decoded;  /* as written, and decoded once */
};

struct rules {
	struct rule **v;
	size_t n;
};

struct access {
	struct rules allow, deny;
};

/* --- from the file --- */

/* text is not over LIMIT_RULE_PATH. */
static void glob_init(struct glob *g, struct str text, bool decode)
{
	struct cursor c = cursor_of(text);

	g->n = 0;
	while (!cursor_done(&c)) {
		if (cursor_skip_str(&c, STR("**")))
			g->v[g->n++] = ANY;
		else if (cursor_skip(&c, '*'))
			g->v[g->n++] = ANY_IN_SEGMENT;
		else
			g->v[g->n++] = decode ? (unsigned char)path_octet(&c) :
						(unsigned char)*c.p++;
	}
}

/* Whether the segment from at to end is one that no path keeps. */
static bool is_dots(const struct glob *g, size_t at, size_t end)
{
	if (end - at > 2)
		return false;
	for (size_t i = at; i < end; i++)
		if (g->v[i] != '.')
			return false;
	return end > at;
}

/* What would never be fitted, for the paths that are compared do not have
 * it. g is decoded. */
static int check_glob(const struct glob *g, struct fault *f)
{
	size_t at = 1;

	for (size_t i = 1; i <= g->n; i++) {
		bool ends = i == g->n || g->v[i] == '/';

		if (!ends && (g->v[i] == ';' || g->v[i] == 0))
			return fault_set(f, "paths are compared without the "
					    "parameters behind \";\": leave "
					    "them out");
		if (!ends)
			continue;
		if (is_dots(g, at, i) || (i == at && i < g->n))
			return fault_set(f, "paths are compared without \".\" "
					    "and \"..\", and without empty "
					    "segments (\"//\")");
		at = i + 1;
	}
	return 0;
}

static int read_glob(struct rule *r, struct str text, struct fault *f)
{
	if (!str_starts(text, STR("/")))
		return fault_set(f, "the path must begin with \"/\", such as "
				    "GET,HEAD /v1/**");
	if (text.n > LIMIT_RULE_PATH)
		return fault_set(f, "the path is longer than %d octets",
				 LIMIT_RULE_PATH);
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '?' || text.p[i] == '#')
			return fault_set(f, "the query is not looked at: "
					    "leave it out");
		if (!char_is_visible(text.p[i]) || text.p[i] == '\\')
			return fault_set(f, "the path holds a character that "
					    "no path has: write it as %%XX");
	}
	glob_init(&r->raw, text, false);
	glob_init(&r->decoded, text, true);
	return check_glob(&r->decoded, f);
}

static int check_method(struct str method, struct fault *f)
{
	if (str_eq_z(method, "*"))
		return 0;
	if (str_is_token(method) && str_find(method, '*') == method.n)
		return 0;
	return fault_set(f,
			 "\"%.40s\" is not a method: it must be "
			 "METHOD[,METHOD] /path, or * /path",
			 method.n ? method.p : "");
}

/* Kept without the spaces; any that is any makes them all. */
static int read_methods(struct rule *r, struct str text, struct fault *f)
{
	struct buf b = BUF_INIT(text.n + 1);
	bool any = false;

	for (size_t at = 0; at <= text.n;) {
		struct str rest = str_from(text, at);
		struct str one = str_sub(rest, 0, str_find(rest, ','));
		char *name = str_dup(str_trim(one));
		int rc = check_method(str_z(name), f);

		at += one.n + 1;
		any |= !strcmp(name, "*");
		buf_addf(&b, "%s%s", b.n ? "," : "", name);
		mem_free(name);
		if (rc) {
			buf_fini(&b);
			return -1;
		}
	}
	r->methods = any ? NULL : buf_take(&b);
	buf_fini(&b);
	return 0;
}

static int read_rule(struct rule *r, struct str text, struct fault *f)
{
	size_t at;

	text = str_trim(text);
	for (at = text.n; at; at--)
		if (text.p[at - 1] == ' ' || text.p[at - 1] == '\t')
			break;
	if (!at)
		return fault_set(f, "must be METHOD[,METHOD] /path, such as "
				    "GET,HEAD /v1/**, or * /path");
	if (read_glob(r, str_from(text, at), f))
		return -1;
	return read_methods(r, str_trim(str_sub(text, 0, at)), f);
}

static void read_rules(struct rules *rules, const char *key,
		       const struct config_list *list,
		       const struct config_section *section,
		       struct config_report *report)
{
	rules->v = mem_array(list->n, sizeof(*rules->v));
	for (size_t i = 0; i < list->n; i++) {
		struct rule *r = mem_new(struct rule);
		struct fault f;

		rules->v[rules->n++] = r;
		if (read_rule(r, str_z(list->v[i]), &f))
			config_report_item(report, section, key, i, "%s: %s",
					   key, f.text);
	}
}

struct access *access_new(const struct config_section *section,
			  const struct config_list *allow,
			  const struct config_list *deny,
			  struct config_report *report)
{
	struct access *a;

	if (!allow->n && !deny->n)
		return NULL;
	a = mem_new(struct access);
	read_rules(&a->allow, "allow", allow, section, report);
	read_rules(&a->deny, "deny", deny, section, report);
	return a;
}

static bool rules_are_same(const struct rules *a, const struct rules *b)
{
	for (size_t i = 0; i < a->n && i < b->n; i++) {
		const struct rule *x = a->v[i], *y = b->v[i];

		if (!x->methods != !y->methods ||
		    (x->methods && strcmp(x->methods, y->methods) != 0) ||
		    x->raw.n != y->raw.n ||
		    memcmp(x->raw.v, y->raw.v,
			   x->raw.n * sizeof(*x->raw.v)) != 0)
			return false;
	}
	return a->n == b->n;
}

bool access_is_same(const struct access *a, const struct access *b)
{
	if (!a || !b)
		return a == b;
	return rules_are_same(&a->allow, &b->allow) &&
	       rules_are_same(&a->deny, &b->deny);
}

static void rules_fini(struct rules *rules)
{
	for (size_t i = 0; i < rules->n; i++) {
		mem_free(rules->v[i]->methods);
		mem_free(rules->v[i]);
	}
	mem_free(rules->v);
}

void access_free(struct access **a)
{
	struct access *x = *a;

	*a = NULL;
	if (!x)
		return;
	rules_fini(&x->allow);
	rules_fini(&x->deny);
	mem_free(x);
}

/* --- a request --- */

/* A star can stand for nothing. */
static void skip_stars(const struct glob *g, bool *at)
{
	for (size_t j = 0; j < g->n; j++)
		if (at[j] && g->v[j] >= ANY_IN_SEGMENT)
			at[j + 1] = true;
}

/* Moves all places on by an octet; false where none is left. */
static bool step(const struct glob *g, bool *at, unsigned char octet)
{
	bool alive = false;

	/* From behind: at[j] is still of the octet before. */
	at[g->n] = false;
	for (size_t j = g->n; j-- > 0;) {
		if (!at[j])
			continue;
		if (g->v[j] == octet)
			at[j + 1] = true;
		at[j] = g->v[j] == ANY ||
			(g->v[j] == ANY_IN_SEGMENT && octet != '/');
		alive |= at[j] || at[j + 1];
	}
	skip_stars(g, at);
	return alive;
}

/* All places of the glob that the text so far may have come to: the text's
 * length times the glob's, at the most. */
static bool glob_fits(const struct glob *g, struct str text)
{
	bool at[LIMIT_RULE_PATH + 1], tail = g->n && g->v[g->n - 1] == ANY;

	memset(at, 0, g->n + 1);
	at[0] = true;
	skip_stars(g, at);
	for (size_t i = 0; i < text.n; i++) {
		if (!step(g, at, (unsigned char)text.p[i]))
			return false;
		if (tail && at[g->n - 1])
			return true;
	}
	return at[g->n];
}

static bool rule_fits_path(const struct rule *r, struct str path)
{
	return glob_fits(&r->raw, path) || glob_fits(&r->decoded, path);
}

/* For `deny` without case, for not every server knows that methods have
 * one. */
static bool rule_fits_method(const struct rule *r, struct str method,
			     bool nocase)
{
	struct str rest = str_z(r->methods), one;

	if (!r->methods)
		return true;
	while (str_next_element(&rest, &one))
		if (nocase ? str_eq_nocase(one, method) : str_eq(one, method))
			return true;
	return false;
}

/* For many servers "/x/" is "/x". */
static bool denies_path(const struct rule *r, struct str path)
{
	return rule_fits_path(r, path) ||
	       (path.n > 1 && path.p[path.n - 1] == '/' &&
		rule_fits_path(r, str_sub(path, 0, path.n - 1)));
}

/* One reading of the path. */
static enum access_result check_reading(const struct access *a,
					struct str method, struct str path)
{
	for (size_t i = 0; i < a->deny.n; i++) {
		const struct rule *r = a->deny.v[i];

		if (rule_fits_method(r, method, true) && denies_path(r, path))
			return ACCESS_DENIED;
	}
	for (size_t i = 0; i < a->allow.n; i++) {
		const struct rule *r = a->allow.v[i];

		if (rule_fits_method(r, method, false) &&
		    rule_fits_path(r, path))
			return ACCESS_GRANTED;
	}
	return a->allow.n ? ACCESS_NOT_ALLOWED : ACCESS_GRANTED;
}

enum access_result access_check(const struct access *a, struct str method,
				struct str path)
{
	enum access_result result;
	struct buf b = BUF_INIT(path.n + 2);

	if (!a)
		return ACCESS_GRANTED;
	if (!path.n)
		path = STR("/");
	result = check_reading(a, method, path);
	if (path_is_plain(path))
		return result;
	for (unsigned how = 0; how < PATH_FORMS; how++) {
		enum access_result one;

		buf_reset(&b);
		path_read(&b, path, how);
		one = check_reading(a, method, buf_str(&b));
		if (result != ACCESS_DENIED && one != ACCESS_GRANTED)
			result = one;
	}
	buf_fini(&b);
	return result;
}
