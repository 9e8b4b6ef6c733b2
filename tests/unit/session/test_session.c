/* SPDX-License-Identifier: MIT */
#include "oauth/placement/value.h"
#include "session/session.h"

#include <stdatomic.h>

#include "session/decision.h"
#include "session/setup.h"

#define NEVER INT64_MAX

/* clang-format off */
static const char text[] =
	SERVICE("plain")
	SERVICE("short") "refresh_leeway = 1s\ndefault_expires_in = 20s\n"
	SERVICE("member") "token_format = X {token.tenant}\n"
	"[service fixed]\n"
	"upstream = https://fixed.example.com\naccess_token = pat\n"
	"[service nothing]\nupstream = https://nothing.example.com\n"
	"[service broken]\n"
	"upstream = https://broken.example.com\naccess_token = pat\n";
/* clang-format on */

enum { PLAIN, SHORT, MEMBER, FIXED, NOTHING, BROKEN };

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

/* A token request that was begun brings a token of this life (s). */
static void obtain(int64_t expires_in, int64_t sent, int64_t now)
{
	struct token *t = token_of("tok", expires_in, 0);
	struct fault f;

	assert_true(session_is_busy(&s));
	assert_int_equal(session_arrived(&s, t, sent, &f), 0);
	token_unref(&t);
	assert_ptr_not_equal(s.token, s.arrived);
	assert_int_equal(session_obtained(&s, now), SESSION_PUBLISH);
	session_publish(&s, now);
}

static unsigned failed(enum refresh_trouble trouble, int64_t retry_after,
		       int64_t now)
{
	struct session_trouble t = { .trouble = trouble,
				     .retry_after = retry_after,
				     .text = { "no" } };
	unsigned what = session_failed(&s, &t, now, 0);

	if (what & SESSION_PUBLISH)
		session_publish(&s, now);
	return what;
}

static unsigned asked(uint64_t refused, int64_t now)
{
	unsigned what = session_asked(&s, refused, now);

	if (what & SESSION_PUBLISH)
		session_publish(&s, now);
	return what;
}

/* Has a token of an hour, sent and obtained at 1000. */
static void begin_ready(void)
{
	begin(PLAIN);
	assert_int_equal(asked(0, 1000), SESSION_START);
	obtain(3600, 1000, 1000);
}

static void restore(struct token *t, int64_t now, int64_t wall)
{
	struct record r = { .token = t,
			    .request_digest = s.service->request_digest };

	session_restore(&s, &r, now, wall);
}

/* --- first states --- */

static void first_state_of_each_grant(void **state)
{
	(void)state;
	begin(PLAIN);
	assert_int_equal(s.current->state, SESSION_IDLE);
	assert_int_equal(s.current->generation, 0);
	assert_int_equal(s.current->service, PLAIN);
	assert_true(s.current->renewable);
	assert_int_equal(session_due(&s, 1000), NEVER);
	session_fini(&s);

	begin(NOTHING);
	assert_int_equal(s.current->state, SESSION_READY);
	assert_int_equal(s.current->generation, 0);
	assert_int_equal(s.current->failure.status, 0);
	assert_false(s.current->renewable);
	session_fini(&s);

	begin(FIXED);
	assert_int_equal(s.current->state, SESSION_READY);
	assert_int_equal(s.current->generation, 1);
	assert_int_equal(s.current->expires, NEVER);
	assert_int_equal(s.current->renew_at, NEVER);
	assert_true(str_eq(secret_expose(s.current->use->placed.value),
			   STR("Bearer pat")));
	assert_true(snapshot_usable(s.current, NEVER - 1));
	assert_int_equal(session_due(&s, 1000), NEVER);
	assert_int_equal(asked(1, 2000), 0);
	assert_int_equal(session_held(&s, 1, 2000), 0);
	session_fini(&s);

	/* No configuration that is good has such a format. */
	value_free(&services->v[BROKEN]->placement.format);
	services->v[BROKEN]->placement.format =
		value_parse(STR("{token.tenant}"), NULL);
	begin(BROKEN);
	assert_int_equal(s.current->state, SESSION_FAILING);
	assert_int_equal(s.current->failure.status, 502);
	assert_string_equal(s.current->failure.error,
			    "proxy_configuration_error");
	assert_non_null(strstr(s.current->failure.text.text, "token.tenant"));
	assert_non_null(strstr(s.current->failure.text.text, "broken"));
	assert_int_equal(s.current->failure.retry_at, NEVER);
}

