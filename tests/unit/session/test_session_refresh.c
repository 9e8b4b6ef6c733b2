/* SPDX-License-Identifier: MIT */
/* What a session does with refresh tokens. */
#include "session/session.h"

#include "session/decision.h"
#include "session/setup.h"

#define NEVER INT64_MAX
#define CLIENT(name)                                       \
	"[service " name "]\n"                             \
	"upstream = https://" name ".example.com\n"        \
	"token_endpoint = http://127.0.0.1:@/token\n"      \
	"client_id = demo\n"

/* clang-format off */
static const char text[] =
	CLIENT("user") "username = joe\npassword = secret\n"
	CLIENT("seed") "refresh_token = seed\nscope = one\n"
	CLIENT("member") "refresh_token = seed\n"
	"token_format = X {token.tenant}\n";
/* clang-format on */

enum { USER, SEED, MEMBER };

static struct services *services;
static struct session s;

static int load(void **state)
{
	(void)state;
	services = services_of(text);
	return 0;
}

static int unload(void **state)
{
	(void)state;
	services_free(&services);
	return 0;
}

static void begin(int service)
{
	session_init(&s, services->v[service], 1000);
}

static int fini(void **state)
{
	(void)state;
	session_fini(&s);
	return 0;
}

static struct token *token_with(const char *refresh_token)
{
	struct token *t = token_of("tok", 100, 0);

	if (refresh_token)
		t->refresh_token = secret_new(str_z(refresh_token));
	return t;
}

/* The token request under way brings a token, with a new refresh token or
 * without. */
static void obtain(const char *refresh_token, int64_t now)
{
	struct token *t = token_with(refresh_token);
	struct fault f;

	assert_true(session_is_busy(&s));
	assert_int_equal(session_arrived(&s, t, now, &f), 0);
	token_unref(&t);
	assert_int_equal(session_obtained(&s, now), SESSION_PUBLISH);
	session_publish(&s, now);
}

static void ask(int64_t now)
{
	assert_int_equal(session_asked(&s, 0, now) & SESSION_START,
			 SESSION_START);
}

static unsigned fails_by(struct session_trouble t, int64_t now)
{
	unsigned what;

	fault_set(&t.text, "no");
	what = session_failed(&s, &t, now, 0);
	if (what & SESSION_PUBLISH)
		session_publish(&s, now);
	return what;
}

static unsigned refused(int64_t now)
{
	return fails_by((struct session_trouble){ .trouble = REFRESH_DENIED,
						  .retry_after = -1,
						  .refusal = REFUSAL_GRANT },
			now);
}

static unsigned denied(int64_t now)
{
	return fails_by((struct session_trouble){ .trouble = REFRESH_DENIED,
						  .retry_after = -1 },
			now);
}

static unsigned unavailable(bool lost, int64_t now)
{
	return fails_by((struct session_trouble){
				.trouble = REFRESH_UNAVAILABLE,
				.retry_after = -1, .lost = lost },
			now);
}

static void asks_with(const char *refresh_token)
{
	if (!refresh_token)
		assert_null(s.refresh_token);
	else
		assert_true(secret_eq_str(s.refresh_token,
					  str_z(refresh_token)));
}

static void says(const char *words)
{
	if (!strstr(s.current->failure.text.text, words))
		print_error("\"%s\" is not in \"%s\"\n", words,
			    s.current->failure.text.text);
	assert_non_null(strstr(s.current->failure.text.text, words));
}

/* --- which one --- */

static void newest_is_used(void **state)
{
	(void)state;
	begin(USER);
	asks_with(NULL);
	ask(1000);
	obtain("r1", 1000);
	asks_with("r1");
	ask(200000);
	obtain("r2", 200000);
	asks_with("r2");
	/* where the response has none, the old one stays */
	ask(400000);
	obtain(NULL, 400000);
	asks_with("r2");
	assert_int_equal(s.generation, 3);
}

