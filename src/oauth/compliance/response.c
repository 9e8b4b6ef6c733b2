/* SPDX-License-Identifier: MIT */
/* Changes a reply before it is read: what a server calls otherwise, puts
 * elsewhere or leaves out becomes what RFC 6749 §5 has. */
#include "oauth/compliance/int.h"

#include "base/alloc.h"
#include "base/limits.h"
#include "data/date.h"
#include "data/json_path.h"
#include "oauth/token/token.h"

enum reply_format response_format(const struct response_fixes *x)
{
	return x ? x->format : REPLY_AUTO;
}

bool response_sets_type(const struct response_fixes *x)
{
	for (size_t i = 0; x && i < x->nsets; i++) {
		if (str_eq_z(STR("token_type"), x->sets[i].name))
			return true;
	}
	return false;
}

/* --- its members --- */

struct member {
	struct str name;
	const struct json *value;
	bool renamed;
};

/* Borrowed from the reply and the fixes. */
struct members {
	struct member *v;
	size_t n;
};

static struct member *find(const struct members *m, struct str name)
{
	for (size_t i = 0; i < m->n; i++) {
		if (str_eq(m->v[i].name, name))
			return &m->v[i];
	}
	return NULL;
}

/* There is room for all that can be put. */
static struct member *put(struct members *m, struct str name,
			  const struct json *value)
{
	struct member *at = find(m, name);

	if (!at)
		at = &m->v[m->n++];
	*at = (struct member){ name, value, false };
	return at;
}

static void take_out(struct members *m, struct str name)
{
	struct member *at = find(m, name);

	if (!at)
		return;
	m->n--;
	for (; at < m->v + m->n; at++)
		at[0] = at[1];
}

static bool is_renamed(const struct response_fixes *x, struct str name)
{
	for (size_t i = 0; i < x->nrenames; i++) {
		if (str_eq_z(name, x->renames[i].from))
			return true;
	}
	return false;
}

/* All are looked for in the reply as it came, so that two names may be
 * exchanged; of several that become the same, the first one that is there. */
static void rename_all(const struct response_fixes *x, const struct json *from,
		       struct members *m)
{
	for (size_t i = 0; i < x->nrenames; i++) {
		struct str to = str_z(x->renames[i].to);
		const struct json *value =
			json_path(from, str_z(x->renames[i].from));
		const struct member *there = find(m, to);

		if (json_type(value) != JSON_NULL && !(there && there->renamed))
			put(m, to, value)->renamed = true;
	}
}

/* An expires_in that is not a number above 0 counts as absent. */
static bool says_nothing(const struct member *m)
{
	if (!m || json_type(m->value) == JSON_NULL)
		return true;
	if (str_eq(m->name, STR("expires_in")))
		return token_expires_in(m->value) == 0;
	return json_is(m->value, JSON_STRING) && json_text(m->value).n == 0;
}

static void change(const struct response_fixes *x, const struct json *from,
		   struct members *m)
{
	for (size_t i = 0; i < json_count(from); i++) {
		if (!is_renamed(x, json_name(from, i)))
			put(m, json_name(from, i), json_at(from, i));
	}
	rename_all(x, from, m);
	for (size_t i = 0; i < x->nsets; i++)
		put(m, str_z(x->sets[i].name), x->sets[i].value);
	for (size_t i = 0; i < x->ndefaults; i++) {
		struct str name = str_z(x->defaults[i].name);

		if (says_nothing(find(m, name)))
			put(m, name, x->defaults[i].value);
	}
	for (size_t i = 0; i < x->ndrops; i++)
		take_out(m, str_z(x->drops[i]));
}

/* The reply as it would have been, with a life in place of its expires_in (-1:
 * that stays); NULL with a fault where it is too large. json_free. */
static struct json *make(const struct response_fixes *x,
			 const struct json *from, int64_t life,
			 struct buf *out, struct fault *f)
{
	struct members m = { NULL, 0 };
	struct json_out o;

	m.v = mem_array(json_count(from) + x->nrenames + x->nsets +
			x->ndefaults, sizeof(*m.v));
	change(x, from, &m);
	json_out_init(&o, out);
	json_out_object(&o);
	for (size_t i = 0; i < m.n; i++) {
		if (life >= 0 && str_eq_z(m.v[i].name, "expires_in"))
			continue;
		json_out_key_str(&o, m.v[i].name);
		json_out_value(&o, m.v[i].value);
	}
	if (life >= 0) {
		json_out_key(&o, "expires_in");
		json_out_int(&o, life);
	}
	json_out_object_end(&o);
	mem_free(m.v);
	if (buf_ok(out))
		return json_parse(buf_str(out), f);
	fault_set(f, "it is too long");
	return NULL;
}

