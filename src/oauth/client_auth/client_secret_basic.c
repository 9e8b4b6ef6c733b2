/* SPDX-License-Identifier: MIT */
/* client_secret_basic (RFC 6749 §2.3.1): client_id and client_secret as user
 * and password of HTTP Basic, form-encoded first; raw for the servers that
 * take them as they stand. */
#include "base/limits.h"
#include "oauth/client_auth/client_auth.h"

#include "config/live_secret.h"
#include "data/base64url.h"
#include "data/form.h"
#include "oauth/settings.h"

/* The indices of client_secret_basic_encoding's words. */
enum { ENCODING_FORM, ENCODING_RAW };

static int basic_check(const struct config_section *s, const char **key,
		       struct fault *f)
{
	const struct oauth_settings *o = config_block(s, &oauth_settings_table);
	struct str id = str_z(o->client_id);

	if (client_auth_check_secret(s, key, f) < 0)
		return -1;
	*key = "client_id";
	if (o->client_secret_basic_encoding == ENCODING_RAW &&
	    str_find(id, ':') < id.n)
		return fault_set(f, "client_id holds a colon, which cannot be "
				    "sent with client_secret_basic_encoding = "
				    "raw");
	return 0;
}

static void half_add(struct buf *out, struct str half, int encoding)
{
	if (encoding == ENCODING_FORM)
		form_encode(out, half);
	else
		buf_add_str(out, half);
}

static int basic_apply(const struct token_asking *a, struct token_request *r,
		       struct fault *f)
{
	const struct oauth_settings *o =
		config_block(a->section, &oauth_settings_table);
	struct secret *secret = config_live_read(&o->client_secret, f);
	struct buf pair = BUF_INIT_SECRET(LIMIT_TOKEN_REQUEST);
	struct buf value = BUF_INIT_SECRET(LIMIT_TOKEN_REQUEST);

	if (!secret)
		return fault_prefix(f, "client_secret");
	token_request_note(r, secret);
	half_add(&pair, str_z(o->client_id), o->client_secret_basic_encoding);
	buf_add_char(&pair, ':');
	half_add(&pair, secret_expose(secret), o->client_secret_basic_encoding);
	secret_unref(&secret);
	buf_add_z(&value, "Basic ");
	base64_encode(&value, buf_str(&pair));
	int rc = buf_ok(&pair) && buf_ok(&value) ? 0 : -1;

	if (rc == 0)
		token_request_field(r, STR("Authorization"), buf_str(&value));
	else
		fault_set(f, "client_id and client_secret are too long");
	buf_fini(&pair);
	buf_fini(&value);
	return rc;
}

const struct client_auth client_auth_client_secret_basic = {
	.name = "client_secret_basic",
	.keys = "client_secret",
	.check = basic_check,
	.apply = basic_apply,
};
