/* SPDX-License-Identifier: MIT */
#include "service/service.h"

#include "service/endpoints.h"
#include "service/scratch.h"

#define SERVICE "[service a]\nupstream = https://a.test\n"

static void test_grant(void **state)
{
	(void)state;
	load(SERVICE "grant_type = passwort\n"
	     "[service b]\nupstream = https://b.test\n"
	     "grant_type = client_credentials\n"
	     "[service c]\nupstream = https://c.test\nclient_id = x\n"
	     "[service d]\nupstream = https://d.test\nclient_id = x\n"
	     "token_endpoint = http://as.test/\n"
	     "[service e]\nupstream = https://e.test\ngrant_type = static\n");
	assert_mistake(3, "client_credentials");
	assert_mistake(4, "client_id is missing");
	assert_mistake(7, "token_endpoint is missing");
	assert_mistake(13, "https");
	assert_mistake(14, "access_token is missing");
	assert_mistakes(5);
}

static void test_token_endpoint(void **state)
{
	(void)state;
	load_good(SERVICE "client_id = x\n"
		  "token_endpoint = http://127.0.0.1:9000\n");
	assert_string_equal(at(services->v[0], ENDPOINT_TOKEN)->target, "/");
	load(SERVICE "client_id = x\n"
	     "token_endpoint = https://u:p@as.test/\n"
	     "[service b]\nupstream = https://b.test\nclient_id = x\n"
	     "token_endpoint = https://as.test/#x\n"
	     "[service c]\nupstream = https://c.test\nclient_id = x\n"
	     "token_endpoint = as.test\n");
	assert_mistake(4, "user");
	assert_mistake(8, "fragment");
	assert_mistake(12, "must be a URL");
	assert_mistakes(3);
}

static void test_issuer(void **state)
{
	(void)state;
	load_good(SERVICE "client_id = x\nissuer = https://as.test/t\n"
		  "[service b]\nupstream = https://b.test\nclient_id = x\n"
		  "issuer = http://127.0.0.1:9000\n");
	assert_string_equal(services->v[0]->endpoints->issuer,
			    "https://as.test/t");
	assert_null(at(services->v[0], ENDPOINT_TOKEN)->url);
	load(SERVICE "client_id = x\nissuer = http://as.test\n"
	     "[service b]\nupstream = https://b.test\nclient_id = x\n"
	     "issuer = https://as.test/?x\n"
	     "[service c]\nupstream = https://c.test\nclient_id = x\n"
	     "issuer = https://u:p@as.test\n"
	     "[service d]\nupstream = https://d.test\nclient_id = x\n"
	     "issuer = as.test\n"
	     "[service e]\nupstream = https://e.test\nclient_id = x\n"
	     "issuer = http://localhost/\n"
	     "upstream_proxy = http://proxy.test:3128\n"
	     "[service f]\nupstream = https://f.test\n"
	     "grant_type = client_credentials\nissuer = https://as.test\n");
	assert_mistake(4, "issuer must be an https URL");
	assert_mistake(8, "no query");
	assert_mistake(12, "user");
	assert_mistake(16, "must be a URL");
	assert_mistake(20, "over http to upstream_proxy");
	assert_mistake(22, "client_id is missing");
	assert_mistakes(6);
}

static void test_client_auth(void **state)
{
	(void)state;
	load(SERVICE "client_id = x\nclient_secret = s3cret\n"
	     "token_endpoint = https://as.test/\n"
	     "token_endpoint_auth_method = none\n"
	     "[service b]\nupstream = https://b.test\nclient_id = x\n"
	     "token_endpoint = https://as.test/\n"
	     "token_endpoint_auth_method = client_secret_post\n"
	     "[service c]\nupstream = https://c.test\n"
	     "token_endpoint_auth_method = client_secret\n");
	assert_mistake(4, "client_secret is not used with");
	assert_mistake(7, "client_secret is missing");
	assert_mistake(14, "client_secret_basic");
	assert_mistakes(3);
}

