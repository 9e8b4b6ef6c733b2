/* SPDX-License-Identifier: MIT */
/* What the token endpoint answered: a token, a no, a "not now", or something
 * that is not to be understood. The status decides first, then the body,
 * which becomes JSON in either of its two formats. */
#include "oauth/token.h"

#include <string.h>

#include "data/form.h"
#include "data/json.h"
#include "http/message.h"
#include "oauth/token_members.h"

/* A control character of a form takes six octets in JSON. */
enum { FORM_AS_JSON_MAX = 8 * TOKEN_RESPONSE_MAX };

enum format { FORMAT_JSON, FORMAT_FORM, FORMAT_UNKNOWN };

static enum format format_by_octet(struct str body)
{
	struct cursor c = cursor_of(body);

	while (cursor_skip(&c, ' ') || cursor_skip(&c, '\t') ||
	       cursor_skip(&c, '\r') || cursor_skip(&c, '\n'))
		;
	int first = cursor_peek(&c);

	if (first == '{')
		return FORMAT_JSON;
	if (first >= 0 && char_is_token((char)first))
		return FORMAT_FORM;
	return FORMAT_UNKNOWN;
}

static enum format format_of(struct str content_type, struct str body)
{
	struct str type = str_sub(content_type, 0, str_find(content_type, ';'));
	struct str end;

	type = str_trim(type);
	end = str_from(type, type.n < 5 ? 0 : type.n - 5);
	if (str_eq_nocase(type, STR("application/json")) ||
	    str_eq_nocase(type, STR("text/json")) ||
	    str_eq_nocase(end, STR("+json")))
		return FORMAT_JSON;
	if (str_eq_nocase(type, STR("application/x-www-form-urlencoded")))
		return FORMAT_FORM;
	return format_by_octet(body);
}

static int form_pairs(struct str body, struct json_out *o, struct buf *name,
		      struct buf *value, struct fault *f)
{
	while (form_next(&body, name, value)) {
		if (!buf_ok(name) || !buf_ok(value))
			return fault_set(f, "a value is longer than %d octets",
					 (int)TOKEN_VALUE_MAX);
		json_out_key_str(o, buf_str(name));
		json_out_str(o, buf_str(value));
	}
	return 0;
}

/* Appends the form as the text of a JSON object of strings; a name that
 * stands twice is found when that is read. */
static int form_as_json(struct str body, struct buf *out, struct fault *f)
{
	struct buf name = BUF_INIT_SECRET(TOKEN_VALUE_MAX);
	struct buf value = BUF_INIT_SECRET(TOKEN_VALUE_MAX);
	struct json_out o;

	json_out_init(&o, out);
	json_out_object(&o);
	int rc = form_pairs(str_trim(body), &o, &name, &value, f);

	json_out_object_end(&o);
	buf_fini(&name);
	buf_fini(&value);
	if (rc == 0 && !buf_ok(out))
		return fault_set(f, "it is too long");
	return rc;
}

/* The body as a tree, and its JSON text, which lies in body or in made. */
static struct json *reply_parse(struct str content_type, struct str body,
				struct buf *made, struct str *text,
				struct fault *f)
{
	enum format format = format_of(content_type, body);
	struct json *j;

	*text = body;
	if (body.n > TOKEN_RESPONSE_MAX) {
		fault_set(f, "it is longer than %d octets",
			  (int)TOKEN_RESPONSE_MAX);
		return NULL;
	}
	if (format == FORMAT_UNKNOWN) {
		fault_set(f, "it is neither JSON nor form-encoded");
		return NULL;
	}
	if (format == FORMAT_FORM) {
		if (form_as_json(body, made, f) < 0)
			return NULL;
		*text = buf_str(made);
	}
	j = json_parse(*text, f);
	if (j && !json_is(j, JSON_OBJECT)) {
		fault_set(f, "it is no JSON object");
		json_free(&j);
	}
	return j;
}

/* Copies words for people: one "?" for each character that is not printable
 * ASCII, cut to size - 1. */
static void copy_words(char *out, size_t size, struct str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n && n + 1 < size; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if ((c & 0xc0) != 0x80)
			out[n++] = c < 0x20 || c > 0x7e ? '?' : (char)c;
	}
	out[n] = '\0';
}

/* The server's words where it has some, else what its status says. */
static void error_read(const struct json *j, struct oauth_error *error)
{
	const struct json *description = json_get(j, "error_description");

	copy_words(error->code, sizeof(error->code),
		   json_text(json_get(j, "error")));
	if (json_is(description, JSON_STRING))
		copy_words(error->description, sizeof(error->description),
			   json_text(description));
	if (error->code[0] || error->description[0])
		return;
	const char *phrase = status_phrase(error->status);
	struct buf b = BUF_INIT(sizeof(error->description));

	buf_addf(&b, "the token endpoint answered %d%s%s without an OAuth "
		 "error", error->status, phrase[0] ? " " : "", phrase);
	copy_words(error->description, sizeof(error->description),
		   buf_str(&b));
	buf_fini(&b);
}

static void error_body_read(struct str content_type, struct str body,
			    struct oauth_error *error)
{
	struct buf made = BUF_INIT_SECRET(FORM_AS_JSON_MAX);
	struct str text;
	struct json *j = reply_parse(content_type, body, &made, &text, NULL);

	error_read(j, error);
	json_free(&j);
	buf_fini(&made);
}

static enum token_reply success_read(const struct json *j, struct token **out,
				     struct oauth_error *error,
				     struct fault *f)
{
	if (token_member_given(j, "error")) {
		if (token_member_given(j, "access_token")) {
			fault_set(f, "it has both error and access_token");
			return TOKEN_BAD;
		}
		error_read(j, error);
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
	struct buf made = BUF_INIT_SECRET(FORM_AS_JSON_MAX);
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
		error_body_read(content_type, body, error);
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
