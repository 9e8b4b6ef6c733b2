/* SPDX-License-Identifier: MIT */
/* Hooks at the token endpoint: what goes out, and what is read. */
#include "oauth/hook/token.h"

#include "oauth/hook/lua.h"

struct bench {
	struct lua lua;
	struct hook_machine *machine;
	struct token_asking asking;
	struct token_request r;
	struct fault f;
};

static void begin(struct bench *b, const char *text)
{
	if (lua_open(&b->lua, text) < 0)
		print_error("%s", buf_z(&b->lua.mistakes));
	assert_non_null(b->lua.hook);
	b->machine = hook_machine_new();
	b->asking = (struct token_asking){
		.section = b->lua.section.s,
		.endpoint = "https://login.example.test/token?a=1",
		.hook = b->lua.hook,
		.hooks = b->machine,
	};
	token_request_init(&b->r);
	token_request_param(&b->r, "grant_type", STR("password"));
	token_request_param(&b->r, "scope", STR("a b"));
}

static void end(struct bench *b)
{
	token_request_fini(&b->r);
	hook_machine_free(&b->machine);
	lua_shut(&b->lua);
}

static void expect_written(struct bench *b, const char *target,
			   const char *body)
{
	assert_int_equal(token_request_finish(&b->r, STR("/token?a=1"),
					      &b->f), 0);
	assert_true(str_eq_z(b->r.target, target));
	assert_string_equal(buf_z(&b->r.body), body);
}

/* What a body of access_token_request makes of the request. */
static void expect(const char *body, const char *target, const char *form)
{
	struct buf text = BUF_INIT(4096);
	struct bench b;

	buf_addf(&text, "function access_token_request(r) %s end", body);
	begin(&b, buf_z(&text));
	assert_int_equal(hook_token_request(&b.asking, NULL, &b.r, &b.f), 0);
	expect_written(&b, target, form);
	end(&b);
	buf_fini(&text);
}

static void expect_fault(const char *body, const char *words)
{
	struct buf text = BUF_INIT(4096);
	struct bench b;

	buf_addf(&text, "function access_token_request(r) %s end", body);
	begin(&b, buf_z(&text));
	log_set_level(LOG_LEVEL_ERROR);
	assert_int_equal(hook_token_request(&b.asking, NULL, &b.r, &b.f), -1);
	log_set_level(LOG_LEVEL_INFO);
	if (!strstr(b.f.text, words))
		print_error("%s\n", b.f.text);
	assert_non_null(strstr(b.f.text, words));
	end(&b);
	buf_fini(&text);
}

static void test_request(void **state)
{
	(void)state;
	expect("local nothing", "/token?a=1",
	       "grant_type=password&scope=a+b");
	expect("r.params.scope = nil r.params.x = 'y&'", "/token?a=1",
	       "grant_type=password&x=y%26");
	expect("r.url = 'https://LOGIN.example.test:443/v2/token'",
	       "/v2/token", "grant_type=password&scope=a+b");
	expect("r.body = { p = r.params.scope }", "/token?a=1",
	       "{\"p\":\"a b\"}");
	expect("r.method = 'GET' r.params.scope = nil",
	       "/token?a=1&grant_type=password", "");
	expect("assert(r.headers['content-type'] == "
	       "'application/x-www-form-urlencoded') r.params = {}",
	       "/token?a=1", "");
}

static void test_fields(void **state)
{
	struct bench b;

	(void)state;
	begin(&b, "function access_token_request(r) r.headers.Accept = nil "
	      "r.headers['X-A'] = '1' end");
	assert_int_equal(hook_token_request(&b.asking, NULL, &b.r, &b.f), 0);
	assert_null(fields_find(&b.r.fields, STR("Accept")));
	assert_non_null(fields_find(&b.r.fields, STR("X-A")));
	end(&b);
}

static void test_requests_that_cannot_be(void **state)
{
	static const char *const urls[] = {
		"https://other.example.test/token",
		"http://login.example.test/token",
		"https://login.example.test:8443/token",
		"https://me@login.example.test/token",
		"https://login.example.test/token#f",
	};
	char body[128];

	(void)state;
	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		snprintf(body, sizeof(body), "r.url = '%s'", urls[i]);
		expect_fault(body, "must stay at");
	}
	expect_fault("r.url = 'https://login.example.test'", "have a path");
	expect_fault("r.url = 'x'", "its url");
	expect_fault("r.method = 'HEAD'", "no token request can be a HEAD");
	expect_fault("error('x')", "has failed; the log says where");
	expect_fault("r.params.x = ('x'):rep(200000) r.params.y = "
		     "('y'):rep(100000)", "has failed");
}