/* Whatever their names end with. */
static void test_assertion_keys_that_nothing_uses(void **state)
{
	(void)state;
	load(SERVICE "client_id = x\ntoken_endpoint = https://as.test/\n"
	     "client_secret = s\nclient_assertion.header.x5t = 1\n"
	     "client_assertion.header.typ =\nclient_assertion.claim.b = 2\n");
	assert_mistake(6, "client_assertion.header.x5t is not used with "
			  "token_endpoint_auth_method = client_secret_basic; "
			  "it is with client_secret_jwt, private_key_jwt");
	assert_mistake(7, "client_assertion.header.typ");
	assert_mistake(8, "client_assertion.claim.b");
	assert_mistakes(3);
	load_good(SERVICE "client_id = x\ntoken_endpoint = https://as.test/\n"
		  "client_secret = 0123456789abcdef0123456789abcdef\n"
		  "token_endpoint_auth_method = client_secret_jwt\n"
		  "client_assertion.header.x5t = 1\n");
}

static void test_placement(void **state)
{
	(void)state;
	load(SERVICE "token_placement = heder\n"
	     "[service b]\nupstream = https://b.test\n"
	     "token_format = {nothing}\n");
	assert_mistake(3, "header, query");
	assert_mistake(6, "token_format");
	assert_mistakes(2);
}

static void test_keys_of_another_grant(void **state)
{
	(void)state;
	load(SERVICE "client_id = x\ntoken_endpoint = https://as.test/\n"
	     "grant_type = client_credentials\naccess_token = s3cret\n");
	assert_mistake(6, "access_token is for grant_type = static, not for "
			  "client_credentials");
	assert_mistakes(1);
	assert_null(strstr(config_report_text(report, 0), "s3cret"));
	/* Whatever their names end with. */
	load(SERVICE "client_id = x\ntoken_endpoint = https://as.test/\n"
	     "client_secret = s\ngrant_type = client_credentials\n"
	     "assertion.claim.a = 1\nassertion.claim.b = 2\n");
	assert_mistake(7, "assertion.claim.a is for grant_type = jwt-bearer");
	assert_mistake(8, "assertion.claim.b is for grant_type = jwt-bearer");
	assert_mistakes(2);
	/* What a change of grant_type leaves behind does no harm. */
	load_good(SERVICE "client_id = x\ntoken_endpoint = https://as.test/\n"
		  "access_token = t\n");
}

/* One mistake for one cause. */
static void test_secret_that_cannot_be_read(void **state)
{
	(void)state;
	load(SERVICE "access_token_file = /nothing\n"
	     "[service b]\nupstream = https://b.test\nclient_id = x\n"
	     "token_endpoint = https://as.test/\n"
	     "client_secret_env = BEARERD_TEST_UNSET\n"
	     "token_endpoint_auth_method = client_secret_post\n");
	assert_mistake(3, "No such file");
	assert_mistake(8, "is not set");
	assert_mistakes(2);
}

static void test_upstream(void **state)
{
	(void)state;
	load("[service a]\n"
	     "[service b]\nupstream = https://u:p@b.test/\n"
	     "[service c]\nupstream = https://c.test/?q\n"
	     "[service d]\nupstream = https://d.test/#f\n"
	     "[service e]\nupstream = ftp://e.test/\n"
	     "[service f]\nupstream = https://f.test/a/../../b\n"
	     "[service g]\nupstream =\n");
	assert_mistake(1, "needs an upstream, or a match");
	assert_mistake(3, "no user and password");
	assert_mistake(5, "no query");
	assert_mistake(7, "fragment");
	assert_mistake(9, "must be a URL");
	assert_mistake(11, "upstream: the path leads out");
	assert_mistake(13, "has no value");
	assert_mistakes(7);
}

static void test_plain_upstream(void **state)
{
	(void)state;
	load("[service a]\nupstream = http://a.test\naccess_token = t\n"
	     "[service b]\nupstream = http://10.0.0.1:80\nclient_id = x\n"
	     "token_endpoint = https://as.test/\n");
	assert_mistake(2, "allow_plain_upstream");
	assert_mistake(5, "allow_plain_upstream");
	assert_mistakes(2);
	load_good("[service a]\nupstream = http://a.test\naccess_token = t\n"
		  "allow_plain_upstream = yes\n"
		  "[service b]\nupstream = http://127.1.2.3\n"
		  "access_token = t\n"
		  "[service c]\nupstream = http://localhost:1\n"
		  "access_token = t\n"
		  "[service d]\nupstream = http://[::1]:1\n"
		  "access_token = t\n"
		  "[service e]\nupstream = http://e.test\n"
		  "[service f]\nupstream = http://f.test\naccess_token = t\n"
		  "token_placement = none\n");
}

