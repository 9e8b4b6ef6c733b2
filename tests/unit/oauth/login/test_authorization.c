/* SPDX-License-Identifier: MIT */
#include "base/limits.h"
#include "oauth/login/authorization.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "oauth/section.h"

#define ENDPOINT "authorization_endpoint = https://as.example/a\n"

#define PUSHED \
	"pushed_authorization_request_endpoint = https://as.example/par\n"

static struct fault fault;
static const char *dpop_jkt;

static void no_mistake(void *arg, const char *key, size_t i,
		       const struct fault *f)
{
	(void)arg;
	(void)i;
	fail_msg("%s: %s", key, f->text);
}

/* The address that these settings make, with what a login would bring. */
static void expect_from(const char *endpoint, const struct grant *g,
			const char *lines, const char *url)
{
	struct section x = section_new(lines);
	struct secret *state = secret_new(STR("s+1"));
	struct secret *nonce = secret_new(STR("n1"));
	struct secret *verifier = secret_new(
		STR("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"));
	struct compliance *c;
	struct authorization_request r = {
		.section = x.s, .grant = g, .endpoint = endpoint,
		.redirect_uri = "http://127.0.0.1:8119/-/callback/api",
		.state = state, .nonce = nonce, .verifier = verifier,
		.dpop_jkt = dpop_jkt,
	};
	struct buf b = BUF_INIT_SECRET(2 * LIMIT_AUTHORIZATION_URL);

	assert_int_equal(compliance_new(&c, x.s, g, no_mistake, NULL), 0);
	r.params = compliance_authorization(c);
	assert_int_equal(authorization_request_write(&r, &b, &fault), 0);
	assert_string_equal(buf_z(&b), url);
	compliance_free(&c);
	buf_fini(&b);
	secret_unref(&state);
	secret_unref(&nonce);
	secret_unref(&verifier);
	section_free(&x);
}

static void expect(const struct grant *g, const char *lines, const char *url)
{
	expect_from("https://as.example/a", g, lines, url);
}

#define REDIRECT                                                            \
	"&redirect_uri=http%3A%2F%2F127.0.0.1%3A8119%2F-%2Fcallback%2Fapi"
#define S256                                                                \
	"&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"       \
	"&code_challenge_method=S256"

static void test_code(void **state)
{
	(void)state;
	expect(&grant_authorization_code, "client_id = a b\n",
	       "https://as.example/a?response_type=code&client_id=a%20b"
	       REDIRECT
	       "&state=s%2B1" S256 "&nonce=n1");
	expect(&grant_authorization_code,
	       "client_id = x\nscope = openid mail\naudience = api\n"
	       "resource = urn:a\nresource = urn:b\nmax_age = 5m\n"
	       "response_mode = form_post\npkce = no\n",
	       "https://as.example/a?response_type=code&client_id=x" REDIRECT
	       "&scope=openid%20mail&state=s%2B1&nonce=n1"
	       "&response_mode=form_post&max_age=300&audience=api"
	       "&resource=urn%3Aa&resource=urn%3Ab");
	expect(&grant_authorization_code,
	       "client_id = x\npkce = plain\nmax_age = 0\n",
	       "https://as.example/a?response_type=code&client_id=x" REDIRECT
	       "&state=s%2B1&code_challenge="
	       "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
	       "&code_challenge_method=plain&nonce=n1&max_age=0");
}

static void test_other_types(void **state)
{
	(void)state;
	expect(&grant_authorization_code,
	       "client_id = x\nscope = openid\n"
	       "response_type = token id_token code\n",
	       "https://as.example/a?response_type=code%20id_token%20token"
	       "&client_id=x" REDIRECT "&scope=openid&state=s%2B1" S256
	       "&nonce=n1");
	expect(&grant_implicit, "client_id = x\n",
	       "https://as.example/a?response_type=token&client_id=x" REDIRECT
	       "&state=s%2B1&nonce=n1");
	expect(&grant_implicit, "client_id = x\nscope = a openid\n",
	       "https://as.example/a?response_type=id_token%20token&client_id=x"
	       REDIRECT "&scope=a%20openid&state=s%2B1&nonce=n1");
	expect(&grant_implicit,
	       "client_id = x\nscope = openid\nresponse_type = token\n",
	       "https://as.example/a?response_type=token&client_id=x" REDIRECT
	       "&scope=openid&state=s%2B1&nonce=n1");
}

