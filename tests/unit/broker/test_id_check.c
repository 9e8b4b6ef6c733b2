/* SPDX-License-Identifier: MIT */
/* What becomes of a check while its session goes on: the test turns the
 * broker's loop. */
#include "broker/id_check.h"

#include "broker/by_turns.h"

/* clang-format off */
static const char text[] =
	"[service a]\nupstream = https://a.example.com\n"
	"grant_type = authorization_code\nissuer = http://127.0.0.1:@\n"
	"client_id = demo\nscope = openid\n";
/* clang-format on */

#define MINUTE INT64_C(60000)
/* {"alg":"RS256","kid":"x"}, {} */
#define TOKEN	"eyJhbGciOiJSUzI1NiIsImtpZCI6IngifQ.e30.AAAA"
#define NO_KEYS "{\"keys\":[]}"

static int ended, told;
static bool good;
static char words[512];

static int set_up(void **state)
{
	(void)state;
	ended = told = 0;
	clock_fake(clock_ms(), clock_wall_ms());
	turns_begin(text);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	broker_end(it.broker);
	turns_end();
	clock_real();
	return 0;
}

static void plan(const char *body, int delay)
{
	endpoint_plan(it.endpoint, (struct endpoint_answer){
					   .status = 200,
					   .body = body,
					   .delay = delay,
				   });
}

/* The server's metadata with these members more. */
static void plan_metadata(char *room, size_t size, const char *more)
{
	snprintf(room, size,
		 "{\"issuer\":\"http://127.0.0.1:%s\","
		 "\"token_endpoint\":\"http://127.0.0.1:%s/token\"%s}",
		 it.endpoint->port, it.endpoint->port, more);
	plan(room, 0);
}

static void on_found(void *arg, struct entry *p,
		     const struct session_trouble *t)
{
	(void)arg;
	(void)p;
	assert_null(t);
	told++;
}

static void on_verified(void *arg, const struct id_check_result *r)
{
	(void)arg;
	ended++;
	good = r->good;
	snprintf(words, sizeof(words), "%s", r->text.text);
}

static void until_asked(int requests)
{
	for (int i = 0;
	     i < 500 && atomic_load(&it.endpoint->requests) < requests; i++)
		loop_turn(it.broker->loop, 10);
	assert_int_equal(atomic_load(&it.endpoint->requests), requests);
}

static void want_token_endpoint(struct discovery_wait *w)
{
	int before = told;

	discovery_want(turns_entry(0), ENDPOINT_TOKEN, w, on_found, NULL);
	turn_until(&told, before + 1);
	assert_int_equal(told, before + 1);
}

/* Newer metadata, without jwks_uri, is put to use by another who waits while
 * the check waits for keys, which it then asks for once more. */
static void keys_of_the_metadata_that_it_began_with(void **state)
{
	struct entry *p = turns_entry(0);
	struct discovery_wait w = { .waits = false };
	struct secret *id_token = secret_new(STR(TOKEN));
	struct id_token_rules rules = { .refresh = false };
	char first[512], second[512], keys[128];
	struct id_check *check = NULL;

	(void)state;
	snprintf(keys, sizeof(keys),
		 ",\"jwks_uri\":\"http://127.0.0.1:%s/keys\"",
		 it.endpoint->port);
	plan_metadata(first, sizeof(first), keys);
	plan(NO_KEYS, 300);
	plan_metadata(second, sizeof(second), "");
	plan(NO_KEYS, 0);
	want_token_endpoint(&w);
	clock_fake(clock_ms() + 2 * MINUTE, clock_wall_ms() + 2 * MINUTE);
	loop_turn(it.broker->loop, 0);
	id_check_start(&check, p, &rules, id_token, NULL, 0, on_verified, NULL);
	until_asked(2);
	discovery_doubt(p, 404);
	want_token_endpoint(&w);
	assert_null(endpoints_get(p->endpoints, ENDPOINT_JWKS));
	assert_int_equal(ended, 0);
	turn_until(&ended, 1);
	assert_int_equal(ended, 1);
	assert_false(good);
	assert_non_null(strstr(words, "(signature)"));
	until_asked(4);
	secret_unref(&id_token);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			keys_of_the_metadata_that_it_began_with, set_up,
			tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