static void test_path(void **state)
{
	(void)state;
	load(SERVICE "path = x/\n"
	     "[service b]\nupstream = https://b.test\npath = /x\n"
	     "[service c]\nupstream = https://c.test\npath = /-/x/\n"
	     "[service d]\nupstream = https://d.test\npath = /e/\n"
	     "[service e]\nupstream = https://e.test\n"
	     "[service f]\nupstream = https://f.test\npath = /a?b/\n"
	     "[service g]\nupstream = https://g.test\npath = /../\n"
	     "[service h]\nmatch = *.h.test\npath = /h/\n");
	assert_mistake(3, "begin and end with \"/\"");
	assert_mistake(6, "begin and end with \"/\"");
	assert_mistake(9, "cannot be below /-/");
	assert_mistake(13, "[service d] has /e/ already");
	assert_mistake(17, "no path has");
	assert_mistake(20, "leads out");
	assert_mistake(23, "path needs an upstream");
	assert_mistakes(7);
	load_good(SERVICE "path = /\n[service b]\nupstream = https://b.test"
		  "\npath = /--/\n");
}

static void test_match(void **state)
{
	(void)state;
	load(SERVICE "match = https://api.test\n"
	     "match = api.test:99999\n"
	     "match = api.test/a?b\n"
	     "match = *\n"
	     "match = a.*.test\n"
	     "match = *.10.0.0.1\n"
	     "match = /v1\n"
	     "match = good.test\n"
	     "match = api.test/..\n"
	     "match = *.*.test\n");
	assert_mistake(3, "without a scheme");
	assert_mistake(4, "port");
	assert_mistake(5, "query");
	assert_mistake(6, "in front of a name");
	assert_mistake(7, "in front of a name");
	assert_mistake(8, "below an IP address");
	assert_mistake(9, "match: ");
	assert_mistake(11, "leads out");
	assert_mistake(12, "in front of a name");
	assert_mistakes(9);
}

static void test_same_match(void **state)
{
	(void)state;
	load(SERVICE "match = API.test./v1/\n"
	     "[service b]\nupstream = https://b.test\n"
	     "match = other.test\nmatch = api.test/v1\n"
	     "match = api.test:80/v1\nmatch = *.api.test/v1\n"
	     "match = other.test\n"
	     "[service c]\nupstream = https://c.test\n"
	     "match = *.API.test/v1\n");
	assert_mistake(7, "[service a] has the same one");
	assert_mistake(10, "[service b] has the same one");
	assert_mistake(13, "[service b] has the same one");
	assert_mistakes(3);
}

static void test_match_of_own_address(void **state)
{
	(void)state;
	load("[proxy]\nlisten = 127.0.0.1:8119\nown_names = p.test\n"
	     "[service a]\nupstream = https://a.test\n"
	     "match = 127.0.0.1/v1\n"
	     "match = localhost\n"
	     "match = p.test\n"
	     "match = localhost:8119\n"
	     "match = localhost:8120\n"
	     "match = 127.0.0.2\n");
	assert_mistake(6, "give its port");
	assert_mistake(7, "give its port");
	assert_mistake(8, "give its port");
	assert_mistake(9, "is the proxy itself");
	assert_mistakes(4);
	/* One that is only implied is nobody's mistake. */
	load_good("[service a]\nupstream = http://127.0.0.1\n"
		  "access_token = t\n");
}

