/* SPDX-License-Identifier: MIT */
#include "session/snapshot.h"

#include "session/decision.h"
#include "session/setup.h"

static struct snapshot *with_token(uint64_t generation)
{
	struct snapshot *s = snapshot_new(3);

	s->token = token_of("t", 0, 0);
	s->generation = generation;
	s->expires = 1000;
	s->renewable = true;
	return s;
}

static void states_have_their_names(void **state)
{
	(void)state;
	assert_string_equal(session_state_name(SESSION_IDLE), "idle");
	assert_string_equal(session_state_name(SESSION_READY), "ready");
	assert_string_equal(session_state_name(SESSION_RENEWING), "renewing");
	assert_string_equal(session_state_name(SESSION_FAILING), "failing");
	assert_string_equal(session_state_name(SESSION_WAITING_FOR_LOGIN),
			    "waiting_for_login");
}

static void references_are_counted(void **state)
{
	struct snapshot *s = with_token(1), *other = snapshot_ref(s);
	struct token *t = token_ref(s->token);

	(void)state;
	assert_int_equal(s->service, 3);
	assert_ptr_equal(other, s);
	snapshot_unref(&other);
	assert_null(other);
	snapshot_unref(&other);
	assert_null(snapshot_ref(NULL));
	assert_int_equal(t->refs, 2);
	snapshot_unref(&s);
	assert_null(s);
	assert_int_equal(t->refs, 1);
	token_unref(&t);
}

static void usable_has_a_token_that_is_not_over(void **state)
{
	struct snapshot *s = snapshot_new(0);

	(void)state;
	s->expires = INT64_MAX;
	assert_false(snapshot_usable(s, 0));
	snapshot_unref(&s);
	s = with_token(1);
	assert_true(snapshot_usable(s, 0));
	assert_true(snapshot_usable(s, 999));
	assert_false(snapshot_usable(s, 1000));
	s->expires = INT64_MAX;
	assert_true(snapshot_usable(s, INT64_MAX - 1));
	s->spent = true;
	assert_false(snapshot_usable(s, 0));
	snapshot_unref(&s);
}

static void answer_without_a_token(void **state)
{
	struct snapshot *s = snapshot_new(0);

	(void)state;
	s->renewable = true;
	assert_int_equal(decision_of(s, 0, 0), DECISION_WAITS);
	s->failure.status = 503;
	s->failure.retry_at = 500;
	assert_int_equal(decision_of(s, 0, 499), DECISION_FAILED);
	assert_int_equal(decision_of(s, 0, 500), DECISION_WAITS);
	s->renewable = false;
	s->failure.retry_at = INT64_MAX;
	assert_int_equal(decision_of(s, 0, 1 << 30), DECISION_FAILED);
	snapshot_unref(&s);
}

static void answer_with_a_token(void **state)
{
	struct snapshot *s = with_token(7);

	(void)state;
	assert_int_equal(decision_of(s, 0, 999), DECISION_TOKEN);
	assert_int_equal(decision_of(s, 0, 1000), DECISION_WAITS);
	assert_int_equal(decision_of(s, 6, 0), DECISION_TOKEN);
	/* the renewal fails while it works */
	s->failure.status = 502;
	s->failure.retry_at = 2000;
	assert_int_equal(decision_of(s, 0, 999), DECISION_TOKEN);
	assert_int_equal(decision_of(s, 0, 1000), DECISION_FAILED);
	assert_int_equal(decision_of(s, 0, 2000), DECISION_WAITS);
	snapshot_unref(&s);
}

static void answer_after_a_refusal(void **state)
{
	struct snapshot *s = with_token(7);

	(void)state;
	assert_int_equal(decision_of(s, 7, 0), DECISION_WAITS);
	s->spent = true;
	assert_int_equal(decision_of(s, 7, 0), DECISION_WAITS);
	assert_int_equal(decision_of(s, 0, 0), DECISION_WAITS);
	s->spent = false;
	/* a failed renewal, a hold, a token that cannot be renewed: the first
	 * answer passes on */
	s->failure.status = 503;
	s->failure.retry_at = 100;
	assert_int_equal(decision_of(s, 7, 99), DECISION_TOKEN);
	assert_int_equal(decision_of(s, 7, 100), DECISION_WAITS);
	s->hold_until = 200;
	assert_int_equal(decision_of(s, 7, 199), DECISION_TOKEN);
	assert_int_equal(decision_of(s, 7, 200), DECISION_WAITS);
	s->renewable = false;
	assert_int_equal(decision_of(s, 7, 200), DECISION_TOKEN);
	snapshot_unref(&s);
}

/* As time passes, an answer only turns into waiting. */
static void answers_only_turn_into_waiting(void **state)
{
	(void)state;
	for (unsigned bits = 0; bits < 64; bits++) {
		struct snapshot *s = with_token(7);
		uint64_t refused = bits & 1 ? 7 : 0;
		bool waits = false;

		s->expires = bits & 2 ? 30 : 50;
		s->spent = (bits & 4) != 0;
		s->failure.status = bits & 8 ? 503 : 0;
		s->failure.retry_at = bits & 16 ? 20 : 60;
		s->hold_until = bits & 32 ? 40 : 0;
		for (int64_t now = 0; now < 80; now++) {
			enum decision a = decision_of(s, refused, now);

			assert_false(waits && a != DECISION_WAITS);
			waits = a == DECISION_WAITS;
		}
		snapshot_unref(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(states_have_their_names),
		cmocka_unit_test(references_are_counted),
		cmocka_unit_test(usable_has_a_token_that_is_not_over),
		cmocka_unit_test(answer_without_a_token),
		cmocka_unit_test(answer_with_a_token),
		cmocka_unit_test(answer_after_a_refusal),
		cmocka_unit_test(answers_only_turn_into_waiting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