static void test_phases(void **state)
{
	struct token *t;
	struct secret *s = secret_new(STR("old"));
	struct bench b;

	(void)state;
	begin(&b, "function refresh_token_request(r) "
	      "r.params.old = r.token.access_token end");
	t = token_static(s);
	assert_int_equal(hook_token_request(&b.asking, t, &b.r, &b.f), 0);
	assert_int_equal(b.r.nparams, 2);
	b.r.phase = PHASE_REVOCATION;
	assert_int_equal(hook_token_request(&b.asking, t, &b.r, &b.f), 0);
	assert_int_equal(b.r.nparams, 2);
	b.r.phase = PHASE_REFRESH_TOKEN;
	assert_int_equal(hook_token_request(&b.asking, t, &b.r, &b.f), 0);
	expect_written(&b, "/token?a=1",
		       "grant_type=password&scope=a+b&old=old");
	token_unref(&t);
	secret_unref(&s);
	end(&b);
}

/* Of a parameter that JSON cannot hold, its name is the hook's. */
static void test_names_are_not_told(void **state)
{
	static const char *const bodies[] = {
		"r.params['a-secret-name'] = '\\xff'",
		"r.params['a-secret-name\\xff'] = 'a'",
	};
	char text[128];
	struct bench b;

	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		snprintf(text, sizeof(text), "function access_token_request(r) "
			 "%s end", bodies[i]);
		begin(&b, text);
		b.r.format = TOKEN_JSON;
		assert_int_equal(hook_token_request(&b.asking, NULL, &b.r,
						    &b.f), -1);
		assert_non_null(strstr(b.f.text, "must be UTF-8"));
		assert_null(strstr(b.f.text, "a-secret-name"));
		end(&b);
	}
}

/* Nobody else knows that what the hook has made is a secret. */
static void test_notes(void **state)
{
	struct bench b;

	(void)state;
	begin(&b, "function client_auth(r) r.params.short = 'x' "
	      "r.params.proof = 'a-proof-of-the-hooks' "
	      "r.headers['X-Proof'] = 'another-proof-of-its' "
	      "r.url = r.url .. '&key=the-key%2Dof-it' end");
	assert_int_equal(hook_client_auth(&b.asking, &b.r, &b.f), 0);
	assert_int_equal(b.r.nsecrets, 3);
	assert_true(secret_eq_str(b.r.secrets[0],
				  STR("a-proof-of-the-hooks")));
	assert_true(secret_eq_str(b.r.secrets[1],
				  STR("another-proof-of-its")));
	assert_true(secret_eq_str(b.r.secrets[2], STR("the-key-of-it")));
	end(&b);
}

static void test_response(void **state)
{
	struct arena arena = { NULL, NULL, NULL };
	struct hook_response r = { .arena = &arena, .status = 500,
				   .body = STR("was") };
	struct bench b;

	(void)state;
	begin(&b, "function access_token_response(r) "
	      "assert(r.headers.host == nil and r.headers['retry-after']) "
	      "r.status = 200 r.headers['Content-Type'] = 'text/plain' "
	      "r.body = r.body .. '!' end");
	assert_true(hook_has_response(b.lua.hook, PHASE_ACCESS_TOKEN));
	assert_false(hook_has_response(b.lua.hook, PHASE_REFRESH_TOKEN));
	assert_false(hook_has_response(b.lua.hook, PHASE_REVOCATION));
	assert_false(hook_has_response(NULL, PHASE_ACCESS_TOKEN));
	fields_init(&r.fields, &arena);
	fields_add(&r.fields, STR("Connection"), STR("close"));
	fields_add(&r.fields, STR("Retry-After"), STR("5"));
	assert_int_equal(hook_token_response(&b.asking, PHASE_ACCESS_TOKEN,
					     &r, &b.f), 0);
	assert_int_equal(r.status, 200);
	assert_true(str_eq_z(r.body, "was!"));
	assert_int_equal(r.fields.n, 2);
	arena_fini(&arena);
	end(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_request),
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_requests_that_cannot_be),
		cmocka_unit_test(test_phases),
		cmocka_unit_test(test_names_are_not_told),
		cmocka_unit_test(test_notes),
		cmocka_unit_test(test_response),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