/* RFC 9449 §10; left out where the configuration says so. */
static void test_dpop_jkt(void **state)
{
	(void)state;
	dpop_jkt = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";
	expect(&grant_authorization_code, "client_id = x\npkce = no\n",
	       "https://as.example/a?response_type=code&client_id=x" REDIRECT
	       "&state=s%2B1&nonce=n1"
	       "&dpop_jkt=0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I");
	expect(&grant_authorization_code, "client_id = x\npkce = no\n"
	       "authorization_request.param.dpop_jkt =\n",
	       "https://as.example/a?response_type=code&client_id=x" REDIRECT
	       "&state=s%2B1&nonce=n1");
	dpop_jkt = NULL;
}

/* RFC 6749 §3.1. */
static void test_the_query_is_kept(void **state)
{
	(void)state;
	expect_from("https://as.example/a?tenant=%41&x", &grant_implicit,
		    "client_id = x\n",
		    "https://as.example/a?tenant=%41&x&response_type=token"
		    "&client_id=x" REDIRECT "&state=s%2B1&nonce=n1");
}

static void test_parameters(void **state)
{
	(void)state;
	expect_from("https://as.example/a?prompt=none&t=1", &grant_implicit,
		    "client_id = x\nscope = a\n"
		    "authorization_request.param.prompt = select account\n"
		    "authorization_request.param.access_type = offline\n"
		    "authorization_request.param.scope =\n",
		    "https://as.example/a?t=1&response_type=token&client_id=x"
		    REDIRECT "&state=s%2B1&nonce=n1&prompt=select%20account"
		    "&access_type=offline");
	expect(&grant_implicit,
	       "client_id = x\nauthorization_request.param.client_id = a=b\n",
	       "https://as.example/a?response_type=token" REDIRECT
	       "&state=s%2B1&nonce=n1&client_id=a%3Db");
	expect(&grant_implicit,
	       "client_id = x\nusername = a b\n"
	       "authorization_request.param.client_id =\n"
	       "authorization_request.param.who = "
	       "{client_id}/{{{username}}}/{base64:{client_id}}\n",
	       "https://as.example/a?response_type=token" REDIRECT
	       "&state=s%2B1&nonce=n1&who=x%2F%7Ba%20b%7D%2FeA%3D%3D");
}

/* RFC 9126: what is pushed, and the address that is left. */
static void expect_pushed(const char *lines, const char *form, const char *url)
{
	struct section x = section_new(lines);
	struct secret *state = secret_new(STR("s+1"));
	struct secret *uri = secret_new(STR("urn:x:a&b"));
	struct compliance *c;
	struct authorization_request r = {
		.section = x.s, .grant = &grant_implicit,
		.endpoint = "https://as.example/a?t=1&prompt=none",
		.redirect_uri = "http://127.0.0.1:8119/-/callback/api",
		.state = state,
	};
	struct buf b = BUF_INIT_SECRET(2 * LIMIT_AUTHORIZATION_URL);
	struct token_request pushed;

	assert_int_equal(compliance_new(&c, x.s, &grant_implicit, no_mistake,
					NULL), 0);
	r.params = compliance_authorization(c);
	token_request_init(&pushed);
	assert_int_equal(authorization_request_push(&r, &pushed, &fault), 0);
	assert_int_equal(pushed.phase, PHASE_OTHER);
	assert_string_equal(form_of(&pushed), form);
	token_request_fini(&pushed);
	r.request_uri = uri;
	assert_int_equal(authorization_request_write(&r, &b, &fault), 0);
	assert_string_equal(buf_z(&b), url);
	compliance_free(&c);
	buf_fini(&b);
	secret_unref(&state);
	secret_unref(&uri);
	section_free(&x);
}

static void test_pushed(void **state)
{
	(void)state;
	expect_pushed("client_id = a b\nresource = urn:a\nresource = urn:b\n",
		      "response_type=token&client_id=a+b" REDIRECT
		      "&state=s%2B1&resource=urn%3Aa&resource=urn%3Ab",
		      "https://as.example/a?t=1&prompt=none&client_id=a%20b"
		      "&request_uri=urn%3Ax%3Aa%26b");
	expect_pushed("client_id = x\nscope = a\n"
		      "authorization_request.param.prompt = login\n"
		      "authorization_request.param.scope =\n"
		      "authorization_request.param.client_id = {client_id}2\n",
		      "response_type=token" REDIRECT
		      "&state=s%2B1&prompt=login&client_id=x2",
		      "https://as.example/a?t=1&client_id=x2"
		      "&request_uri=urn%3Ax%3Aa%26b");
}