static void first_token(void **state)
{
	(void)state;
	begin(PLAIN);
	assert_int_equal(asked(0, 2000), SESSION_START);
	for (int i = 0; i < 5; i++)
		assert_int_equal(asked(0, 2000 + i), 0);
	assert_int_equal(session_tick(&s, 2500), 0);
	assert_int_equal(session_due(&s, 2500), NEVER);
	obtain(3600, 2000, 2600);
	assert_int_equal(s.current->state, SESSION_READY);
	assert_int_equal(s.current->generation, 1);
	assert_int_equal(s.current->expires, 3602000);
	assert_int_equal(s.current->renew_at, 3542000);
	assert_int_equal(s.current->made, 2600);
	assert_true(str_eq(secret_expose(s.current->use->placed.value),
			   STR("Bearer tok")));
	assert_int_equal(s.work, SESSION_RESTS);
	assert_int_equal(asked(0, 2700), 0);
}

static void life_without_the_servers_word(void **state)
{
	(void)state;
	begin(SHORT);
	assert_int_equal(asked(0, 1000), SESSION_START);
	obtain(0, 1000, 1000);
	assert_int_equal(s.current->expires, 21000);
	assert_int_equal(s.current->renew_at, 20000);
	session_fini(&s);
	begin(PLAIN);
	assert_int_equal(asked(0, 1000), SESSION_START);
	obtain(0, 1000, 1000);
	assert_int_equal(s.current->expires, NEVER);
	assert_int_equal(s.current->renew_at, NEVER);
	assert_int_equal(session_due(&s, 1000), NEVER);
}

/* The answer took longer than the token lives: who waited gets it. */
static void token_that_is_over_when_it_comes(void **state)
{
	(void)state;
	begin(PLAIN);
	assert_int_equal(asked(0, 1000), SESSION_START);
	obtain(1, 1000, 5000);
	assert_int_equal(decision_of(s.current, 0, s.current->made),
			 DECISION_TOKEN);
	assert_int_equal(decision_of(s.current, 0, 5001), DECISION_WAITS);
	assert_int_equal(session_due(&s, 5000), NEVER);
	assert_int_equal(session_due(&s, 5001), NEVER);
}

static void token_that_cannot_be_placed(void **state)
{
	struct token *t = token_of("tok", 60, 0);
	struct fault f;

	(void)state;
	begin(MEMBER);
	assert_int_equal(asked(0, 1000), SESSION_START);
	assert_int_equal(session_arrived(&s, t, 1000, &f), -1);
	assert_null(s.arrived);
	assert_non_null(strstr(f.text, "token.tenant"));
	assert_int_equal(failed(REFRESH_DENIED, -1, 1100), SESSION_PUBLISH);
	assert_int_equal(s.current->failure.status, 502);
	t->members = secret_new(STR("{\"tenant\":\"blue\"}"));
	assert_int_equal(asked(0, 2100), SESSION_START);
	assert_int_equal(session_arrived(&s, t, 2100, &f), 0);
	assert_int_equal(session_obtained(&s, 2100), SESSION_PUBLISH);
	session_publish(&s, 2100);
	assert_true(str_eq(secret_expose(s.current->use->placed.value),
			   STR("X blue")));
	assert_int_equal(s.current->failure.status, 0);
	token_unref(&t);
}

