/* SPDX-License-Identifier: MIT */
/* Answers requests for a token with a placeholder, in the token endpoint's
 * place, and tells whether a request brings that placeholder. Nothing that is
 * sent there goes further. */

#include "proxy/stub.h"

#include "data/json.h"
#include "proxy/exchange.h"
#include "proxy/gather.h"

/* It means nothing to anybody, so it is no secret; and no octet of it is
 * changed by any of the encodings that it may be found in. */
#define STUB_PLACEHOLDER "bearerd-placeholder-5f1d7c0a9b"

enum { STUB_EXPIRES_IN = 3600 }; /* s, so that it is asked for at times */

static void stub_write(const struct exchange *x, struct buf *out)
{
	const char *scope = x->route.service->oauth->scope;
	struct json_out o;

	json_out_init(&o, out);
	json_out_object(&o);
	json_out_key(&o, "access_token");
	json_out_z(&o, STUB_PLACEHOLDER);
	json_out_key(&o, "token_type");
	json_out_z(&o, "Bearer");
	json_out_key(&o, "expires_in");
	json_out_int(&o, STUB_EXPIRES_IN);
	json_out_key(&o, "refresh_token");
	json_out_z(&o, STUB_PLACEHOLDER);
	if (scope) {
		json_out_key(&o, "scope");
		json_out_z(&o, scope);
	}
	json_out_object_end(&o);
	buf_add_char(out, '\n');
}

void stub_answer(struct exchange *x)
{
	x->request.keeps = BODY_DISCARDED;
	if (!str_eq(x->request.method, STR("POST")) &&
	    !str_eq(x->request.method, STR("GET"))) {
		exchange_problem(x, 405, NULL,
				 STR("a token endpoint is asked by POST"),
				 NULL);
		reply_field(&x->answer.reply, "Allow", STR("GET, POST"));
		return;
	}
	x->answer.reply.status = 200;
	stub_write(x, &x->answer.reply.body);
	reply_field(&x->answer.reply, "Content-Type", STR("application/json"));
	reply_field(&x->answer.reply, "Cache-Control", STR("no-store"));
}

static bool stub_holds(struct str text)
{
	const struct str placeholder = STR(STUB_PLACEHOLDER);

	return str_find_str(text, placeholder) < text.n;
}

bool stub_is_shown(const struct exchange *x)
{
	const char *name = x->route.service->placement.name;

	if (!x->route.service->oauth->token_endpoint_stub)
		return false;
	for (size_t i = 0; i < x->request.fields.n; i++) {
		const struct field *f = &x->request.fields.v[i];

		if ((str_eq_nocase(f->name, STR("Authorization")) ||
		     str_eq_nocase(f->name, STR("Cookie")) ||
		     (name != NULL && str_eq_nocase(f->name, str_z(name)))) &&
		    stub_holds(f->value))
			return true;
	}
	return stub_holds(x->request.target.query) ||
	       stub_holds(gather_form(x));
}
