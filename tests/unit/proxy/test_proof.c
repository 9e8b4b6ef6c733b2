/* SPDX-License-Identifier: MIT */
/* The back-edge from relay to place: an upstream that asks for nonces. */
#include "proxy/proof.h"

#include "crypto/jwk.h"
#include "crypto/jwt.h"
#include "proxy/api.h"
#include "proxy/browser.h"
#include "proxy/running.h"

static struct api *api;
static struct running *run;

static void start(api_fn *fn, const char *more)
{
	api = api_start(fn);
	run = running_start("[proxy]\nlisten = 127.0.0.1:0\nworkers = 1\n"
			    "store = memory:\n"
			    "[service api]\n"
			    "upstream = http://127.0.0.1:%d/base\n"
			    "grant_type = client_credentials\n"
			    "token_endpoint = http://127.0.0.1:%d/token\n"
			    "client_id = me\nclient_secret = s3cret\n"
			    "dpop = yes\n%s",
			    api->port, api->port, more);
}

static int stop(void **state)
{
	(void)state;
	running_stop(run);
	api_stop(api);
	return 0;
}

/* The claims of the request's one proof, by the key that it shows. */
static struct json *claims_of(const char *head)
{
	const char *at = strstr(head, "\r\nDPoP: ");
	struct jwt read, jwt;
	struct fault f;
	struct str proof;
	struct key *key;

	if (at == NULL || strcasestr(at + 1, "\r\nDPoP: ") != NULL)
		return NULL;
	proof = str_z(at + 8);
	proof = str_sub(proof, 0, str_find(proof, '\r'));
	if (jwt_read_unverified(proof, &read, &f) != 0)
		return NULL;
	key = jwk_read(json_get(read.header, "jwk"), &f);
	jwt_fini(&read);
	if (key == NULL || jwt_verify(jws_alg_find("ES256", &f), key, proof,
				      &jwt, &f) != 0)
		return NULL;
	key_unref(&key);
	json_free(&jwt.header);
	return jwt.claims;
}

static bool has_claim(const char *head, const char *name, const char *text)
{
	struct json *claims = claims_of(head);
	bool has = str_eq_z(json_text(json_get(claims, name)), text);

	json_free(&claims);
	return has;
}

static bool say(struct peer *p, int status, const char *fields,
		const char *body)
{
	return peer_say(p, "HTTP/1.1 %d X\r\n%sContent-Length: %zu\r\n\r\n%s",
			status, fields, strlen(body), body);
}

static bool give_token(struct peer *p, const char *type)
{
	char text[128];
	int number = atomic_fetch_add(&p->api->tokens, 1) + 1;

	snprintf(text, sizeof(text),
		 "{\"access_token\":\"token-%d\",\"token_type\":\"%s\","
		 "\"expires_in\":3600}", number, type);
	return say(p, 200, "Content-Type: application/json\r\n", text);
}

static bool is_token_request(const struct peer *p)
{
	return strncmp(p->head, "POST /token ", 12) == 0;
}

#define ASKS "WWW-Authenticate: DPoP error=\"use_dpop_nonce\"\r\n"

/* Takes the nonce "n" alone, and says the body back. */
static void wants_nonce(struct peer *p)
{
	while (peer_head(p) && peer_body(p)) {
		bool good;

		if (is_token_request(p))
			good = give_token(p, "DPoP");
		else if (has_claim(p->head, "nonce", "n"))
			good = say(p, 200, "DPoP-Nonce: n\r\n", p->body);
		else
			good = say(p, 401, ASKS "DPoP-Nonce: n\r\n", "asks");
		if (!good)
			return;
	}
}

static void wants_other_nonce(struct peer *p)
{
	while (peer_head(p) && peer_body(p)) {
		if (!(is_token_request(p) ? give_token(p, "DPoP") :
		      say(p, 401, ASKS "DPoP-Nonce: n\r\n", "asks")))
			return;
	}
}

static void ignores_dpop(struct peer *p)
{
	while (peer_head(p) && peer_body(p)) {
		if (!(is_token_request(p) ? give_token(p, "Bearer") :
					    say(p, 200, "", p->body)))
			return;
	}
}