static void whose_it_is(void **state)
{
	struct id_token_subject alice = { .iss = mem_strdup("https://as.test"),
					  .sub = mem_strdup("alice") };
	struct token *t = token_of("tok", 60, 0);
	struct record r = { 0 };

	(void)state;
	begin(PLAIN);
	session_identify(&s, &alice);
	session_identify(&s, NULL); /* as it was */
	session_record(&s, &r);
	assert_string_equal(r.subject.sub, "alice");
	record_fini(&r);
	/* What came with a token that is of no use. */
	assert_int_equal(session_rotated(&s, t), 0);
	assert_null(s.refresh_token);
	t->refresh_token = secret_new(STR("rotated"));
	assert_int_equal(session_rotated(&s, t), SESSION_SAVE);
	assert_true(secret_eq_str(s.refresh_token, STR("rotated")));
	/* A login that does not say who it was. */
	s.work = SESSION_LOGS_IN;
	session_identify(&s, NULL);
	assert_null(s.subject.sub);
	token_unref(&t);
	id_token_subject_fini(&alice);
}

/* --- renewal in the background --- */

static void used_token_is_renewed_in_time(void **state)
{
	(void)state;
	begin_ready();
	atomic_store(&s.current->used, true);
	assert_int_equal(session_due(&s, 1000), 3541000);
	assert_int_equal(session_tick(&s, 3540999), 0);
	assert_int_equal(session_tick(&s, 3541000),
			 SESSION_START | SESSION_PUBLISH);
	session_publish(&s, 3541000);
	assert_int_equal(s.current->state, SESSION_RENEWING);
	assert_true(snapshot_usable(s.current, 3541000));
	assert_int_equal(asked(0, 3541001), 0);
	obtain(3600, 3541000, 3541200);
	assert_int_equal(s.current->generation, 2);
	assert_int_equal(s.current->state, SESSION_READY);
}

static void unused_token_waits_for_its_next_use(void **state)
{
	(void)state;
	begin_ready();
	assert_int_equal(session_tick(&s, 3541000), 0);
	assert_int_equal(session_due(&s, 3541000), NEVER);
	assert_int_equal(session_used(&s, 7, 3541001), 0);
	assert_int_equal(session_used(&s, 1, 3550000),
			 SESSION_START | SESSION_PUBLISH);
	assert_int_equal(session_used(&s, 1, 3550001), 0);
	obtain(3600, 3550000, 3550100);
	/* the use of the old one is none of the new one's */
	assert_int_equal(session_tick(&s, s.current->renew_at), 0);
}

static void token_that_is_over_is_not_renewed_unasked(void **state)
{
	(void)state;
	begin_ready();
	atomic_store(&s.current->used, true);
	assert_int_equal(session_tick(&s, 3601000), 0);
	assert_int_equal(session_due(&s, 3601000), NEVER);
	assert_int_equal(asked(0, 3601000), SESSION_START | SESSION_PUBLISH);
}

static void uses_outlive_snapshots(void **state)
{
	(void)state;
	begin_ready();
	atomic_store(&s.current->used, true);
	session_publish(&s, 1100);
	session_publish(&s, 1200);
	assert_int_equal(session_tick(&s, 3541000),
			 SESSION_START | SESSION_PUBLISH);
}

static void failure_in_the_background_is_tried_again(void **state)
{
	(void)state;
	begin_ready();
	atomic_store(&s.current->used, true);
	assert_int_not_equal(session_tick(&s, 3541000), 0);
	assert_int_equal(failed(REFRESH_DENIED, -1, 3541100),
			 SESSION_PUBLISH);
	assert_int_equal(s.current->state, SESSION_FAILING);
	assert_int_equal(s.current->failure.status, 502);
	assert_true(snapshot_usable(s.current, 3541100));
	assert_int_equal(decision_of(s.current, 0, 3541100), DECISION_TOKEN);
	assert_int_equal(session_due(&s, 3541100), 3542100);
	assert_int_equal(session_used(&s, 1, 3542099), 0);
	/* no news in that it tries again */
	assert_int_equal(session_tick(&s, 3542100), SESSION_START);
	assert_int_equal(failed(REFRESH_DENIED, -1, 3542200),
			 SESSION_PUBLISH);
	assert_int_equal(session_due(&s, 3542200), 3544200);
	assert_int_equal(session_tick(&s, 3544200), SESSION_START);
	obtain(3600, 3544200, 3544300);
	assert_int_equal(s.current->state, SESSION_READY);
	assert_int_equal(s.current->failure.status, 0);
	assert_int_equal(s.pause.length, 0);
}

