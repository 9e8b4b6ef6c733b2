/* SPDX-License-Identifier: MIT */
#include "preview/preview.h"

#include "oauth/keys.h"
#include "preview/shown.h"

#define HEAD "    Host: as.example.com\n" \
	     "    User-Agent: bearerd/" PACKAGE_VERSION "\n" \
	     "    Accept: application/json\n" \
	     "    Accept-Encoding: identity\n" \
	     "    Content-Type: application/x-www-form-urlencoded\n"
#define SERVER "token_endpoint = https://as.example.com/token\n" \
	       "client_id = me\n"
#define UPSTREAM "[service a]\nupstream = https://api.example.com/v1/\n"
#define FORWARDED "\n  Forwarded request, an example\n" \
		  "    GET https://api.example.com/v1/...\n" \
		  "    Host: api.example.com\n" \
		  "    (and the client's own fields)\n" \
		  "    Via: 1.1 bearerd-(chosen at start)\n"
#define BEARER FORWARDED "    Authorization: Bearer (access_token)\n"
#define REFRESHED "\n  Refresh request, where there is a refresh token\n" \
		  "    POST https://as.example.com/token\n" HEAD \
		  "    form\n" \
		  "      grant_type    = refresh_token\n" \
		  "      refresh_token = (refresh_token)\n" \
		  "      client_id     = me\n"

static void client_credentials(void **state)
{
	(void)state;
	assert_shown(UPSTREAM SERVER "scope = a b\nresource = https://x/\n",
		     "\n  Token request\n"
		     "    POST https://as.example.com/token\n" HEAD
		     "    form\n"
		     "      grant_type = client_credentials\n"
		     "      scope      = a b\n"
		     "      resource   = https://x/\n"
		     "      client_id  = me\n"
		     "\n  Refresh request, where there is a refresh token\n"
		     "    POST https://as.example.com/token\n" HEAD
		     "    form\n"
		     "      grant_type    = refresh_token\n"
		     "      refresh_token = (refresh_token)\n"
		     "      resource      = https://x/\n"
		     "      client_id     = me\n" BEARER);
}

static void authorization_code(void **state)
{
	(void)state;
	assert_shown("[proxy]\nexternal_url = https://me.example.com/\n"
		     UPSTREAM SERVER
		     "authorization_endpoint = https://as.example.com/a?b=c\n"
		     "scope = mail\n"
		     "authorization_request.param.prompt = consent\n",
		     "\n  Authorization request, by a person's browser\n"
		     "    GET https://as.example.com/a\n"
		     "    query\n"
		     "      b                     = c\n"
		     "      response_type         = code\n"
		     "      client_id             = me\n"
		     "      redirect_uri          = "
		     "https://me.example.com/-/callback/a\n"
		     "      scope                 = mail\n"
		     "      state                 = (new for each login)\n"
		     "      code_challenge        = (new for each login)\n"
		     "      code_challenge_method = S256\n"
		     "      prompt                = consent\n"
		     "\n  Token request, with what the browser brings back\n"
		     "    POST https://as.example.com/token\n" HEAD
		     "    form\n"
		     "      grant_type    = authorization_code\n"
		     "      code          = (the login's code)\n"
		     "      redirect_uri  = "
		     "https://me.example.com/-/callback/a\n"
		     "      code_verifier = (the login's code_verifier)\n"
		     "      client_id     = me\n" REFRESHED BEARER);
}

static void what_is_pushed(void **state)
{
	static const char text[] = UPSTREAM SERVER
		"authorization_endpoint = https://as.example.com/a\n"
		"pushed_authorization_request_endpoint = "
		"https://as.example.com/par\n";

	(void)state;
	assert_shows(text, "\n  Pushed authorization request\n"
			   "    POST https://as.example.com/par\n" HEAD
			   "    form\n"
			   "      response_type         = code\n");
	assert_shows(text, "    GET https://as.example.com/a\n"
			   "    query\n"
			   "      client_id   = me\n"
			   "      request_uri = (request_uri)\n");
}

