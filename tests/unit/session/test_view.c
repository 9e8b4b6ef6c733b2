/* SPDX-License-Identifier: MIT */
#include "session/view.h"

#include "session/view_fixture.h"

/* --- a token is there --- */

static void usable_token_is_taken_at_once(void **state)
{
	struct request r = { 0 };
	struct snapshot *s = snapshot_of(1), *kept = snapshot_ref(s);

	(void)state;
	publish(s);
	assert_false(atomic_load(&kept->used));
	assert_int_equal(acquire(&r, 0), DECISION_TOKEN);
	assert_ptr_equal(r.with, kept);
	assert_true(atomic_load(&kept->used));
	assert_int_equal(atomic_load(&kept->refs), 3);
	done(&r);
	assert_int_equal(atomic_load(&kept->refs), 2);
	at(1000);
	assert_int_equal(it.n, 0);
	assert_int_equal(atomic_load(&it.queues[0].waiting), 0);
	assert_ptr_equal(session_view_get(it.view, 0), kept);
	snapshot_unref(&kept);
}

static void use_after_renew_at_is_told_once(void **state)
{
	struct request r = { 0 };
	struct snapshot *s = snapshot_of(4);

	(void)state;
	s->renew_at = 2000;
	publish(s);
	at(1999);
	assert_int_equal(acquire(&r, 0), DECISION_TOKEN);
	at(1999);
	assert_int_equal(it.n, 0);
	at(2000);
	for (int i = 0; i < 3; i++)
		assert_int_equal(acquire(&r, 0), DECISION_TOKEN);
	at(2100);
	assert_int_equal(acquire(&r, 0), DECISION_TOKEN);
	at(2100);
	assert_int_equal(it.n, 1);
	assert_int_equal(it.mails[0].event, SESSION_USED);
	assert_int_equal(it.mails[0].generation, 4);
	assert_int_equal(it.mails[0].now, 2000);
	/* a new snapshot: once more */
	s = snapshot_of(4);
	s->renew_at = 2000;
	publish(s);
	assert_int_equal(acquire(&r, 0), DECISION_TOKEN);
	at(2200);
	assert_int_equal(it.n, 2);
	done(&r);
}

/* --- waiting --- */

static void waiters_ask_once_and_wake_in_order(void **state)
{
	struct request r[20] = { { .woken = 0 } };

	(void)state;
	for (int i = 0; i < 20; i++)
		assert_int_equal(acquire(&r[i], 0), DECISION_WAITS);
	at(1000);
	assert_int_equal(it.n, 1);
	assert_int_equal(it.mails[0].event, SESSION_ASKED);
	assert_int_equal(it.mails[0].service, 0);
	assert_int_equal(it.mails[0].generation, 0);
	assert_int_equal(atomic_load(&it.queues[0].waiting), 20);
	turns = 0;
	publish(snapshot_of(1));
	for (int i = 0; i < 20; i++) {
		assert_int_equal(r[i].woken, 1);
		assert_int_equal(r[i].answer, DECISION_TOKEN);
		assert_int_equal(r[i].turn, i);
		assert_int_equal(r[i].with->generation, 1);
		assert_true(atomic_load(&r[i].with->used));
		done(&r[i]);
	}
	assert_int_equal(atomic_load(&it.queues[0].waiting), 0);
}

static void expired_token_is_waited_for(void **state)
{
	struct request r = { 0 };
	struct snapshot *s = snapshot_of(1);

	(void)state;
	s->expires = 1500;
	publish(s);
	at(1500);
	assert_int_equal(acquire(&r, 0), DECISION_WAITS);
	publish(snapshot_of(2));
	assert_int_equal(r.answer, DECISION_TOKEN);
	assert_int_equal(r.with->generation, 2);
	done(&r);
}

/* What has changed but for token and failure wakes nobody, and is asked
 * about once more. */