static void seed_is_the_first(void **state)
{
	struct record r = { 0 };

	(void)state;
	begin(SEED);
	assert_int_equal(s.current->state, SESSION_IDLE);
	assert_true(s.current->renewable);
	asks_with("seed");
	ask(1000);
	obtain(NULL, 1000);
	asks_with("seed");
	ask(200000);
	obtain("r1", 200000);
	asks_with("r1");
	session_record(&s, &r);
	assert_ptr_equal(r.token, s.token);
	assert_true(secret_eq_str(r.refresh_token, STR("r1")));
	assert_string_equal(r.request_digest,
			    services->v[SEED]->request_digest);
	/* sha256("seed") */
	assert_string_equal(r.seed, "19b25856e1c150ca834cffc8b59b23ad"
				    "bd0ec0389e58eb22b3b64768098d002b");
	record_fini(&r);
}

/* Stored before it is used, with the token that came with it. */
static void record_is_of_what_arrived(void **state)
{
	struct token *t = token_with("r2");
	struct record r = { 0 };
	struct fault f;

	(void)state;
	begin(USER);
	ask(1000);
	obtain("r1", 1000);
	ask(200000);
	assert_int_equal(session_arrived(&s, t, 200000, &f), 0);
	session_record(&s, &r);
	assert_ptr_equal(r.token->access_token, t->access_token);
	assert_ptr_not_equal(s.token->access_token, t->access_token);
	assert_true(secret_eq_str(r.refresh_token, STR("r2")));
	assert_null(r.seed);
	record_fini(&r);
	token_unref(&t);
}

/* It is good though its token cannot be placed. */
static void token_that_cannot_be_placed(void **state)
{
	struct token *t = token_with("r1");
	struct record r = { 0 };
	struct fault f;

	(void)state;
	begin(MEMBER);
	ask(1000);
	assert_int_equal(session_arrived(&s, t, 1000, &f), -1);
	token_unref(&t);
	asks_with("r1");
	session_record(&s, &r);
	assert_null(r.token);
	assert_true(secret_eq_str(r.refresh_token, STR("r1")));
	record_fini(&r);
	assert_int_equal(denied(1000), SESSION_PUBLISH);
	asks_with("r1");
}

/* --- restart --- */

/* What the last process left, with this seed. */
static void restore(const char *refresh_token, const char *seed,
		    const char *request_digest)
{
	struct session before;
	struct record r = { 0 };

	session_init(&before, services->v[SEED], 0);
	session_record(&before, &r);
	session_fini(&before);
	secret_unref(&r.refresh_token);
	if (refresh_token)
		r.refresh_token = secret_new(str_z(refresh_token));
	if (seed) {
		mem_free(r.seed);
		r.seed = mem_strdup(seed);
	}
	if (request_digest) {
		mem_free(r.request_digest);
		r.request_digest = mem_strdup(request_digest);
	}
	r.token = token_with(NULL);
	session_restore(&s, &r, 50000, 50000);
	record_fini(&r);
}

static void rotated_one_wins(void **state)
{
	(void)state;
	begin(SEED);
	restore("r7", NULL, NULL);
	asks_with("r7");
	assert_int_equal(s.current->state, SESSION_READY);
	assert_int_equal(s.current->expires, 100000);
}

static void new_seed_wins(void **state)
{
	(void)state;
	begin(SEED);
	restore("r7", "another", NULL);
	asks_with("seed");
	assert_null(s.token);
	assert_int_equal(s.current->state, SESSION_IDLE);
}

/* Another scope is asked for, but the session is not lost. */
static void other_request(void **state)
{
	(void)state;
	begin(SEED);
	restore("r7", NULL, "others");
	asks_with("r7");
	assert_null(s.token);
	assert_int_equal(s.current->state, SESSION_IDLE);
	ask(50000);
}

static void refused_one_is_not_asked_with_again(void **state)
{
	(void)state;
	begin(SEED);
	restore(NULL, NULL, NULL);
	asks_with(NULL);
	assert_int_equal(s.current->state, SESSION_FAILING);
	assert_int_equal(s.current->failure.status, 502);
	says("give a new refresh_token");
	/* its token is good while it lasts */
	assert_int_equal(decision_of(s.current, 0, 99999), DECISION_TOKEN);
	assert_int_equal(decision_of(s.current, 1, 99999), DECISION_TOKEN);
	assert_int_equal(session_due(&s, 99999), NEVER);
	assert_int_equal(decision_of(s.current, 0, 100000), DECISION_FAILED);
	assert_int_equal(session_asked(&s, 0, 100000), 0);
}

