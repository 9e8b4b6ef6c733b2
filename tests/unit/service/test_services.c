/* SPDX-License-Identifier: MIT */
#include "service/match.h"
#include "service/service.h"

#include "service/scratch.h"

#define CLIENT \
	"token_endpoint = https://as.test/token\nclient_id = id\n" \
	"client_secret = s\n"

static void test_compiled(void **state)
{
	const struct service *s;

	(void)state;
	load_good("[service api]\n"
		  "upstream = https://API.test:8443/v1/\n"
		  "token_endpoint = https://as.test/oauth/token?x=1\n"
		  "client_id = id\nclient_secret = s3cret\n"
		  "token_placement = query\n"
		  "[service other]\nupstream = http://127.0.0.1:9000\n"
		  "path = /x/y/\n");
	assert_int_equal(services->n, 2);
	s = services->v[0];
	assert_int_equal(s->index, 0);
	assert_string_equal(s->name, "api");
	assert_string_equal(s->path, "/api/");
	assert_string_equal(s->base_path, "/v1");
	assert_true(s->has_upstream);
	assert_string_equal(s->upstream.host, "api.test");
	assert_int_equal(s->upstream.port, 8443);
	assert_non_null(s->trust);
	assert_ptr_equal(s->transport->trust, s->trust);
	assert_ptr_equal(s->upstream.transport, s->transport);
	assert_ptr_equal(at(s, ENDPOINT_TOKEN)->origin.transport,
			 s->token_transport);
	assert_string_equal(s->grant->name, "client_credentials");
	assert_string_equal(s->auth->name, "client_secret_basic");
	assert_string_equal(s->placement.placement->name, "query");
	assert_string_equal(at(s, ENDPOINT_TOKEN)->origin.url,
			    "https://as.test:443");
	assert_string_equal(at(s, ENDPOINT_TOKEN)->target,
			    "/oauth/token?x=1");
	assert_int_equal(s->nmatches, 1);
	assert_string_equal(s->matches[0].host, "api.test");
	assert_int_equal(s->matches[0].port, 8443);
	assert_string_equal(s->matches[0].prefix, "/v1");
	s = services->v[1];
	assert_int_equal(s->index, 1);
	assert_string_equal(s->path, "/x/y/");
	assert_string_equal(s->base_path, "");
	assert_string_equal(s->grant->name, "none");
	assert_null(s->auth);
	assert_null(s->trust);
	assert_null(at(s, ENDPOINT_TOKEN)->target);
}

static void test_defaults(void **state)
{
	const struct service *s;

	(void)state;
	load_good("[service a]\nupstream = http://127.0.0.1:9000\n");
	s = services->v[0];
	assert_int_equal(s->route->connect_timeout, 10000);
	assert_int_equal(s->route->response_timeout, 60000);
	assert_int_equal(s->route->idle_timeout, 60000);
	assert_false(s->route->allow_plain_upstream);
	assert_int_equal(s->tokens->refresh_leeway, 60000);
	assert_int_equal(s->tokens->default_expires_in, 0);
	assert_int_equal(s->tokens->token_timeout, 10000);
	assert_int_equal(s->tokens->max_waiting, 1000);
	assert_int_equal(s->tokens->refresh_status.n, 1);
	assert_int_equal(s->tokens->refresh_status.v[0], 401);
	assert_int_equal(s->tokens->replay, REPLAY_SAFE);
	assert_int_equal(s->tokens->replay_body, 65536);
	assert_int_equal(s->tokens->existing_credential, EXISTING_REPLACE);
	assert_int_equal(services->proxy->listen.n, 1);
	assert_string_equal(services->proxy->listen.v[0], "127.0.0.1:8119");
	assert_int_equal(s->route->max_body, 0);
	assert_int_equal(s->route->max_upstream_connections, 0);
	assert_int_equal(s->route->http_version, TRANSPORT_HTTP_1_1);
	assert_null(s->route->upstream_proxy);
	assert_null(s->route->provider);
	assert_int_equal(services->proxy->unmatched, UNMATCHED_DENY);
	assert_int_equal(services->proxy->forward_to.n, 0);
	assert_int_equal(services->proxy->max_connections, 10000);
	assert_int_equal(services->proxy->max_header_size, 16384);
	assert_int_equal(services->proxy->header_timeout, 30000);
	assert_int_equal(services->proxy->keepalive_timeout, 75000);
	assert_int_equal(services->proxy->drain_timeout, 30000);
	assert_int_equal(services->proxy->log_level, 2);
	assert_int_equal(services->proxy->allow_from.n, 2);
	assert_true(services->workers >= 1 && services->workers <= 256);
	load_good("");
	assert_int_equal(services->n, 0);
}