static void publication_without_an_answer(void **state)
{
	struct request r[3] = { { .woken = 0 } };

	(void)state;
	for (int i = 0; i < 2; i++)
		assert_int_equal(acquire(&r[i], 0), DECISION_WAITS);
	publish(snapshot_of(0));
	assert_int_equal(r[0].woken, 0);
	assert_int_equal(it.n, 2);
	assert_int_equal(it.mails[1].event, SESSION_ASKED);
	assert_int_equal(acquire(&r[2], 0), DECISION_WAITS);
	turns = 0;
	publish(snapshot_of(1));
	for (int i = 0; i < 3; i++) {
		assert_int_equal(r[i].turn, i);
		done(&r[i]);
	}
	assert_int_equal(it.n, 2);
}

static void who_leaves_is_not_woken(void **state)
{
	struct request r[3] = { { .woken = 0 } };

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_int_equal(acquire(&r[i], 0), DECISION_WAITS);
	session_leave(it.view, &r[1].waiter);
	session_leave(it.view, &r[1].waiter);
	assert_int_equal(atomic_load(&it.queues[0].waiting), 2);
	publish(snapshot_of(1));
	assert_int_equal(r[0].woken, 1);
	assert_int_equal(r[1].woken, 0);
	assert_int_equal(r[2].woken, 1);
	for (int i = 0; i < 3; i++)
		done(&r[i]);
}

static void leave_other(struct request *r)
{
	session_leave(it.view, &r->other->waiter);
}

static void park_again(struct request *r)
{
	r->then = NULL;
	assert_int_equal(acquire(r, 1), DECISION_WAITS);
}

static void wake_may_change_who_waits(void **state)
{
	struct request r[4] = { { .woken = 0 } };

	(void)state;
	for (int i = 0; i < 4; i++)
		assert_int_equal(acquire(&r[i], 0), DECISION_WAITS);
	r[0].then = leave_other;
	r[0].other = &r[1];
	r[2].then = park_again; /* refused at once, so to say */
	publish(snapshot_of(1));
	assert_int_equal(r[0].woken, 1);
	assert_int_equal(r[1].woken, 0);
	assert_int_equal(r[2].woken, 1);
	assert_true(r[2].waiter.parked);
	assert_int_equal(r[3].woken, 1);
	assert_int_equal(it.n, 2);
	assert_int_equal(it.mails[1].generation, 1);
	publish(snapshot_of(2));
	assert_int_equal(r[2].woken, 2);
	for (int i = 0; i < 4; i++)
		done(&r[i]);
}

static void too_many_are_turned_away(void **state)
{
	struct request r[4] = { { .woken = 0 } };

	(void)state;
	it.queues[0].max_waiting = 3;
	atomic_fetch_add(&it.queues[0].waiting, 1); /* another worker's */
	assert_int_equal(acquire(&r[0], 0), DECISION_WAITS);
	assert_int_equal(acquire(&r[1], 0), DECISION_WAITS);
	assert_int_equal(acquire(&r[2], 0), DECISION_FULL);
	assert_null(r[2].with);
	assert_int_equal(atomic_load(&it.queues[0].waiting), 3);
	session_leave(it.view, &r[0].waiter);
	assert_int_equal(acquire(&r[2], 0), DECISION_WAITS);
	publish(snapshot_of(1));
	/* a usable token is not waited for */
	atomic_fetch_add(&it.queues[0].waiting, 5);
	assert_int_equal(acquire(&r[3], 0), DECISION_TOKEN);
	for (int i = 0; i < 4; i++)
		done(&r[i]);
}

static void sessions_wait_apart(void **state)
{
	struct request a = { 0 }, b = { 0 };
	struct snapshot *out;

	(void)state;
	assert_int_equal(acquire(&a, 0), DECISION_WAITS);
	b.waiter.wake = on_wake;
	b.waiter.arg = &b;
	assert_int_equal(session_acquire(it.view, 1, 0, &b.waiter, &out),
			 DECISION_WAITS);
	at(1000);
	assert_int_equal(it.n, 2);
	assert_int_equal(it.mails[1].service, 1);
	publish(snapshot_of(1));
	assert_int_equal(a.woken, 1);
	assert_int_equal(b.woken, 0);
	session_leave(it.view, &b.waiter);
	done(&a);
}

