/* SPDX-License-Identifier: MIT */
/* How many logins there may be, each bound at its edge. */
#include "broker/login_limit.h"

#include "base/limits.h"
#include "broker/login_fixture.h"

/* Of those that commands began: one user's. */
static void oldest_of_too_many_commands_goes(void **state)
{
	struct told *t = mem_array(LIMIT_LOGINS_COMMAND + 2, sizeof(*t));
	struct told other;

	(void)state;
	login(OTHER, LOGIN_BROWSER, &other);
	for (int i = 0; i < LIMIT_LOGINS_COMMAND; i++)
		login(WEB, LOGIN_BROWSER, &t[i]);
	assert_int_equal(attempts(), LIMIT_LOGINS_COMMAND + 1);
	assert_false(t[0].ended);
	login(WEB, LOGIN_BROWSER, &t[LIMIT_LOGINS_COMMAND]);
	assert_true(t[0].ended && !t[0].good);
	assert_non_null(strstr(t[0].text, "too many"));
	assert_false(t[1].ended);
	login(WEB, LOGIN_PASTE, &t[LIMIT_LOGINS_COMMAND + 1]);
	assert_true(t[1].ended);
	assert_false(t[2].ended);
	/* that of the other service is older than all of them */
	assert_false(other.ended);
	assert_int_equal(attempts(), LIMIT_LOGINS_COMMAND + 1);
	mem_free(t);
}

/* One whose person is back is no more counted, and does not go. */
static void one_that_is_back_does_not_go(void **state)
{
	struct told t;
	struct shown opened, back;

	(void)state;
	serve_late(200, TOKEN_ONLY, 300);
	open_login(WEB, "", &opened);
	bring_code(&opened, &back);
	for (int i = 0; i < LIMIT_LOGINS_COMMAND; i++) {
		struct fault f;

		assert_non_null(
			login_begin(entry(WEB), LOGIN_BROWSER, NULL, NULL, &f));
	}
	assert_int_equal(attempts(), LIMIT_LOGINS_COMMAND + 1);
	UNTIL(back.n == 1);
	assert_int_equal(back.status, 200);
	login(WEB, LOGIN_BROWSER, &t);
	assert_false(t.ended);
}

/* A person's begun login stays, whoever opens pages there meanwhile, and each
 * that is opened works. */
static void a_flood_of_an_address(void **state)
{
	struct shown first, mine, theirs, back;

	(void)state;
	serve(200, TOKEN_ONLY);
	open_login_from(WEB, "", "192.0.2.7", &first);
	forward(2000);
	open_login_from(WEB, "", "192.0.2.7", &theirs);
	forward(2000);
	open_login_from(WEB, "", "192.0.2.7", &mine);
	forward(2000);
	for (int i = 0; i < 300; i++) {
		open_login_from(i % 2 ? WEB : OTHER, "", "192.0.2.7", &theirs);
		assert_int_equal(theirs.status, 303);
	}
	assert_int_equal(attempts(), LIMIT_LOGINS_ADDRESS);
	for (struct shown *s = &first; s; s = s == &first ? &mine : NULL) {
		bring_code(s, &back);
		UNTIL(back.n == 1);
		assert_int_equal(back.status, 200);
	}
	bring_code(&theirs, &back);
	UNTIL(back.n == 1);
	assert_int_equal(back.status, 200);
	assert_int_equal(attempts(), LIMIT_LOGINS_ADDRESS - 3);
}

/* The newest ones all work, even of a burst. */
static void the_newest_of_an_address(void **state)
{
	struct shown s[3 * LIMIT_LOGINS_ADDRESS], back;
	int n = sizeof(s) / sizeof(s[0]);

	(void)state;
	serve(200, TOKEN_ONLY);
	for (int i = 0; i < n; i++)
		open_login_from(WEB, "", "192.0.2.7", &s[i]);
	for (int i = n - LIMIT_LOGINS_RECENT; i < n; i++) {
		bring_code(&s[i], &back);
		UNTIL(back.n == 1);
		assert_int_equal(back.status, 200);
	}
}

