/* SPDX-License-Identifier: MIT */
/* Decides which bodies are read whole before they are sent on, between route
 * and acquire: forms that parameters go into, what a hook is to see, and what
 * an upstream that speaks HTTP/1.0 has to be told the length of. */

#include "proxy/gather.h"

#include <string.h>

#include "base/limits.h"
#include "proxy/early.h"
#include "proxy/exchange.h"
#include "proxy/place.h"
#include "proxy/stub.h"
#include "proxy/worker.h"

/* Whether the token goes into the form; it does not where the client's own
 * credential decides that none goes out. */
static bool gather_places_token(const struct exchange *x)
{
	const struct service *s = x->route.service;

	if (!s->placement.placement->needs_form)
		return false;
	if (!grant_has_tokens(s->grant))
		return false;
	return s->tokens->existing_credential == EXISTING_REPLACE ||
	       stub_is_shown(x) ||
	       !fields_find(&x->request.fields, STR("Authorization"));
}

/* The body as its head has it. */
static bool gather_has_body(const struct exchange *x)
{
	return x->request.framing.body == FRAMING_CHUNKED ||
	       (x->request.framing.body == FRAMING_SIZED &&
		x->request.framing.length > 0);
}

static bool gather_makes_form(const struct exchange *x)
{
	return str_eq(x->request.method, STR("POST")) ||
	       str_eq(x->request.method, STR("PUT")) ||
	       str_eq(x->request.method, STR("PATCH"));
}

/* One media type, with parameters or without, and nothing around it. */
static bool gather_is_form(const struct exchange *x)
{
	const struct field *type =
		fields_find(&x->request.fields, STR("Content-Type"));
	const struct field *coding =
		fields_find(&x->request.fields, STR("Content-Encoding"));
	struct str name;

	if (!type || fields_count(&x->request.fields, type->name) > 1 ||
	    (coding != NULL && !str_eq_nocase(coding->value, STR("identity"))))
		return false;
	name = str_sub(type->value, 0, str_find(type->value, ';'));
	return str_eq_nocase(str_trim(name),
			     STR("application/x-www-form-urlencoded"));
}

static int gather_refuse_type(struct exchange *x)
{
	exchange_problem(x, 415, "http_request_error",
			 STR("this service's requests carry a parameter in "
			     "their form, and the body of this one is not one"),
			 "send it as application/x-www-form-urlencoded, not "
			 "compressed, or place the token elsewhere "
			 "(token_placement)");
	return -1;
}

LIMIT_SAID(FORM, LIMIT_MIB);

void gather_overflow(struct exchange *x)
{
	if (x->route.own_page) {
		exchange_problem(x, 413, "http_request_error",
				 STR("the form is too large for this page"),
				 NULL);
		return;
	}
	exchange_problem(x, 413, "http_request_error",
			 STR("the form is larger than 1 MiB, and it is "
			     "changed on its way, for which it must be read "
			     "whole"),
			 "send a smaller one, or place the token elsewhere "
			 "(token_placement)");
}

/* A body that a hook is to see, as long as it can be kept. */
static void gather_plan_hook(struct exchange *x)
{
	uint64_t max = x->route.service->tokens->replay_body;

	if (!hook_has(x->route.service->hook, HOOK_PROTECTED_REQUEST) ||
	    x->request.keeps == BODY_FORM || !gather_has_body(x))
		return;
	if (max > LIMIT_HOOK_BODY)
		max = LIMIT_HOOK_BODY;
	if (max == 0 || (x->request.framing.body == FRAMING_SIZED &&
			 x->request.framing.length > max))
		return;
	x->request.keeps = BODY_FOR_HOOK;
	x->request.body.keeps = true;
	if (x->request.body.max < max || x->request.body.max > LIMIT_HOOK_BODY)
		x->request.body.max = (size_t)max;
}

static int gather_plan_form(struct exchange *x)
{
	const struct protected_request *p =
		&x->route.service->protected_request;
	bool needs = gather_places_token(x) || p->needs_form;

	if ((!needs && !p->has_form) || str_eq(x->request.method, STR("HEAD")))
		return 0;
	if (!gather_has_body(x)) {
		if (needs && gather_makes_form(x))
			x->request.keeps = BODY_FORM;
		return 0;
	}
	if (!gather_is_form(x))
		return needs ? gather_refuse_type(x) : 0;
	if (x->request.framing.body == FRAMING_SIZED &&
	    x->request.framing.length > LIMIT_FORM) {
		gather_overflow(x);
		return -1;
	}
	x->request.keeps = BODY_FORM;
	x->request.body.keeps = true;
	x->request.body.max = LIMIT_FORM;
	return 0;
}

int gather_plan(struct exchange *x)
{
	if (gather_plan_form(x) < 0)
		return -1;
	gather_plan_hook(x);
	return 0;
}

struct str gather_form(const struct exchange *x)
{
	return x->request.keeps == BODY_FORM ? spool_str(&x->request.body)
					     : STR("");
}

ssize_t gather_source(struct exchange *x, char *p, size_t n)
{
	struct str left = str_from(x->upstream.form, x->upstream.form_at);

	if (n > left.n)
		n = left.n;
	if (n > 0)
		memcpy(p, left.p, n);
	x->upstream.form_at += n;
	return (ssize_t)n;
}

void gather_length_overflow(struct exchange *x)
{
	exchange_problem(x, 411, "http_request_error",
			 STR("the upstream speaks HTTP/1.0, and has to be told "
			     "how long the body is, which is too long to be "
			     "read first"),
			 "send it with Content-Length");
	x->answer.reply.close = true;
}

int gather_length(struct exchange *x)
{
	struct spool *body = &x->request.body;

	if (x->upstream.framing.body != FRAMING_CHUNKED ||
	    !upstream_is_http10(x->worker->upstream, place_origin(x)))
		return 0;
	if (x->answer.reply.status != 0)
		return -1;
	if (!exchange_uploads(x)) {
		x->upstream.framing =
			(struct framing){ FRAMING_SIZED, spool_str(body).n };
		return 0;
	}
	if (x->request.keeps != BODY_FOR_LENGTH) {
		x->request.keeps = BODY_FOR_LENGTH;
		body->keeps = true;
		body->max = LIMIT_LENGTH_BODY;
		early_continue(x);
		if (x->request.wants_room) {
			x->request.wants_room = false;
			exchange_wake(x);
		}
	}
	return 1;
}
