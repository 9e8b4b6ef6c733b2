/* SPDX-License-Identifier: MIT */
/* One session without a broker, of a service that people log in to or of
 * another one: what it does, by the times that the test names. */
#pragma once

#include "session/decision.h"
#include "session/session.h"
#include "session/setup.h"

#define NEVER INT64_MAX
#define CLIENT(name)                                       \
	"[service " name "]\n"                             \
	"upstream = https://" name ".example.com\n"        \
	"token_endpoint = http://127.0.0.1:@/token\n"      \
	"client_id = demo\n"
#define PERSON(name) \
	CLIENT(name) "authorization_endpoint = https://as.example.com/a\n"

/* clang-format off */
static const char text[] =
	CLIENT("web") "authorization_endpoint = https://as.example.com/a\n"
	CLIENT("member") "authorization_endpoint = https://as.example.com/a\n"
	"token_format = X {token.tenant}\n"
	CLIENT("machine") "client_secret = s3cret\n"
	CLIENT("seed") "refresh_token = seed\n"
	CLIENT("user") "username = joe\npassword = secret\n"
	"[service fixed]\nupstream = https://fixed.example.com\n"
	"access_token = pat\n"
	"[service nothing]\nupstream = https://nothing.example.com\n"
	PERSON("known") "default_refresh_expires_in = 30d\n"
	PERSON("early") "login_warning = 2h\n"
	PERSON("never-idle") "renew_idle = no\n"
	CLIENT("seed-idle") "refresh_token = seed\nrenew_idle = 1h\n";
/* clang-format on */

enum { WEB, MEMBER, MACHINE, SEED, USER, FIXED, NOTHING, KNOWN, EARLY,
	NEVER_IDLE, SEED_IDLE };

static struct services *services;
static struct session s;

static inline int load(void **state)
{
	(void)state;
	services = services_of(text);
	return 0;
}

static inline int unload(void **state)
{
	(void)state;
	services_free(&services);
	return 0;
}

static inline void begin(int service)
{
	session_init(&s, services->v[service], 1000);
}

static inline int fini(void **state)
{
	(void)state;
	session_fini(&s);
	return 0;
}

/* Publishes where that is asked for. */
static inline unsigned act(unsigned what, int64_t now)
{
	if (what & SESSION_PUBLISH)
		session_publish(&s, now);
	return what;
}

static inline struct token *token_with(const char *refresh_token,
				       int64_t expires_in)
{
	struct token *t = token_of("tok", expires_in, 0);

	if (refresh_token)
		t->refresh_token = secret_new(str_z(refresh_token));
	return t;
}

static inline void begin_login(int64_t now)
{
	assert_int_equal(act(session_login_begins(&s, now), now),
			 SESSION_PUBLISH);
}

/* What is under way brings a token for 100 s. */
static inline void obtain(const char *refresh_token, int64_t now)
{
	struct token *t = token_with(refresh_token, 100);
	struct fault f;

	assert_true(session_is_busy(&s));
	assert_int_equal(session_arrived(&s, t, now, &f), 0);
	token_unref(&t);
	assert_int_equal(act(session_obtained(&s, now), now),
			 SESSION_PUBLISH);
}

static inline void log_in(const char *refresh_token, int64_t now)
{
	begin_login(now);
	obtain(refresh_token, now);
}

static inline unsigned fails(enum refresh_trouble trouble, bool invalid_grant,
			     int64_t now)
{
	struct session_trouble t = { .trouble = trouble, .retry_after = -1,
				     .refusal = invalid_grant ?
					REFUSAL_GRANT : REFUSAL_NONE };

	fault_set(&t.text, "the server's words");
	return act(session_failed(&s, &t, now, 0), now);
}

static inline unsigned refuses(enum session_refusal refusal, int64_t now)
{
	struct session_trouble t = { .trouble = REFRESH_DENIED,
				     .retry_after = -1, .refusal = refusal };

	fault_set(&t.text, "the server's words");
	return act(session_failed(&s, &t, now, 0), now);
}

static inline void asks_with(const char *refresh_token)
{
	if (!refresh_token)
		assert_null(s.refresh_token);
	else
		assert_true(secret_eq_str(s.refresh_token,
					  str_z(refresh_token)));
}

static inline void says(const char *words)
{
	if (!strstr(s.current->failure.text.text, words))
		print_error("\"%s\" is not in \"%s\"\n", words,
			    s.current->failure.text.text);
	assert_non_null(strstr(s.current->failure.text.text, words));
}

static inline void assert_waits_for_login(void)
{
	assert_int_equal(s.current->state, SESSION_WAITING_FOR_LOGIN);
	assert_int_equal(s.current->failure.status, 503);
	assert_string_equal(s.current->failure.error,
			    "proxy_configuration_error");
	assert_true(s.current->failure.login);
	assert_int_equal(s.current->failure.retry_at, NEVER);
	says("bearerd login ");
	says("login_url");
}

#define TEST(name) cmocka_unit_test_teardown(name, fini)