static int ask(struct browser *b, const char *method, const char *fields,
	       const char *body)
{
	assert_true(browser_say(b, "%s /api/x?y HTTP/1.1\r\n"
				   "Host: localhost\r\n%s"
				   "Content-Length: %zu\r\n\r\n%s",
				method, fields, strlen(body), body));
	assert_int_equal(browser_answer(b, false), END_WHOLE);
	return b->status;
}

static void is_claim(const char *name, const char *text)
{
	if (!has_claim(api->head, name, text))
		fail_msg("%s is not %s in %s", name, text, api->head);
}

static void test_same_token_and_new_proof(void **state)
{
	char htu[64];
	struct browser *b;

	(void)state;
	start(wants_nonce, "");
	b = browser_open(run->port);
	assert_int_equal(ask(b, "POST", "dpop: theirs\r\n", "the body"), 200);
	assert_string_equal(b->body, "the body");
	assert_null(strcasestr(b->head, "DPoP-Nonce"));
	assert_int_equal(atomic_load(&api->tokens), 1);
	assert_int_equal(atomic_load(&api->requests), 3);
	assert_non_null(strstr(api->head, "Authorization: DPoP token-1\r\n"));
	snprintf(htu, sizeof(htu), "http://127.0.0.1:%d/base/x", api->port);
	is_claim("htu", htu);
	is_claim("htm", "POST");
	/* The nonce is known now. */
	assert_int_equal(ask(b, "GET", "", ""), 200);
	assert_int_equal(atomic_load(&api->requests), 4);
	browser_close(b);
}

/* No refusal of the token: nothing is renewed, and nothing held. */
static void test_challenges_end(void **state)
{
	struct browser *b;

	(void)state;
	start(wants_other_nonce, "");
	b = browser_open(run->port);
	for (int i = 1; i <= 3; i++) {
		assert_int_equal(ask(b, "GET", "", ""), 401);
		assert_string_equal(b->body, "asks");
		assert_non_null(strstr(b->head, "use_dpop_nonce"));
		assert_null(strcasestr(b->head, "DPoP-Nonce"));
		assert_int_equal(atomic_load(&api->requests), 1 + 2 * i);
	}
	assert_int_equal(atomic_load(&api->tokens), 1);
	browser_close(b);
}

static void test_body_that_is_not_kept(void **state)
{
	struct browser *b;

	(void)state;
	start(wants_nonce, "replay_body = 4\n");
	b = browser_open(run->port);
	assert_int_equal(ask(b, "POST", "", "the body"), 401);
	assert_int_equal(ask(b, "POST", "", "the body"), 200);
	assert_int_equal(atomic_load(&api->requests), 3);
	browser_close(b);
}

static void test_kept_though_nothing_refreshes(void **state)
{
	struct browser *b;

	(void)state;
	start(wants_nonce, "refresh_status = 599\n");
	b = browser_open(run->port);
	assert_int_equal(ask(b, "POST", "", "the body"), 200);
	assert_string_equal(b->body, "the body");
	browser_close(b);
}

static void test_replay_never(void **state)
{
	struct browser *b;

	(void)state;
	start(wants_nonce, "replay = never\n");
	b = browser_open(run->port);
	assert_int_equal(ask(b, "GET", "", ""), 401);
	assert_int_equal(ask(b, "GET", "", ""), 200);
	browser_close(b);
}

static void test_unbound_token_has_no_proof(void **state)
{
	struct browser *b;

	(void)state;
	start(ignores_dpop, "");
	b = browser_open(run->port);
	assert_int_equal(ask(b, "GET", "DPoP: theirs\r\n", ""), 200);
	assert_non_null(strstr(api->head, "Authorization: Bearer token-1\r\n"));
	assert_null(strstr(api->head, "DPoP"));
	assert_non_null(strstr(running_said(run), "token_not_bound"));
	browser_close(b);
}

#define TEST(name) cmocka_unit_test_teardown(name, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_same_token_and_new_proof),
		TEST(test_challenges_end),
		TEST(test_body_that_is_not_kept),
		TEST(test_kept_though_nothing_refreshes),
		TEST(test_replay_never),
		TEST(test_unbound_token_has_no_proof),
	};

	return cmocka_run_group_tests_name("proxy/proof", tests, NULL, NULL);
}