/* --- its errors --- */

/* A reply: the whole, and what is left of it. */
struct compliance_reply {
	const struct json *whole, *fixed;
};

/* What select has left out is still where errors may be. */
static const struct json *look(const struct compliance_reply *r,
			       const char *path)
{
	const struct json *j = json_path(r->fixed, str_z(path));

	return j ? j : json_path(r->whole, str_z(path));
}

/* The first test that the reply fits, or NULL. */
static const struct response_test *first_fit(const struct response_tests *t,
					     const struct compliance_reply *r)
{
	for (size_t i = 0; i < t->n; i++) {
		if (json_fits(look(r, t->v[i].path), str_z(t->v[i].value)))
			return &t->v[i];
	}
	return NULL;
}

/* Codes are one word; all else is for people. */
static bool is_code(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (!char_is_alpha(c) && !char_is_digit(c) && c != '_' &&
		    c != '-' && c != '.')
			return false;
	}
	return s.n > 0;
}

static struct str text_of(const struct json *j)
{
	if (json_is(j, JSON_STRING) || json_is(j, JSON_NUMBER))
		return json_text(j);
	return STR("");
}

static void take_text(struct str s, struct oauth_error *error)
{
	if (is_code(s) && s.n < sizeof(error->code))
		reply_words(error->code, sizeof(error->code), s);
	else
		reply_words(error->description, sizeof(error->description), s);
}

/* The first of these members that has text. */
static struct str first_text(const struct json *j, const char *const *names)
{
	struct str s = STR("");

	while (s.n == 0 && *names)
		s = text_of(json_get(j, *names++));
	return s;
}

/* As servers call them. */
static void take_object(const struct json *j, struct oauth_error *error)
{
	static const char *const codes[] = { "error", "errorType",
					     "error_code", "type", "code",
					     NULL };
	static const char *const words[] = { "error_description", "message",
					     "description", "detail", "title",
					     NULL };

	reply_words(error->code, sizeof(error->code), first_text(j, codes));
	reply_words(error->description, sizeof(error->description),
		    first_text(j, words));
}

/* Whether there is something at the path of error; *error is filled in. */
static bool take_error(const struct response_fixes *x,
		       const struct compliance_reply *r,
		       struct oauth_error *error)
{
	const struct json *j = x->error ? look(r, x->error) : NULL;

	while (json_is(j, JSON_ARRAY))
		j = json_at(j, 0);
	if (json_is(j, JSON_OBJECT))
		take_object(j, error);
	else
		take_text(text_of(j), error);
	return error->code[0] || error->description[0];
}

/* Words for a reply that has none: what it was told from. */
static void explain(const struct response_test *t,
		    const struct compliance_reply *r, struct oauth_error *error)
{
	struct buf b = BUF_INIT(sizeof(error->description));

	if (!t || error->code[0] || error->description[0] ||
	    json_text(json_get(r->fixed, "error")).n ||
	    json_text(json_get(r->fixed, "error_description")).n)
		return;
	buf_addf(&b, "the reply's %s is %s", t->path, t->value);
	reply_words(error->description, sizeof(error->description),
		    buf_str(&b));
	buf_fini(&b);
}

/* The code that RFC 6749 has for it; the server's own word stays where people
 * read it. */
static void rename_code(const struct response_test *t,
			struct oauth_error *error)
{
	if (!t)
		return;
	if (!error->description[0])
		reply_words(error->description, sizeof(error->description),
			    str_z(error->code));
	reply_words(error->code, sizeof(error->code), STR("invalid_grant"));
}

/* --- when the token ends --- */

/* Seconds since 1970, or milliseconds, which are beyond what is a date in
 * seconds (the year 5138). */
static int64_t date_of_number(const struct json *m)
{
	const int64_t most = 100000000000;
	int64_t n = token_number(m, 1000 * most);

	return n < most ? n : n / 1000;
}

