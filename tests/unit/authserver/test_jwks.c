/* SPDX-License-Identifier: MIT */
/* Keys for all services of a loop, which the test turns. */
#include "authserver/jwks.h"

#include "authserver/clients.h"
#include "service/endpoints.h"

#define KEY                                     \
	"{\"kty\":\"OKP\",\"crv\":\"Ed25519\"," \
	"\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}"
#define ONE    "{\"keys\":[" KEY "]}"
#define TWO    "{\"keys\":[" KEY "," KEY "]}"
#define MINUTE INT64_C(60000)
#define HOUR   (60 * MINUTE)

static const char text[] = SERVICE("a") "jwks_uri = http://127.0.0.1:@/keys\n"
					"token_timeout = 2s\n";

enum { WAITS = 3 };

static struct {
	struct fake_endpoint *endpoint;
	struct services *services;
	struct store *store;
	struct clients clients;
	struct jwks_wait waits[WAITS];
	int told[WAITS];
	size_t keys[WAITS];                    /* 99: no set */
	struct session_trouble trouble[WAITS]; /* text "": none */
} it;

static int set_up(void **state)
{
	struct secret *key = secret_new(STR("0123456789abcdef"
					    "0123456789abcdef"));
	struct fault f;

	(void)state;
	memset(&it, 0, sizeof(it));
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
	clock_real();
	clients_end(&it.clients);
	store_close(&it.store);
	services_free(&it.services);
	endpoint_free(it.endpoint);
	return 0;
}

static void plan(int status, const char *body)
{
	endpoint_plan(it.endpoint, (struct endpoint_answer){ .status = status,
							     .body = body });
}

static int asked(void)
{
	endpoint_sync(it.endpoint);
	return atomic_load(&it.endpoint->requests);
}

static void on_keys(void *arg, const struct jwk_set *set,
		    const struct session_trouble *t)
{
	size_t i = (size_t)((struct jwks_wait *)arg - it.waits);

	it.told[i]++;
	it.keys[i] = set ? jwk_set_count(set) : 99;
	memset(&it.trouble[i], 0, sizeof(it.trouble[i]));
	if (t)
		it.trouble[i] = *t;
}

static void want(size_t i, bool newer)
{
	struct as_client *client = &it.clients.v[0];

	it.told[i] = 0;
	jwks_want(client, endpoints_get(client->endpoints, ENDPOINT_JWKS),
		  newer, &it.waits[i], on_keys, &it.waits[i]);
}

static void until_told(size_t i)
{
	for (int turns = 0; it.told[i] == 0 && turns < 500; turns++)
		loop_turn(it.clients.context.loop, 20);
	assert_int_equal(it.told[i], 1);
}

/* Wants it, whenever it comes: so many keys, and requests up to then. */
static void gets(bool newer, size_t keys, int requests)
{
	want(0, newer);
	until_told(0);
	assert_int_equal(it.keys[0], keys);
	assert_int_equal(asked(), requests);
}

/* So much later. */
static void passes(int64_t ms)
{
	clock_fake(clock_ms() + ms, clock_wall_ms() + ms);
	loop_turn(it.clients.context.loop, 0);
}

static void one_flight(void **state)
{
	(void)state;
	plan(200, ONE);
	for (size_t i = 0; i < WAITS; i++)
		want(i, i == 1);
	for (size_t i = 0; i < WAITS; i++) {
		until_told(i);
		assert_int_equal(it.keys[i], 1);
		assert_string_equal(it.trouble[i].text.text, "");
	}
	assert_int_equal(asked(), 1);
	assert_non_null(
		strstr(endpoint_seen(it.endpoint), "GET /keys HTTP/1.1\r\n"));
	want(0, false);
	assert_int_equal(it.told[0], 1); /* from within */
}

static void an_hour(void **state)
{
	(void)state;
	plan(200, ONE);
	plan(200, TWO);
	gets(false, 1, 1);
	passes(HOUR - MINUTE);
	gets(false, 1, 1);
	passes(MINUTE);
	gets(false, 2, 2);
	gets(false, 2, 2);
}

static void newer_ones(void **state)
{
	(void)state;
	plan(200, ONE);
	plan(200, TWO);
	plan(200, ONE);
	gets(false, 1, 1);
	gets(true, 2, 2);
	gets(true, 2, 2);
	passes(MINUTE - 1000);
	gets(true, 2, 2);
	passes(1000);
	gets(true, 1, 3);
}

