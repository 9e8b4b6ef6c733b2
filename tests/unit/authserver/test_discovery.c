/* SPDX-License-Identifier: MIT */
/* Discovery for all services of a loop, which the test turns. */
#include "authserver/discovery.h"

#include "authserver/clients.h"
#include "authserver/metadata_store.h"
#include "service/endpoints.h"

#define ISSUED(name)                                \
	"[service " name "]\n"                      \
	"upstream = https://" name ".example.com\n" \
	"grant_type = client_credentials\n"         \
	"client_id = demo\ntoken_timeout = 2s\n"    \
	"issuer = http://127.0.0.1:@\n"

/* clang-format off */
static const char text[] =
	ISSUED("a")
	ISSUED("same")
	ISSUED("people") "scope = openid\n"
	ISSUED("keys") "token_endpoint = http://127.0.0.1:1/own\n"
	"authorization_endpoint = http://127.0.0.1:1/login\n"
	SERVICE("none");
/* clang-format on */

enum { A, SAME, PEOPLE, KEYS, NONE, N };
#define MINUTE INT64_C(60000)
#define HOUR   (60 * MINUTE)

static struct {
	struct fake_endpoint *endpoint;
	struct services *services;
	struct store *store;
	struct clients clients;
	struct discovery_wait waits[N];
	int told[N];
	struct session_trouble trouble[N]; /* text "": none */
	char documents[2][512];
} it;

/* --- around it --- */

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
	for (int i = 0; i < 2; i++)
		snprintf(it.documents[i], sizeof(it.documents[i]),
			 "{\"issuer\":\"http://127.0.0.1:%s\","
			 "\"token_endpoint\":\"http://127.0.0.1:1/token%d\","
			 "\"authorization_response_iss_parameter_supported\":"
			 "true}",
			 it.endpoint->port, i);
	return it.store ? 0 : -1;
}

/* What lies in the store, of this age. */
static void stored(const char *document, int64_t age)
{
	struct keeper_job *job =
		metadata_store_job(it.services->v[A], str_z(document),
				   clock_wall_ms() - age, NULL, NULL);
	struct fault f;

	assert_int_equal(store_begin(it.store, &f), 0);
	assert_int_equal(store_put(it.store, str_z(job->id),
				   secret_expose(job->value), &f),
			 0);
	assert_int_equal(store_commit(it.store, &f), 0);
	metadata_store_job_free(&job);
}

static void begin(void)
{
	clients_begin(&it.clients, it.services, it.store);
}

