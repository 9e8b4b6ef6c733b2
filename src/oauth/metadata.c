/* SPDX-License-Identifier: MIT */
/* Reads the metadata of a server of which only the issuer is known, before the
 * first request to it; nothing of it is believed that could lead a secret
 * astray. */
#include "oauth/metadata.h"

#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "data/json.h"
#include "data/uri.h"

/* --- where it lies --- */

#define OAUTH "/.well-known/oauth-authorization-server"
#define OPENID "/.well-known/openid-configuration"

/* RFC 8414 §3.1 puts the name between host and path, OpenID Connect Discovery
 * §4 behind the path. Servers of people serve the second one above all, and
 * some leave out of RFC 8414's what an id_token is verified with; so each
 * looks first where its own members are. The last of them is §5's way to
 * write OpenID Connect's. */
static const struct place {
	struct str name;
	bool behind;
} places[2][3] = {
	{ { { OAUTH, sizeof(OAUTH) - 1 }, false },
	  { { OPENID, sizeof(OPENID) - 1 }, true },
	  { { OPENID, sizeof(OPENID) - 1 }, false } },
	{ { { OPENID, sizeof(OPENID) - 1 }, true },
	  { { OAUTH, sizeof(OAUTH) - 1 }, false },
	  { { OPENID, sizeof(OPENID) - 1 }, false } },
};

bool metadata_url(const char *issuer, bool openid, size_t i, struct buf *out)
{
	struct str whole = str_z(issuer), path;
	const struct place *place;
	struct uri u;

	if (uri_parse(whole, &u, NULL) < 0)
		return false;
	path = u.path;
	if (str_ends(path, STR("/")))
		path.n--;
	/* Without a path the last two are the same. */
	if (i >= (path.n > 0 ? 3U : 2U))
		return false;
	place = &places[openid][i];
	buf_add_str(out, str_sub(whole, 0, whole.n - u.path.n));
	if (place->behind)
		buf_add_str(out, path);
	buf_add_str(out, place->name);
	if (!place->behind)
		buf_add_str(out, path);
	return true;
}

/* --- its members --- */

#define IN(member) offsetof(struct metadata, member)

static const struct {
	const char *name;
	size_t at;
} flags[] = {
	{ "require_pushed_authorization_requests",
	  IN(require_pushed_authorization_requests) },
	{ "authorization_response_iss_parameter_supported",
	  IN(authorization_response_iss_parameter_supported) },
}, lists[] = {
	{ "id_token_signing_alg_values_supported",
	  IN(id_token_signing_alg_values) },
	{ "token_endpoint_auth_methods_supported",
	  IN(token_endpoint_auth_methods) },
	{ "code_challenge_methods_supported", IN(code_challenge_methods) },
	{ "grant_types_supported", IN(grant_types) },
	{ "dpop_signing_alg_values_supported", IN(dpop_signing_alg_values) },
};

enum {
	FLAGS = sizeof(flags) / sizeof(flags[0]),
	LISTS = sizeof(lists) / sizeof(lists[0]),
};

static int wrong_type(const struct json *m, const char *name,
		      const char *wanted, struct fault *f)
{
	return fault_set(f, "%s is of type %s, where %s must be", name,
			 json_type_name(json_type(m)), wanted);
}

/* An address to which something is sent. What the issuer vouches for by TLS
 * must not lead to where there is none: http is for an issuer that is http
 * itself, which only one on loopback can be. */
static int check_url(const char *name, const char *url, const char *issuer,
		     struct fault *f)
{
	struct uri u, from;

	if (endpoint_check(name, url, f) < 0)
		return -1;
	if (uri_parse(str_z(url), &u, f) < 0 ||
	    uri_parse(str_z(issuer), &from, f) < 0)
		return fault_prefix(f, "%s", name);
	if (u.has_fragment)
		return fault_set(f, "%s must have no fragment (\"#\")", name);
	if (uri_is_https(&u) || (uri_is_http(&u) && uri_is_http(&from)))
		return 0;
	return fault_set(f, "%s must be an https URL, as the issuer is", name);
}

static int read_url(const struct json *j, const char *name, const char *issuer,
		    char **out, struct fault *f)
{
	const struct json *m = json_given(j, name);
	struct str s = json_text(m);

	if (!m)
		return 0;
	if (!json_is(m, JSON_STRING))
		return wrong_type(m, name, "a string", f);
	if (s.n > LIMIT_METADATA_URL)
		return fault_set(f, "%s is longer than %d octets", name,
				 (int)LIMIT_METADATA_URL);
	/* Before it becomes a string that ends at the first NUL. */
	if (s.n == 0 || !str_is_visible(s))
		return fault_set(f,
				 "%s is empty, or holds what is not visible "
				 "ASCII",
				 name);
	*out = str_dup(s);
	return check_url(name, *out, issuer, f);
}

static int read_endpoints(const struct json *j, const char *issuer,
			  struct metadata_endpoints *out, struct fault *f)
{
	for (int kind = 0; kind < ENDPOINT_KINDS; kind++) {
		if (kind != ENDPOINT_REFRESH &&
		    read_url(j, endpoint_key(kind), issuer, &out->v[kind], f) <
			    0)
			return -1;
	}
	return 0;
}

static int read_aliases(const struct json *j, const char *issuer,
			struct metadata_endpoints *out, struct fault *f)
{
	const char *name = "mtls_endpoint_aliases";
	const struct json *m = json_given(j, name);

	if (!m)
		return 0;
	if (!json_is(m, JSON_OBJECT))
		return wrong_type(m, name, "an object", f);
	if (read_endpoints(m, issuer, out, f) < 0)
		return fault_prefix(f, "%s", name);
	return 0;
}

