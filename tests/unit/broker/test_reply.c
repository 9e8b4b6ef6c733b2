/* SPDX-License-Identifier: MIT */
/* What a token endpoint's answer says beside the token. */
#include "broker/broker_threadless.h"

static const char text[] = "[service a]\nupstream = https://a.example.com\n"
			   "grant_type = client_credentials\n"
			   "client_id = demo\ntoken_timeout = 2s\n"
			   "issuer = http://127.0.0.1:@\n";

static int set_up(void **state)
{
	(void)state;
	clock_fake(clock_ms(), clock_wall_ms());
	turns_begin(text);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	turns_end();
	clock_real();
	return 0;
}

static void ask(void)
{
	struct entry *e = turns_entry(0);

	broker_act(e, session_asked(&e->session, 0, entry_now(e)));
	for (int turns = 0; session_is_busy(&e->session) && turns < 1000;
	     turns++)
		loop_turn(it.broker->context.loop, 10);
	assert_false(session_is_busy(&e->session));
}

/* The token endpoint that the metadata names is not there any more: the
 * metadata is asked for anew. */
static void endpoint_that_is_gone(void **state)
{
	struct entry *e = turns_entry(0);
	char document[2][256];

	(void)state;
	for (int i = 0; i < 2; i++) {
		snprintf(document[i], sizeof(document[i]),
			 "{\"issuer\":\"http://127.0.0.1:%s\","
			 "\"token_endpoint\":\"http://127.0.0.1:%s/%s\"}",
			 it.endpoint->port, it.endpoint->port,
			 i == 0 ? "gone" : "token");
	}
	turns_plan(200, document[0], 0);
	turns_plan(200, "{\"access_token\":\"tok\",\"expires_in\":60}", 0);
	ask();
	assert_int_equal(turns_asked(), 2);
	turns_plan_anew();
	turns_plan(404, "", 0);
	turns_plan(200, document[1], 0);
	turns_plan(200, "{\"access_token\":\"other\",\"expires_in\":600}", 0);
	clock_fake(clock_ms() + 120000, clock_wall_ms() + 120000);
	loop_turn(it.broker->context.loop, 0);
	ask();
	assert_int_equal(e->session.failure.status, 502);
	assert_int_equal(turns_asked(), 3);
	clock_fake(e->session.pause.until, clock_wall_ms() + 120000);
	loop_turn(it.broker->context.loop, 0);
	ask();
	assert_int_equal(turns_asked(), 5);
	assert_non_null(strstr(endpoint_seen(it.endpoint), "POST /token "));
	assert_non_null(session_token(&e->session, entry_now(e)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(endpoint_that_is_gone, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