static void test_listen(void **state)
{
	(void)state;
	load("[proxy]\n"
	     "listen = 0.0.0.0:8119\n"
	     "listen = [::]:8119\n"
	     "listen = proxy.test:8119\n"
	     "listen = 127.0.0.1\n"
	     "listen = 127.0.0.1:99999\n"
	     "listen = ::1:8119\n"
	     "listen = :8119\n"
	     "listen = *:8119\n"
	     "listen = unix:/run/x\n"
	     "listen = systemd\n"
	     "listen = 127.0.0.1:0\n"
	     "listen = [::1]:8119\n"
	     "listen = localhost:8119\n"
	     "listen = [::ffff:127.0.0.1]:1\n"
	     "listen = [::ffff:10.0.0.1]:1\n");
	assert_mistake(2, "allow_from");
	assert_mistake(3, "allow_from");
	assert_mistake(4, "allow_from");
	assert_mistake(5, "HOST:PORT");
	assert_mistake(6, "HOST:PORT");
	assert_mistake(7, "listen: ");
	assert_mistake(8, "HOST:PORT");
	assert_mistake(9, "listen: ");
	assert_mistake(11, "systemd is not available in this version");
	assert_mistake(16, "allow_from");
	assert_mistakes(10);
	load_good("[proxy]\nlisten = 0.0.0.0:8119\n"
		  "allow_from = 10.0.0.0/8\n");
}

static void test_listen_on_a_socket(void **state)
{
	char text[256];

	(void)state;
	load_good("[proxy]\nlisten = unix:x.sock\nlisten = unix:/run/b/y\n");
	assert_string_equal(services->proxy->listen.v[0],
			    "unix:/tmp/x.sock");
	assert_string_equal(services->proxy->listen.v[1], "unix:/run/b/y");
	load("[proxy]\nlisten = unix:\n");
	assert_mistake(2, "needs a path");
	(void)snprintf(text, sizeof(text), "[proxy]\nlisten = unix:/%0106d\n",
		       0);
	load_good(text);
	(void)snprintf(text, sizeof(text), "[proxy]\nlisten = unix:/%0107d\n",
		       0);
	load(text);
	assert_mistake(2, "107 octets long at the most");
	load("[proxy]\nlisten = UNIX:/x\n");
	assert_mistake(2, "unix:PATH");
}

static void test_limits(void **state)
{
	(void)state;
	load("[proxy]\nmax_connections = 0\nmax_header_size = 1023\n"
	     "header_timeout = 0\nkeepalive_timeout = 0\n");
	assert_mistake(2, "max_connections must be 1 to 1000000");
	assert_mistake(3, "max_header_size must be 1K to 1M");
	assert_mistake(4, "header_timeout must be more than 0");
	assert_mistake(5, "keepalive_timeout must be more than 0");
	assert_mistakes(4);
	load("[proxy]\nmax_connections = 1000001\nmax_header_size = 1025K\n");
	assert_mistake(2, "max_connections must be");
	assert_mistake(3, "max_header_size must be");
	assert_mistakes(2);
	load_good("[proxy]\nmax_connections = 1000000\n"
		  "max_header_size = 1M\nheader_timeout = 1ms\n"
		  "keepalive_timeout = 1ms\ndrain_timeout = 0\n");
}

static void test_forward(void **state)
{
	(void)state;
	load("[proxy]\nforward_to = 10.0.0.0/8\n");
	assert_mistake(2, "nothing is forwarded");
	load("[proxy]\nunmatched = deny\nforward_to = 10.0.0.0/8\n");
	assert_mistake(3, "nothing is forwarded");
	load("[proxy]\nunmatched = forward\nforward_to = home\n");
	assert_mistake(3, "must be addresses");
	load_good("[proxy]\nunmatched = forward\n"
		  "forward_to = 10.0.0.0/8, fd00::/8\n"
		  "forward_to = 192.168.0.0/16\n");
	assert_int_equal(services->proxy->unmatched, UNMATCHED_FORWARD);
	assert_int_equal(services->proxy->forward_to.n, 3);
	load_good("[proxy]\nunmatched = forward\n");
	assert_int_equal(services->proxy->forward_to.n, 0);
}

static void test_workers(void **state)
{
	(void)state;
	load_good("[proxy]\nworkers = 3\n");
	assert_int_equal(services->workers, 3);
	load_good("[proxy]\nworkers = 256\n");
	load("[proxy]\nworkers = 257\n");
	assert_mistake(2, "auto, or 1 to 256");
	load("[proxy]\nworkers = 0\n");
	assert_mistake(2, "auto, or 1 to 256");
	load("[proxy]\nworkers = many\n");
	assert_mistake(2, "auto, or 1 to 256");
}

