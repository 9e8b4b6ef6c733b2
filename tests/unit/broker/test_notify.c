/* SPDX-License-Identifier: MIT */
/* What is told of sessions, how often and in which order: notify_url is the
 * endpoint, and the tests make of the sessions what they like. */
#include "broker/broker_threadless.h"

#include "base/limits.h"
#include "broker/notice.h"
#include "broker/notify.h"

enum { A, B, WEB = 6 };

/* clang-format off */
static const char text[] =
	"[proxy]\nnotify_url = http://127.0.0.1:@/notice\n"
	SERVICE("a") SERVICE("b") SERVICE("c") SERVICE("d") SERVICE("e")
	SERVICE("f")
	"[service web]\nupstream = https://web.example.com\n"
	"grant_type = authorization_code\nclient_id = web\n"
	"authorization_endpoint = https://as.example.com/authorize\n"
	"token_endpoint = https://as.example.com/token\n"
	"login_warning = 2h\n";
/* clang-format on */

static struct session *session(size_t service)
{
	return &turns_entry(service)->session;
}

static void fails(size_t service)
{
	session(service)->failure.status = 503;
	session(service)->failure.error = "destination_unavailable";
	broker_act(turns_entry(service), SESSION_PUBLISH);
}

static void no_failure(size_t service)
{
	session(service)->failure = (struct session_failure){ 0 };
	broker_act(turns_entry(service), SESSION_PUBLISH);
}

static void new_token(size_t service)
{
	struct session *s = session(service);

	token_unref(&s->token);
	s->token = token_of("tok", 3600, clock_wall_ms());
	s->generation++;
	no_failure(service);
}

/* Nothing has been told yet; but WEB waits for its first login, which the
 * tests make as if it had been. */
static void begin(int delay)
{
	turns_begin(text);
	turns_plan(204, "", delay);
	new_token(WEB);
	it.broker->entries[WEB].notified.generation = session(WEB)->generation;
	notify_start(it.broker);
	turn_for(1);
	assert_true(it.broker->notices.on);
}

/* All that is to be told is, and it was so much, all in all. */
static void told(int n)
{
	const struct notices *notices = &it.broker->notices;
	int64_t end = clock_ms() + 20000;

	while ((it.broker->context.running > 0) && clock_ms() < end)
		loop_turn(it.broker->context.loop, 5);
	assert_int_equal(notices->nwaiting, 0);
	assert_int_equal(notices->nrunning, 0);
	assert_int_equal(turns_asked(), n);
}

static void last_is(const char *event)
{
	assert_non_null(strstr(endpoint_seen(it.endpoint), event));
}

static void each_state_once(void **state)
{
	(void)state;
	begin(0);
	new_token(A);
	told(0);
	fails(A);
	fails(A);
	told(1);
	last_is("\"event\":\"session_failing\",\"service\":\"a\"");
	new_token(A);
	new_token(A);
	told(2);
	last_is("\"event\":\"session_recovered\",\"service\":\"a\"");
	fails(A);
	told(3);
	session(A)->failure.waits = true;
	broker_act(turns_entry(A), SESSION_PUBLISH);
	told(4);
	last_is("login_needed");
	turns_end();
}

/* That nothing is wrong yet is not that it works again. */
static void it_works_with_a_new_token(void **state)
{
	(void)state;
	begin(0);
	new_token(A);
	fails(A);
	no_failure(A);
	fails(A);
	told(1);
	no_failure(A);
	new_token(A);
	told(2);
	last_is("session_recovered");
	turns_end();
}

/* Whatever is under way tells nothing before its end. */
static void not_while_it_is_busy(void **state)
{
	(void)state;
	begin(0);
	session(A)->work = SESSION_RENEWS;
	fails(A);
	told(0);
	session(A)->work = SESSION_RESTS;
	broker_act(turns_entry(A), 0);
	told(1);
	turns_end();
}

static void few_at_a_time(void **state)
{
	(void)state;
	begin(100);
	for (size_t i = 0; i < WEB; i++)
		fails(i);
	told(WEB);
	assert_true(atomic_load(&it.endpoint->most_at_once) <= LIMIT_NOTICES);
	turns_end();
}

/* One after the other, in the order in which it happened. */
static void order_of_a_session(void **state)
{
	(void)state;
	begin(50);
	fails(A);
	new_token(A);
	fails(A);
	fails(B);
	assert_int_equal(it.broker->notices.nwaiting, 4);
	turn_until_asked(2);
	/* b's does not wait for a's second one */
	assert_int_equal(it.broker->notices.nwaiting, 2);
	told(4);
	last_is("\"event\":\"session_failing\",\"service\":\"a\"");
	assert_true(atomic_load(&it.endpoint->most_at_once) <= 2);
	turns_end();
}

static void no_more_wait_than_may(void **state)
{
	(void)state;
	begin(0);
	for (int i = 0; i < LIMIT_NOTICES_WAITING; i++) {
		fails(A);
		new_token(A);
	}
	assert_int_equal(it.broker->notices.nwaiting, LIMIT_NOTICES_WAITING);
	fails(B);
	assert_int_equal(it.broker->notices.nwaiting, LIMIT_NOTICES_WAITING);
	list_each_safe(node, &it.broker->notices.waiting) {
		struct notice *n = list_entry(node, struct notice, node);

		notice_free(&n);
		it.broker->context.running--;
	}
	it.broker->notices.nwaiting = 0;
	/* what could not wait is told now */
	loop_task_add(it.broker->context.loop, &it.broker->notices.turn);
	turn_until_asked(1);
	told(1);
	last_is("\"event\":\"session_failing\",\"service\":\"b\"");
	turns_end();
}