static int read_flag(const struct json *j, const char *name, bool *out,
		     struct fault *f)
{
	const struct json *m = json_given(j, name);

	if (!m)
		return 0;
	/* Some servers write their settings' texts. */
	if (str_eq_nocase(json_text(m), STR("true")))
		*out = true;
	else if (json_is(m, JSON_BOOL))
		*out = json_bool(m);
	else if (!str_eq_nocase(json_text(m), STR("false")))
		return wrong_type(m, name, "a boolean", f);
	return 0;
}

static int read_word(struct str s, const char *name, char **out,
		     struct fault *f)
{
	if (s.n == 0 || !str_is_visible(s) || s.n > LIMIT_METADATA_WORD)
		return fault_set(f,
				 "%s holds a word that is empty, longer "
				 "than %d octets, or not visible ASCII",
				 name, (int)LIMIT_METADATA_WORD);
	*out = str_dup(s);
	return 0;
}

/* A text in a list's place: its words, as scope has them. */
static int read_words(struct str text, const char *name,
		      struct metadata_list *out, struct fault *f)
{
	struct str word;

	out->given = true;
	out->v = mem_array(LIMIT_METADATA_LIST, sizeof(*out->v));
	while (str_next_word(&text, &word)) {
		if (out->n == LIMIT_METADATA_LIST)
			return fault_set(f, "%s has more than %d elements",
					 name, (int)LIMIT_METADATA_LIST);
		if (read_word(word, name, &out->v[out->n], f) < 0)
			return -1;
		out->n++;
	}
	return 0;
}

static int read_list(const struct json *j, const char *name,
		     struct metadata_list *out, struct fault *f)
{
	const struct json *m = json_given(j, name);
	size_t n = json_count(m);

	if (!m)
		return 0;
	if (json_is(m, JSON_STRING))
		return read_words(json_text(m), name, out, f);
	if (!json_is(m, JSON_ARRAY))
		return wrong_type(m, name, "a list", f);
	if (n > LIMIT_METADATA_LIST)
		return fault_set(f, "%s has more than %d elements", name,
				 (int)LIMIT_METADATA_LIST);
	out->given = true;
	out->v = mem_array(n, sizeof(*out->v));
	for (size_t i = 0; i < n; i++) {
		const struct json *word = json_at(m, i);

		if (json_is(word, JSON_NULL) ||
		    (json_is(word, JSON_STRING) && json_text(word).n == 0))
			continue;
		if (!json_is(word, JSON_STRING))
			return wrong_type(word, name, "a list of strings", f);
		if (read_word(json_text(word), name, &out->v[out->n], f) < 0)
			return -1;
		out->n++;
	}
	return 0;
}

/* --- the document --- */

static int check_issuer(const struct json *j, const char *issuer,
			struct fault *f)
{
	ATTR_CLEANUP(buf_fini) struct buf shown = BUF_INIT(LIMIT_SHOWN);
	const struct json *m = json_given(j, "issuer");

	if (!m)
		return fault_set(f, "issuer is missing in it");
	if (!json_is(m, JSON_STRING))
		return wrong_type(m, "issuer", "a string", f);
	if (str_eq(json_text(m), str_z(issuer)))
		return 0;
	buf_add_printable(&shown, str_sub(json_text(m), 0, LIMIT_SHOWN));
	return fault_set(f, "it is that of issuer \"%s\"; both must be the "
			 "same to the last character: if it is the server that "
			 "is meant, write issuer so", buf_z(&shown));
}

static int read_all(const struct json *j, struct metadata *m, struct fault *f)
{
	char *block = (char *)m;

	if (check_issuer(j, m->issuer, f) < 0 ||
	    read_endpoints(j, m->issuer, &m->endpoints, f) < 0 ||
	    read_aliases(j, m->issuer, &m->mtls, f) < 0)
		return -1;
	for (size_t i = 0; i < FLAGS; i++) {
		void *to = block + flags[i].at;

		if (read_flag(j, flags[i].name, to, f) < 0)
			return -1;
	}
	for (size_t i = 0; i < LISTS; i++) {
		void *to = block + lists[i].at;

		if (read_list(j, lists[i].name, to, f) < 0)
			return -1;
	}
	return 0;
}

struct metadata *metadata_parse(struct str text, const char *issuer,
				struct fault *f)
{
	struct metadata *m;
	struct json *j;

	if (text.n > LIMIT_METADATA) {
		fault_set(f, "it is longer than %d octets",
			  (int)LIMIT_METADATA);
		return NULL;
	}
	j = json_parse(text, f);
	if (!j)
		return NULL;
	m = mem_new(struct metadata);
	m->refs = 1;
	m->issuer = mem_strdup(issuer);
	if (!json_is(j, JSON_OBJECT)) {
		fault_set(f, "it is not a JSON object");
		metadata_unref(&m);
	} else if (read_all(j, m, f) < 0) {
		metadata_unref(&m);
	}
	json_free(&j);
	return m;
}

struct metadata *metadata_ref(struct metadata *m)
{
	if (m)
		m->refs++;
	return m;
}

static void endpoints_free(struct metadata_endpoints *e)
{
	for (int kind = 0; kind < ENDPOINT_KINDS; kind++)
		mem_free(e->v[kind]);
}

static void list_free(struct metadata_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		mem_free(l->v[i]);
	mem_free(l->v);
}

void metadata_unref(struct metadata **mp)
{
	struct metadata *m = *mp;
	char *block = (char *)m;

	*mp = NULL;
	if (!m || --m->refs > 0)
		return;
	for (size_t i = 0; i < LISTS; i++) {
		void *list = block + lists[i].at;

		list_free(list);
	}
	endpoints_free(&m->endpoints);
	endpoints_free(&m->mtls);
	mem_free(m->issuer);
	mem_free(m);
}