static void pause_of_a_live_token_ends_with_it(void **state)
{
	(void)state;
	begin_ready();
	atomic_store(&s.current->used, true);
	assert_int_not_equal(session_tick(&s, 3600500), 0);
	assert_int_equal(failed(REFRESH_DENIED, -1, 3600600),
			 SESSION_PUBLISH);
	assert_int_equal(s.current->failure.retry_at, 3601000);
	assert_int_equal(session_due(&s, 3600600), NEVER);
	assert_int_equal(decision_of(s.current, 0, 3600999), DECISION_TOKEN);
	assert_int_equal(asked(0, 3601000), SESSION_START);
	/* from now on it is as long as ever */
	assert_int_equal(failed(REFRESH_DENIED, -1, 3601100),
			 SESSION_PUBLISH);
	assert_int_equal(s.current->failure.retry_at, 3603100);
}

static void pause_that_the_server_asked_for_does_not(void **state)
{
	(void)state;
	begin_ready();
	atomic_store(&s.current->used, true);
	assert_int_not_equal(session_tick(&s, 3600500), 0);
	assert_int_equal(failed(REFRESH_UNAVAILABLE, 5000, 3600600),
			 SESSION_PUBLISH);
	assert_int_equal(s.current->failure.retry_at, 3605600);
	assert_int_equal(decision_of(s.current, 0, 3601000), DECISION_FAILED);
}

/* --- failures --- */

static void second_try_then_pauses(void **state)
{
	(void)state;
	begin(PLAIN);
	assert_int_equal(asked(0, 1000), SESSION_START);
	assert_int_equal(failed(REFRESH_UNAVAILABLE, -1, 1050), 0);
	assert_true(session_is_busy(&s));
	assert_int_equal(session_due(&s, 1050), 1250);
	assert_int_equal(asked(0, 1100), 0);
	assert_int_equal(session_tick(&s, 1249), 0);
	assert_int_equal(session_tick(&s, 1250), SESSION_START);
	assert_int_equal(session_tick(&s, 1250), 0);
	assert_int_equal(failed(REFRESH_UNAVAILABLE, -1, 1300),
			 SESSION_PUBLISH);
	assert_int_equal(s.work, SESSION_RESTS);
	assert_int_equal(s.current->state, SESSION_FAILING);
	assert_int_equal(s.current->failure.status, 503);
	assert_string_equal(s.current->failure.error,
			    "destination_unavailable");
	assert_string_equal(s.current->failure.text.text, "no");
	assert_int_equal(s.current->failure.retry_at, 2300);
	assert_int_equal(s.current->failures, 1);
	assert_int_equal(session_due(&s, 1300), NEVER);
	/* while the pause lasts nothing is begun */
	assert_int_equal(asked(0, 2299), 0);
	assert_int_equal(asked(0, 2300), SESSION_START);
	assert_int_equal(failed(REFRESH_UNAVAILABLE, -1, 2400), 0);
	assert_int_equal(session_tick(&s, 2600), SESSION_START);
	assert_int_equal(failed(REFRESH_UNAVAILABLE, -1, 2600),
			 SESSION_PUBLISH);
	assert_int_equal(s.current->failure.retry_at, 4600);
	assert_int_equal(s.current->failures, 2);
}

