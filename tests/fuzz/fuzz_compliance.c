/* SPDX-License-Identifier: MIT */
/* Replies that the configuration changes: the first octet chooses status, type
 * and phase, the rest is the body. Whatever the fixes make of it, what is taken
 * obeys the rules of token responses, and words are fit for people. */
#include "base/limits.h"
#include "oauth/compliance/compliance.h"

#include <stdio.h>
#include <unistd.h>

#include "base/buf.h"
#include "config/config.h"
#include "fuzz.h"
#include "service/keys.h"
#include "service/service.h"

static const char lines[] =
	"[service a]\n"
	"access_token_response.select = data.0\n"
	"access_token_response.rename.t = access_token\n"
	"access_token_response.rename.u.t = access_token\n"
	"access_token_response.rename.a = b\n"
	"access_token_response.rename.b = a\n"
	"access_token_response.set.s = 1\n"
	"access_token_response.set.token_type = Zed\n"
	"access_token_response.default.expires_in = 60\n"
	"access_token_response.drop = d\n"
	"access_token_response.error_if = ok=false\n"
	"access_token_response.error_if = c.0=7\n"
	"access_token_response.error = e\n"
	"refresh_token_response.select = .\n"
	"refresh_token_response.format = form\n"
	"refresh_token_response.error = e.0.m\n";

static void no_mistake(void *arg, const char *key, size_t i,
		       const struct fault *f)
{
	(void)arg;
	(void)key;
	(void)i;
	(void)f;
	ASSERT(false);
}

/* Made once, and kept. */
static const struct compliance *fixes(void)
{
	static struct compliance *c;
	static struct config *config;
	char path[] = "/tmp/bearerd-fuzz-XXXXXX";
	struct config_report *report;
	int fd, rc;

	if (c)
		return c;
	fd = mkstemp(path);
	ASSERT(fd >= 0);
	ASSERT(write(fd, lines, sizeof(lines) - 1) ==
	       (ssize_t)sizeof(lines) - 1);
	close(fd);
	report = config_report_new();
	config = config_read(path, service_tables(), NULL, report);
	unlink(path);
	ASSERT(config_report_count(report) == 0);
	config_report_free(&report);
	rc = compliance_new(&c, config_nth(config, "service", 0),
			    &grant_password, no_mistake, NULL);
	ASSERT(rc == 0 && c);
	return c;
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
	struct buf b = BUF_INIT_SECRET(64 * LIMIT_TOKEN_RESPONSE);
	struct token *back;

	token_write(t, &b);
	ASSERT(buf_ok(&b));
	back = token_parse(buf_str(&b), NULL);
	ASSERT(back != NULL);
	ASSERT(secret_eq(t->access_token, back->access_token));
	ASSERT(secret_eq(t->members, back->members));
	ASSERT(str_eq_z(str_z(t->token_type), back->token_type));
	ASSERT(t->expires_in == back->expires_in);
	token_unref(&back);
	buf_fini(&b);
}

static void check_token(const struct token *t)
{
	struct buf b = BUF_INIT_SECRET(LIMIT_TOKEN_RESPONSE);
	struct str s = secret_expose(t->access_token);

	ASSERT(s.n > 0 && s.n <= LIMIT_TOKEN_VALUE);
	for (size_t i = 0; i < s.n; i++)
		ASSERT(s.p[i] > 0x20 && s.p[i] < 0x7f);
	ASSERT(str_eq_z(str_z(t->token_type), "Zed"));
	ASSERT(t->expires_in >= 1);
	ASSERT(token_member(t, STR("access_token"), &b) == 0);
	ASSERT(secret_eq_str(t->access_token, buf_str(&b)));
	ASSERT(token_member(t, STR("s"), &b) == 0);
	ASSERT(token_member(t, STR("d"), &b) < 0);
	buf_fini(&b);
	check_stored(t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int statuses[] = { 200, 400, 503 };
	struct str types[] = { STR("application/json"),
			       STR("application/x-www-form-urlencoded"),
			       STR("text/plain") };
	struct oauth_error error;
	struct token *t;
	struct fault f;

	if (size == 0)
		return 0;
	int status = statuses[data[0] % 3];
	enum token_phase phase = data[0] / 9 % 2 ? PHASE_REFRESH_TOKEN :
						   PHASE_ACCESS_TOKEN;
	enum token_reply reply = token_reply_read_fixed(
		compliance_response(fixes(), phase), status,
		types[data[0] / 3 % 3], fuzz_text(data + 1, size - 1), 5, &t,
		&error, &f);

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
