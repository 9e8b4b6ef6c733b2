/* SPDX-License-Identifier: MIT */
/* Replies of a token endpoint: the first octet chooses status and type, the
 * rest is the body. What is taken must be fit to be sent, and come back whole
 * from the store. */
#include "base/limits.h"
#include "oauth/token/token.h"

#include "base/buf.h"
#include "fuzz.h"

static const int statuses[] = { 200, 400, 503, 302 };

static void check_visible(struct str s)
{
	ASSERT(s.n > 0 && s.n <= LIMIT_TOKEN_VALUE);
	for (size_t i = 0; i < s.n; i++)
		ASSERT(s.p[i] > 0x20 && s.p[i] < 0x7f);
}

static void check_words(const char *z, size_t size)
{
	struct str s = str_z(z);

	ASSERT(s.n < size);
	for (size_t i = 0; i < s.n; i++)
		ASSERT(s.p[i] >= 0x20 && s.p[i] < 0x7f);
}

static void check_stored(const struct token *t)
{
	struct buf b = BUF_INIT_SECRET(32 * LIMIT_TOKEN_RESPONSE);
	struct fault f;

	token_write(t, &b);
	ASSERT(buf_ok(&b));
	struct token *back = token_parse(buf_str(&b), &f);

	ASSERT(back != NULL);
	ASSERT(secret_eq(t->access_token, back->access_token));
	ASSERT(secret_eq(t->refresh_token, back->refresh_token));
	ASSERT(secret_eq(t->id_token, back->id_token));
	ASSERT(secret_eq(t->members, back->members));
	ASSERT(t->expires_in == back->expires_in);
	ASSERT(t->sent_wall == back->sent_wall);
	token_unref(&back);
	buf_fini(&b);
}

static void check_token(const struct token *t)
{
	struct buf b = BUF_INIT_SECRET(LIMIT_TOKEN_RESPONSE);

	check_visible(secret_expose(t->access_token));
	ASSERT(t->expires_in >= 0 && t->expires_in <= 315360000);
	ASSERT(token_member(t, STR("access_token"), &b) == 0);
	ASSERT(secret_eq_str(t->access_token, buf_str(&b)));
	(void)!token_member(t, STR("a.b.0"), &b);
	buf_fini(&b);
	check_stored(t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct oauth_error error;
	struct token *t;
	struct fault f;

	if (size == 0)
		return 0;
	struct str types[] = { STR("application/json"),
			       STR("application/x-www-form-urlencoded"),
			       STR("text/plain") };
	struct str body = fuzz_text(data + 1, size - 1);
	int status = statuses[data[0] % 4];
	enum token_reply reply = token_reply_read(
		status, types[data[0] / 4 % 3], body, 5, &t, &error, &f);

	ASSERT((reply == TOKEN_OK) == (t != NULL));
	ASSERT(status == 200 || reply != TOKEN_OK);
	ASSERT(error.status == status);
	check_words(error.code, sizeof(error.code));
	check_words(error.description, sizeof(error.description));
	if (t)
		check_token(t);
	token_unref(&t);
	return 0;
}
