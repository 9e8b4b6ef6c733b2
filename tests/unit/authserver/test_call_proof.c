/* SPDX-License-Identifier: MIT */
#include "authserver/call.h"

#include "authserver/endpoint.h"
#include "base/clock.h"
#include "crypto/jwk.h"
#include "crypto/jwt.h"
#include "oauth/dpop.h"
#include "session/setup.h"

static const char config[] = SERVICE("a");

#define NONCE(nonce) "DPoP-Nonce: " nonce "\r\n"
#define WANTS "{\"error\":\"use_dpop_nonce\"}"

static struct {
	struct fake_endpoint *endpoint;
	struct services *services;
	struct as_context context;
	struct as_client client;
	struct key *key;
	int builds, answers, status;
	bool failed;
	char nonce[64]; /* the last request's proof's */
	char htu[128], jti[64];
} it;

static int set_up(void **state)
{
	struct fault f;

	(void)state;
	memset(&it, 0, sizeof(it));
	it.endpoint = endpoint_new();
	it.services = services_at(config, it.endpoint->port);
	as_context_init(&it.context);
	it.context.loop = loop_new(&f);
	it.context.upstream = upstream_new(it.context.loop, &f);
	as_client_init(&it.client, &it.context, it.services->v[0]);
	it.key = key_generate_p256();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	key_unref(&it.key);
	as_client_fini(&it.client);
	upstream_free(&it.context.upstream);
	loop_free(&it.context.loop);
	services_free(&it.services);
	endpoint_free(it.endpoint);
	return 0;
}

static void plan(int status, const char *fields, const char *body)
{
	endpoint_plan(it.endpoint,
		      (struct endpoint_answer){ .status = status,
						.fields = fields,
						.body = body });
}

/* What was lent for the start is not there any more the second time. */
static int build(const struct token_asking *a, struct token_request *r,
		 struct fault *f)
{
	(void)f;
	it.builds++;
	token_request_param(r, "code", secret_expose(a->code));
	token_request_param(r, "redirect_uri", str_z(a->redirect_uri));
	return 0;
}

static void on_done(void *arg, struct call *c,
		    const struct fetch_response *response,
		    const struct transfer_fault *fault)
{
	assert_ptr_equal(arg, &it);
	assert_non_null(c);
	it.answers++;
	it.failed = fault != NULL;
	it.status = response ? response->status : 0;
}

static void copy(char *out, size_t size, const struct json *claims,
		 const char *name)
{
	struct str s = json_text(json_get(claims, name));

	snprintf(out, size, "%.*s", STR_ARGS(s));
}

/* The proof of the request that came last, which must hold. */
static void read_proof(void)
{
	const char *at = strstr(endpoint_seen(it.endpoint), "\r\nDPoP: ");
	struct jwt read, jwt;
	struct fault f;
	struct str proof;

	assert_non_null(at);
	proof = str_z(at + 8);
	proof = str_sub(proof, 0, str_find(proof, '\r'));
	assert_int_equal(jwt_read_unverified(proof, &read, &f), 0);
	assert_int_equal(jwt_verify(jws_alg_find("ES256", &f), it.key, proof,
				    &jwt, &f), 0);
	copy(it.nonce, sizeof(it.nonce), jwt.claims, "nonce");
	copy(it.htu, sizeof(it.htu), jwt.claims, "htu");
	copy(it.jti, sizeof(it.jti), jwt.claims, "jti");
	jwt_fini(&jwt);
	jwt_fini(&read);
}

static void call_with(struct key *key)
{
	struct secret *code = secret_new(STR("the-code"));
	char *uri = mem_strdup("https://me.test/");
	int64_t end = clock_ms() + 10000;
	struct fault f;
	struct call_request r = {
		.to = ENDPOINT_TOKEN,
		.asking.code = code,
		.asking.redirect_uri = uri,
		.build = build,
		.key = key,
	};

	it.builds = it.answers = 0;
	assert_non_null(call_start(&it.client, &r, on_done, &it, &f));
	secret_unref(&code);
	memset(uri, 'x', strlen(uri));
	mem_free(uri);
	while (it.answers == 0 && clock_ms() < end)
		loop_turn(it.context.loop, 100);
	endpoint_sync(it.endpoint);
	assert_int_equal(it.answers, 1);
}

