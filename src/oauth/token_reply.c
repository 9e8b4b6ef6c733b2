/* SPDX-License-Identifier: MIT */
/* What the token endpoint answered: a token, a no, a "not now", or something
 * that is not to be understood. The status decides first, then the body. */
#include "oauth/token.h"

#include <string.h>

#include "oauth/reply.h"
#include "oauth/token_members.h"

static const char WHO[] = "token endpoint";

static enum token_reply success_read(const struct json *j, struct token **out,
				     struct oauth_error *error,
				     struct fault *f)
{
	if (token_member_given(j, "error")) {
		if (token_member_given(j, "access_token")) {
			fault_set(f, "it has both error and access_token");
			return TOKEN_BAD;
		}
		reply_error(WHO, j, error);
		return TOKEN_ERROR;
	}
	*out = token_members_read(j, f);
	return *out ? TOKEN_OK : TOKEN_BAD;
}

static enum token_reply success_body_read(struct str content_type,
					  struct str body, struct token **out,
					  struct oauth_error *error,
					  struct fault *f)
{
	struct buf made = BUF_INIT_SECRET(REPLY_MADE_MAX);
	struct str text;
	struct json *j = reply_parse(content_type, body, &made, &text, f);
	enum token_reply reply = TOKEN_BAD;

	if (j)
		reply = success_read(j, out, error, f);
	if (reply == TOKEN_OK)
		(*out)->members = secret_new(text);
	if (reply == TOKEN_BAD)
		fault_prefix(f, "the token response cannot be used");
	json_free(&j);
	buf_fini(&made);
	return reply;
}

/* Neither a success nor an error that RFC 6749 knows. */
static enum token_reply status_refuse(int status, struct fault *f)
{
	if (status >= 300 && status < 400)
		fault_set(f, "the token endpoint answered with a redirect "
			  "(status %d); redirects are not followed: "
			  "token_endpoint must be the final address", status);
	else
		fault_set(f, "the token endpoint answered with status %d, "
			  "which is no token response", status);
	return TOKEN_BAD;
}

enum token_reply token_reply_read(int status, struct str content_type,
				  struct str body, int64_t sent_wall,
				  struct token **out,
				  struct oauth_error *error, struct fault *f)
{
	*out = NULL;
	memset(error, 0, sizeof(*error));
	error->status = status;
	if (status >= 400 && status <= 599) {
		reply_error_body(WHO, content_type, body, error);
		return status == 429 || status >= 500 ? TOKEN_UNAVAILABLE
						      : TOKEN_ERROR;
	}
	if (status != 200 && status != 201)
		return status_refuse(status, f);
	enum token_reply reply =
		success_body_read(content_type, body, out, error, f);

	if (*out)
		(*out)->sent_wall = sent_wall;
	return reply;
}