/* They are named, and not called. */
static void hooks(void **state)
{
	const char *path = keys_put("h.lua",
		"function access_token_request(r) error('called') end\n"
		"function client_auth(r) error('called') end\n"
		"function protected_request(r) error('called') end\n");
	char text[1024];

	(void)state;
	snprintf(text, sizeof(text), "%shook = %s\n"
		 "token_endpoint_auth_method = hook\n",
		 UPSTREAM SERVER, path);
	assert_shows(text, "      grant_type = client_credentials\n"
			   "    (then client_auth of the hook changes it)\n"
			   "    (then access_token_request of the hook changes "
			   "it)\n");
	assert_shows(text, "    (then protected_request of the hook changes "
			   "it)\n");
	assert_hides(text, "refresh_token_request of");
}

static void implicit_asks_for_no_token(void **state)
{
	static const char text[] = UPSTREAM "client_id = me\n"
		"grant_type = implicit\n"
		"authorization_endpoint = https://as.example.com/a\n";

	(void)state;
	assert_shows(text, "      response_type = token\n");
	assert_hides(text, "POST");
	assert_hides(text, "code_");
}

static void device_code(void **state)
{
	(void)state;
	assert_shown(UPSTREAM SERVER "grant_type = device_code\n"
		     "device_authorization_endpoint = https://as.example.com/d"
		     "\n",
		     "\n  Device authorization request\n"
		     "    POST https://as.example.com/d\n" HEAD
		     "    form\n"
		     "      client_id = me\n"
		     "\n  Token request, until the person has entered the code"
		     "\n    POST https://as.example.com/token\n" HEAD
		     "    form\n"
		     "      grant_type  = urn:ietf:params:oauth:grant-type:"
		     "device_code\n"
		     "      device_code = (the login's device_code)\n"
		     "      client_id   = me\n" REFRESHED BEARER);
}

static void callback_as_the_keys_have_it(void **state)
{
	static const char text[] = UPSTREAM SERVER
		"authorization_endpoint = https://as.example.com/a\n"
		"redirect_uri = https://me.example.com/cb\n"
		"authorization_response.rename.auth_code = code\n"
		"authorization_response.keep = device_id\n"
		"access_token_request.param.device = "
		"{token.callback.device_id}\n"
		"protected_request.header.X-Id = {token.callback.device_id}\n";

	(void)state;
	assert_shows(text, "    its answer, by way of the browser\n"
			   "      rename.auth_code = code\n"
			   "      keep = device_id\n");
	assert_shows(text, " = (token.callback.device_id)\n");
	assert_shows(text, "X-Id: (token.callback.device_id)\n");
}

static void device_code_as_the_keys_have_it(void **state)
{
	static const char text[] = UPSTREAM SERVER "grant_type = device_code\n"
		"device_authorization_endpoint = https://as.example.com/d\n"
		"device_authorization_request.param.scopes = one two\n"
		"device_authorization_request.format = json\n"
		"device_authorization_response.rename.code = device_code\n"
		"device_authorization_response.error_if = ok=false\n";

	(void)state;
	assert_shows(text, "    JSON\n"
			   "      client_id = me\n"
			   "      scopes    = one two\n"
			   "    its answer is changed, in this order\n"
			   "      rename.code = device_code\n"
			   "      error_if = ok=false\n"
			   "\n  Token request, until");
	assert_hides(text, "Token request, until the person has entered the "
			   "code\n    POST https://as.example.com/token\n" HEAD
			   "    JSON");
}

static void refresh_token_alone(void **state)
{
	static const char text[] = UPSTREAM SERVER "refresh_token = x\n"
		"refresh_endpoint = https://as.example.com/again\n";

	(void)state;
	assert_shows(text, "\n  Refresh request\n"
			   "    POST https://as.example.com/again\n");
	assert_hides(text, "Token request");
}