/* --- refusals --- */

static void grant_starts_again(void **state)
{
	struct record r = { 0 };

	(void)state;
	begin(USER);
	ask(1000);
	obtain("r1", 1000);
	ask(200000);
	assert_int_equal(refused(200000), SESSION_SAVE | SESSION_START);
	assert_true(session_is_busy(&s));
	asks_with(NULL);
	session_record(&s, &r);
	assert_null(r.refresh_token);
	record_fini(&r);
	/* it has its own second try */
	assert_int_equal(unavailable(false, 200100), 0);
	assert_int_equal(session_due(&s, 200100), 200300);
	assert_int_equal(session_tick(&s, 200300), SESSION_START);
	obtain("r2", 200300);
	asks_with("r2");
	assert_int_equal(s.failures, 0);
}

static unsigned refused_by(enum session_refusal refusal, int64_t now)
{
	return fails_by((struct session_trouble){ .trouble = REFRESH_DENIED,
						  .retry_after = -1,
						  .refusal = refusal },
			now);
}

/* It was the refresh that was refused; its token goes when the grant's own
 * request has worked. */
static void other_refusals_start_again(void **state)
{
	static const enum session_refusal refusals[] = {
		REFUSAL_OTHER, REFUSAL_RIGHTS, REFUSAL_PERSON
	};
	struct record r = { 0 };

	(void)state;
	begin(USER);
	ask(1000);
	obtain("r1", 1000);
	for (int i = 0; i < 3; i++) {
		int64_t now = 200000 + i * 300000;

		ask(now);
		assert_int_equal(refused_by(refusals[i], now), SESSION_START);
		assert_null(session_asks_with(&s));
		session_record(&s, &r);
		assert_true(secret_eq_str(r.refresh_token, STR("r1")));
		record_fini(&r);
		/* not twice */
		assert_int_equal(refused_by(refusals[i], now),
				 SESSION_PUBLISH);
		assert_true(secret_eq_str(session_asks_with(&s), STR("r1")));
	}
	ask(2000000);
	assert_int_equal(refused_by(REFUSAL_OTHER, 2000000), SESSION_START);
	obtain(NULL, 2000000);
	asks_with(NULL);
}

static void client_that_is_refused(void **state)
{
	(void)state;
	begin(USER);
	ask(1000);
	obtain("r1", 1000);
	ask(200000);
	assert_int_equal(refused_by(REFUSAL_CLIENT, 200000), SESSION_PUBLISH);
	assert_int_equal(s.current->failure.status, 502);
	asks_with("r1");
}

static void only_invalid_grant_forgets(void **state)
{
	(void)state;
	begin(USER);
	ask(1000);
	obtain("r1", 1000);
	ask(200000);
	assert_int_equal(denied(200000), SESSION_PUBLISH);
	asks_with("r1");
	ask(300000);
	assert_int_equal(unavailable(true, 300000), 0);
	assert_int_equal(session_tick(&s, 300200), SESSION_START);
	assert_int_equal(unavailable(true, 300200), SESSION_PUBLISH);
	asks_with("r1");
	ask(400000);
	obtain("r2", 400000);
	assert_false(s.lost);
}

static void password_is_given_up(void **state)
{
	(void)state;
	begin(USER);
	ask(1000);
	assert_int_equal(refused(1000), SESSION_PUBLISH);
	assert_int_equal(s.current->failure.retry_at, 2000);
	ask(2000);
	assert_int_equal(refused(2000), SESSION_PUBLISH);
	assert_int_equal(s.current->failure.retry_at, 4000);
	/* other troubles do not count */
	ask(4000);
	assert_int_equal(denied(4000), SESSION_PUBLISH);
	ask(100000);
	assert_int_equal(refused(100000), SESSION_PUBLISH);
	assert_int_equal(s.current->failure.retry_at, NEVER);
	assert_int_equal(s.current->failure.status, 502);
	assert_int_equal(s.current->state, SESSION_FAILING);
	says("until the next start");
	assert_int_equal(session_asked(&s, 0, NEVER - 1), 0);
	assert_int_equal(session_due(&s, 200000), NEVER);
}