static void no_second_try_where_the_server_wants_time(void **state)
{
	(void)state;
	begin(PLAIN);
	assert_int_equal(asked(0, 1000), SESSION_START);
	assert_int_equal(failed(REFRESH_UNAVAILABLE, 4000, 1100),
			 SESSION_PUBLISH);
	assert_int_equal(s.current->failure.retry_at, 5100);
}

static void denial_is_told_at_once(void **state)
{
	(void)state;
	begin(PLAIN);
	assert_int_equal(asked(0, 1000), SESSION_START);
	assert_int_equal(failed(REFRESH_DENIED, -1, 1100), SESSION_PUBLISH);
	assert_int_equal(s.current->failure.status, 502);
	assert_string_equal(s.current->failure.error,
			    "proxy_configuration_error");
	assert_int_equal(s.current->failure.retry_at, 2100);
	assert_int_equal(asked(0, 2100), SESSION_START);
	assert_int_equal(failed(REFRESH_DENIED, -1, 2100), SESSION_PUBLISH);
	assert_int_equal(s.current->failure.retry_at, 4100);
}

/* --- refusals --- */

static void refused_token_is_spent_and_renewed_once(void **state)
{
	(void)state;
	begin_ready();
	assert_int_equal(asked(1, 5000), SESSION_START | SESSION_PUBLISH);
	assert_true(s.current->spent);
	for (int i = 0; i < 500; i++)
		assert_int_equal(asked(1, 5001), 0);
	assert_int_equal(asked(0, 5002), 0);
	obtain(3600, 5000, 5100);
	assert_false(s.current->spent);
	assert_int_equal(s.current->generation, 2);
	/* late ones speak of the old token */
	assert_int_equal(asked(1, 5200), 0);
	assert_false(s.current->spent);
}

static void refused_while_a_renewal_is_under_way(void **state)
{
	(void)state;
	begin_ready();
	atomic_store(&s.current->used, true);
	assert_int_not_equal(session_tick(&s, 3541000), 0);
	session_publish(&s, 3541000);
	assert_int_equal(asked(1, 3541001), SESSION_PUBLISH);
	assert_true(s.current->spent);
	obtain(3600, 3541000, 3541100);
	assert_false(s.current->spent);
}

static void refused_token_stays_where_the_renewal_fails(void **state)
{
	(void)state;
	begin_ready();
	assert_int_equal(asked(1, 5000), SESSION_START | SESSION_PUBLISH);
	assert_int_equal(failed(REFRESH_UNAVAILABLE, -1, 5100), 0);
	assert_true(s.current->spent);
	assert_int_equal(session_tick(&s, 5300), SESSION_START);
	assert_int_equal(failed(REFRESH_UNAVAILABLE, -1, 5300),
			 SESSION_PUBLISH);
	assert_false(s.current->spent);
	assert_int_equal(decision_of(s.current, 1, 5300), DECISION_TOKEN);
	assert_int_equal(decision_of(s.current, 0, 5300), DECISION_TOKEN);
	/* no storm during the pause; after it, in the background too */
	assert_int_equal(asked(1, 6299), 0);
	assert_int_equal(session_used(&s, 1, 6299), 0);
	assert_int_equal(session_due(&s, 6299), 6300);
	assert_int_equal(session_tick(&s, 6300), SESSION_START);
}