static int tear_down(void **state)
{
	(void)state;
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

static void on_told(void *arg, const struct session_trouble *t)
{
	struct discovery_wait *w = arg;
	size_t i = (size_t)(w - it.waits);

	assert_ptr_equal(w->client, &it.clients.v[i]);
	it.told[i]++;
	memset(&it.trouble[i], 0, sizeof(it.trouble[i]));
	if (t)
		it.trouble[i] = *t;
}

static void want_kind(int service, enum endpoint_kind kind)
{
	it.told[service] = 0;
	discovery_want(&it.clients.v[service], kind, &it.waits[service],
		       on_told, &it.waits[service]);
}

static void want(int service)
{
	want_kind(service, ENDPOINT_TOKEN);
}

/* Turns the loop until it is told, and nothing is under way any more. */
static void until_told(int service)
{
	int64_t limit = clock_ms() + 10000;

	while ((it.told[service] == 0 || it.clients.context.running > 0) &&
	       clock_ms() < limit)
		loop_turn(it.clients.context.loop, 20);
	assert_int_equal(it.told[service], 1);
}

/* Turns it until so many requests have been answered. */
static void until_asked(int times)
{
	int64_t limit = clock_ms() + 10000;

	while (asked() < times && clock_ms() < limit)
		loop_turn(it.clients.context.loop, 20);
	for (int i = 0; i < 10; i++)
		loop_turn(it.clients.context.loop, 10);
	assert_int_equal(asked(), times);
}

static const char *url(int service, enum endpoint_kind kind)
{
	const struct endpoint *e =
		endpoints_get(it.clients.v[service].endpoints, kind);

	return e ? e->url : "";
}

static void has_token_endpoint(int service, const char *path)
{
	char all[128];

	assert_string_equal(it.trouble[service].text.text, "");
	snprintf(all, sizeof(all), "http://127.0.0.1:1%s", path);
	assert_string_equal(url(service, ENDPOINT_TOKEN), all);
}

/* --- asking --- */

static void one_answer_for_all_who_can_share_it(void **state)
{
	const struct as_client *v;

	(void)state;
	plan(200, it.documents[0]);
	begin();
	v = it.clients.v;
	assert_ptr_equal(v[A].discovery, v[SAME].discovery);
	assert_ptr_not_equal(v[A].discovery, v[PEOPLE].discovery);
	assert_null(v[NONE].discovery);
	want(A);
	want(SAME);
	assert_int_equal(it.told[A], 0);
	until_told(A);
	until_told(SAME);
	assert_int_equal(asked(), 1);
	has_token_endpoint(A, "/token0");
	has_token_endpoint(SAME, "/token0");
	assert_true(v[A].endpoints->iss_parameter);
	want(A);
	assert_int_equal(it.told[A], 1); /* from within */
	assert_int_equal(asked(), 1);
	want(PEOPLE);
	until_told(PEOPLE);
	assert_int_equal(asked(), 2);
}

static void keys_need_no_answer(void **state)
{
	(void)state;
	plan(200, it.documents[0]);
	begin();
	want(KEYS);
	assert_int_equal(it.told[KEYS], 1);
	has_token_endpoint(KEYS, "/own");
	want_kind(KEYS, ENDPOINT_REFRESH);
	assert_int_equal(it.told[KEYS], 1);
	want(NONE);
	assert_int_equal(it.told[NONE], 1);
	assert_string_equal(it.trouble[NONE].text.text, "");
	assert_int_equal(asked(), 0);
}

/* Whether the server sends iss is known from its metadata alone. */
static void people_are_sent_with_the_metadata(void **state)
{
	(void)state;
	plan(200, it.documents[0]);
	begin();
	want_kind(KEYS, ENDPOINT_AUTHORIZATION);
	assert_int_equal(it.told[KEYS], 0);
	until_told(KEYS);
	assert_int_equal(asked(), 1);
	has_token_endpoint(KEYS, "/own");
	assert_string_equal(url(KEYS, ENDPOINT_AUTHORIZATION),
			    "http://127.0.0.1:1/login");
	assert_true(it.clients.v[KEYS].endpoints->iss_parameter);
}

static void people_are_sent_without_it_too(void **state)
{
	(void)state;
	plan(0, NULL);
	begin();
	want_kind(KEYS, ENDPOINT_AUTHORIZATION);
	until_told(KEYS);
	assert_string_equal(it.trouble[KEYS].text.text, "");
	assert_false(it.clients.v[KEYS].endpoints->iss_parameter);
}

static void endpoint_that_nobody_names(void **state)
{
	(void)state;
	plan(200, it.documents[0]);
	begin();
	want_kind(A, ENDPOINT_REVOCATION);
	until_told(A);
	assert_int_equal(it.trouble[A].trouble, REFRESH_DENIED);
	assert_int_equal(it.trouble[A].retry_after, -1);
	assert_non_null(strstr(it.trouble[A].text.text,
			       "names no revocation_endpoint; give the key"));
	want_kind(NONE, ENDPOINT_REVOCATION);
	assert_non_null(strstr(it.trouble[NONE].text.text,
			       "revocation_endpoint is missing"));
}

static void failures_are_told_to_all(void **state)
{
	(void)state;
	plan(0, NULL);
	plan(0, NULL);
	plan(200, "{\"issuer\":\"https://evil.test\"}");
	plan(404, "");
	plan(200, it.documents[0]);
	begin();
	want(A);
	want(SAME);
	until_told(A);
	until_told(SAME);
	/* Both of its addresses. */
	assert_int_equal(asked(), 2);
	assert_int_equal(it.trouble[A].trouble, REFRESH_UNAVAILABLE);
	assert_int_equal(it.trouble[SAME].trouble, REFRESH_UNAVAILABLE);
	want(A);
	until_told(A);
	assert_int_equal(it.trouble[A].trouble, REFRESH_DENIED);
	assert_non_null(strstr(it.trouble[A].text.text, "evil.test"));
	want(A);
	until_told(A);
	has_token_endpoint(A, "/token0");
}

static void nobody_waits_any_more(void **state)
{
	(void)state;
	plan(200, it.documents[0]);
	begin();
	want(A);
	want(SAME);
	discovery_unwant(&it.waits[A]);
	discovery_unwant(&it.waits[A]);
	until_told(SAME);
	assert_int_equal(it.told[A], 0);
}

static void end_while_asking(void **state)
{
	(void)state;
	endpoint_plan(it.endpoint,
		      (struct endpoint_answer){ .status = 200,
						.body = it.documents[0],
						.delay = 300 });
	begin();
	want(A);
	for (int i = 0; i < 5; i++)
		loop_turn(it.clients.context.loop, 10);
	clients_end(&it.clients);
	assert_int_equal(it.told[A], 0);
}

/* --- the store --- */

static void document_is_stored(void **state)
{
	struct metadata *m;
	struct fault f;
	int64_t wall;

	(void)state;
	plan(200, it.documents[0]);
	begin();
	want(A);
	until_told(A);
	clients_end(&it.clients);
	assert_int_equal(
		metadata_store_get(it.store, it.services->v[A], &m, &wall, &f),
		1);
	assert_in_range(wall, clock_wall_ms() - MINUTE, clock_wall_ms());
	metadata_unref(&m);
	begin();
	want(A);
	assert_int_equal(it.told[A], 1);
	has_token_endpoint(A, "/token0");
	assert_int_equal(asked(), 1);
}

static void damaged_one_is_had_again(void **state)
{
	(void)state;
	stored("{", MINUTE);
	plan(200, it.documents[1]);
	begin();
	want(A);
	until_told(A);
	has_token_endpoint(A, "/token1");
}

/* --- age --- */

static void fresh_one_is_used(void **state)
{
	(void)state;
	stored(it.documents[0], HOUR - MINUTE);
	plan(200, it.documents[1]);
	begin();
	want(A);
	assert_int_equal(it.told[A], 1);
	has_token_endpoint(A, "/token0");
	loop_turn(it.clients.context.loop, 50);
	assert_int_equal(asked(), 0);
}

static void older_one_is_used_and_renewed(void **state)
{
	(void)state;
	stored(it.documents[0], HOUR + MINUTE);
	plan(200, it.documents[1]);
	begin();
	want(A);
	assert_int_equal(it.told[A], 1);
	has_token_endpoint(A, "/token0");
	want(A);
	until_asked(1);
	want(A);
	has_token_endpoint(A, "/token1");
	until_asked(1);
}

static void renewal_that_fails_hurts_nobody(void **state)
{
	(void)state;
	stored(it.documents[0], HOUR + MINUTE);
	plan(404, "");
	begin();
	want(A);
	until_asked(2); /* both addresses */
	want(A);
	assert_int_equal(it.told[A], 1);
	has_token_endpoint(A, "/token0");
	until_asked(2); /* not again so soon */
}

static void old_one_is_renewed_first(void **state)
{
	(void)state;
	stored(it.documents[0], 25 * HOUR);
	plan(200, it.documents[1]);
	begin();
	want(A);
	assert_int_equal(it.told[A], 0);
	until_told(A);
	has_token_endpoint(A, "/token1");
}

static void outage_with_an_old_one_is_none(void **state)
{
	(void)state;
	stored(it.documents[0], 100 * 24 * HOUR);
	plan(0, NULL);
	plan(0, NULL);
	begin();
	want(A);
	want(SAME);
	until_told(A);
	until_told(SAME);
	has_token_endpoint(A, "/token0");
	has_token_endpoint(SAME, "/token0");
	want(A);
	assert_int_equal(it.told[A], 1);
	assert_int_equal(asked(), 2);
}

/* A clock that went back. */
static void stored_in_the_future(void **state)
{
	(void)state;
	stored(it.documents[0], -HOUR);
	begin();
	want(A);
	assert_int_equal(it.told[A], 1);
	has_token_endpoint(A, "/token0");
	assert_int_equal(asked(), 0);
}

static void doubt(void **state)
{
	static const int harmless[] = { 0, 200, 400, 401, 403, 429, 500, 503 };

	(void)state;
	stored(it.documents[0], 2 * MINUTE);
	plan(200, it.documents[1]);
	begin();
	for (size_t i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++)
		discovery_doubt(&it.clients.v[A], harmless[i]);
	discovery_doubt(&it.clients.v[NONE], 404);
	want(A);
	assert_int_equal(it.told[A], 1);
	discovery_doubt(&it.clients.v[A], 404);
	want(A);
	assert_int_equal(it.told[A], 0);
	until_told(A);
	has_token_endpoint(A, "/token1");
	/* had just now: not again */
	discovery_doubt(&it.clients.v[A], 410);
	want(A);
	assert_int_equal(it.told[A], 1);
	assert_int_equal(asked(), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_answer_for_all_who_can_share_it),
		TEST(keys_need_no_answer),
		TEST(people_are_sent_with_the_metadata),
		TEST(people_are_sent_without_it_too),
		TEST(endpoint_that_nobody_names),
		TEST(failures_are_told_to_all),
		TEST(nobody_waits_any_more),
		TEST(end_while_asking),
		TEST(document_is_stored),
		TEST(damaged_one_is_had_again),
		TEST(fresh_one_is_used),
		TEST(older_one_is_used_and_renewed),
		TEST(renewal_that_fails_hurts_nobody),
		TEST(old_one_is_renewed_first),
		TEST(outage_with_an_old_one_is_none),
		TEST(stored_in_the_future),
		TEST(doubt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