/* An old set is better than none, and is not asked for all the time. */
static void outages(void **state)
{
	(void)state;
	plan(200, ONE);
	plan(503, "");
	plan(0, NULL);
	plan(200, "rubbish");
	plan(200, TWO);
	gets(false, 1, 1);
	passes(HOUR);
	gets(false, 1, 2);
	assert_int_equal(it.trouble[0].trouble, REFRESH_UNAVAILABLE);
	gets(false, 1, 2);
	assert_string_equal(it.trouble[0].text.text, "");
	passes(MINUTE);
	gets(false, 1, 3);
	passes(MINUTE);
	gets(false, 1, 4);
	assert_non_null(strstr(it.trouble[0].text.text, "cannot be used"));
	passes(MINUTE);
	gets(false, 2, 5);
}

static struct endpoint elsewhere;

/* Wants keys of another place: those that nobody has wanted for long go. */
static void on_keys_ask_elsewhere(void *arg, const struct jwk_set *set,
				  const struct session_trouble *t)
{
	on_keys(arg, set, t);
	jwks_want(&it.clients.v[0], &elsewhere, false, &it.waits[2], on_keys,
		  &it.waits[2]);
}

/* The machine slept for longer than a set is kept while two waited: what the
 * first does when it is told takes nothing away from the second. */
static void a_long_sleep(void **state)
{
	struct as_client *client = &it.clients.v[0];
	struct transport *transport = it.services->v[0]->token_transport;

	(void)state;
	assert_int_equal(endpoint_init(&elsewhere, "http://127.0.0.1:1/keys",
				       transport, NULL),
			 0);
	plan(200, ONE);
	jwks_want(client, endpoints_get(client->endpoints, ENDPOINT_JWKS),
		  false, &it.waits[0], on_keys_ask_elsewhere, &it.waits[0]);
	want(1, false);
	passes(2 * 24 * HOUR);
	until_told(0);
	until_told(1);
	assert_string_not_equal(it.trouble[1].text.text, "");
	until_told(2);
	endpoint_fini(&elsewhere);
}

/* Somebody may wait for longer than the keys are kept: the one is not told of
 * it, and may leave. */
static void those_who_wait_at_the_end(void **state)
{
	(void)state;
	plan(200, ONE);
	want(0, false);
	jwks_end_all(&it.clients.context);
	assert_false(it.waits[0].waits);
	jwks_unwant(&it.waits[0]);
	assert_int_equal(it.told[0], 0);
}

/* Metadata need not name the place. */
static void no_place(void **state)
{
	(void)state;
	jwks_want(&it.clients.v[0], NULL, true, &it.waits[0], on_keys,
		  &it.waits[0]);
	assert_int_equal(it.told[0], 1);
	assert_int_equal(it.keys[0], 99);
	assert_non_null(strstr(it.trouble[0].text.text, "jwks_uri"));
}

static void nothing_at_all(void **state)
{
	(void)state;
	plan(404, "");
	plan(302, "");
	plan(429, "");
	plan(200, ONE);
	gets(false, 99, 1);
	assert_int_equal(it.trouble[0].trouble, REFRESH_DENIED);
	assert_non_null(strstr(it.trouble[0].text.text, "status 404"));
	gets(false, 99, 2);
	assert_non_null(strstr(it.trouble[0].text.text, "a redirect"));
	gets(false, 99, 3);
	assert_int_equal(it.trouble[0].trouble, REFRESH_UNAVAILABLE);
	gets(false, 1, 4);
}

static void who_does_not_wait_any_more(void **state)
{
	(void)state;
	plan(200, ONE);
	want(0, false);
	want(1, false);
	jwks_unwant(&it.waits[0]);
	jwks_unwant(&it.waits[0]);
	until_told(1);
	assert_int_equal(it.told[0], 0);
	want(0, true);
	jwks_unwant(&it.waits[0]);
}

#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(one_flight),
		T(an_hour),
		T(newer_ones),
		T(outages),
		T(nothing_at_all),
		T(a_long_sleep),
		T(those_who_wait_at_the_end),
		T(no_place),
		T(who_does_not_wait_any_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