/* --- failures --- */

static struct snapshot *failing(uint64_t failures, int64_t retry_at)
{
	struct snapshot *s = snapshot_of(0);

	s->state = SESSION_FAILING;
	s->failure.status = 503;
	s->failure.retry_at = retry_at;
	s->failures = failures;
	return s;
}

static void failure_is_told_and_remembered(void **state)
{
	struct request r = { 0 };

	(void)state;
	assert_int_equal(acquire(&r, 0), DECISION_WAITS);
	publish(failing(1, 2000));
	assert_int_equal(r.woken, 1);
	assert_int_equal(r.answer, DECISION_FAILED);
	assert_int_equal(r.with->failure.status, 503);
	at(1999);
	assert_int_equal(acquire(&r, 0), DECISION_FAILED);
	assert_int_equal(r.with->failure.status, 503);
	assert_false(atomic_load(&r.with->used));
	assert_int_equal(it.n, 1);
	at(2000);
	assert_int_equal(acquire(&r, 0), DECISION_WAITS);
	at(2000);
	assert_int_equal(it.n, 2);
	publish(failing(2, 4000));
	assert_int_equal(r.woken, 2);
	done(&r);
}

/* The worker was busy until the pause, or the token, was over. */
static void news_that_come_late_are_news(void **state)
{
	struct request r = { 0 };
	struct snapshot *s;

	(void)state;
	assert_int_equal(acquire(&r, 0), DECISION_WAITS);
	s = failing(1, 2000);
	at(9000);
	publish(s);
	assert_int_equal(r.woken, 1);
	assert_int_equal(r.answer, DECISION_FAILED);
	assert_int_equal(acquire(&r, 0), DECISION_WAITS);
	/* the same failure again is none */
	s = failing(1, 2000);
	s->made = 1000;
	publish(s);
	assert_int_equal(r.woken, 1);
	s = snapshot_of(1);
	s->expires = 9001;
	at(9500);
	publish(s);
	assert_int_equal(r.woken, 2);
	assert_int_equal(r.answer, DECISION_TOKEN);
	assert_int_equal(acquire(&r, 0), DECISION_WAITS);
	session_leave(it.view, &r.waiter);
	done(&r);
}

/* --- life --- */

static void mail_to_a_view_that_is_gone(void **state)
{
	struct snapshot *s = snapshot_of(1);

	(void)state;
	session_view_publish(it.view, s);
	session_view_free(&it.view);
	assert_null(it.view);
	session_view_free(&it.view);
	assert_int_equal(atomic_load(&s->refs), 2);
	mailbox_drain(it.worker);
	assert_int_equal(atomic_load(&s->refs), 1);
	snapshot_unref(&s);
}

static void detached_view_tells_nobody(void **state)
{
	struct request r = { 0 };

	(void)state;
	session_view_detach(it.view);
	assert_int_equal(acquire(&r, 0), DECISION_WAITS);
	assert_int_equal(atomic_load(&it.queues[0].waiting), 0);
	at(1000);
	assert_int_equal(it.n, 0);
	session_leave(it.view, &r.waiter);
}

static void list_of_views(void **state)
{
	struct list views = LIST_INIT(views);

	(void)state;
	list_push(&views, session_view_node(it.view));
	assert_ptr_equal(session_view_of(views.next), it.view);
	session_view_free(&it.view);
	assert_true(list_empty(&views));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(usable_token_is_taken_at_once),
		TEST(use_after_renew_at_is_told_once),
		TEST(waiters_ask_once_and_wake_in_order),
		TEST(expired_token_is_waited_for),
		TEST(publication_without_an_answer),
		TEST(who_leaves_is_not_woken),
		TEST(wake_may_change_who_waits),
		TEST(too_many_are_turned_away),
		TEST(sessions_wait_apart),
		TEST(failure_is_told_and_remembered),
		TEST(news_that_come_late_are_news),
		TEST(mail_to_a_view_that_is_gone),
		TEST(detached_view_tells_nobody),
		TEST(list_of_views),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
