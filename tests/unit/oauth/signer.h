/* SPDX-License-Identifier: MIT */
/* A server that signs ID tokens, for tests: its keys (those of RFC 7515 A.2,
 * A.3 and RFC 8037 A), the set that it publishes, and its signer. */
#pragma once

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "crypto/jwk.h"
#include "crypto/jwk_set.h"
#include "crypto/jwt.h"
#include "data/base64url.h"

static const char signer_rsa[] =
	"{\"kty\":\"RSA\",\"n\":\"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTb"
	"ji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-p"
	"CgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS"
	"5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3q"
	"Co5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs9"
	"1kzk2PAcDTW9gb54h4FRWyuXpoQ\",\"e\":\"AQAB\",\"d\":\"Eq5xpGnNCivDflJ"
	"sRQBXHx1hdR1k6Ulwe2JZD50LpXyWPEAeP88vLNO97IjlA7_GQ5sLKMgvfTeXZx9SE-7"
	"YwVol2NXOoAJe46sui395IW_GO-pWJ1O0BkTGoVEn2bKVRUCgu-GjBVaYLU6f3l9kJfF"
	"NS3E0QbVdxzubSu3Mkqzjkn439X0M_V51gfpRLI9JYanrC4D4qAdGcopV_0ZHHzQlBju"
	"dU2QvXt4ehNYTCBr6XCLQUShb1juUO1ZdiYoFaFQT5Tw8bGUl_x_jTj3ccPDVZFD9pIu"
	"hLhBOneufuBiB4cS98l2SR_RQyGWSeWjnczT0QU91p1DhOVRuOopznQ\",\"p\":\"4B"
	"zEEOtIpmVdVEZNCqS7baC4crd0pqnRH_5IB3jw3bcxGn6QLvnEtfdUdiYrqBdss1l58B"
	"Q3KhooKeQTa9AB0Hw_Py5PJdTJNPY8cQn7ouZ2KKDcmnPGBY5t7yLc1QlQ5xHdwW1Vhv"
	"Kn-nXqhJTBgIPgtldC-KDV5z-y2XDwGUc\",\"q\":\"uQPEfgmVtjL0Uyyx88GZFF1f"
	"OunH3-7cepKmtH4pxhtCoHqpWmT8YAmZxaewHgHAjLYsp1ZSe7zFYHj7C6ul7TjeLQeZ"
	"D_YwD66t62wDmpe_HlB-TnBA-njbglfIsRLtXlnDzQkv5dTltRJ11BKBBypeeF6689rj"
	"cJIDEz9RWdc\",\"dp\":\"BwKfV3Akq5_MFZDFZCnW-wzl-CCo83WoZvnLQwCTeDv8u"
	"zluRSnm71I3QCLdhrqE2e9YkxvuxdBfpT_PI7Yz-FOKnu1R6HsJeDCjn12Sk3vmAktV2"
	"zb34MCdy7cpdTh_YVr7tss2u6vneTwrA86rZtu5Mbr1C1XsmvkxHQAdYo0\",\"dq\":"
	"\"h_96-mK1R_7glhsum81dZxjTnYynPbZpHziZjeeHcXYsXaaMwkOlODsWa7I9xXDoRw"
	"bKgB719rrmI2oKr6N3Do9U0ajaHF-NKJnwgjMd2w9cjz3_-kyNlxAr2v4IKhGNpmM5iI"
	"gOS1VZnOZ68m6_pbLBSp3nssTdlqvd0tIiTHU\",\"qi\":\"IYd7DHOhrWvxkwPQsRM"
	"2tOgrjbcrfvtQJipd-DlcxyVuuM9sQLdgjVk2oy26F0EmpScGLq2MowX7fhd_QJQ3ydy"
	"5cY7YIBi87w93IKLEdfnbJtoOPLUW0ITrJReOgo1cq9SbsxYawBgfp_gh6A5603k2-ZQ"
	"wVK0JKSHuLFkuQ3U\"}";

static const char signer_ec[] =
	"{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMz"
	"V76e8Tus9uPHvRVEU\",\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI"
	"5a0\",\"d\":\"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI\"}";

static const char signer_ed[] =
	"{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"d\":\"nWGxne_9WmC6hEr0kuwsxER"
	"JxWl7MmkZcDusAxyuf2A\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaa"
	"PcHURo\"}";

static inline struct key *signer_key(const char *jwk)
{
	struct fault f = { "" };
	struct key *key = jwk_parse(str_z(jwk), &f);

	if (!key)
		fail_msg("%s", f.text);
	return key;
}

/* Adds the public part of a key to a set's text, under that kid (NULL: none),
 * with more members. */
static inline void signer_publish(struct buf *set, const char *jwk,
				  const char *kid, const char *more)
{
	struct buf member = BUF_INIT(4096);
	struct key *key = signer_key(jwk);
	struct json_out o;

	json_out_init(&o, &member);
	jwk_write_public(key, &o);
	key_unref(&key);
	buf_cut(&member, member.n - 1);
	if (kid)
		buf_addf(&member, ",\"kid\":\"%s\"", kid);
	buf_addf(set, "%s%s%s}", set->n ? "," : "", buf_z(&member), more);
	buf_fini(&member);
}

/* The set of those that were added; the text is emptied. */
static inline struct jwk_set *signer_set(struct buf *members)
{
	struct buf text = BUF_INIT(65536);
	struct fault f = { "" };
	struct jwk_set *set;

	buf_addf(&text, "{\"keys\":[%s]}", buf_z(members));
	buf_fini(members);
	set = jwk_set_parse(buf_str(&text), &f);
	if (!set)
		fail_msg("%s", f.text);
	buf_fini(&text);
	return set;
}

/* These claims, signed. kid may be NULL; more: of the header, or "".
 * mem_free. */
static inline char *signer_sign(const char *alg, const char *jwk,
				const char *kid, const char *more,
				const char *claims)
{
	struct jwt_header header = { .typ = "JWT", .kid = kid,
				     .more = str_z(more) };
	struct buf out = BUF_INIT(65536);
	struct key *key = signer_key(jwk);
	struct fault f = { "" };

	if (jwt_sign(jws_alg_find(alg, NULL), key, &header, str_z(claims),
		     &out, &f) < 0)
		fail_msg("%s", f.text);
	key_unref(&key);
	return buf_take(&out);
}

/* The base object's text with the members of the others in place of its own; a
 * null leaves one out. */
static inline void signer_merge(struct buf *out, const char *base,
				const char *others)
{
	struct json *a = json_parse(str_z(base), NULL);
	struct json *b = json_parse(str_z(others), NULL);
	struct json_out o;

	assert_non_null(a);
	assert_non_null(b);
	json_out_init(&o, out);
	json_out_object(&o);
	for (size_t i = 0; i < json_count(a); i++) {
		if (json_get_str(b, json_name(a, i)))
			continue;
		json_out_key_str(&o, json_name(a, i));
		json_out_value(&o, json_at(a, i));
	}
	for (size_t i = 0; i < json_count(b); i++) {
		if (json_is(json_at(b, i), JSON_NULL))
			continue;
		json_out_key_str(&o, json_name(b, i));
		json_out_value(&o, json_at(b, i));
	}
	json_out_object_end(&o);
	json_free(&a);
	json_free(&b);
}
