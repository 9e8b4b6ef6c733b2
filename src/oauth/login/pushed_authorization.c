/* SPDX-License-Identifier: MIT */
/* Reads the answer to a pushed authorization request: the reference that the
 * browser is sent away with. */
#include "oauth/login/pushed_authorization.h"

#include <string.h>

#include "base/limits.h"
#include "data/json.h"
#include "oauth/token/reply.h"

static const struct reply_endpoint endpoint = {
	.who = "pushed authorization request endpoint",
	.key = "pushed_authorization_request_endpoint",
	.max = LIMIT_TOKEN_RESPONSE,
};

void pushed_authorization_fini(struct pushed_authorization *p)
{
	secret_unref(&p->request_uri);
	memset(p, 0, sizeof(*p));
}

static int take_uri(const struct json *j, struct pushed_authorization *p,
		    struct fault *f)
{
	const struct json *m = json_get(j, "request_uri");
	struct str s = json_text(m);

	if (!json_is(m, JSON_STRING) || s.n == 0 || s.n > LIMIT_PUSHED_URI)
		return fault_set(f,
				 "request_uri is not a string of 1 to %d "
				 "octets",
				 (int)LIMIT_PUSHED_URI);
	if (!str_is_visible(s))
		return fault_set(f, "request_uri holds a character that is "
				    "not visible ASCII");
	p->request_uri = secret_new(s);
	return 0;
}

static int take_expiry(const struct json *j, struct pushed_authorization *p,
		       struct fault *f)
{
	int64_t n;

	if (!json_int(json_get(j, "expires_in"), &n) || n < 1)
		return fault_set(f, "expires_in is not a whole number above 0");
	p->expires_in = n < LIMIT_PUSHED_LIFE ? n : LIMIT_PUSHED_LIFE;
	return 0;
}

enum token_reply pushed_reply_read(int status, struct str content_type,
				   struct str body,
				   struct pushed_authorization *out,
				   struct oauth_error *error, struct fault *f)
{
	enum token_reply reply;
	struct json *j;

	memset(out, 0, sizeof(*out));
	reply = reply_read_json(&endpoint, status, content_type, body, &j,
				error, f);
	if (reply != TOKEN_OK)
		return reply;
	if (take_uri(j, out, f) < 0 || take_expiry(j, out, f) < 0) {
		pushed_authorization_fini(out);
		return reply_refuse(&endpoint, &j, f);
	}
	json_free(&j);
	return TOKEN_OK;
}