/* RFC 9126 §2.1. */
static void test_reference_is_not_pushed(void **state)
{
	struct section x = section_new(
		"client_id = x\nauthorization_request.param.request_uri = u\n");
	struct secret *s = secret_new(STR("s"));
	struct authorization_request r = {
		.section = x.s, .grant = &grant_implicit,
		.redirect_uri = "r:", .state = s,
	};
	struct token_request pushed;
	struct compliance *c;

	(void)state;
	assert_int_equal(compliance_new(&c, x.s, &grant_implicit, no_mistake,
					NULL), 0);
	r.params = compliance_authorization(c);
	token_request_init(&pushed);
	assert_int_equal(authorization_request_push(&r, &pushed, &fault), -1);
	assert_non_null(strstr(fault.text, "request_uri"));
	token_request_fini(&pushed);
	compliance_free(&c);
	secret_unref(&s);
	section_free(&x);
}

static void test_scope_separator(void **state)
{
	(void)state;
	expect(&grant_implicit,
	       "client_id = x\nscope = a  b c\nscope_separator = ,\n",
	       "https://as.example/a?response_type=token&client_id=x" REDIRECT
	       "&scope=a%2Cb%2Cc&state=s%2B1&nonce=n1");
}

static void expect_refused(const char *endpoint, const char *lines,
			   const char *words)
{
	struct section x = section_new(lines);
	struct secret *s = secret_new(STR("s"));
	struct authorization_request r = {
		.section = x.s, .grant = &grant_implicit,
		.endpoint = endpoint, .redirect_uri = "r:", .state = s,
	};
	struct buf b = BUF_INIT_SECRET(2 * LIMIT_AUTHORIZATION_URL);

	assert_int_equal(authorization_request_write(&r, &b, &fault), -1);
	assert_non_null(strstr(fault.text, words));
	buf_fini(&b);
	secret_unref(&s);
	section_free(&x);
}

static void test_what_cannot_be_written(void **state)
{
	static char lines[LIMIT_AUTHORIZATION_URL + 64] = "client_id = ";
	size_t n = strlen(lines);

	(void)state;
	expect_refused("https://as.example/#x", "client_id = x\n",
		       "fragment");
	expect_refused("as.example", "client_id = x\n",
		       "authorization_endpoint");
	memset(lines + n, 'x', LIMIT_AUTHORIZATION_URL - 40);
	strcat(lines, "\n");
	expect_refused("https://as.example/a", lines, "longer than 8192");
}

