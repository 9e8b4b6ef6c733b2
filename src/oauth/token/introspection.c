/* SPDX-License-Identifier: MIT */
/* Writes an introspection request, and makes the answer fit to be shown to a
 * person. */
#include "oauth/token/introspection.h"

#include <string.h>

#include "base/assert.h"
#include "base/limits.h"
#include "oauth/token/reply.h"

static const struct reply_endpoint endpoint = {
	.who = "introspection endpoint",
	.key = "introspection_endpoint",
	.max = LIMIT_INTROSPECTION,
	.answer = "active",
};

/* A control character takes six octets when it is written. */
enum { CLEAN_MAX = 8 * LIMIT_INTROSPECTION };

int introspection_request(const struct secret *access_token,
			  struct token_request *r, struct fault *f)
{
	r->phase = PHASE_OTHER;
	token_request_param(r, "token", secret_expose(access_token));
	token_request_param(r, "token_type_hint", STR("access_token"));
	return token_request_check(r, f);
}

enum token_reply introspection_reply_read(int status, struct str content_type,
					  struct str body, struct json **out,
					  struct oauth_error *error,
					  struct fault *f)
{
	enum token_reply reply = reply_read_json(
		&endpoint, status, content_type, body, out, error, f);

	if (reply != TOKEN_OK || json_is(json_get(*out, "active"), JSON_BOOL))
		return reply;
	fault_set(f, "its active is not a boolean");
	return reply_refuse(&endpoint, out, f);
}

/* --- what is shown --- */

struct cleaning {
	struct json_out out;
	introspection_hides_fn *hides;
	void *arg;
};

/* As deep as the tree, which is bounded. */
static void clean_value(struct cleaning *c, const struct json *j)
{
	bool named = json_is(j, JSON_OBJECT);

	if (json_is(j, JSON_STRING) && c->hides(c->arg, json_text(j))) {
		json_out_z(&c->out, "(not shown, for it repeats a secret)");
		return;
	}
	if (!named && !json_is(j, JSON_ARRAY)) {
		json_out_value(&c->out, j);
		return;
	}
	if (named)
		json_out_object(&c->out);
	else
		json_out_array(&c->out);
	for (size_t i = 0; i < json_count(j); i++) {
		if (named && c->hides(c->arg, json_name(j, i)))
			continue;
		if (named)
			json_out_key_str(&c->out, json_name(j, i));
		clean_value(c, json_at(j, i));
	}
	if (named)
		json_out_object_end(&c->out);
	else
		json_out_array_end(&c->out);
}

struct json *introspection_clean(const struct json *reply,
				 introspection_hides_fn *hides, void *arg)
{
	struct buf text = BUF_INIT_SECRET(CLEAN_MAX);
	struct cleaning c = { .hides = hides, .arg = arg };
	struct json *j;

	json_out_init(&c.out, &text);
	clean_value(&c, reply);
	j = json_parse(buf_str(&text), NULL);
	ASSERT(j);
	buf_fini(&text);
	return j;
}
