/* SPDX-License-Identifier: MIT */
/* Reads the octets that an endpoint answered with: JSON or a form, whichever
 * the server chose, and its errors. */
#include "oauth/token/reply.h"

#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "data/form.h"
#include "http/message.h"

/* REPLY_AUTO: it is neither. */
static enum reply_format format_by_octet(struct str body)
{
	struct cursor c = cursor_of(body);

	while (cursor_skip(&c, ' ') || cursor_skip(&c, '\t') ||
	       cursor_skip(&c, '\r') || cursor_skip(&c, '\n'))
		;
	int first = cursor_peek(&c);

	if (first == '{')
		return REPLY_JSON;
	if (first >= 0 && char_is_token((char)first))
		return REPLY_FORM;
	return REPLY_AUTO;
}

static struct str media_type(struct str content_type)
{
	return str_trim(str_sub(content_type, 0, str_find(content_type, ';')));
}

static bool is_form_type(struct str content_type)
{
	return str_eq_nocase(media_type(content_type),
			     STR("application/x-www-form-urlencoded"));
}

/* No form begins as an object does, whatever its type says. */
static enum reply_format format_of(struct str content_type, struct str body)
{
	enum reply_format format = format_by_octet(body);
	struct str type = media_type(content_type);
	struct str end = str_from(type, type.n < 5 ? 0 : type.n - 5);

	if (str_eq_nocase(type, STR("application/json")) ||
	    str_eq_nocase(type, STR("text/json")) ||
	    str_eq_nocase(end, STR("+json")))
		return REPLY_JSON;
	if (is_form_type(content_type) && format != REPLY_JSON)
		return REPLY_FORM;
	return format;
}

static int form_pairs(struct str body, struct json_out *o, struct buf *name,
		      struct buf *value, struct fault *f)
{
	while (form_next(&body, name, value)) {
		if (!buf_ok(name) || !buf_ok(value))
			return fault_set(f, "a value is longer than %d octets",
					 (int)LIMIT_TOKEN_VALUE);
		json_out_key_str(o, buf_str(name));
		json_out_str(o, buf_str(value));
	}
	return 0;
}

/* Appends the form as the text of a JSON object of strings; a name that
 * stands twice is found when that is read. */
static int form_as_json(struct str body, struct buf *out, struct fault *f)
{
	struct buf name = BUF_INIT_SECRET(LIMIT_TOKEN_VALUE);
	struct buf value = BUF_INIT_SECRET(LIMIT_TOKEN_VALUE);
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

struct json *reply_parse(enum reply_format format, struct str content_type,
			 struct str body, struct buf *made, struct str *text,
			 struct fault *f)
{
	struct json *j;

	*text = body;
	if (format == REPLY_AUTO)
		format = format_of(content_type, body);
	if (body.n > LIMIT_TOKEN_RESPONSE) {
		fault_set(f, "it is longer than %d octets",
			  (int)LIMIT_TOKEN_RESPONSE);
		return NULL;
	}
	if (format == REPLY_AUTO) {
		fault_set(f, "it is neither JSON nor form-encoded");
		return NULL;
	}
	if (format == REPLY_FORM) {
		if (form_as_json(body, made, f) < 0)
			return NULL;
		*text = buf_str(made);
	}
	j = json_parse(*text, f);
	if (j && !json_is(j, JSON_OBJECT)) {
		fault_set(f, "it is not a JSON object");
		json_free(&j);
	}
	return j;
}

/* A form has no space in it, nor what it would have encoded, so that a page or
 * a text with "error=" in it is not taken for one. */
static bool is_form(struct str body)
{
	struct str name = str_sub(body, 0, str_find(body, '='));

	while (body.n > 0 && str_find(STR("\r\n\t "), body.p[body.n - 1]) < 4)
		body.n--;
	return name.n < body.n && str_is_token(name) && str_is_visible(body);
}

/* Reads a reply that is not valid, or not of the type that it names. */
static struct json *read_refusal(struct str content_type, struct str body,
				 struct buf *made)
{
	struct json *j = json_parse_refusal(body);

	if (j || !(is_form_type(content_type) || is_form(body)))
		return j;
	buf_cut(made, 0);
	if (form_as_json(body, made, NULL) < 0)
		return NULL;
	return json_parse_refusal(buf_str(made));
}

struct json *reply_parse_refusal(enum reply_format format,
				 struct str content_type, struct str body,
				 struct buf *made, bool *valid)
{
	struct json *j = NULL;
	struct str text;

	if (format != REPLY_AUTO || is_form_type(content_type) ||
	    format_of(content_type, body) != REPLY_FORM || is_form(body))
		j = reply_parse(format, content_type, body, made, &text, NULL);
	*valid = j != NULL;
	if (j || body.n > LIMIT_TOKEN_RESPONSE)
		return j;
	return read_refusal(content_type, body, made);
}

bool reply_passes(const struct oauth_error *e)
{
	return e->passes || e->status == 408 || e->status == 429 ||
	       e->status >= 500 ||
	       strcmp(e->code, "temporarily_unavailable") == 0 ||
	       strcmp(e->code, "slow_down") == 0;
}

void reply_words(char *out, size_t size, struct str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n && n + 1 < size; i++) {
		bool continues = ((unsigned char)s.p[i] & 0xc0) == 0x80;

		if (!continues)
			out[n++] = char_is_printable(s.p[i]) ? s.p[i] : '?';
	}
	out[n] = '\0';
}

