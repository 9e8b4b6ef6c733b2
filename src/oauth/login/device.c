/* SPDX-License-Identifier: MIT */
/* Writes the device authorization request with which a login without a browser
 * begins, and reads the codes that a person is to be shown. */
#include "oauth/login/device.h"

#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "data/json.h"
#include "data/uri.h"
#include "oauth/grant/grant.h"

static const struct reply_endpoint endpoint = {
	.who = "device authorization endpoint",
	.key = "device_authorization_endpoint",
	.max = LIMIT_TOKEN_RESPONSE,
};

int device_request(const struct token_asking *a, struct token_request *r,
		   struct fault *f)
{
	const struct oauth_settings *o =
		config_block(a->section, &oauth_settings_table);

	r->phase = PHASE_DEVICE_AUTHORIZATION;
	token_request_client_id(r, o->client_id);
	return grant_add_scope(a->section, true, r, f);
}

void device_authorization_fini(struct device_authorization *d)
{
	secret_unref(&d->device_code);
	mem_free(d->user_code);
	mem_free(d->verification_uri);
	mem_free(d->verification_uri_complete);
	memset(d, 0, sizeof(*d));
}

/* A member of printable ASCII; NULL with a fault, which holds nothing of it. */
static const struct json *take_text(const struct json *j, const char *name,
				    size_t max, struct fault *f)
{
	const struct json *m = json_get(j, name);
	struct str s = json_text(m);

	if (!json_is(m, JSON_STRING) || s.n == 0 || s.n > max) {
		fault_set(f, "%s is not a string of 1 to %zu octets", name,
			  max);
		return NULL;
	}
	if (str_is_printable(s))
		return m;
	fault_set(f, "%s holds a character that is not printable ASCII", name);
	return NULL;
}

static int take_code(const struct json *j, struct device_authorization *d,
		     struct fault *f)
{
	const struct json *m =
		take_text(j, "device_code", LIMIT_TOKEN_VALUE, f);

	if (!m)
		return -1;
	d->device_code = secret_new(json_text(m));
	m = take_text(j, "user_code", LIMIT_USER_CODE, f);
	if (!m)
		return -1;
	d->user_code = str_dup(json_text(m));
	return 0;
}

/* An address that a person may be sent to. mem_free; NULL with a fault. */
static char *take_uri(const struct json *j, const char *name, struct fault *f)
{
	const struct json *m = take_text(j, name, LIMIT_DEVICE_URI, f);
	struct uri u;

	if (!m)
		return NULL;
	if (uri_parse(json_text(m), &u, NULL) < 0 ||
	    (!uri_is_https(&u) && !uri_is_http(&u)) || u.has_userinfo) {
		fault_set(f, "%s is not an http or https URL", name);
		return NULL;
	}
	return str_dup(json_text(m));
}

static int take_uris(const struct json *j, struct device_authorization *d,
		     struct fault *f)
{
	static const char COMPLETE[] = "verification_uri_complete";
	/* As the drafts of the standard had it, and Google has it still. */
	const char *name = json_given(j, "verification_uri") ?
				   "verification_uri" : "verification_url";

	if (!json_given(j, name))
		name = "verification_uri";
	d->verification_uri = take_uri(j, name, f);
	if (!d->verification_uri)
		return -1;
	if (!json_given(j, COMPLETE))
		return 0;
	d->verification_uri_complete = take_uri(j, COMPLETE, f);
	return d->verification_uri_complete ? 0 : -1;
}

/* Seconds, as a number or as digits in a string; fallback where it is
 * neither, or not even one. */
static int64_t take_seconds(const struct json *j, const char *name,
			    int64_t max, int64_t fallback)
{
	const struct json *m = json_get(j, name);
	int64_t n = 0;
	uint64_t digits;

	if (json_is(m, JSON_STRING) &&
	    str_u64(json_text(m), INT64_MAX, &digits))
		n = (int64_t)digits;
	else if (!json_int(m, &n))
		n = 0;
	if (n < 1)
		return fallback;
	return n < max ? n : max;
}

static int take_all(const struct json *j, struct device_authorization *d,
		    struct fault *f)
{
	if (take_code(j, d, f) < 0 || take_uris(j, d, f) < 0)
		return -1;
	d->expires_in = take_seconds(j, "expires_in", LIMIT_DEVICE_LIFE,
				     LIMIT_DEVICE_LIFE_UNSAID);
	d->interval = take_seconds(j, "interval", LIMIT_DEVICE_INTERVAL,
				   LIMIT_DEVICE_INTERVAL_UNSAID);
	return 0;
}

/* A success's status: the object that has the codes, json_free, or NULL. */
static enum token_reply read_success(const struct response_fixes *x,
				     struct str content_type, struct str body,
				     int64_t sent_wall, struct json **out,
				     struct oauth_error *error,
				     struct fault *f)
{
	ATTR_CLEANUP(buf_fini) struct buf made =
		BUF_INIT_SECRET(REPLY_MADE_MAX);
	ATTR_CLEANUP(buf_fini) struct buf fixed =
		BUF_INIT_SECRET(REPLY_MADE_MAX);
	struct str text;

	*out = reply_parse(response_format(x), content_type, body, &made,
			   &text, f);
	if (!*out)
		return TOKEN_BAD;
	switch (x ? response_fix(x, endpoint.who, out, sent_wall, &fixed,
				 &text, error, f) : RESPONSE_FINE) {
	case RESPONSE_REFUSES:
		return TOKEN_ERROR;
	case RESPONSE_UNCLEAR:
		return TOKEN_BAD;
	case RESPONSE_FINE:
		break;
	}
	if (!json_is(json_given(*out, "error"), JSON_STRING))
		return TOKEN_OK;
	reply_error(endpoint.who, *out, error);
	return TOKEN_ERROR;
}

static void read_error(const struct response_fixes *x, struct str content_type,
		       struct str body, struct oauth_error *error)
{
	struct buf made = BUF_INIT_SECRET(REPLY_MADE_MAX);
	bool valid;
	struct json *j = reply_parse_refusal(response_format(x), content_type,
					     body, &made, &valid);

	if (x)
		(void)response_error(x, endpoint.who, j, error);
	else
		reply_error(endpoint.who, j, error);
	json_free(&j);
	buf_fini(&made);
}

enum token_reply device_reply_read(const struct response_fixes *x, int status,
				   struct str content_type, struct str body,
				   int64_t sent_wall,
				   struct device_authorization *out,
				   struct oauth_error *error, struct fault *f)
{
	enum token_reply reply = TOKEN_ERROR;
	struct json *j = NULL;

	memset(out, 0, sizeof(*out));
	memset(error, 0, sizeof(*error));
	error->status = status;
	if (status >= 400 && status <= 599)
		read_error(x, content_type, body, error);
	else if (status == 200 || status == 201)
		reply = read_success(x, content_type, body, sent_wall, &j,
				     error, f);
	else
		return reply_refuse_status(&endpoint, status, f);
	if (reply == TOKEN_OK && take_all(j, out, f) < 0) {
		device_authorization_fini(out);
		reply = TOKEN_BAD;
	}
	if (reply == TOKEN_BAD)
		return reply_refuse(&endpoint, &j, f);
	json_free(&j);
	return reply == TOKEN_ERROR && reply_passes(error) ? TOKEN_UNAVAILABLE
							   : reply;
}
