/* SPDX-License-Identifier: MIT */
/* Errands: what waits until a session is not busy. */
#include "broker/broker_int.h"

#include "broker/login_fixture.h"

/* What was run, in order. */
static char order[32];

struct runner {
	struct entry_wait wait;
	char name;
	bool makes_busy;
	struct runner *cancels, *adds;
};

static void note(char name)
{
	size_t n = strlen(order);

	assert_true(n + 1 < sizeof(order));
	order[n] = name;
	order[n + 1] = '\0';
}

static void run(void *arg, struct entry *p)
{
	struct runner *r = arg;

	assert_ptr_equal(p, entry(MACHINE));
	assert_false(session_is_busy(&p->session));
	assert_false(r->wait.waits);
	note(r->name);
	if (r->makes_busy)
		p->session.work = SESSION_RENEWS;
	if (r->cancels)
		entry_wait_cancel(&r->cancels->wait);
	if (r->adds)
		entry_wait(p, &r->adds->wait, run, r->adds);
	note('.');
}

static void add(struct runner *r)
{
	entry_wait(entry(MACHINE), &r->wait, run, r);
}

static void busy(bool is)
{
	session(MACHINE)->work = is ? SESSION_RENEWS : SESSION_RESTS;
	if (!is)
		entry_settle(entry(MACHINE));
}

static int begin_order(void **state)
{
	order[0] = '\0';
	return set_up(state);
}

static void runs_at_once_where_nothing_is_under_way(void **state)
{
	struct runner a = { .name = 'a' };

	(void)state;
	add(&a);
	assert_string_equal(order, "a.");
	assert_false(a.wait.waits);
	/* and may be used again */
	add(&a);
	assert_string_equal(order, "a.a.");
}

static void waits_while_busy_and_keeps_the_order(void **state)
{
	struct runner a = { .name = 'a' }, b = { .name = 'b' },
		      c = { .name = 'c' };

	(void)state;
	busy(true);
	add(&a);
	add(&b);
	add(&c);
	entry_settle(entry(MACHINE));
	assert_string_equal(order, "");
	assert_true(a.wait.waits && b.wait.waits && c.wait.waits);
	busy(false);
	assert_string_equal(order, "a.b.c.");
}

static void one_that_makes_it_busy_stops_those_behind_it(void **state)
{
	struct runner a = { .name = 'a' },
		      b = { .name = 'b', .makes_busy = true },
		      c = { .name = 'c' };

	(void)state;
	busy(true);
	add(&a);
	add(&b);
	add(&c);
	busy(false);
	assert_string_equal(order, "a.b.");
	assert_true(c.wait.waits);
	busy(false);
	assert_string_equal(order, "a.b.c.");
}

static void cancelled_one_is_not_run(void **state)
{
	struct runner a = { .name = 'a' }, b = { .name = 'b' };

	(void)state;
	entry_wait_cancel(&a.wait); /* at rest */
	busy(true);
	add(&a);
	add(&b);
	entry_wait_cancel(&a.wait);
	entry_wait_cancel(&a.wait);
	assert_false(a.wait.waits);
	busy(false);
	assert_string_equal(order, "b.");
}

static void one_may_cancel_the_next(void **state)
{
	struct runner c = { .name = 'c' }, b = { .name = 'b' },
		      a = { .name = 'a', .cancels = &b };

	(void)state;
	busy(true);
	add(&a);
	add(&b);
	add(&c);
	busy(false);
	assert_string_equal(order, "a.c.");
}

/* What began is told of before the next begins. */
static void one_may_go_before_the_others(void **state)
{
	struct runner a = { .name = 'a', .makes_busy = true },
		      b = { .name = 'b' }, c = { .name = 'c' };

	(void)state;
	busy(true);
	add(&a);
	add(&b);
	entry_wait_first(entry(MACHINE), &c.wait, run, &c);
	busy(false);
	assert_string_equal(order, "c.a.");
	entry_wait_first(entry(MACHINE), &c.wait, run, &c);
	assert_string_equal(order, "c.a.");
	busy(false);
	assert_string_equal(order, "c.a.c.b.");
	entry_wait_first(entry(MACHINE), &c.wait, run, &c);
	assert_string_equal(order, "c.a.c.b.c.");
}

