/* SPDX-License-Identifier: MIT */
/* Changes a token request before it is written: its parameters, fields, method
 * and format become those that the server wants. */
#include "base/limits.h"
#include "oauth/compliance/int.h"
#include "oauth/placement/placement.h"

/* A parameter is encoded when it is written, with all others. */
static int encode_plain(struct str value, struct buf *out,
			struct fault *f ATTR_UNUSED)
{
	buf_add_str(out, value);
	return 0;
}

struct applying {
	const struct value_source source;
	struct token_request *r;
};

/* What the template is now. One that holds a secret is noted: not all of it
 * may be known as one. */
static int expand(const struct applying *a, const struct named_value *n,
		  value_encode_fn *encode, struct buf *out, struct fault *f)
{
	struct secret *note;

	if (value_write(n->value, &a->source, encode, out, f) < 0)
		return fault_prefix(f, "%s", n->key);
	if (n->value->of_token || n->value->of_secret) {
		note = secret_new(buf_str(out));
		token_request_note(a->r, note);
		secret_unref(&note);
	}
	return 0;
}

static int apply_param(const struct applying *a, const struct named_value *n,
		       struct fault *f)
{
	struct buf b = BUF_INIT_SECRET(LIMIT_VALUE);
	int rc = 0;

	if (n->value)
		rc = expand(a, n, encode_plain, &b, f);
	if (rc == 0 && b.n > 0)
		token_request_set(a->r, str_z(n->name), buf_str(&b));
	else if (rc == 0)
		token_request_drop(a->r, str_z(n->name));
	buf_fini(&b);
	return rc;
}

static int apply_header(const struct applying *a, const struct named_value *n,
			struct fault *f)
{
	struct buf b = BUF_INIT_SECRET(VALUE_ENCODED_MAX);
	int rc = 0;

	if (n->value)
		rc = expand(a, n, placement_header.encode, &b, f);
	if (rc == 0) {
		fields_remove(&a->r->fields, str_z(n->name));
		if (b.n > 0)
			token_request_field(a->r, str_z(n->name),
					    buf_str(&b));
	}
	buf_fini(&b);
	return rc;
}

static void apply_format(const struct request_fixes *x,
			 struct token_request *r)
{
	if (x->method.n)
		r->method = x->method;
	if (!x->has_format)
		return;
	r->format = x->format;
	if (x->format == TOKEN_FORM)
		return;
	fields_remove(&r->fields, STR("Content-Type"));
	if (x->format == TOKEN_JSON)
		token_request_field(r, STR("Content-Type"),
				    STR("application/json"));
}

int compliance_request(const struct compliance *c,
		       const struct config_section *s, struct token *token,
		       struct token_request *r, struct fault *f)
{
	const struct request_fixes *x;
	/* What is taken out may stand elsewhere in another form. */
	const struct value_carried carried = {
		.assertion = token_request_get(r, STR("assertion")),
		.password = token_request_get(r, STR("password")),
		.refresh_token = token_request_get(r, STR("refresh_token")),
		.subject_token = token_request_get(r, STR("subject_token")),
		.callback = r->callback,
	};
	/* A new token's request has nothing of the old one, least of all what
	 * another login brought. */
	struct applying a = {
		{ .token = r->phase == PHASE_ACCESS_TOKEN ? NULL : token,
		  .section = s,
		  .carried = &carried },
		r,
	};

	if (!c || r->phase == PHASE_OTHER)
		return 0;
	x = &c->requests[r->phase];
	apply_format(x, r);
	for (size_t i = 0; i < x->params.n; i++) {
		if (apply_param(&a, &x->params.v[i], f) < 0)
			return -1;
	}
	for (size_t i = 0; i < x->headers.n; i++) {
		if (apply_header(&a, &x->headers.v[i], f) < 0)
			return -1;
	}
	return token_request_check(r, f);
}
