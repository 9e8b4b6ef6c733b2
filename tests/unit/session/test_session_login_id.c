/* SPDX-License-Identifier: MIT */
/* What a login by the same person leaves of the one before. */
#include "session/session_fixture.h"

static const struct id_token_subject *person(const char *iss, const char *sub)
{
	static struct id_token_subject subject;

	subject.iss = (char *)(uintptr_t)iss;
	subject.sub = (char *)(uintptr_t)sub;
	return &subject;
}

static const struct id_token_subject *alice(void)
{
	return person("https://as.test", "alice");
}

/* A login that is verified to be subject's, or NULL, brings a token. */
static void logs_in(const struct id_token_subject *subject,
		    const char *refresh_token, int64_t now)
{
	struct token *t = token_with(refresh_token, 100);
	struct fault f;

	begin_login(now);
	session_login_as(&s, subject);
	assert_int_equal(session_arrived(&s, t, now, &f), 0);
	session_identify(&s, subject);
	token_unref(&t);
	assert_int_equal(act(session_obtained(&s, now), now),
			 SESSION_PUBLISH);
}

static void same_person_keeps_it(void **state)
{
	(void)state;
	begin(WEB);
	logs_in(alice(), "r1", 1000);
	logs_in(alice(), NULL, 2000);
	asks_with("r1");
	logs_in(alice(), "r2", 3000);
	asks_with("r2");
}

static void anybody_else_begins_anew(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		begin(WEB);
		logs_in(alice(), "r1", 1000);
		logs_in(i == 0   ? NULL
			: i == 1 ? person("https://as.test", "bob")
				 : person("https://other.test", "alice"),
			NULL, 2000);
		asks_with(NULL);
		session_fini(&s);
	}
	/* whose the old one was, is not known */
	begin(WEB);
	log_in("r1", 1000);
	logs_in(alice(), NULL, 2000);
	asks_with(NULL);
}

static void refused_one_is_not_kept(void **state)
{
	(void)state;
	begin(WEB);
	logs_in(alice(), "r1", 1000);
	assert_int_equal(session_asked(&s, 0, 200000) & SESSION_START,
			 SESSION_START);
	assert_int_not_equal(refuses(REFUSAL_OTHER, 200000), 0);
	asks_with("r1");
	logs_in(alice(), NULL, 201000);
	asks_with(NULL);
	/* the next one was not refused */
	logs_in(alice(), "r2", 202000);
	logs_in(alice(), NULL, 203000);
	asks_with("r2");
}

/* One that comes to nothing says nothing of the next. */
static void login_that_fails(void **state)
{
	(void)state;
	begin(WEB);
	logs_in(alice(), "r1", 1000);
	begin_login(2000);
	session_login_as(&s, alice());
	assert_int_equal(act(session_login_failed(&s), 2000), SESSION_PUBLISH);
	asks_with("r1");
	log_in(NULL, 3000);
	asks_with(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(same_person_keeps_it),
		TEST(anybody_else_begins_anew),
		TEST(refused_one_is_not_kept),
		TEST(login_that_fails),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