static void test_words(void **state)
{
	const struct service *s;

	(void)state;
	load_good("[service a]\nupstream = http://127.0.0.1:9000\n"
		  "replay = never\nexisting_credential = reject\n"
		  "refresh_status = 401 403\nallow_plain_upstream = yes\n");
	s = services->v[0];
	assert_int_equal(s->tokens->replay, REPLAY_NEVER);
	assert_int_equal(s->tokens->existing_credential, EXISTING_REJECT);
	assert_int_equal(s->tokens->refresh_status.n, 2);
	assert_true(s->route->allow_plain_upstream);
}

/* One list of CAs for all that name the same. */
static void test_trust_is_shared(void **state)
{
	(void)state;
	load_good("[service a]\nupstream = https://a.test\n" CLIENT
		  "[service b]\nupstream = https://b.test\n" CLIENT
		  "[service c]\nupstream = http://127.0.0.1:1\n");
	assert_non_null(services->v[0]->trust);
	assert_ptr_equal(services->v[0]->trust, services->v[1]->trust);
	assert_null(services->v[2]->trust);
}

/* Services share connections where all that a connection is made by is the
 * same, and only there. */
static void test_transports_are_shared(void **state)
{
	struct service *const *v;

	(void)state;
	load_good("[service a]\nupstream = https://a.test\n" CLIENT
		  "[service b]\nupstream = https://b.test\n" CLIENT
		  "[service c]\nupstream = https://c.test\n" CLIENT
		  "http_version = auto\n"
		  "[service d]\nupstream = https://d.test\n" CLIENT
		  "upstream_proxy = http://p.test:3128\n"
		  "[service e]\nupstream = https://e.test\n" CLIENT
		  "upstream_proxy = http://p.test:3128/\n"
		  "[service f]\nupstream = https://f.test\n" CLIENT
		  "upstream_proxy = http://u:p@p.test:3128\n"
		  "[service g]\nupstream = https://g.test\n" CLIENT
		  "max_upstream_connections = 5\n"
		  "[service h]\nupstream = https://h.test\n" CLIENT
		  "max_upstream_connections = 5\n");
	v = services->v;
	assert_ptr_equal(v[0]->transport, v[1]->transport);
	assert_ptr_equal(v[0]->transport, v[0]->token_transport);
	assert_ptr_not_equal(v[0]->transport, v[2]->transport);
	assert_ptr_equal(v[0]->transport, v[2]->token_transport);
	assert_int_equal(v[2]->transport->http, TRANSPORT_HTTP_AUTO);
	assert_ptr_not_equal(v[0]->transport, v[3]->transport);
	assert_ptr_equal(v[3]->transport, v[4]->transport);
	assert_ptr_equal(v[3]->transport, v[3]->token_transport);
	assert_ptr_not_equal(v[3]->transport, v[5]->transport);
	/* Each service has its own number of connections, and token requests
	 * are not among them. */
	assert_ptr_not_equal(v[6]->transport, v[7]->transport);
	assert_ptr_not_equal(v[6]->transport, v[0]->transport);
	assert_ptr_equal(v[6]->token_transport, v[0]->transport);
}

static void test_trust_that_is_none(void **state)
{
	(void)state;
	load("[service a]\nupstream = https://a.test\nupstream_ca = /dev/null"
	     "\n[service b]\nupstream = https://b.test\n"
	     "upstream_ca = /nothing.pem\n");
	assert_mistake(3, "upstream_ca: /dev/null");
	assert_mistake(6, "upstream_ca: /nothing.pem");
	assert_mistakes(2);
}

/* The identity of [service NAME] with these lines. */
static void identity(const char *name, const char *lines, char *out)
{
	char text[1024];

	(void)snprintf(text, sizeof(text), "[service %s]\nupstream = "
		       "https://a.test\n%s", name, lines);
	load_good(text);
	(void)strcpy(out, services->v[0]->identity);
}