static void open_many(size_t service, int addresses, int each,
		      struct shown *last)
{
	char from[32];

	for (int i = 0; i < addresses; i++) {
		for (int n = 0; n < each; n++) {
			snprintf(from, sizeof(from), "10.%zu.0.%d", service,
				 i);
			open_login_from(service, "", from, last);
		}
	}
}

/* Of many addresses. */
static void a_flood_of_a_service(void **state)
{
	struct shown mine, theirs, back;
	int n = LIMIT_LOGINS_SERVICE / LIMIT_LOGINS_ADDRESS;

	(void)state;
	serve(200, TOKEN_ONLY);
	open_login(WEB, "", &mine);
	open_many(WEB, n - 1, LIMIT_LOGINS_ADDRESS, &theirs);
	open_many(WEB, n, LIMIT_LOGINS_ADDRESS - 1, &theirs);
	open_login_from(WEB, "", "192.0.2.8", &theirs);
	assert_int_equal(theirs.status, 503);
	assert_int_equal(attempts(), LIMIT_LOGINS_SERVICE);
	open_login_from(OTHER, "", "192.0.2.8", &theirs);
	assert_int_equal(theirs.status, 303);
	bring_code(&mine, &back);
	UNTIL(back.n == 1);
	assert_int_equal(back.status, 200);
}

/* Nobody fills the memory with answers that wait for a server that does not
 * speak; who is turned away has lost nothing. */
static void too_many_that_are_back_wait(void **state)
{
	struct shown opened, last;
	struct shown *back = mem_array(LIMIT_LOGINS_BACK, sizeof(*back));

	(void)state;
	serve_late(200, TOKEN_ONLY, 100);
	for (int i = 0; i < LIMIT_LOGINS_BACK; i++) {
		open_login(WEB, "", &opened);
		bring_code(&opened, &back[i]);
		assert_int_equal(back[i].n, 0);
	}
	open_login(WEB, "", &opened);
	bring_code(&opened, &last);
	assert_int_equal(last.status, 503);
	assert_int_equal(attempts(), LIMIT_LOGINS_BACK + 1);
	UNTIL(back[0].n == 1);
	bring_code(&opened, &last);
	assert_int_equal(last.n, 0);
	assert_int_equal(attempts(), LIMIT_LOGINS_BACK);
	logins_end(&it.broker->logins);
	mem_free(back);
}

/* So many at once, then one a period, of each service. */
static void calls_at_the_server(void **state)
{
	struct fault f;

	(void)state;
	for (int i = 0; i < LIMIT_LOGIN_CALLS; i++)
		assert_int_equal(login_limit_ask(entry(WEB), &f), 0);
	assert_int_equal(login_limit_ask(entry(WEB), &f), -1);
	assert_int_equal(login_limit_ask(entry(OTHER), &f), 0);
	forward(LIMIT_LOGIN_CALL_PERIOD / 4);
	assert_int_equal(login_limit_ask(entry(WEB), &f), -1);
	forward(LIMIT_LOGIN_CALL_PERIOD);
	assert_int_equal(login_limit_ask(entry(WEB), &f), 0);
	assert_int_equal(login_limit_ask(entry(WEB), &f), -1);
	forward(10 * LIMIT_LOGIN_CALLS * LIMIT_LOGIN_CALL_PERIOD);
	for (int i = 0; i < LIMIT_LOGIN_CALLS; i++)
		assert_int_equal(login_limit_ask(entry(WEB), &f), 0);
	assert_int_equal(login_limit_ask(entry(WEB), &f), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(oldest_of_too_many_commands_goes),
		TEST(one_that_is_back_does_not_go),
		TEST(too_many_that_are_back_wait),
		TEST(a_flood_of_an_address),
		TEST(the_newest_of_an_address),
		TEST(a_flood_of_a_service),
		TEST(calls_at_the_server),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
