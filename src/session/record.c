/* SPDX-License-Identifier: MIT */
/* Writes a session as text for the store, and reads it: two lines of JSON, the
 * first with what is the session's own, the second with its token, where it has
 * one. */
#include "session/record.h"

#include "base/alloc.h"
#include "crypto/jwk.h"
#include "data/json.h"

static void write_member(struct json_out *o, const char *name, struct str s)
{
	if (s.n == 0)
		return;
	json_out_key(o, name);
	json_out_str(o, s);
}

static void write_time(struct json_out *o, const char *name, int64_t ms)
{
	if (ms <= 0)
		return;
	json_out_key(o, name);
	json_out_int(o, ms);
}

void record_write(const struct record *r, struct buf *out)
{
	struct json_out o;

	json_out_init(&o, out);
	json_out_object(&o);
	write_member(&o, "wishes", str_z(r->request_digest));
	write_member(&o, "seed", str_z(r->seed));
	write_member(&o, "refresh_token", secret_expose(r->refresh_token));
	write_member(&o, "iss", str_z(r->subject.iss));
	write_member(&o, "sub", str_z(r->subject.sub));
	write_member(&o, "nonce", secret_expose(r->subject.nonce));
	write_member(&o, "login_id", str_z(r->login_id));
	if (r->noted) {
		json_out_key(&o, "refreshing");
		json_out_bool(&o, true);
	}
	write_time(&o, "refresh_given", r->refresh_given);
	write_time(&o, "refresh_life", r->refresh_life);
	if (r->key) {
		json_out_key(&o, "dpop_key");
		jwk_write_private(r->key, &o);
	}
	json_out_object_end(&o);
	buf_add_char(out, '\n');
	if (r->token)
		token_write(r->token, out);
}

/* Empty where it is absent. */
static struct str member(const struct json *j, const char *name)
{
	const struct json *m = json_get(j, name);

	return json_is(m, JSON_STRING) ? json_text(m) : STR("");
}

static char *read_text(const struct json *j, const char *name)
{
	struct str s = member(j, name);

	return s.n > 0 ? str_dup(s) : NULL;
}

/* 0 where it is absent. */
static int64_t read_time(const struct json *j, const char *name)
{
	int64_t ms;

	return json_int(json_get(j, name), &ms) && ms > 0 ? ms : 0;
}

/* Records of sessions without DPoP have none. */
static int read_key(const struct json *j, struct record *out, struct fault *f)
{
	const struct json *jwk = json_get(j, "dpop_key");

	if (!jwk)
		return 0;
	out->key = jwk_read(jwk, f);
	if (!out->key)
		return -1;
	return key_is_private(out->key) ? 0 :
					  fault_set(f, "its key is public");
}

static int parse_head(struct str text, struct record *out, struct fault *f)
{
	struct json *j = json_parse(text, f);
	struct str refresh_token = member(j, "refresh_token");
	struct str nonce = member(j, "nonce");
	int rc;

	if (!j)
		return -1;
	out->request_digest = read_text(j, "wishes");
	out->seed = read_text(j, "seed");
	if (refresh_token.n > 0)
		out->refresh_token = secret_new(refresh_token);
	out->noted = json_bool(json_get(j, "refreshing"));
	out->login_id = read_text(j, "login_id");
	out->refresh_given = read_time(j, "refresh_given");
	out->refresh_life = read_time(j, "refresh_life");
	out->subject.iss = read_text(j, "iss");
	out->subject.sub = read_text(j, "sub");
	if (nonce.n > 0)
		out->subject.nonce = secret_new(nonce);
	if (!out->request_digest)
		rc = fault_set(f, "a member is missing");
	else
		rc = read_key(j, out, f);
	json_free(&j);
	return rc;
}

int record_parse(struct str text, struct record *out, struct fault *f)
{
	size_t end = str_find(text, '\n');
	struct str token = str_from(text, end + 1);

	*out = (struct record){ 0 };
	if (parse_head(str_sub(text, 0, end), out, f) < 0)
		return fault_prefix(f, "the stored session is damaged");
	if (token.n > 0)
		out->token = token_parse(token, f);
	return token.n == 0 || out->token ? 0 : -1;
}

void record_fini(struct record *r)
{
	token_unref(&r->token);
	secret_unref(&r->refresh_token);
	id_token_subject_fini(&r->subject);
	key_unref(&r->key);
	mem_free(r->seed);
	mem_free(r->login_id);
	mem_free(r->request_digest);
	*r = (struct record){ 0 };
}