static void refused_again_is_held(void **state)
{
	(void)state;
	begin_ready();
	assert_int_not_equal(asked(1, 5000), 0);
	obtain(3600, 5000, 5100);
	assert_int_equal(session_held(&s, 1, 5200), 0);
	assert_int_equal(session_held(&s, 2, 5200), SESSION_PUBLISH);
	assert_int_equal(session_held(&s, 2, 5201), 0);
	session_publish(&s, 5200);
	assert_int_equal(s.current->hold_until, 15200);
	assert_true(s.current->probation);
	assert_int_equal(asked(2, 15199), 0);
	assert_false(s.current->spent);
	assert_int_equal(asked(2, 15200), SESSION_START | SESSION_PUBLISH);
	obtain(3600, 15200, 15300);
	assert_int_equal(session_held(&s, 3, 15400), SESSION_PUBLISH);
	session_publish(&s, 15400);
	assert_int_equal(s.current->hold_until, 35400);
	assert_int_equal(session_passed(&s, 2, 16000), 0);
	assert_int_equal(session_passed(&s, 3, 16000), SESSION_PUBLISH);
	assert_int_equal(session_passed(&s, 3, 16000), 0);
	session_publish(&s, 16000);
	assert_false(s.current->probation);
	assert_int_equal(s.current->hold_until, 16000);
	assert_int_equal(asked(3, 16000), SESSION_START | SESSION_PUBLISH);
}

/* --- restart --- */

static void stored_token_is_taken_up(void **state)
{
	static const struct {
		int64_t expires_in, sent_wall;
		int64_t expires, renew_at; /* 0: passed over */
	} rows[] = {
		/* now is 50000 since the boot, 1000000 by the wall */
		{ 3600, 1000000, 3650000, 3590000 },
		{ 3600, 900000, 3550000, 3490000 },  /* 100 s old */
		{ 3600, 2000000, 3650000, 3590000 }, /* of the future */
		{ 1000, 1, 50001, -9999 },           /* nearly over */
		{ 1000, 0, 0, 0 },                   /* just over */
		{ 10, 900000, 0, 0 },
		{ 10, INT64_MIN / 2, 0, 0 },
		{ 0, 0, NEVER, NEVER },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct token *t = token_of("old", rows[i].expires_in,
					   rows[i].sent_wall);

		begin(PLAIN);
		restore(t, 50000, 1000000);
		token_unref(&t);
		if (rows[i].expires == 0) {
			assert_null(s.current->token);
			assert_int_equal(s.current->state, SESSION_IDLE);
			assert_int_equal(asked(0, 50000), SESSION_START);
		} else {
			assert_int_equal(s.current->generation, 1);
			assert_int_equal(s.current->state, SESSION_READY);
			assert_int_equal(s.current->expires, rows[i].expires);
			assert_int_equal(s.current->renew_at,
					 rows[i].renew_at);
			assert_int_equal(asked(0, 50000), 0);
		}
		if (i + 1 < sizeof(rows) / sizeof(rows[0]))
			session_fini(&s);
	}
}

static void stored_token_that_does_not_fit(void **state)
{
	struct token *t = token_of("old", 3600, 0);

	(void)state;
	begin(MEMBER);
	restore(t, 1000, 0);
	assert_null(s.current->token);
	assert_int_equal(s.current->state, SESSION_IDLE);
	token_unref(&t);
}

#define TEST(name) cmocka_unit_test_teardown(name, fini)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(first_state_of_each_grant),
		TEST(first_token),
		TEST(life_without_the_servers_word),
		TEST(token_that_is_over_when_it_comes),
		TEST(token_that_cannot_be_placed),
		TEST(used_token_is_renewed_in_time),
		TEST(unused_token_waits_for_its_next_use),
		TEST(token_that_is_over_is_not_renewed_unasked),
		TEST(uses_outlive_snapshots),
		TEST(failure_in_the_background_is_tried_again),
		TEST(pause_of_a_live_token_ends_with_it),
		TEST(pause_that_the_server_asked_for_does_not),
		TEST(second_try_then_pauses),
		TEST(whose_it_is),
		TEST(no_second_try_where_the_server_wants_time),
		TEST(denial_is_told_at_once),
		TEST(refused_token_is_spent_and_renewed_once),
		TEST(refused_while_a_renewal_is_under_way),
		TEST(refused_token_stays_where_the_renewal_fails),
		TEST(refused_again_is_held),
		TEST(stored_token_is_taken_up),
		TEST(stored_token_that_does_not_fit),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