/* Where nobody says how browsers find back. */
static void test_logins_need_an_address(void **state)
{
	static const char person[] =
		"[service a]\nupstream = https://a.test\nclient_id = c\n"
		"authorization_endpoint = https://as.test/a\n"
		"token_endpoint = https://as.test/t\n";
	static const char *const bad[] = {
		"unix:/run/s", "0.0.0.0:1", "[::]:1",
	}, *const good[] = { "127.0.0.1:1", "192.0.2.1:1", "localhost:1" };
	char text[512];

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		snprintf(text, sizeof(text),
			 "[proxy]\nlisten = %s\nlisten = 127.0.0.1:8119\n"
			 "allow_from = 127.0.0.1\n%s", bad[i], person);
		load(text);
		assert_mistake(2, "external_url is missing");
		assert_mistake(2, "[service a]");
		assert_mistakes(1);
		snprintf(text, sizeof(text),
			 "[proxy]\nlisten = %s\nallow_from = 127.0.0.1\n"
			 "external_url = http://h.test\n%s", bad[i], person);
		load_good(text);
		snprintf(text, sizeof(text),
			 "[proxy]\nlisten = %s\nallow_from = 127.0.0.1\n"
			 "%sredirect_uri = https://elsewhere.test/\n",
			 bad[i], person);
		load(text);
		assert_mistake(2, "external_url is missing");
		snprintf(text, sizeof(text),
			 "[proxy]\nlisten = %s\nallow_from = 127.0.0.1\n"
			 "%sredirect_uri = http://localhost/-/callback\n",
			 bad[i], person);
		load_good(text);
		snprintf(text, sizeof(text),
			 "[proxy]\nlisten = %s\nallow_from = 127.0.0.1\n"
			 "[service a]\nupstream = https://a.test\n"
			 "access_token = x\n", bad[i]);
		load_good(text);
		snprintf(text, sizeof(text),
			 "[proxy]\nlisten = %s\nallow_from = 192.0.2.0/24\n%s",
			 good[i], person);
		load_good(text);
	}
}

static void test_proxy_values(void **state)
{
	(void)state;
	load("[proxy]\n"
	     "store = s3cret:x\n"
	     "unmatched = forbid\n"
	     "own_names = a.test:80, *.test\n"
	     "external_url = https://u@h.test/\n"
	     "allow_from = anywhere\n"
	     "log_level = loud\n");
	assert_mistake(2, "store: no such store; what there is: sqlite:PATH");
	assert_mistake(3, "must be one of: deny forward");
	assert_mistake(4, "a.test:80");
	assert_mistake(4, "*.test");
	assert_mistake(5, "no user");
	assert_mistake(6, "must be addresses");
	assert_mistake(7, "error warning info debug");
	assert_mistakes(7);
	for (size_t i = 0; i < 7; i++)
		assert_null(strstr(config_report_text(report, i), "s3cret"));
	load("[proxy]\nexternal_url = https://h.test/a;b\n");
	assert_mistake(2, "external_url must hold no");
	load_good("[proxy]\nstore = memory:\n");
}

static void test_bounds(void **state)
{
	(void)state;
	load(SERVICE "connect_timeout = 0\nresponse_timeout = 0\n"
	     "idle_timeout = 0\ntoken_timeout = 0\nmax_waiting = 0\n"
	     "replay_body = 65M\n"
	     "[service b]\nupstream = https://b.test\n"
	     "max_waiting = 1000001\ntunnel_idle_timeout = 0\n");
	assert_mistake(3, "connect_timeout must be more than 0");
	assert_mistake(4, "response_timeout must be more than 0");
	assert_mistake(5, "idle_timeout must be more than 0");
	assert_mistake(6, "token_timeout must be more than 0");
	assert_mistake(7, "max_waiting must be 1 to");
	assert_mistake(8, "64M at the most");
	assert_mistake(11, "max_waiting must be 1 to");
	assert_mistake(12, "tunnel_idle_timeout must be more than 0");
	assert_mistakes(8);
}

