/* SPDX-License-Identifier: MIT */
/* What becomes of a check while its session goes on: the test turns its
 * loop. */
#include "authserver/id_check.h"

#include "authserver/clients.h"
#include "service/endpoints.h"

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

static struct {
	struct fake_endpoint *endpoint;
	struct services *services;
	struct store *store;
	struct clients clients;
} it;
static int ended, told;
static bool good;
static char words[512];

static int set_up(void **state)
{
	struct secret *key = secret_new(STR("0123456789abcdef"
					    "0123456789abcdef"));
	struct fault f;

	(void)state;
	ended = told = 0;
	clock_fake(clock_ms(), clock_wall_ms());
	it.endpoint = endpoint_new();
	it.services = services_at(text, it.endpoint->port);
	it.store = store_open(STR("memory:"), &key, 1, &f);
	secret_unref(&key);
	assert_non_null(it.store);
	clients_begin(&it.clients, it.services, it.store);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	clients_end(&it.clients);
	store_close(&it.store);
	services_free(&it.services);
	endpoint_free(it.endpoint);
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

static void on_found(void *arg, const struct session_trouble *t)
{
	(void)arg;
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
		loop_turn(it.clients.context.loop, 10);
	assert_int_equal(atomic_load(&it.endpoint->requests), requests);
}

static void want_token_endpoint(struct discovery_wait *w)
{
	int before = told;

	discovery_want(&it.clients.v[0], ENDPOINT_TOKEN, w, on_found, NULL);
	clients_turn_until(&it.clients, &told, before + 1);
	assert_int_equal(told, before + 1);
}

/* Newer metadata, without jwks_uri, is put to use by another who waits while
 * the check waits for keys, which it then asks for once more. */
static void keys_of_the_metadata_that_it_began_with(void **state)
{
	struct as_client *client = &it.clients.v[0];
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
	loop_turn(it.clients.context.loop, 0);
	id_check_start(&check, client, &rules, id_token, NULL, 0, on_verified,
		       NULL);
	until_asked(2);
	discovery_doubt(client, 404);
	want_token_endpoint(&w);
	assert_null(endpoints_get(client->endpoints, ENDPOINT_JWKS));
	assert_int_equal(ended, 0);
	clients_turn_until(&it.clients, &ended, 1);
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
