/* SPDX-License-Identifier: MIT */
/* Token requests as the keys change them. */
#include "oauth/compliance/compliance.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "oauth/compliance/fixes.h"
#include "oauth/token/revocation.h"

#define CLIENT "client_id = x\nclient_secret = s&cret\n"

/* A request of a phase, changed and written. */
struct made {
	struct fixes fixes;
	struct token_request r;
};

static struct made make(const char *lines, enum token_phase phase,
			struct token *t)
{
	struct made m = { .fixes = fixes_new(lines) };
	struct fault f;

	token_request_init(&m.r);
	m.r.phase = phase;
	token_request_param(&m.r, "grant_type", STR("g"));
	token_request_param(&m.r, "scope", STR("a b"));
	token_request_param(&m.r, "client_id", STR("x"));
	if (compliance_request(m.fixes.c, m.fixes.x.s, t, &m.r, &f) < 0 ||
	    token_request_finish(&m.r, STR("/t?v=1"), &f) < 0)
		fail_msg("%s", f.text);
	return m;
}

static void unmake(struct made *m)
{
	token_request_fini(&m->r);
	fixes_free(&m->fixes);
}

static void expect(const char *lines, enum token_phase phase,
		   const char *target, const char *body)
{
	struct made m = make(lines, phase, NULL);

	assert_true(str_eq_z(m.r.target, target));
	assert_string_equal(buf_z(&m.r.body), body);
	unmake(&m);
}

static void expect_header(const struct made *m, const char *name,
			  const char *value)
{
	const struct field *field = fields_find(&m->r.fields, str_z(name));

	if (!value) {
		assert_null(field);
		return;
	}
	assert_non_null(field);
	assert_true(str_eq_z(field->value, value));
	assert_int_equal(fields_count(&m->r.fields, str_z(name)), 1);
}

static void test_params(void **state)
{
	(void)state;
	expect(CLIENT "access_token_request.param.scope =\n"
	       "access_token_request.param.grant_type = other one\n"
	       "access_token_request.param.key = {client_secret}/{client_id}\n"
	       "access_token_request.param.absent =\n",
	       PHASE_ACCESS_TOKEN, "/t?v=1",
	       "grant_type=other+one&client_id=x&key=s%26cret%2Fx");
	expect(CLIENT "access_token_request.param.client_id =\n"
	       "access_token_request.param.appid = {client_id}\n"
	       "access_token_request.method = GET\n",
	       PHASE_ACCESS_TOKEN, "/t?v=1&grant_type=g&scope=a%20b&appid=x",
	       "");
	expect("access_token_request.format = json\n", PHASE_ACCESS_TOKEN,
	       "/t?v=1", "{\"grant_type\":\"g\",\"scope\":\"a b\","
	       "\"client_id\":\"x\"}");
}

static void test_fields_of_formats(void **state)
{
	struct made m = make("access_token_request.format = json\n",
			     PHASE_ACCESS_TOKEN, NULL);

	(void)state;
	expect_header(&m, "Content-Type", "application/json");
	assert_true(str_eq_z(m.r.method, "POST"));
	unmake(&m);
	m = make("access_token_request.format = query\n"
		 "access_token_request.method = PUT\n",
		 PHASE_ACCESS_TOKEN, NULL);
	expect_header(&m, "Content-Type", NULL);
	assert_true(str_eq_z(m.r.method, "PUT"));
	unmake(&m);
	m = make("access_token_request.format = form\n"
		 "access_token_request.method = DELETE\n",
		 PHASE_ACCESS_TOKEN, NULL);
	expect_header(&m, "Content-Type", "application/x-www-form-urlencoded");
	assert_true(str_eq_z(m.r.method, "DELETE"));
	unmake(&m);
}

static void test_headers(void **state)
{
	struct made m = make(CLIENT
		"access_token_request.format = json\n"
		"access_token_request.header.content-type = application/x\n"
		"access_token_request.header.Accept =\n"
		"access_token_request.header.User-Agent = me/1\n"
		"access_token_request.header.Authorization = "
		"Basic {base64:{client_id}:{client_secret}}\n",
		PHASE_ACCESS_TOKEN, NULL);

	(void)state;
	expect_header(&m, "Content-Type", "application/x");
	expect_header(&m, "Accept", NULL);
	expect_header(&m, "User-Agent", "me/1");
	expect_header(&m, "Authorization", "Basic eDpzJmNyZXQ=");
	assert_int_equal(m.r.nsecrets, 1);
	assert_true(secret_eq_str(m.r.secrets[0],
				  STR("Basic eDpzJmNyZXQ=")));
	unmake(&m);
}

