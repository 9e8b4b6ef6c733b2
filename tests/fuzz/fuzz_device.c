/* SPDX-License-Identifier: MIT */
/* Replies of a device authorization endpoint. What is taken can be shown to a
 * person. */
#include "base/limits.h"
#include "oauth/login/device.h"

#include "data/uri.h"
#include "fuzz.h"

static void check_printable(const char *z)
{
	struct str s = str_z(z);

	ASSERT(s.n > 0);
	for (size_t i = 0; i < s.n; i++)
		ASSERT(s.p[i] >= 0x20 && s.p[i] < 0x7f);
}

static void check_uri(const char *z)
{
	struct uri u;

	check_printable(z);
	ASSERT(uri_parse(str_z(z), &u, NULL) == 0);
	ASSERT(uri_is_https(&u) || uri_is_http(&u));
}

static void check_taken(const struct device_authorization *d)
{
	ASSERT(secret_expose(d->device_code).n > 0);
	check_printable(d->user_code);
	check_uri(d->verification_uri);
	if (d->verification_uri_complete)
		check_uri(d->verification_uri_complete);
	ASSERT(d->expires_in >= 1 && d->expires_in <= LIMIT_DEVICE_LIFE);
	ASSERT(d->interval >= 1 && d->interval <= LIMIT_DEVICE_INTERVAL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct device_authorization d;
	struct oauth_error error;
	struct fault f;
	enum token_reply reply = device_reply_read(
		NULL, 200, STR("application/json"), fuzz_text(data, size), 0,
		&d, &error, &f);

	ASSERT((reply == TOKEN_OK) == (d.device_code != NULL));
	if (reply == TOKEN_OK)
		check_taken(&d);
	device_authorization_fini(&d);
	return 0;
}