static void other_grants(void **state)
{
	(void)state;
	assert_shows(UPSTREAM SERVER "username = u\npassword = x\n",
		     "      username   = u\n"
		     "      password   = (password)\n");
	assert_shows(UPSTREAM SERVER "grant_type = token-exchange\n"
		     "subject_token = x\nactor_token = y\n",
		     "      subject_token      = (subject_token)\n");
	assert_shows("[service a]\nupstream = https://a.example.com\n" SERVER
		     "grant_type = token-exchange\n"
		     "subject_token_service = b\n"
		     "[service b]\nupstream = https://b.example.com\n"
		     "access_token = x\n",
		     "      subject_token      = (subject_token)\n");
}

static void without_a_server(void **state)
{
	(void)state;
	assert_shown(UPSTREAM "access_token = x\n",
		     "\n  Token\n"
		     "    that of the key access_token; none is asked for\n"
		     BEARER);
	assert_shown(UPSTREAM, "\n  Token\n    none\n" FORWARDED);
	assert_shown(UPSTREAM "session = b\n"
		     "[service b]\nmatch = b.example.com\naccess_token = x\n",
		     "\n  Tokens\n    are those of the service b\n" BEARER);
}

/* Then the issuer's own addresses are not asked. */
static void found_elsewhere_than_the_issuer_says(void **state)
{
	(void)state;
	assert_shows(UPSTREAM "issuer = https://as.example.com/x\n"
		     "metadata_url = https://docs.example.com/metadata\n"
		     "client_id = me\nclient_secret = s3cret\n",
		     "that has it\n"
		     "    GET https://docs.example.com/metadata\n\n");
}

static void found_from_the_issuer(void **state)
{
	static const char text[] = UPSTREAM
		"issuer = https://as.example.com/x\nclient_id = me\n"
		"client_secret = 0123456789012345678901234567890123456789\n"
		"token_endpoint_auth_method = client_secret_jwt\n";

	(void)state;
	assert_shows(text, "    GET https://as.example.com/.well-known/"
			   "oauth-authorization-server/x\n"
			   "    GET https://as.example.com/x/.well-known/"
			   "openid-configuration\n");
	assert_shows(text, "\n  Token request\n    POST (found from issuer)\n"
			   "    Host: (found from issuer)\n");
	assert_shows(text, "        claim aud: \"https://as.example.com/x\"\n");
	assert_shows(text, "\n  Revocation request, then the same of the "
			   "access token\n    POST (found from issuer)\n");
	assert_hides(text, "invalid");
}

static void keys_of_the_server(void **state)
{
	static const char text[] = UPSTREAM SERVER
		"authorization_endpoint = https://as.example.com/a\n"
		"issuer = https://as.example.com\nscope = openid\n";
	char more[1024];

	(void)state;
	assert_shows(text, "\n  Server keys, where an id_token is to be "
			   "verified\n    GET (found from issuer)\n");
	assert_shows(text, "      nonce                 = "
			   "(new for each login)\n");
	snprintf(more, sizeof(more), "%sjwks_uri = https://as.example.com/k\n",
		 text);
	assert_shows(more, "    GET https://as.example.com/k\n");
	snprintf(more, sizeof(more), "%sid_token = ignore\n", text);
	assert_hides(more, "Server keys");
}

static void other_formats(void **state)
{
	(void)state;
	assert_shows(UPSTREAM SERVER "access_token_request.format = json\n",
		     "    Content-Type: application/json\n"
		     "    JSON\n"
		     "      grant_type = client_credentials\n"
		     "      client_id  = me\n");
	assert_shows(UPSTREAM "token_endpoint = https://as.example.com/t?x=y\n"
		     "client_id = me\n"
		     "access_token_request.method = GET\n"
		     "access_token_request.format = query\n",
		     "    GET https://as.example.com/t\n"
		     "    Host: as.example.com\n"
		     "    User-Agent: bearerd/" PACKAGE_VERSION "\n"
		     "    Accept: application/json\n"
		     "    Accept-Encoding: identity\n"
		     "    query\n"
		     "      x          = y\n"
		     "      grant_type = client_credentials\n"
		     "      client_id  = me\n");
}