static const struct {
	const struct grant *grant;
	const char *lines, *key; /* NULL: fine */
} checks[] = {
	{ &grant_authorization_code, ENDPOINT, NULL },
	{ &grant_authorization_code, "", "authorization_endpoint" },
	{ &grant_authorization_code,
	  "authorization_endpoint = http://as.example/a\n",
	  "authorization_endpoint" },
	{ &grant_authorization_code,
	  ENDPOINT "response_type = code token\n", NULL },
	{ &grant_authorization_code,
	  ENDPOINT "response_type = id_token code\nscope = openid\n",
	  NULL },
	{ &grant_authorization_code,
	  ENDPOINT "response_type = id_token code\n",
	  "response_type" },
	{ &grant_authorization_code,
	  ENDPOINT "response_type = token\n", "response_type" },
	{ &grant_authorization_code,
	  ENDPOINT "response_type = code code\n", "response_type" },
	{ &grant_authorization_code,
	  ENDPOINT "response_type = cod\n", "response_type" },
	{ &grant_implicit, ENDPOINT, NULL },
	{ &grant_implicit, ENDPOINT PUSHED, NULL },
	{ &grant_implicit,
	  ENDPOINT "authorization_request.param.request_uri = urn:x\n", NULL },
	{ &grant_implicit,
	  ENDPOINT PUSHED
	  "authorization_request.param.request_uri = urn:x\n",
	  "authorization_request.param.request_uri" },
	{ &grant_implicit,
	  ENDPOINT "pushed_authorization_request_endpoint = http://as.x/p\n",
	  "pushed_authorization_request_endpoint" },
	{ &grant_implicit, ENDPOINT "scope = openid\n", NULL },
	{ &grant_implicit, ENDPOINT "response_type = code\n",
	  "response_type" },
	{ &grant_implicit, ENDPOINT "response_type = id_token\n"
	  "scope = openid\n", "response_type" },
	{ &grant_implicit, ENDPOINT "response_type = token code\n",
	  "response_type" },
	{ &grant_implicit,
	  ENDPOINT "response_type = token id_token\n",
	  "response_type" },
	{ &grant_implicit,
	  ENDPOINT "response_type = token id_token\n"
	  "scope = a openid\n", NULL },
	{ &grant_implicit, ENDPOINT "response_mode = query\n",
	  "response_mode" },
	{ &grant_implicit, ENDPOINT "response_mode = form_post\n",
	  NULL },
	{ &grant_authorization_code,
	  ENDPOINT "response_mode = query\n", NULL },
	{ &grant_authorization_code,
	  ENDPOINT "response_mode = query\nresponse_type = code "
	  "token\n", "response_mode" },
	{ &grant_authorization_code,
	  ENDPOINT "redirect_uri = https://h.example/cb?x\n", NULL },
	{ &grant_authorization_code,
	  ENDPOINT "redirect_uri = urn:ietf:wg:oauth:2.0:oob\n",
	  NULL },
	{ &grant_authorization_code,
	  ENDPOINT "redirect_uri = /callback\n", "redirect_uri" },
	{ &grant_authorization_code,
	  ENDPOINT "redirect_uri = https://h.example/#f\n",
	  "redirect_uri" },
	{ &grant_authorization_code,
	  ENDPOINT "authorization_request.param.a = b\n", NULL },
	{ &grant_authorization_code,
	  ENDPOINT "authorization_request.param.state = b\n",
	  "authorization_request.param.state" },
	{ &grant_authorization_code,
	  ENDPOINT "authorization_request.param.response_type =\n",
	  "authorization_request.param.response_type" },
	/* Where addresses are registered by names. */
	{ &grant_authorization_code,
	  ENDPOINT "authorization_request.param.redirect_uri = name\n",
	  NULL },
};

static void test_check(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		struct section x = section_new(checks[i].lines);
		const char *key = NULL;
		int rc = authorization_check(x.s, checks[i].grant, &key,
					     &fault);

		if ((rc < 0) != (checks[i].key != NULL))
			fail_msg("%d for %s", rc, checks[i].lines);
		if (rc < 0) {
			assert_string_equal(key, checks[i].key);
			assert_non_null(strstr(fault.text, key));
		}
		section_free(&x);
	}
}

static void test_what_is_known_of_a_login(void **state)
{
	static const struct {
		const struct grant *grant;
		const char *lines;
		unsigned type;
		bool fragment, pkce;
	} rows[] = {
		{ &grant_authorization_code, "", RESPONSE_CODE, false, true },
		{ &grant_authorization_code, "pkce = no\n", RESPONSE_CODE,
		  false, false },
		{ &grant_authorization_code, "response_mode = fragment\n",
		  RESPONSE_CODE, true, true },
		{ &grant_authorization_code, "response_type = token code\n",
		  RESPONSE_CODE | RESPONSE_TOKEN, true, true },
		{ &grant_authorization_code,
		  "response_type = token code\nresponse_mode = form_post\n",
		  RESPONSE_CODE | RESPONSE_TOKEN, false, true },
		{ &grant_implicit, "", RESPONSE_TOKEN, true, false },
		{ &grant_implicit, "scope = openid\n",
		  RESPONSE_TOKEN | RESPONSE_ID_TOKEN, true, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct section x = section_new(rows[i].lines);
		const struct grant *g = rows[i].grant;

		assert_int_equal(authorization_response_type(x.s, g),
				 rows[i].type);
		assert_int_equal(authorization_in_fragment(x.s, g),
				 rows[i].fragment);
		assert_int_equal(authorization_uses_pkce(x.s, g),
				 rows[i].pkce);
		section_free(&x);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_code),
		cmocka_unit_test(test_other_types),
		cmocka_unit_test(test_dpop_jkt),
		cmocka_unit_test(test_the_query_is_kept),
		cmocka_unit_test(test_parameters),
		cmocka_unit_test(test_pushed),
		cmocka_unit_test(test_reference_is_not_pushed),
		cmocka_unit_test(test_scope_separator),
		cmocka_unit_test(test_what_cannot_be_written),
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_what_is_known_of_a_login),
	};

	return cmocka_run_group_tests_name("oauth/authorization", tests, NULL,
					   NULL);
}
