/* SPDX-License-Identifier: MIT */
/* Writes, reads and verifies JSON Web Tokens: assertions and proofs that go
 * out, ID tokens that come in. */
#include "crypto/jwt.h"

#include "base/limits.h"
#include "crypto/jwk.h"

/* 9999-12-31T23:59:59Z */
#define DATE_MAX INT64_C(253402300799)

/* ---- reading ---- */

void jwt_fini(struct jwt *jwt)
{
	json_free(&jwt->header);
	json_free(&jwt->claims);
}

/* An object from text; what it is called in the fault is given. */
static struct json *read_object(struct str text, const char *what,
				struct fault *f)
{
	struct json *j = json_parse(text, f);

	if (!j) {
		fault_prefix(f, "the %s are not valid JSON", what);
	} else if (!json_is(j, JSON_OBJECT)) {
		fault_set(f, "the %s are not a JSON object", what);
		json_free(&j);
	}
	return j;
}

static int take_claims(int rc, struct buf *payload, struct jwt *out,
		       struct fault *f)
{
	if (rc == 0)
		out->claims = read_object(buf_str(payload), "claims", f);
	if (out->claims)
		return 0;
	jwt_fini(out);
	return -1;
}

int jwt_verify(const struct jws_alg *alg, const struct key *key,
	       struct str compact, struct jwt *out, struct fault *f)
{
	ATTR_CLEANUP(buf_fini) struct buf payload = BUF_INIT_SECRET(LIMIT_JWS);
	int rc;

	*out = (struct jwt){ NULL, NULL };
	rc = jws_verify(alg, key, compact, &out->header, &payload, f);
	return take_claims(rc, &payload, out, f);
}

int jwt_read_unverified(struct str compact, struct jwt *out, struct fault *f)
{
	ATTR_CLEANUP(buf_fini) struct buf payload = BUF_INIT_SECRET(LIMIT_JWS);
	int rc;

	*out = (struct jwt){ NULL, NULL };
	rc = jws_read_unverified(compact, &out->header, &payload, f);
	return take_claims(rc, &payload, out, f);
}

/* ---- making ---- */

static void write_text(struct json_out *o, const char *name, const char *text,
		       const struct json *more)
{
	if (!text || json_get(more, name))
		return;
	json_out_key(o, name);
	json_out_z(o, text);
}

static void write_header(const struct jws_alg *alg,
			 const struct jwt_header *header,
			 const struct json *more, struct buf *out)
{
	struct json_out o;

	json_out_init(&o, out);
	json_out_object(&o);
	write_text(&o, "alg", jws_alg_name(alg), NULL);
	write_text(&o, "typ", header->typ, more);
	write_text(&o, "kid", header->kid, more);
	if (header->jwk && !json_get(more, "jwk")) {
		json_out_key(&o, "jwk");
		jwk_write_public(header->jwk, &o);
	}
	for (size_t i = 0; i < json_count(more); i++) {
		json_out_key_str(&o, json_name(more, i));
		json_out_value(&o, json_at(more, i));
	}
	json_out_object_end(&o);
}

static int make_header(const struct jws_alg *alg,
		       const struct jwt_header *header, struct buf *out,
		       struct fault *f)
{
	struct json *more = NULL;
	int rc = 0;

	if (header->more.n > 0) {
		more = read_object(header->more, "header's members", f);
		if (!more)
			return -1;
	}
	if (json_get(more, "alg"))
		rc = fault_set(f, "the header's alg is what the key is used "
			       "with, and cannot be given apart");
	else
		write_header(alg, header, more, out);
	json_free(&more);
	if (rc == 0 && !buf_ok(out))
		rc = fault_set(f, "the header has more than %d octets",
			       LIMIT_JWS_HEADER);
	return rc;
}

int jwt_sign(const struct jws_alg *alg, const struct key *key,
	     const struct jwt_header *header, struct str claims,
	     struct buf *out, struct fault *f)
{
	ATTR_CLEANUP(buf_fini) struct buf text = BUF_INIT(LIMIT_JWS_HEADER);
	struct json *checked = read_object(claims, "claims", f);

	if (!checked)
		return -1;
	json_free(&checked);
	if (make_header(alg, header, &text, f) < 0)
		return -1;
	return jws_sign(alg, key, buf_str(&text), claims, out, f);
}

/* ---- dates ---- */

/* Seconds with a fraction, as some servers write them: 1700000000.25. With
 * an exponent as well nobody does. */
static bool cut_fraction(struct str text, int64_t *out)
{
	size_t point = str_find(text, '.');
	uint64_t seconds;

	if (point == text.n || str_find(text, 'e') < text.n ||
	    str_find(text, 'E') < text.n ||
	    !str_u64(str_sub(text, 0, point), DATE_MAX, &seconds))
		return false;
	*out = (int64_t)seconds;
	return true;
}

int jwt_date(const struct json *claims, const char *name, int64_t *out,
	     struct fault *f)
{
	const struct json *j = json_get(claims, name);
	int64_t n;

	if (!j)
		return 0;
	if (!json_int(j, &n) && !(json_is(j, JSON_NUMBER) &&
				  cut_fraction(json_text(j), &n)))
		return fault_set(f, "the claim %s is not a number of seconds",
				 name);
	if (n < 0 || n > DATE_MAX)
		return fault_set(f,
				 "the claim %s is not a time between the "
				 "years 1970 and 9999",
				 name);
	*out = n;
	return 1;
}