/* The daemon starts again with what the store has. */
static void restart(const char *login_id)
{
	struct fault f;

	told(turns_asked());
	keeper_stop(&it.keeper);
	broker_end(it.broker);
	broker_free(&it.broker);
	it.broker = broker_new(it.services, it.store, &f);
	assert_non_null(it.broker);
	it.keeper = keeper_start(it.store, &f);
	assert_non_null(it.keeper);
	it.broker->context.store = NULL;
	it.broker->context.keeper = it.keeper;
	(void)snprintf(session(A)->login_id, LOGIN_ID_SIZE, "%s", login_id);
	notify_start(it.broker);
	turn_for(1);
}

static void restarts_tell_nothing_again(void **state)
{
	(void)state;
	begin(0);
	strcpy(session(A)->login_id, "one");
	new_token(WEB);
	fails(A);
	told(1);
	restart("one");
	told(2); /* web has no token any more, and waits for a login */
	last_is("login_needed");
	fails(A);
	told(2);
	restart("one");
	told(2);
	new_token(A);
	told(3);
	last_is("session_recovered");
	restart("one");
	new_token(A);
	told(3);
	turns_end();
}

/* It is there before anybody is told. */
static void store_has_it_first(void **state)
{
	ATTR_CLEANUP(buf_fini) struct buf value = BUF_INIT(1024);
	ATTR_CLEANUP(buf_fini) struct buf id = BUF_INIT(256);
	struct fault f;

	(void)state;
	begin(0);
	fails(A);
	/* one more write, which does not end */
	turns_entry(A)->notified.writes++;
	turn_for(100);
	assert_int_equal(turns_asked(), 0);
	turns_entry(A)->notified.writes--;
	loop_task_add(it.broker->context.loop, &it.broker->notices.turn);
	told(1);
	keeper_stop(&it.keeper);
	buf_addf(&id, "notified:%s", it.services->v[A]->identity);
	assert_int_equal(store_get(it.store, buf_str(&id), &value, &f), 1);
	assert_non_null(strstr(buf_z(&value), "session_failing"));
	turns_end();
}

/* Another login than the one of which it was told. */
static void login_that_was_not_told(void **state)
{
	struct notified *n;
	struct fault f;

	(void)state;
	begin(0);
	strcpy(session(A)->login_id, "one");
	fails(A);
	told(1);
	restart("one");
	n = &turns_entry(A)->notified;
	assert_int_equal(n->state, NOTIFIED_FAILING);
	new_token(A);
	told(3); /* and web's */
	fails(A);
	told(4);
	keeper_stop(&it.keeper);
	strcpy(session(A)->login_id, "two");
	session(A)->failure = (struct session_failure){ 0 };
	memset(n, 0, sizeof(*n));
	assert_int_equal(notify_restore(turns_entry(A), it.store, &f), 0);
	assert_int_equal(n->state, NOTIFIED_FAILING);
	it.keeper = keeper_start(it.store, &f);
	it.broker->context.keeper = it.keeper;
	broker_act(turns_entry(A), SESSION_PUBLISH);
	told(5); /* its token is not new, but its login is */
	last_is("session_recovered");
	turns_end();
}

static void ends_in(int64_t life)
{
	struct session *s = session(WEB);

	s->end.life = life;
	s->end.given = clock_ms();
	s->end.given_wall = clock_wall_ms();
	broker_act(turns_entry(WEB), SESSION_PUBLISH);
}

static void end_of_a_login(void **state)
{
	const int64_t hour = 3600 * 1000;
	struct entry *web;
	struct fault f;

	(void)state;
	begin(0);
	web = turns_entry(WEB);
	session(WEB)->refresh_token = secret_new(STR("again"));
	strcpy(session(WEB)->login_id, "one");
	ends_in(30 * 24 * hour);
	told(0);
	ends_in(hour);
	told(1);
	last_is("\"event\":\"login_expires_soon\",\"service\":\"web\"");
	last_is("\"expires_at\":\"20");
	/* it moves with each refresh */
	ends_in(hour + hour / 2);
	ends_in(hour / 2);
	told(1);
	/* far away, and near again */
	ends_in(3 * hour);
	ends_in(hour);
	told(2);
	/* another login */
	strcpy(session(WEB)->login_id, "two");
	ends_in(hour);
	told(3);
	/* after a start: the same, and another one that nobody has seen */
	keeper_stop(&it.keeper);
	assert_int_equal(notify_restore(web, it.store, &f), 0);
	assert_true(web->notified.expires_soon);
	strcpy(web->session.login_id, "three");
	assert_int_equal(notify_restore(web, it.store, &f), 0);
	assert_false(web->notified.expires_soon);
	turns_end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_state_once),
		cmocka_unit_test(it_works_with_a_new_token),
		cmocka_unit_test(not_while_it_is_busy),
		cmocka_unit_test(few_at_a_time),
		cmocka_unit_test(order_of_a_session),
		cmocka_unit_test(no_more_wait_than_may),
		cmocka_unit_test(restarts_tell_nothing_again),
		cmocka_unit_test(store_has_it_first),
		cmocka_unit_test(login_that_was_not_told),
		cmocka_unit_test(end_of_a_login),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
