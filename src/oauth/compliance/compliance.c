/* SPDX-License-Identifier: MIT */
/* Compiles all compliance fixes of a section, when the configuration is read.
 * What a refresh's or a revocation's keys do not say is taken from those of the
 * access token, one by one. */
#include "base/limits.h"
#include "oauth/compliance/compiling.h"

#include "base/alloc.h"
#include "config/pairs.h"

void compliance_mistake(struct compliance_compiling *c, const char *key,
			size_t i, struct fault *f)
{
	fault_prefix(f, "%s", key);
	c->mistake(c->arg, key, i, f);
	c->rc = -1;
}

void compliance_key(struct buf *out, const char *name, const char *part)
{
	buf_reset(out);
	buf_addf(out, "%s.%s", name, part);
}

bool compliance_has(const struct compliance_compiling *c, const char *name,
		    const char *part)
{
	struct buf key = BUF_INIT(128);
	bool given;

	if (!name)
		return false;
	compliance_key(&key, name, part);
	given = config_given(c->s, buf_z(&key));
	buf_fini(&key);
	return given;
}

void compliance_add_pairs(struct compliance_compiling *c, const char *prefix,
			  const struct config_list *list,
			  const struct config_list *but,
			  compliance_add_fn *add, void *to)
{
	for (size_t i = 0; i < list->n; i++) {
		struct buf key = BUF_INIT(1024);
		struct str name, value;
		struct fault f;

		config_pair(list, i, &name, &value);
		buf_addf(&key, "%s%.*s", prefix, STR_ARGS(name));
		/* What is wrong in a list that others take from is told where
		 * it stands. */
		if (!(but && config_pairs_have(but, name)) &&
		    add(c, to, buf_str(&key), name, str_trim(value), &f) < 0 &&
		    !but)
			compliance_mistake(c, buf_z(&key), 0, &f);
		buf_fini(&key);
	}
}

void compliance_add_phase(struct compliance_compiling *c,
			  const struct compliance_names *names,
			  const char *part, const struct config_list *own,
			  const struct config_list *base,
			  compliance_add_fn *add, void *to)
{
	struct buf prefix = BUF_INIT(128);

	buf_addf(&prefix, "%s.%s.", names->own, part);
	compliance_add_pairs(c, buf_z(&prefix), own, NULL, add, to);
	if (names->base && base) {
		buf_reset(&prefix);
		buf_addf(&prefix, "%s.%s.", names->base, part);
		compliance_add_pairs(c, buf_z(&prefix), base, own, add, to);
	}
	buf_fini(&prefix);
}

static bool request_any(const struct request_fixes *x)
{
	return x->method.n || x->has_format || x->params.n || x->headers.n;
}

static bool any(const struct compliance *c)
{
	return c->authorization.n || c->responses[PHASE_ACCESS_TOKEN].any ||
	       c->responses[PHASE_REFRESH_TOKEN].any ||
	       c->responses[PHASE_DEVICE_AUTHORIZATION].any ||
	       request_any(&c->requests[PHASE_ACCESS_TOKEN]) ||
	       request_any(&c->requests[PHASE_REFRESH_TOKEN]) ||
	       request_any(&c->requests[PHASE_DEVICE_AUTHORIZATION]) ||
	       request_any(&c->requests[PHASE_REVOCATION]);
}

/* What would be ignored without a word: the keys that begin so, and why. */
static void tell_unused(struct compliance_compiling *c, const char *prefix,
			const char *why)
{
	for (size_t i = 0; i < compliance_table.nkeys; i++) {
		const struct config_key *row = &compliance_table.keys[i];
		const char *key;
		size_t at = 0;
		struct fault f;

		while (str_starts(str_z(row->name), str_z(prefix)) &&
		       (key = config_own_next(c->s, row, &at))) {
			fault_set(&f, "has no use: %s", why);
			compliance_mistake(c, key, 0, &f);
		}
	}
}

/* A person with a device can log in wherever one can with a browser. */
static void compile_device(struct compliance_compiling *c,
			   struct compliance *x)
{
	compliance_compile_request(
		c,
		&(struct compliance_names){ "device_authorization_request",
					    NULL },
		&c->set->device_request, NULL,
		&x->requests[PHASE_DEVICE_AUTHORIZATION]);
	compliance_compile_response(
		c,
		&(struct compliance_names){ "device_authorization_response",
					    NULL },
		&c->set->device_response, NULL,
		&x->responses[PHASE_DEVICE_AUTHORIZATION]);
}

static void compile_all(struct compliance_compiling *c, const struct grant *g,
			struct compliance *x)
{
	const struct compliance_keys *set = c->set;

	if (g->response_type)
		compliance_compile_authorization(c, &x->authorization);
	compliance_compile_request(
		c, &(struct compliance_names){ "access_token_request", NULL },
		&set->access_request, NULL, &x->requests[PHASE_ACCESS_TOKEN]);
	compliance_compile_request(
		c, &(struct compliance_names){ "refresh_token_request",
					       "access_token_request" },
		&set->refresh_request, &set->access_request,
		&x->requests[PHASE_REFRESH_TOKEN]);
	compliance_compile_request(
		c, &(struct compliance_names){ "revocation_request",
					       "access_token_request" },
		&set->revocation, &set->access_request,
		&x->requests[PHASE_REVOCATION]);
	compliance_compile_response(
		c, &(struct compliance_names){ "access_token_response", NULL },
		&set->access_response, NULL,
		&x->responses[PHASE_ACCESS_TOKEN]);
	compliance_compile_response(
		c, &(struct compliance_names){ "refresh_token_response",
					       "access_token_response" },
		&set->refresh_response, &set->access_response,
		&x->responses[PHASE_REFRESH_TOKEN]);
	if (g->person)
		compile_device(c, x);
	else
		tell_unused(c, "device_authorization_",
			    "no person logs in to the service");
}

int compliance_new(struct compliance **out, const struct config_section *s,
		   const struct grant *g, compliance_mistake_fn *tell,
		   void *arg)
{
	const struct compliance_keys *set = config_block(s, &compliance_table);
	struct compliance_compiling c = { s, g, set, tell, arg, 0 };
	struct compliance *x = mem_new(struct compliance);

	if (g->uses_client)
		compile_all(&c, g, x);
	else
		tell_unused(&c, "", "the service asks for no tokens itself");
	if (c.rc < 0 || !any(x))
		compliance_free(&x);
	*out = x;
	return c.rc;
}

void compliance_free(struct compliance **cp)
{
	struct compliance *c = *cp;

	*cp = NULL;
	if (!c)
		return;
	named_values_fini(&c->authorization);
	for (size_t i = 0; i < PHASE_OTHER; i++) {
		named_values_fini(&c->requests[i].params);
		named_values_fini(&c->requests[i].headers);
	}
	for (size_t i = 0; i < PHASE_REVOCATION; i++)
		compliance_response_fini(&c->responses[i]);
	mem_free(c);
}

const struct named_values *
compliance_authorization(const struct compliance *c)
{
	return c ? &c->authorization : NULL;
}

bool compliance_revokes_at_once(const struct compliance *c)
{
	const struct named_value *token;

	if (!c)
		return false;
	token = named_values_find(&c->requests[PHASE_REVOCATION].params,
				  STR("token"));
	return token && !token->value;
}

const struct response_fixes *compliance_response(const struct compliance *c,
						 enum token_phase phase)
{
	if (!c || phase >= PHASE_REVOCATION || !c->responses[phase].any)
		return NULL;
	return &c->responses[phase];
}
