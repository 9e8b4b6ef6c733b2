/* SPDX-License-Identifier: MIT */
/* Reads what the token endpoint answered: a token, a refusal, that it is not
 * available now, or something that cannot be understood. The status decides
 * first, then the body. */
#include "oauth/token/token.h"

#include <string.h>

#include "oauth/compliance/compliance.h"
#include "oauth/token/reply.h"

static const char WHO[] = "token endpoint";

static enum token_reply success_read(const struct json *j, bool any_type,
				     struct token **out,
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
	*out = token_members_read(j, any_type, f);
	return *out ? TOKEN_OK : TOKEN_BAD;
}

/* j is freed or replaced; text is what it was read from. */
static enum token_reply fixed_read(const struct response_fixes *x,
				   struct json **j, int64_t sent_wall,
				   struct buf *made,
				   struct str *text, struct token **out,
				   struct oauth_error *error, struct fault *f)
{
	if (!x)
		return success_read(*j, false, out, error, f);
	switch (response_fix(x, WHO, j, sent_wall, made, text, error, f)) {
	case RESPONSE_REFUSES:
		return TOKEN_ERROR;
	case RESPONSE_UNCLEAR:
		return TOKEN_BAD;
	case RESPONSE_FINE:
		break;
	}
	return success_read(*j, response_sets_type(x), out, error, f);
}

/* j may be NULL; valid: it was a valid reply. What a test of the
 * configuration's finds in one is as sure as a status of RFC 6749 §5.2. */
static void error_read(const struct response_fixes *x, const struct json *j,
		       bool valid, struct oauth_error *error)
{
	bool spent = false;

	if (x)
		spent = response_error(x, WHO, j, error);
	else
		reply_error(WHO, j, error);
	error->confirmed = error->status == 400 || error->status == 401 ||
			   error->status == 403 || (spent && valid);
}

/* Only words come out of it, never a token. */
static void error_body_read(const struct response_fixes *x,
			    struct str content_type, struct str body,
			    struct oauth_error *error)
{
	struct buf made = BUF_INIT_SECRET(REPLY_MADE_MAX);
	bool valid;
	struct json *j = reply_parse_refusal(response_format(x), content_type,
					     body, &made, &valid);

	error_read(x, j, valid, error);
	json_free(&j);
	buf_fini(&made);
}

/* A success's status, but the body is not a valid reply: as bad as it is, it
 * may be a refusal. */
static bool is_refusal(const struct response_fixes *x, struct str content_type,
		       struct str body, struct oauth_error *error)
{
	struct buf made = BUF_INIT_SECRET(REPLY_MADE_MAX);
	bool valid;
	struct json *j = reply_parse_refusal(response_format(x), content_type,
					     body, &made, &valid);
	bool refusal = json_is(json_get(j, "error"), JSON_STRING) &&
		       token_member_given(j, "error") &&
		       !token_member_given(j, "access_token");

	if (refusal)
		error_read(x, j, valid, error);
	json_free(&j);
	buf_fini(&made);
	return refusal;
}

/* A server, or something before it, that breaks off: the next answer may be
 * whole. */
static bool is_cut(struct str body, struct oauth_error *error)
{
	struct cursor c = cursor_of(body);
	const char *what;

	while (cursor_skip(&c, ' ') || cursor_skip(&c, '\t') ||
	       cursor_skip(&c, '\r') || cursor_skip(&c, '\n'))
		;
	if (cursor_done(&c))
		what = "its answer is empty";
	else if (cursor_peek(&c) == '{' && json_is_cut(cursor_rest(&c)))
		what = "its answer ends in the middle";
	else
		return false;
	reply_words(error->description, sizeof(error->description),
		    str_z(what));
	return true;
}

static enum token_reply success_body_read(const struct response_fixes *x,
					  enum reply_format format,
					  struct str content_type,
					  struct str body, int64_t sent_wall,
					  struct token **out,
					  struct oauth_error *error,
					  struct fault *f)
{
	struct buf made = BUF_INIT_SECRET(REPLY_MADE_MAX);
	struct buf fixed = BUF_INIT_SECRET(REPLY_MADE_MAX);
	struct str text;
	struct json *j =
		reply_parse(format, content_type, body, &made, &text, f);
	enum token_reply reply = TOKEN_BAD;

	if (j)
		reply = fixed_read(x, &j, sent_wall, &fixed, &text, out, error,
				   f);
	else if (is_refusal(x, content_type, body, error))
		reply = TOKEN_ERROR;
	else if (is_cut(body, error))
		reply = TOKEN_UNAVAILABLE;
	if (reply == TOKEN_OK)
		(*out)->members = secret_new(text);
	if (reply == TOKEN_BAD)
		fault_prefix(f, "the token response cannot be used");
	json_free(&j);
	buf_fini(&made);
	buf_fini(&fixed);
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
		fault_set(f,
			  "the token endpoint answered with status %d, "
			  "which is not a token response",
			  status);
	return TOKEN_BAD;
}

enum token_reply token_reply_read(int status, struct str content_type,
				  struct str body, int64_t sent_wall,
				  struct token **out,
				  struct oauth_error *error, struct fault *f)
{
	return token_reply_read_fixed(NULL, status, content_type, body,
				      sent_wall, out, error, f);
}

enum token_reply
token_reply_read_fixed(const struct response_fixes *x, int status,
		       struct str content_type, struct str body,
		       int64_t sent_wall, struct token **out,
		       struct oauth_error *error, struct fault *f)
{
	*out = NULL;
	memset(error, 0, sizeof(*error));
	error->status = status;
	enum token_reply reply = TOKEN_ERROR;

	if (status >= 400 && status <= 599)
		error_body_read(x, content_type, body, error);
	else if (status == 200 || status == 201)
		reply = success_body_read(x, response_format(x), content_type,
					  body, sent_wall, out, error, f);
	else
		return status_refuse(status, f);
	if (*out)
		(*out)->sent_wall = sent_wall;
	return reply == TOKEN_ERROR && reply_passes(error) ? TOKEN_UNAVAILABLE
							   : reply;
}

enum token_reply token_reply_read_given(const struct response_fixes *x,
					struct str body, int64_t sent_wall,
					struct token **out,
					struct oauth_error *error,
					struct fault *f)
{
	enum token_reply reply;

	*out = NULL;
	memset(error, 0, sizeof(*error));
	error->status = 200;
	reply = success_body_read(x, REPLY_AUTO, STR(""), body, sent_wall, out,
				  error, f);
	if (*out)
		(*out)->sent_wall = sent_wall;
	return reply;
}
