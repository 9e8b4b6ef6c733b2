/* SPDX-License-Identifier: MIT */
/* Replies of a pushed authorization request endpoint. What is taken fits an
 * address. */
#include "base/limits.h"
#include "oauth/login/pushed_authorization.h"

#include "fuzz.h"

static void check_taken(const struct pushed_authorization *p)
{
	struct str s = secret_expose(p->request_uri);

	ASSERT(s.n > 0 && s.n <= LIMIT_PUSHED_URI);
	for (size_t i = 0; i < s.n; i++)
		ASSERT(s.p[i] > 0x20 && s.p[i] < 0x7f);
	ASSERT(p->expires_in >= 1 && p->expires_in <= LIMIT_PUSHED_LIFE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pushed_authorization p;
	struct oauth_error error;
	struct fault f;
	enum token_reply reply = pushed_reply_read(
		201, STR("application/json"), fuzz_text(data, size), &p,
		&error, &f);

	ASSERT((reply == TOKEN_OK) == (p.request_uri != NULL));
	ASSERT(reply != TOKEN_UNAVAILABLE);
	if (reply == TOKEN_OK)
		check_taken(&p);
	pushed_authorization_fini(&p);
	return 0;
}