static void test_other_phases(void **state)
{
	static const char lines[] =
		"access_token_request.param.a = access\n"
		"access_token_request.param.b = access\n"
		"access_token_request.param.scope =\n"
		"access_token_request.format = json\n"
		"refresh_token_request.param.a = refresh\n"
		"refresh_token_request.format = form\n"
		"revocation_request.param.b =\n"
		"revocation_request.method = GET\n"
		"revocation_request.format = query\n";

	(void)state;
	expect(lines, PHASE_ACCESS_TOKEN, "/t?v=1",
	       "{\"grant_type\":\"g\",\"client_id\":\"x\",\"a\":\"access\","
	       "\"b\":\"access\"}");
	expect(lines, PHASE_REFRESH_TOKEN, "/t?v=1",
	       "grant_type=g&client_id=x&a=refresh&b=access");
	expect(lines, PHASE_REVOCATION,
	       "/t?v=1&grant_type=g&client_id=x&a=access", "");
	expect(lines, PHASE_OTHER, "/t?v=1",
	       "grant_type=g&scope=a+b&client_id=x");
}

static void test_header_of_another_phase(void **state)
{
	static const char lines[] =
		"access_token_request.header.X-One = 1\n"
		"access_token_request.header.X-Two = 2\n"
		"refresh_token_request.header.x-one = 3\n"
		"revocation_request.header.X-Two =\n";
	struct made m = make(lines, PHASE_REFRESH_TOKEN, NULL);

	(void)state;
	expect_header(&m, "X-One", "3");
	expect_header(&m, "X-Two", "2");
	unmake(&m);
	m = make(lines, PHASE_REVOCATION, NULL);
	expect_header(&m, "X-One", "1");
	expect_header(&m, "X-Two", NULL);
	unmake(&m);
}

/* The method of the access token's brings its format along only there. */
static void test_method_of_another_phase(void **state)
{
	static const char lines[] = "access_token_request.method = GET\n"
				    "refresh_token_request.method = POST\n";

	(void)state;
	expect(lines, PHASE_ACCESS_TOKEN,
	       "/t?v=1&grant_type=g&scope=a%20b&client_id=x", "");
	expect(lines, PHASE_REFRESH_TOKEN, "/t?v=1",
	       "grant_type=g&scope=a+b&client_id=x");
	expect(lines, PHASE_REVOCATION,
	       "/t?v=1&grant_type=g&scope=a%20b&client_id=x", "");
}

static struct token *token_new(void)
{
	struct oauth_error error;
	struct token *t;

	assert_int_equal(token_reply_read(200, STR("application/json"),
					  STR("{\"access_token\":\"val-9\","
					      "\"team\":{\"id\":7},"
					      "\"odd\":\"a\\nb\"}"),
					  0, &t, &error, NULL), TOKEN_OK);
	return t;
}

static void test_present_token(void **state)
{
	struct token *t = token_new();
	struct made m = make("refresh_token_request.param.old = "
			     "{access_token} {token.team.id}\n",
			     PHASE_REFRESH_TOKEN, t);

	(void)state;
	assert_string_equal(buf_z(&m.r.body),
			    "grant_type=g&scope=a+b&client_id=x&old=val-9+7");
	assert_int_equal(m.r.nsecrets, 1);
	assert_true(secret_eq_str(m.r.secrets[0], STR("val-9 7")));
	unmake(&m);
	token_unref(&t);
}

static void expect_refused(const char *lines, struct token *t,
			   const char *words)
{
	struct fixes x = fixes_new(lines);
	struct token_request r;
	struct fault f;

	token_request_init(&r);
	r.phase = PHASE_REVOCATION;
	assert_int_equal(compliance_request(x.c, x.x.s, t, &r, &f), -1);
	if (!strstr(f.text, words) || strstr(f.text, "val-9"))
		fail_msg("%s", f.text);
	token_request_fini(&r);
	fixes_free(&x);
}

static void test_what_cannot_be_carried(void **state)
{
	struct token *t = token_new();

	(void)state;
	expect_refused("revocation_request.header.X = {access_token}\n", NULL,
		       "revocation_request.header.X: {access_token}: there is "
		       "no token now");
	expect_refused("revocation_request.param.x = {token.a}\n", NULL,
		       "there is no token now");
	expect_refused("revocation_request.param.x = {token.none}\n", t,
		       "revocation_request.param.x: {token.none}");
	expect_refused("revocation_request.param.x = {token.odd}\n", t,
		       "line break");
	token_unref(&t);
}

