/* SPDX-License-Identifier: MIT */
/* Between a login's begin and the browser that is sent away: what is to be
 * done was said to the server directly, and this reads what it calls that. */
#include "oauth/pushed_authorization.h"

#include <string.h>

#include "data/json.h"
#include "oauth/reply.h"

static const char WHO[] = "pushed authorization request endpoint";

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

	if (!json_is(m, JSON_STRING) || s.n == 0 || s.n > PUSHED_URI_MAX)
		return fault_set(f, "request_uri is no string of 1 to %d "
				 "octets", (int)PUSHED_URI_MAX);
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < 0x21 || s.p[i] > 0x7e)
			return fault_set(f, "request_uri holds a character "
					 "that is no visible ASCII");
	}
	p->request_uri = secret_new(s);
	return 0;
}

static int take_expiry(const struct json *j, struct pushed_authorization *p,
		       struct fault *f)
{
	int64_t n;

	if (!json_int(json_get(j, "expires_in"), &n) || n < 1)
		return fault_set(f, "expires_in is no whole number above 0");
	p->expires_in = n < PUSHED_EXPIRES_MAX ? n : PUSHED_EXPIRES_MAX;
	return 0;
}

static enum token_reply success_read(struct str body,
				     struct pushed_authorization *out,
				     struct oauth_error *error,
				     struct fault *f)
{
	struct json *j = NULL;
	enum token_reply reply = TOKEN_BAD;

	if (body.n > TOKEN_RESPONSE_MAX)
		fault_set(f, "it is longer than %d octets",
			  (int)TOKEN_RESPONSE_MAX);
	else
		j = json_parse(body, f);
	if (j && !json_is(j, JSON_OBJECT)) {
		fault_set(f, "it is no JSON object");
	} else if (j && json_is(json_get(j, "error"), JSON_STRING)) {
		reply_error(WHO, j, error);
		reply = TOKEN_ERROR;
	} else if (j && take_uri(j, out, f) == 0 &&
		   take_expiry(j, out, f) == 0) {
		reply = TOKEN_OK;
	}
	json_free(&j);
	if (reply != TOKEN_OK)
		pushed_authorization_fini(out);
	if (reply == TOKEN_BAD)
		fault_prefix(f, "the server's answer cannot be used");
	return reply;
}

enum token_reply pushed_reply_read(int status, struct str content_type,
				   struct str body,
				   struct pushed_authorization *out,
				   struct oauth_error *error, struct fault *f)
{
	memset(out, 0, sizeof(*out));
	memset(error, 0, sizeof(*error));
	error->status = status;
	if (status >= 400 && status <= 599) {
		reply_error_body(WHO, content_type, body, error);
		return status == 429 || status >= 500 ? TOKEN_UNAVAILABLE
						      : TOKEN_ERROR;
	}
	if (status == 200 || status == 201)
		return success_read(body, out, error, f);
	fault_set(f, "the server answered with status %d%s", status,
		  status >= 300 && status < 400 ?
			  "; redirects are not followed: "
			  "pushed_authorization_request_endpoint must be the "
			  "final address" :
			  ", which is no answer to such a request");
	return TOKEN_BAD;
}