static void fixes_are_in_effect(void **state)
{
	static const char text[] = UPSTREAM SERVER
		"access_token_request.param.appid = {client_id}\n"
		"access_token_request.param.client_id =\n"
		"access_token_request.header.X-Id = {uuid}-{now}\n"
		"access_token_response.rename.data.token = access_token\n"
		"access_token_response.error_if = ok=false\n";

	(void)state;
	assert_shows(text, "    X-Id: (new for each request)-"
			   "(seconds since 1970)\n"
			   "    form\n"
			   "      grant_type = client_credentials\n"
			   "      appid      = me\n"
			   "    its answer is changed, in this order\n"
			   "      rename.data.token = access_token\n"
			   "      error_if = ok=false\n");
}

/* What cannot be had is said where it would be. */
static void what_cannot_be_made(void **state)
{
	(void)state;
	assert_shows(UPSTREAM SERVER "access_token_request.format = json\n"
		     "access_token_request.param.x = \xff\n",
		     "\n  Token request\n    cannot be made: [service a]: ");
}

static void bound_tokens(void **state)
{
	static const char text[] = UPSTREAM SERVER "dpop = yes\n"
		"revocation_endpoint = https://as.example.com/revoke\n"
		"authorization_endpoint = https://as.example.com/a\n";

	(void)state;
	assert_shows(text, "    DPoP: (a proof, new for each request)\n"
			   "    form\n"
			   "      grant_type    = authorization_code\n");
	assert_shows(text, "    Authorization: DPoP (access_token)\n"
			   "    DPoP: (a proof, new for each request)\n");
	assert_shows(text, "      dpop_jkt              = (thumbprint of the "
			   "session's key)\n");
}

static void forwarded(void **state)
{
	static const char keys[] = UPSTREAM "access_token = x\n"
		"client_id = me\n"
		"protected_request.header.Client-Id = {client_id}\n"
		"protected_request.header.Accept-Language =\n"
		"protected_request.remove_header = Cookie\n"
		"protected_request.query.team = {token.team.id}\n"
		"protected_request.keep = team\n"
		"existing_credential = reject\n";

	(void)state;
	assert_shows(keys, "    Host: api.example.com\n"
			   "    (and the client's own fields, but for Cookie, "
			   "Accept-Language)\n"
			   "    (where the client sends team, its own stays)\n"
			   "    (where the client sends a credential, it is "
			   "refused)\n"
			   "    Via: 1.1 bearerd-(chosen at start)\n"
			   "    Authorization: Bearer (access_token)\n"
			   "    Client-Id: me\n"
			   "    query\n"
			   "      team = (token.team.id)\n"
			   "      (and the client's own)\n");
}

static void refusals_in_words(void **state)
{
	(void)state;
	assert_shows(UPSTREAM SERVER "refresh_if = ok=false\n"
		     "refresh_if = error.code=190\n",
		     "    Authorization: Bearer (access_token)\n"
		     "    (an answer in JSON with ok=false is as a 401)\n"
		     "    (an answer in JSON with error.code=190 is as a 401)"
		     "\n");
}

static void forms(void **state)
{
	static const char text[] = UPSTREAM "access_token = x\n"
		"token_placement = body\ntoken_name = token\n";

	(void)state;
	assert_shows(text, "    query\n      token = (access_token)\n");
	assert_shows(text, "\n  Forwarded request with a form, an example\n"
			   "    POST https://api.example.com/v1/...\n");
	assert_shows(text, "    form\n      token = (access_token)\n"
			   "      (and the client's own)\n");
}