/* What one adds runs behind it, not within it. */
static void one_may_add_another(void **state)
{
	struct runner c = { .name = 'c' }, b = { .name = 'b' },
		      a = { .name = 'a', .adds = &c };

	(void)state;
	busy(true);
	add(&a);
	add(&b);
	busy(false);
	assert_string_equal(order, "a.b.c.");
	order[0] = '\0';
	add(&a);
	assert_string_equal(order, "a.c.");
}

/* --- for a token --- */

static char had[32];

static void on_token(void *arg, struct entry *p)
{
	struct token *t = session_token(&p->session, now());

	assert_ptr_equal(arg, had);
	snprintf(had, sizeof(had), "%.*s",
		 STR_ARGS(secret_expose(t ? t->access_token : NULL)));
	note('!');
}

static void token_that_is_there_is_taken(void **state)
{
	struct entry_wait e = { 0 };

	(void)state;
	give(MACHINE, "present", NULL, 600);
	entry_wait_token(entry(MACHINE), &e, on_token, had);
	assert_string_equal(order, "!");
	assert_string_equal(had, "present");
	assert_int_equal(asked(), 0);
}

static void token_is_asked_for(void **state)
{
	struct entry_wait e = { 0 };

	(void)state;
	serve(200, TOKEN_ONLY);
	entry_wait_token(entry(MACHINE), &e, on_token, had);
	assert_string_equal(order, "");
	UNTIL(order[0]);
	assert_string_equal(had, "tok1");
	assert_int_equal(asked(), 1);
}

/* All that want it share the one request. */
static void token_is_asked_for_once(void **state)
{
	struct entry_wait e[3] = { 0 };

	(void)state;
	serve_late(200, TOKEN_ONLY, 30);
	for (int i = 0; i < 3; i++)
		entry_wait_token(entry(MACHINE), &e[i], on_token, had);
	UNTIL(strlen(order) == 3);
	assert_int_equal(asked(), 1);
}

static void failure_is_an_answer_too(void **state)
{
	struct entry_wait e = { 0 };

	(void)state;
	serve(400, ERROR("invalid_client"));
	strcpy(had, "?");
	entry_wait_token(entry(MACHINE), &e, on_token, had);
	UNTIL(order[0]);
	assert_string_equal(had, "");
	assert_int_equal(session(MACHINE)->failure.status, 502);
	/* and at once, while the pause lasts */
	entry_wait_token(entry(MACHINE), &e, on_token, had);
	assert_string_equal(order, "!!");
	assert_int_equal(asked(), 1);
}

static void nobody_has_logged_in(void **state)
{
	struct entry_wait e = { 0 };

	(void)state;
	entry_wait_token(entry(WEB), &e, on_token, had);
	assert_string_equal(order, "!");
	assert_string_equal(had, "");
	assert_int_equal(asked(), 0);
}

/* It waits when everything ends. */
static void waits_for_ever(void **state)
{
	struct runner a = { .name = 'a' };

	(void)state;
	busy(true);
	add(&a);
	entry_wait_cancel(&a.wait);
	entry_wait(entry(MACHINE), &entry(WEB)->subject, run, &a);
	end();
	assert_string_equal(order, "");
}

#define ERRAND(name) \
	cmocka_unit_test_setup_teardown(name, begin_order, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ERRAND(runs_at_once_where_nothing_is_under_way),
		ERRAND(waits_while_busy_and_keeps_the_order),
		ERRAND(one_that_makes_it_busy_stops_those_behind_it),
		ERRAND(cancelled_one_is_not_run),
		ERRAND(one_may_cancel_the_next),
		ERRAND(one_may_go_before_the_others),
		ERRAND(one_may_add_another),
		ERRAND(token_that_is_there_is_taken),
		ERRAND(token_is_asked_for),
		ERRAND(token_is_asked_for_once),
		ERRAND(failure_is_an_answer_too),
		ERRAND(nobody_has_logged_in),
		ERRAND(waits_for_ever),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