static void test_new_in_each(void **state)
{
	struct made a = make("access_token_request.param.u = {uuid}\n",
			     PHASE_ACCESS_TOKEN, NULL);
	struct made b = make("access_token_request.param.u = {uuid}\n",
			     PHASE_ACCESS_TOKEN, NULL);

	(void)state;
	assert_int_equal(a.r.body.n, b.r.body.n);
	assert_string_not_equal(buf_z(&a.r.body), buf_z(&b.r.body));
	unmake(&a);
	unmake(&b);
}

/* What the grant has put in, also where its own parameter is taken out. */
static void test_brought(void **state)
{
	static const char lines[] =
		CLIENT "access_token_request.header.Authorization = "
		"Bearer {assertion}\n"
		"access_token_request.param.assertion =\n"
		"access_token_request.param.jwt = a-{assertion}\n"
		"access_token_request.param.p = "
		"{base64:{password}}\n"
		"refresh_token_request.header.X-R = {refresh_token}\n"
		"refresh_token_request.param.jwt =\n"
		"refresh_token_request.param.p =\n"
		"refresh_token_request.header.Authorization =\n";
	struct fixes x = fixes_new(lines);
	struct token_request r;
	struct fault f;

	(void)state;
	token_request_init(&r);
	token_request_param(&r, "assertion", STR("a.b.c"));
	token_request_param(&r, "password", STR("p w"));
	assert_int_equal(compliance_request(x.c, x.x.s, NULL, &r, &f), 0);
	assert_int_equal(token_request_get(&r, STR("assertion")).n, 0);
	assert_true(str_eq(token_request_get(&r, STR("jwt")), STR("a-a.b.c")));
	assert_true(str_eq(token_request_get(&r, STR("p")), STR("cCB3")));
	assert_true(str_eq(
		fields_find(&r.fields, STR("Authorization"))->value,
		STR("Bearer a.b.c")));
	/* No text may repeat them. */
	assert_true(r.nsecrets >= 3);
	token_request_fini(&r);

	token_request_init(&r);
	r.phase = PHASE_REFRESH_TOKEN;
	token_request_param(&r, "refresh_token", STR("r1"));
	assert_int_equal(compliance_request(x.c, x.x.s, NULL, &r, &f), 0);
	assert_true(str_eq(fields_find(&r.fields, STR("X-R"))->value,
			   STR("r1")));
	token_request_fini(&r);

	/* Another grant's request brings none. */
	token_request_init(&r);
	assert_int_equal(compliance_request(x.c, x.x.s, NULL, &r, &f), -1);
	assert_non_null(strstr(f.text,
			       "{assertion}: this request brings none"));
	token_request_fini(&r);
	fixes_free(&x);
}

static void test_phases_of_requests(void **state)
{
	struct section x = section_new("client_id = x\nrefresh_token = r\n");
	struct secret *t = secret_new(STR("t"));
	struct token_request r;
	struct fault f;

	(void)state;
	token_request_init(&r);
	assert_int_equal(grant_refresh(&grant_password, x.s, t, &r, &f), 0);
	assert_int_equal(r.phase, PHASE_REFRESH_TOKEN);
	token_request_fini(&r);
	token_request_init(&r);
	assert_int_equal(grant_refresh_token.request(asking(&x), &r, &f), 0);
	assert_int_equal(r.phase, PHASE_REFRESH_TOKEN);
	token_request_fini(&r);
	token_request_init(&r);
	assert_int_equal(revocation_request(t, "access_token", &r, &f), 0);
	assert_int_equal(r.phase, PHASE_REVOCATION);
	token_request_fini(&r);
	secret_unref(&t);
	section_free(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_params),
		cmocka_unit_test(test_fields_of_formats),
		cmocka_unit_test(test_headers),
		cmocka_unit_test(test_other_phases),
		cmocka_unit_test(test_header_of_another_phase),
		cmocka_unit_test(test_method_of_another_phase),
		cmocka_unit_test(test_present_token),
		cmocka_unit_test(test_what_cannot_be_carried),
		cmocka_unit_test(test_new_in_each),
		cmocka_unit_test(test_brought),
		cmocka_unit_test(test_phases_of_requests),
	};

	return cmocka_run_group_tests_name("oauth/compliance_request", tests,
					   NULL, NULL);
}