static void other_upstreams(void **state)
{
	(void)state;
	assert_shows("[service a]\nmatch = api.example.com\naccess_token = x\n",
		     "    GET https://api.example.com/...\n"
		     "    Host: api.example.com\n");
	assert_shows("[service a]\nmatch = *.example.com\naccess_token = x\n",
		     "    GET https://(the request's host)/...\n"
		     "    Host: (the request's host)\n");
	assert_shows("[service a]\nmatch = a.example.com\n" SERVER
		     "upstream = https://{token.host}/v2/\n"
		     "upstream_hosts = *.example.com\n",
		     "    GET https://{token.host}/v2/...\n"
		     "    Host: (that of the upstream, which the token "
		     "chooses)\n");
}

static void keys_of_a_profile(void **state)
{
	static const char text[] = "[provider p]\n"
		"token_endpoint = https://as.example.com/token\n"
		"scope = a\n"
		"access_token_response.default.expires_in = 3600\n"
		UPSTREAM "provider = p\nclient_id = me\nscope = b\n";

	(void)state;
	assert_shows(text, "\n  Keys of the profile p\n"
			   "    token_endpoint, "
			   "access_token_response.default.expires_in\n\n");
	assert_shows(text, "      scope      = b\n");
}

static void where_browsers_come(void **state)
{
	static const struct {
		const char *proxy, *want;
	} rows[] = {
		{ "", "http://127.0.0.1:8119" },
		{ "listen = [::1]:80", "http://[::1]:80" },
		{ "listen = localhost:81", "http://localhost:81" },
		{ "listen = 127.0.0.1:0", "http://127.0.0.1:PORT" },
		{ "listen = unix:/x", NULL },
		{ "listen = 0.0.0.0:80\nallow_from = 127.0.0.1", NULL },
		{ "listen = [::]:80\nallow_from = 127.0.0.1", NULL },
		{ "listen = unix:/x\nexternal_url = https://a.example/b//",
		  "https://a.example/b" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[512], *url;

		snprintf(text, sizeof(text), "[proxy]\n%s\n" UPSTREAM,
			 rows[i].proxy);
		load_masked(text);
		url = preview_external(services);
		if (rows[i].want)
			assert_string_equal(url, rows[i].want);
		else
			assert_null(url);
		mem_free(url);
	}
}

/* Twice the same, whatever the clock says. */
static void it_does_not_change(void **state)
{
	struct buf a, b;

	(void)state;
	load_masked(UPSTREAM SERVER "protected_request.header.X = {uuid}{now}\n"
		    "access_token_request.param.y = {uuid}{now}\n");
	a = shown_of(0);
	b = shown_of(0);
	assert_string_equal(buf_z(&a), buf_z(&b));
	buf_fini(&a);
	buf_fini(&b);
}

#define TEST(name) cmocka_unit_test_teardown(name, scratch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(client_credentials),
		TEST(authorization_code),
		TEST(what_is_pushed),
		TEST(hooks),
		TEST(implicit_asks_for_no_token),
		TEST(device_code),
		TEST(device_code_as_the_keys_have_it),
		TEST(callback_as_the_keys_have_it),
		TEST(refresh_token_alone),
		TEST(other_grants),
		TEST(without_a_server),
		TEST(found_elsewhere_than_the_issuer_says),
		TEST(found_from_the_issuer),
		TEST(keys_of_the_server),
		TEST(other_formats),
		TEST(fixes_are_in_effect),
		TEST(what_cannot_be_made),
		TEST(bound_tokens),
		TEST(forwarded),
		TEST(refusals_in_words),
		TEST(forms),
		TEST(other_upstreams),
		TEST(keys_of_a_profile),
		TEST(where_browsers_come),
		TEST(it_does_not_change),
	};

	return cmocka_run_group_tests_name("service/preview", tests, NULL,
					   keys_teardown);
}