static void test_route_values(void **state)
{
	(void)state;
	load(SERVICE "max_body = 0\nmax_upstream_connections = 1000001\n"
	     "http_version = 3\n"
	     "[service b]\nupstream = https://b.test\n"
	     "upstream_private_key = key.pem\n"
	     "[service c]\nupstream = http://127.0.0.1\n"
	     "upstream_certificate = /nothing.pem\n"
	     "[service d]\nupstream = https://d.test\n"
	     "upstream_certificate = /nothing.pem\n");
	assert_mistake(3, "max_body must be more than 0");
	assert_mistake(4, "0 (no limit) to 1000000");
	assert_mistake(5, "must be one of: 1.1 2 auto");
	assert_mistake(8, "needs upstream_certificate");
	assert_mistake(11, "upstream must be https");
	assert_mistake(14, "upstream_certificate: ");
	load_good(SERVICE "max_body = 1\nmax_upstream_connections = 0\n"
		  "http_version = auto\n"
		  "[service b]\nupstream = https://b.test\n"
		  "max_upstream_connections = 1000000\n");
	assert_int_equal(services->v[0]->route->max_body, 1);
	assert_int_equal(services->v[0]->route->http_version,
			 TRANSPORT_HTTP_AUTO);
	assert_int_equal(services->v[1]->route->http_version,
			 TRANSPORT_HTTP_1_1);
}

static void test_dpop(void **state)
{
	(void)state;
	load(SERVICE "access_token = t\ndpop = yes\n"
	     "[service b]\nupstream = https://b.test\nclient_id = x\n"
	     "token_endpoint = https://as.test/\ndpop = yes\n"
	     "token_placement = query\n"
	     "[service c]\nupstream = https://c.test\ndpop = yes\n");
	assert_mistake(4, "grant_type = static");
	assert_mistake(9, "token_placement = query");
	assert_mistake(13, "grant_type = none");
	assert_mistakes(3);
	load_good(SERVICE "client_id = x\ntoken_endpoint = https://as.test/\n"
		  "dpop = yes\n"
		  "[service b]\nupstream = https://b.test\nclient_id = x\n"
		  "token_endpoint = https://as.test/\ndpop = yes\n"
		  "token_placement = none\n"
		  "[service c]\nupstream = https://c.test\nprovider = p\n"
		  "access_token = t\n"
		  "[provider p]\ndpop = yes\n");
	assert_true(services->v[0]->dpop);
	assert_true(services->v[1]->dpop);
	assert_false(services->v[2]->dpop);
	assert_string_not_equal(services->v[0]->request_digest,
				services->v[2]->request_digest);
}

/* What a later version knows is not ignored by this one. */
static void test_keys_of_later_versions(void **state)
{
	static const char *const keys[] = {
		"intercept", "tunnel",
	};
	char text[256];

	(void)state;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		(void)snprintf(text, sizeof(text), SERVICE "%s = x\n",
			       keys[i]);
		load(text);
		assert_mistake(3, "has no key");
	}
	load("[client x]\n");
	assert_mistake(1, "no section of the kind \"client\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_grant),
		cmocka_unit_test(test_token_endpoint),
		cmocka_unit_test(test_issuer),
		cmocka_unit_test(test_client_auth),
		cmocka_unit_test(test_assertion_keys_that_nothing_uses),
		cmocka_unit_test(test_placement),
		cmocka_unit_test(test_keys_of_another_grant),
		cmocka_unit_test(test_secret_that_cannot_be_read),
		cmocka_unit_test(test_upstream),
		cmocka_unit_test(test_plain_upstream),
		cmocka_unit_test(test_path),
		cmocka_unit_test(test_match),
		cmocka_unit_test(test_same_match),
		cmocka_unit_test(test_match_of_own_address),
		cmocka_unit_test(test_listen),
		cmocka_unit_test(test_listen_on_a_socket),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_forward),
		cmocka_unit_test(test_route_values),
		cmocka_unit_test(test_dpop),
		cmocka_unit_test(test_workers),
		cmocka_unit_test(test_logins_need_an_address),
		cmocka_unit_test(test_proxy_values),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_keys_of_later_versions),
	};

	return cmocka_run_group_tests(tests, NULL, scratch_teardown);
}
