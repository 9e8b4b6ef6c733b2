/* SPDX-License-Identifier: MIT */
#include "session/view.h"

#include "session/view_fixture.h"

/* --- refusals --- */

static void refused_waits_for_a_newer_token(void **state)
{
	struct request r = { 0 }, next = { 0 };
	struct snapshot *s = snapshot_of(1);

	(void)state;
	publish(s);
	assert_int_equal(acquire(&r, 0), DECISION_TOKEN);
	assert_true(session_refused(it.view, r.with));
	assert_int_equal(acquire(&r, 1), DECISION_WAITS);
	at(1000);
	assert_int_equal(it.n, 1);
	assert_int_equal(it.mails[0].event, SESSION_ASKED);
	assert_int_equal(it.mails[0].generation, 1);
	/* the broker has heard of it */
	s = snapshot_of(1);
	s->spent = true;
	publish(s);
	assert_int_equal(r.woken, 0);
	assert_int_equal(acquire(&next, 0), DECISION_WAITS);
	publish(snapshot_of(2));
	assert_int_equal(r.woken, 1);
	assert_int_equal(r.answer, DECISION_TOKEN);
	assert_int_equal(r.with->generation, 2);
	assert_int_equal(next.woken, 1);
	done(&r);
	done(&next);
}

static void refused_of_an_older_token_has_a_newer_one(void **state)
{
	struct request r = { 0 };
	struct snapshot *old = snapshot_of(1);

	(void)state;
	publish(snapshot_of(2));
	assert_true(session_refused(it.view, old));
	assert_int_equal(acquire(&r, 1), DECISION_TOKEN);
	assert_int_equal(r.with->generation, 2);
	assert_int_equal(it.n, 0);
	snapshot_unref(&old);
	done(&r);
}

static void refused_passes_on_where_the_renewal_fails(void **state)
{
	struct request r = { 0 }, next = { 0 };
	struct snapshot *s;

	(void)state;
	publish(snapshot_of(1));
	assert_int_equal(acquire(&r, 1), DECISION_WAITS);
	s = snapshot_of(1);
	s->spent = true;
	publish(s);
	assert_int_equal(acquire(&next, 0), DECISION_WAITS);
	s = snapshot_of(1);
	s->failures = 1;
	s->failure.status = 502;
	s->failure.retry_at = 2000;
	publish(s);
	assert_int_equal(r.woken, 1);
	assert_int_equal(r.answer, DECISION_TOKEN);
	assert_int_equal(r.with->generation, 1);
	assert_int_equal(next.woken, 1);
	assert_int_equal(next.answer, DECISION_TOKEN);
	/* during the pause there is no use in it */
	assert_false(session_refused(it.view, r.with));
	at(2000);
	assert_true(session_refused(it.view, r.with));
	done(&r);
	done(&next);
}

static void refused_passes_on_where_nothing_renews(void **state)
{
	struct request r = { 0 };
	struct snapshot *s = snapshot_of(1);

	(void)state;
	s->renewable = false;
	publish(s);
	assert_int_equal(acquire(&r, 0), DECISION_TOKEN);
	assert_false(session_refused(it.view, r.with));
	assert_int_equal(acquire(&r, 1), DECISION_TOKEN);
	assert_int_equal(r.with->generation, 1);
	at(1000);
	assert_int_equal(it.n, 0);
	done(&r);
}

/* A publication that came before the broker heard of it. */
static void refused_is_told_once_more(void **state)
{
	struct request r = { 0 };

	(void)state;
	publish(snapshot_of(1));
	assert_int_equal(acquire(&r, 1), DECISION_WAITS);
	publish(snapshot_of(1));
	assert_int_equal(r.woken, 0);
	assert_int_equal(it.n, 2);
	assert_int_equal(it.mails[1].event, SESSION_ASKED);
	assert_int_equal(it.mails[1].generation, 1);
	publish(snapshot_of(2));
	assert_int_equal(r.woken, 1);
	done(&r);
}

static void refuse_at_once(struct request *r)
{
	r->then = NULL;
	assert_int_equal(acquire(r, 2), DECISION_WAITS);
}

/* Who goes on waiting stays before who comes in the meantime. */
static void order_of_those_who_go_on_waiting(void **state)
{
	struct request first = { .then = refuse_at_once }, second = { 0 };
	struct snapshot *s = snapshot_of(2);

	(void)state;
	s->spent = true;
	publish(s);
	assert_int_equal(acquire(&first, 0), DECISION_WAITS);
	assert_int_equal(acquire(&second, 2), DECISION_WAITS);
	publish(snapshot_of(2));
	assert_int_equal(first.woken, 1);
	assert_int_equal(second.woken, 0);
	turns = 0;
	publish(snapshot_of(3));
	assert_int_equal(second.turn, 0);
	assert_int_equal(first.turn, 1);
	done(&first);
	done(&second);
}

static void hold_passes_refusals_on(void **state)
{
	struct request r = { 0 }, parked = { 0 };
	struct snapshot *s;

	(void)state;
	publish(snapshot_of(2));
	assert_int_equal(acquire(&r, 0), DECISION_TOKEN);
	assert_int_equal(acquire(&parked, 2), DECISION_WAITS);
	session_refused_again(it.view, r.with);
	session_refused_again(it.view, r.with);
	at(1000);
	assert_int_equal(it.n, 2);
	assert_int_equal(it.mails[1].event, SESSION_REFUSED_AGAIN);
	assert_int_equal(it.mails[1].generation, 2);
	s = snapshot_of(2);
	s->hold_until = 11000;
	s->probation = true;
	publish(s);
	assert_int_equal(parked.woken, 1);
	assert_int_equal(parked.with->generation, 2);
	assert_false(session_refused(it.view, r.with));
	session_refused_again(it.view, r.with);
	at(11000);
	assert_int_equal(it.n, 2);
	assert_true(session_refused(it.view, r.with));
	/* of another generation it says nothing */
	publish(snapshot_of(3));
	session_refused_again(it.view, r.with);
	at(11000);
	assert_int_equal(it.n, 2);
	done(&r);
	done(&parked);
}

static void acceptance_is_told_on_probation_only(void **state)
{
	struct request r = { 0 };
	struct snapshot *s;

	(void)state;
	publish(snapshot_of(2));
	assert_int_equal(acquire(&r, 0), DECISION_TOKEN);
	session_accepted(it.view, r.with);
	at(1000);
	assert_int_equal(it.n, 0);
	s = snapshot_of(2);
	s->probation = true;
	publish(s);
	for (int i = 0; i < 3; i++)
		session_accepted(it.view, r.with);
	at(1000);
	assert_int_equal(it.n, 1);
	assert_int_equal(it.mails[0].event, SESSION_ACCEPTED);
	assert_int_equal(it.mails[0].generation, 2);
	s = snapshot_of(3);
	s->probation = true;
	publish(s);
	session_accepted(it.view, r.with);
	at(1000);
	assert_int_equal(it.n, 1);
	done(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(refused_waits_for_a_newer_token),
		TEST(refused_of_an_older_token_has_a_newer_one),
		TEST(refused_passes_on_where_the_renewal_fails),
		TEST(refused_passes_on_where_nothing_renews),
		TEST(refused_is_told_once_more),
		TEST(order_of_those_who_go_on_waiting),
		TEST(hold_passes_refusals_on),
		TEST(acceptance_is_told_on_probation_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