/* What its status says. */
static void error_of_status(const char *who, struct oauth_error *error)
{
	const char *phrase = status_phrase(error->status);
	struct buf b = BUF_INIT(sizeof(error->description));

	buf_addf(&b, "the %s answered %d%s%s without an OAuth error", who,
		 error->status, phrase[0] ? " " : "", phrase);
	reply_words(error->description, sizeof(error->description),
		    buf_str(&b));
	buf_fini(&b);
}

void reply_error(const char *who, const struct json *j,
		 struct oauth_error *error)
{
	const struct json *description = json_get(j, "error_description");

	if (!error->code[0])
		reply_words(error->code, sizeof(error->code),
			    json_text(json_get(j, "error")));
	if (!error->description[0] && json_is(description, JSON_STRING))
		reply_words(error->description, sizeof(error->description),
			    json_text(description));
	if (!error->code[0] && !error->description[0])
		error_of_status(who, error);
}

struct reply_error_text reply_error_text(const struct oauth_error *e)
{
	bool both = e->code[0] != '\0' && e->description[0] != '\0';
	struct reply_error_text t;

	snprintf(t.text, sizeof(t.text), "%s%s%s", e->code, both ? ": " : "",
		 e->description);
	return t;
}

void reply_error_body(const char *who, struct str content_type,
		      struct str body, struct oauth_error *error)
{
	struct buf made = BUF_INIT_SECRET(REPLY_MADE_MAX);
	bool valid;
	struct json *j = reply_parse_refusal(REPLY_AUTO, content_type, body,
					     &made, &valid);

	reply_error(who, j, error);
	json_free(&j);
	buf_fini(&made);
}

enum token_reply reply_refuse(const struct reply_endpoint *e, struct json **j,
			      struct fault *f)
{
	json_free(j);
	fault_prefix(f, "the answer of the %s cannot be used", e->who);
	return TOKEN_BAD;
}

static enum token_reply read_success(const struct reply_endpoint *e,
				     struct str body, struct json **out,
				     struct oauth_error *error,
				     struct fault *f)
{
	if (body.n > e->max)
		fault_set(f, "it is longer than %zu octets", e->max);
	else
		*out = json_parse(body, f);
	if (*out && !json_is(*out, JSON_OBJECT)) {
		fault_set(f, "it is not a JSON object");
		return reply_refuse(e, out, f);
	}
	if (!*out)
		return reply_refuse(e, out, f);
	if ((e->answer && json_get(*out, e->answer)) ||
	    !json_is(json_given(*out, "error"), JSON_STRING))
		return TOKEN_OK;
	reply_error(e->who, *out, error);
	json_free(out);
	return reply_passes(error) ? TOKEN_UNAVAILABLE : TOKEN_ERROR;
}

enum token_reply reply_read_json(const struct reply_endpoint *e, int status,
				 struct str content_type, struct str body,
				 struct json **out, struct oauth_error *error,
				 struct fault *f)
{
	*out = NULL;
	memset(error, 0, sizeof(*error));
	error->status = status;
	if (status >= 400 && status <= 599) {
		reply_error_body(e->who, content_type, body, error);
		return reply_passes(error) ? TOKEN_UNAVAILABLE : TOKEN_ERROR;
	}
	if (status == 200 || status == 201)
		return read_success(e, body, out, error, f);
	return reply_refuse_status(e, status, f);
}

enum token_reply reply_refuse_status(const struct reply_endpoint *e,
				     int status, struct fault *f)
{
	if (status >= 300 && status < 400)
		fault_set(f, "the %s answered with status %d; redirects are "
			  "not followed: %s must be the final address", e->who,
			  status, e->key);
	else
		fault_set(f, "the %s answered with status %d, which is not "
			  "an answer to such a request", e->who, status);
	return TOKEN_BAD;
}