static void test_identity(void **state)
{
	static const char *const others[] = {
		"token_endpoint = https://as.test/token\nclient_id = id\n"
		"client_secret = s\nscope = a\n",
		"token_endpoint = https://as.test/token\nclient_id = id\n"
		"client_secret = s\naudience = a\n",
		"token_endpoint = https://as.test/token\nclient_id = id\n"
		"client_secret = s\nresource = https://a\n",
		"token_endpoint = https://as.test/token\nclient_id = id\n"
		"client_secret = s\nresource = https://a\n"
		"resource = https://b\n",
		"token_endpoint = https://as.test/token2\nclient_id = id\n"
		"client_secret = s\n",
		"token_endpoint = https://as.test/token\nclient_id = id2\n"
		"client_secret = s\n",
		"token_endpoint = https://as.test/token\nclient_id = id\n"
		"client_secret = s\ngrant_type = none\n",
	};
	char first[256], other[256], seen[7][256];

	(void)state;
	identity("api", CLIENT, first);
	assert_memory_equal(first, "api:", 4);
	assert_int_equal(strlen(first), 4 + 64);
	for (size_t i = 0; i < 7; i++) {
		identity("api", others[i], seen[i]);
		assert_string_not_equal(first, seen[i]);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(seen[i], seen[j]);
	}
	/* What is no part of it: the secret, the route. */
	identity("api", "token_endpoint = https://as.test/token\n"
		 "client_id = id\nclient_secret = rotated\n"
		 "match = b.test\nrefresh_leeway = 1s\n", other);
	assert_string_equal(first, other);
	identity("api2", CLIENT, other);
	assert_string_not_equal(first, other);
}

#define REFRESH "token_endpoint = https://as.test/token\nclient_id = id\n" \
	"refresh_token = r\n"
#define USER(name) "token_endpoint = https://as.test/token\n" \
	"client_id = id\nusername = " name "\npassword = p\n"

/* A user's tokens are that user's; where a refresh token came from elsewhere,
 * another scope leaves the session what it is, but not its token. */
static void test_identity_by_grant(void **state)
{
	char one[256], two[256], digest[256];

	(void)state;
	identity("a", USER("joe"), one);
	identity("a", USER("ann"), two);
	assert_string_not_equal(one, two);
	identity("a", REFRESH, one);
	(void)strcpy(digest, services->v[0]->request_digest);
	identity("a", REFRESH "scope = x\n", two);
	assert_string_equal(one, two);
	assert_string_not_equal(digest, services->v[0]->request_digest);
	identity("a", "token_endpoint = https://as.test/token\n"
		 "client_id = id\nrefresh_token = other\n", two);
	assert_string_equal(one, two);
	assert_string_equal(digest, services->v[0]->request_digest);
}

static void test_refresh_endpoint(void **state)
{
	(void)state;
	load_good("[service a]\nupstream = https://a.test\n" REFRESH
		  "[service b]\nupstream = https://b.test\n" REFRESH
		  "refresh_endpoint = https://r.test/again?x=y\n");
	assert_null(at(services->v[0], ENDPOINT_REFRESH)->target);
	assert_string_equal(at(services->v[1], ENDPOINT_REFRESH)->target,
			    "/again?x=y");
	assert_string_equal(at(services->v[1], ENDPOINT_REFRESH)
				    ->origin.authority,
			    "r.test");
	assert_string_equal(at(services->v[1], ENDPOINT_TOKEN)->target,
			    "/token");
}

/* No token is put in the place of another because two values ran together. */
static void test_identity_is_unambiguous(void **state)
{
	char one[256], two[256];

	(void)state;
	identity("a", CLIENT "scope = x\naudience = y\n", one);
	identity("a", CLIENT "scope = x audience 1:y\n", two);
	assert_string_not_equal(one, two);
}

static void test_reported_mistakes_give_nothing(void **state)
{
	(void)state;
	load("[service a]\nupstream = https://a.test\nunknown = 1\n");
	assert_null(services);
	assert_mistakes(1);
	services_free(&services);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_compiled),
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_trust_is_shared),
		cmocka_unit_test(test_transports_are_shared),
		cmocka_unit_test(test_trust_that_is_none),
		cmocka_unit_test(test_identity),
		cmocka_unit_test(test_identity_by_grant),
		cmocka_unit_test(test_refresh_endpoint),
		cmocka_unit_test(test_identity_is_unambiguous),
		cmocka_unit_test(test_reported_mistakes_give_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, scratch_teardown);
}