static void proof_without_a_nonce(void **state)
{
	char htu[64];

	(void)state;
	plan(200, NULL, "{}");
	call_with(it.key);
	read_proof();
	assert_string_equal(it.nonce, "");
	snprintf(htu, sizeof(htu), "http://127.0.0.1:%s/token",
		 it.endpoint->port);
	assert_string_equal(it.htu, htu);
	assert_int_equal(it.builds, 1);
	call_with(NULL);
	assert_null(strstr(endpoint_seen(it.endpoint), "DPoP"));
}

static void challenge_is_answered_once(void **state)
{
	char jti[64];

	(void)state;
	plan(400, NONCE("n1"), WANTS);
	plan(200, NONCE("n2"), "{}");
	call_with(it.key);
	assert_int_equal(it.status, 200);
	assert_int_equal(it.builds, 2);
	assert_int_equal(it.endpoint->requests, 2);
	read_proof();
	assert_string_equal(it.nonce, "n1");
	assert_non_null(strstr(endpoint_seen(it.endpoint),
			       "\r\n\r\ncode=the-code&redirect_uri="
			       "https%3A%2F%2Fme.test%2F"));
	snprintf(jti, sizeof(jti), "%s", it.jti);
	/* The next one has what the answer gave. */
	call_with(it.key);
	read_proof();
	assert_string_equal(it.nonce, "n2");
	assert_string_not_equal(it.jti, jti);
	assert_int_equal(it.endpoint->requests, 3);
}

static void challenge_as_a_field(void **state)
{
	(void)state;
	plan(401, NONCE("n1") "WWW-Authenticate: DPoP error=use_dpop_nonce\r\n",
	     "");
	plan(200, NULL, "{}");
	call_with(it.key);
	assert_int_equal(it.status, 200);
	assert_int_equal(it.endpoint->requests, 2);
}

static void challenges_end(void **state)
{
	(void)state;
	plan(400, NONCE("n1"), WANTS);
	plan(400, NONCE("n2"), WANTS);
	call_with(it.key);
	assert_int_equal(it.status, 400);
	assert_int_equal(it.endpoint->requests, 2);
}

static void what_is_no_challenge(void **state)
{
	static const struct endpoint_answer rows[] = {
		{ .status = 400, .fields = NULL, .body = WANTS },
		{ .status = 400, .fields = NONCE("a b"), .body = WANTS },
		{ .status = 503, .fields = NONCE("n"), .body = WANTS },
		{ .status = 200, .fields = NONCE("n"), .body = WANTS },
		{ .status = 400, .fields = NONCE("n"),
		  .body = "{\"error\":\"invalid_grant\"}" },
	};
	const int n = sizeof(rows) / sizeof(rows[0]);

	(void)state;
	for (int i = 0; i < n; i++)
		endpoint_plan(it.endpoint, rows[i]);
	for (int i = 0; i < n; i++) {
		call_with(it.key);
		assert_int_equal(it.status, rows[i].status);
		assert_int_equal(it.endpoint->requests, i + 1);
	}
	/* Nor where there was no proof. */
	plan(400, NONCE("n"), WANTS);
	call_with(NULL);
	assert_int_equal(it.endpoint->requests, n + 1);
}

static void the_second_time_can_fail_too(void **state)
{
	(void)state;
	plan(400, NONCE("n1"), WANTS);
	plan(0, NULL, NULL);
	call_with(it.key);
	assert_true(it.failed);
	assert_int_equal(it.endpoint->requests, 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(proof_without_a_nonce),
		TEST(challenge_is_answered_once),
		TEST(challenge_as_a_field),
		TEST(challenges_end),
		TEST(what_is_no_challenge),
		TEST(the_second_time_can_fail_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