static void refusals_count_in_a_row(void **state)
{
	(void)state;
	begin(USER);
	for (int64_t now = 1000; now < 5000000; now += 1000000) {
		ask(now);
		assert_int_equal(refused(now), SESSION_PUBLISH);
		ask(now + 400000);
		assert_int_equal(refused(now + 400000), SESSION_PUBLISH);
		ask(now + 800000);
		obtain(NULL, now + 800000);
	}
}

/* The token is used as long as it works. */
static void password_is_given_up_in_the_background(void **state)
{
	(void)state;
	begin(USER);
	ask(1000);
	obtain(NULL, 1000);
	for (int i = 1; i <= 3; i++) {
		assert_int_not_equal(session_used(&s, 1, 82000 + i * 5000), 0);
		assert_int_equal(refused(82000 + i * 5000), SESSION_PUBLISH);
	}
	assert_int_equal(s.current->failure.retry_at, NEVER);
	assert_int_equal(session_used(&s, 1, 100999), 0);
	assert_int_equal(decision_of(s.current, 0, 100999), DECISION_TOKEN);
	assert_int_equal(decision_of(s.current, 0, 101000), DECISION_FAILED);
}

static void seed_that_is_refused_is_tried_after_pauses(void **state)
{
	(void)state;
	begin(SEED);
	for (int64_t now = 1000, pause = 1000; now < 5000000;
	     now += pause, pause *= 2) {
		if (pause > 300000)
			pause = 300000;
		ask(now);
		assert_int_equal(refused(now), SESSION_PUBLISH);
		assert_int_equal(s.current->failure.retry_at, now + pause);
		assert_int_equal(s.current->failure.status, 502);
		assert_string_equal(s.current->failure.error,
				    "proxy_configuration_error");
		asks_with("seed");
	}
}

static void rotated_one_that_is_refused_is_forgotten(void **state)
{
	(void)state;
	begin(SEED);
	ask(1000);
	obtain("r1", 1000);
	ask(200000);
	assert_int_equal(refused(200000), SESSION_SAVE | SESSION_PUBLISH);
	asks_with(NULL);
	assert_int_equal(s.current->failure.retry_at, NEVER);
	says("forgotten");
	assert_null(strstr(s.current->failure.text.text, "earlier answer"));
	assert_int_equal(session_asked(&s, 0, 900000), 0);
}

static void lost_answer_is_told(void **state)
{
	(void)state;
	begin(SEED);
	ask(1000);
	assert_int_equal(unavailable(true, 1100), 0);
	assert_int_equal(session_tick(&s, 1300), SESSION_START);
	assert_int_equal(refused(1300), SESSION_PUBLISH);
	says("an earlier answer was lost");
	/* a success is the end of it */
	ask(10000);
	obtain("r1", 10000);
	ask(200000);
	assert_int_not_equal(refused(200000), 0);
	assert_null(strstr(s.current->failure.text.text, "earlier answer"));
}

#define TEST(name) cmocka_unit_test_teardown(name, fini)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(newest_is_used),
		TEST(seed_is_the_first),
		TEST(record_is_of_what_arrived),
		TEST(token_that_cannot_be_placed),
		TEST(rotated_one_wins),
		TEST(new_seed_wins),
		TEST(other_request),
		TEST(refused_one_is_not_asked_with_again),
		TEST(grant_starts_again),
		TEST(other_refusals_start_again),
		TEST(client_that_is_refused),
		TEST(only_invalid_grant_forgets),
		TEST(password_is_given_up),
		TEST(refusals_count_in_a_row),
		TEST(password_is_given_up_in_the_background),
		TEST(seed_that_is_refused_is_tried_after_pauses),
		TEST(rotated_one_that_is_refused_is_forgotten),
		TEST(lost_answer_is_told),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