static int64_t date_of(const struct json *m)
{
	int64_t date = date_of_number(m);

	if (date > 0 || !json_is(m, JSON_STRING) ||
	    date_rfc3339_parse(json_text(m), &date) == 0 ||
	    date_http_parse(json_text(m), &date) == 0)
		return date;
	return 0;
}

/* The token's life in seconds, from a date or from milliseconds; -1: it is
 * what expires_in says. */
static int64_t life_of(const struct response_fixes *x,
		       const struct compliance_reply *r, int64_t sent_wall)
{
	const struct json *in = json_get(r->fixed, "expires_in");
	int64_t date = x->expires_at ? date_of(look(r, x->expires_at)) : 0;
	int64_t ms;

	if (date > sent_wall / 1000)
		return date - sent_wall / 1000;
	if (!x->expires_in_ms || !in)
		return -1;
	ms = token_number(in, (int64_t)LIMIT_TOKEN_LIFE * 1000);
	return (ms + 999) / 1000;
}

/* Once more, where its life is told otherwise. */
static struct json *make_with_life(const struct response_fixes *x,
				   const struct json *whole,
				   const struct json *from, int64_t sent_wall,
				   struct buf *out, struct fault *f)
{
	struct json *fixed = make(x, from, -1, out, f);
	int64_t life = -1;

	if (fixed)
		life = life_of(x, &(struct compliance_reply){ whole, fixed },
			       sent_wall);
	if (life < 0)
		return fixed;
	json_free(&fixed);
	buf_reset(out);
	return make(x, from, life, out, f);
}

/* --- the whole --- */

static const struct json *selected(const struct response_fixes *x,
				   const struct json *whole)
{
	const struct json *j = whole;

	if (x->select)
		j = json_path(whole, str_z(x->select));
	return json_is(j, JSON_OBJECT) ? j : NULL;
}

static enum response_says judge(const struct response_fixes *x, const char *who,
				const struct compliance_reply *r,
				struct oauth_error *error, struct fault *f)
{
	const struct response_test *spent =
		first_fit(&x->invalid_grant_ifs, r);
	const struct response_test *passes =
		first_fit(&x->unavailable_ifs, r);
	const struct response_test *t =
		passes ? passes : spent ? spent : first_fit(&x->error_ifs, r);
	bool has_answer = token_member_given(r->fixed, x->answer);

	if (t || (!has_answer && x->error)) {
		bool any = take_error(x, r, error);

		explain(t, r, error);
		if (t || any) {
			reply_error(who, r->fixed, error);
			rename_code(passes ? NULL : spent, error);
			error->confirmed = spent && !passes;
			error->passes = passes != NULL;
			return RESPONSE_REFUSES;
		}
	}
	if (selected(x, r->whole) || token_member_given(r->fixed, "error"))
		return RESPONSE_FINE;
	fault_set(f, "it has no object at %s (select)", x->select);
	return RESPONSE_UNCLEAR;
}

enum response_says response_fix(const struct response_fixes *x,
				const char *who, struct json **j,
				int64_t sent_wall, struct buf *made,
				struct str *text, struct oauth_error *error,
				struct fault *f)
{
	const struct json *from = selected(x, *j);
	struct json *fixed = make_with_life(x, *j, from ? from : *j,
					    sent_wall, made, f);
	enum response_says says = RESPONSE_UNCLEAR;

	if (fixed)
		says = judge(x, who, &(struct compliance_reply){ *j, fixed },
			     error, f);
	json_free(j);
	*j = fixed;
	*text = buf_str(made);
	return says;
}

bool response_error(const struct response_fixes *x, const char *who,
		    const struct json *j, struct oauth_error *error)
{
	struct buf made = BUF_INIT_SECRET(REPLY_MADE_MAX);
	const struct response_test *spent = NULL;
	const struct json *from = selected(x, j);
	struct json *fixed = NULL;

	if (j)
		fixed = make(x, from ? from : j, -1, &made, NULL);
	if (fixed) {
		const struct compliance_reply r = { j, fixed };
		const struct response_test *passes =
			first_fit(&x->unavailable_ifs, &r);

		take_error(x, &r, error);
		error->passes = passes != NULL;
		if (!passes)
			spent = first_fit(&x->invalid_grant_ifs, &r);
		explain(passes ? passes : spent, &r, error);
	}
	reply_error(who, fixed, error);
	rename_code(spent, error);
	json_free(&fixed);
	buf_fini(&made);
	return spent != NULL;
}
