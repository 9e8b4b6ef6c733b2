/* SPDX-License-Identifier: MIT */
/* The keys: what is a mistake, and what is taken from where. */
#include "oauth/compliance/compliance.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "oauth/compliance/fixes.h"

static void test_none_is_nothing(void **state)
{
	struct fixes x = fixes_new("client_id = x\nscope_separator = ,\n");
	struct token_request r;

	(void)state;
	assert_null(x.c);
	assert_null(compliance_authorization(x.c));
	assert_null(compliance_response(x.c, PHASE_ACCESS_TOKEN));
	token_request_init(&r);
	assert_int_equal(compliance_request(x.c, x.x.s, NULL, &r, NULL), 0);
	token_request_fini(&r);
	fixes_free(&x);
}

static void test_replies_alone(void **state)
{
	struct fixes x = fixes_new("access_token_response.drop = x\n");

	(void)state;
	assert_non_null(compliance_response(x.c, PHASE_ACCESS_TOKEN));
	assert_non_null(compliance_response(x.c, PHASE_REFRESH_TOKEN));
	assert_null(compliance_response(x.c, PHASE_REVOCATION));
	assert_null(compliance_response(x.c, PHASE_OTHER));
	fixes_free(&x);
	x = fixes_new("refresh_token_response.drop = x\n");
	assert_null(compliance_response(x.c, PHASE_ACCESS_TOKEN));
	assert_non_null(compliance_response(x.c, PHASE_REFRESH_TOKEN));
	assert_null(compliance_response(x.c, PHASE_DEVICE_AUTHORIZATION));
	fixes_free(&x);
	x = fixes_new("device_authorization_response.drop = x\n");
	assert_null(compliance_response(x.c, PHASE_ACCESS_TOKEN));
	assert_non_null(compliance_response(x.c, PHASE_DEVICE_AUTHORIZATION));
	fixes_free(&x);
	x = fixes_new("device_authorization_request.param.x = y\n");
	assert_non_null(x.c);
	assert_null(compliance_response(x.c, PHASE_DEVICE_AUTHORIZATION));
	fixes_free(&x);
	x = fixes_new("revocation_request.param.x = y\n");
	assert_non_null(x.c);
	assert_null(compliance_response(x.c, PHASE_ACCESS_TOKEN));
	fixes_free(&x);
}

struct told {
	char key[128];
	size_t i, n;
	struct fault f;
};

static void tell(void *arg, const char *key, size_t i, const struct fault *f)
{
	struct told *t = arg;

	if (t->n++ == 0) {
		(void)snprintf(t->key, sizeof(t->key), "%s", key);
		t->i = i;
		t->f = *f;
	}
}

/* One mistake, of this key, with these words. */
static void expect_mistake(const char *lines, const char *key,
			   const char *words)
{
	struct section x = section_new(lines);
	struct told t = { .n = 0 };
	struct compliance *c;

	assert_int_equal(compliance_new(&c, x.s, &grant_authorization_code,
					tell, &t), -1);
	assert_null(c);
	if (t.n != 1 || strcmp(t.key, key) != 0 || !strstr(t.f.text, words) ||
	    strncmp(t.f.text, key, strlen(key)) != 0)
		fail_msg("%s%zu mistakes, of %s: %s", lines, t.n, t.key,
			 t.f.text);
	section_free(&x);
}

static void test_templates(void **state)
{
	(void)state;
	expect_mistake("access_token_request.param.x = {nobody}\n",
		       "access_token_request.param.x", "is unknown");
	expect_mistake("access_token_request.header.X-Y = {client_id\n",
		       "access_token_request.header.X-Y", "without its");
	expect_mistake("access_token_request.param.x = {client_id}\n",
		       "access_token_request.param.x", "no client_id");
	expect_mistake("client_id = c\n"
		       "access_token_request.param.x = {client_secret}\n",
		       "access_token_request.param.x", "no client_secret");
	expect_mistake("access_token_request.param.x = {access_token}\n",
		       "access_token_request.param.x", "no token yet");
	expect_mistake("access_token_request.header.x = {base64:{token.a}}\n",
		       "access_token_request.header.x", "no token yet");
	expect_mistake("device_authorization_request.param.x = {token.a}\n",
		       "device_authorization_request.param.x", "no token yet");
	expect_mistake("revocation_request.param.x = {username}\n",
		       "revocation_request.param.x", "no username");
	expect_mistake("refresh_token_request.param.x = {}\n",
		       "refresh_token_request.param.x", "names nothing");
}

/* What a login's callback brought goes with its code, where it is kept. */
static void test_callback_templates(void **state)
{
	struct fixes x;

	(void)state;
	expect_mistake("access_token_request.param.x = {token.callback.id}\n",
		       "access_token_request.param.x",
		       "authorization_response.keep = id is missing");
	expect_mistake("authorization_response.keep = id\n"
		       "access_token_request.param.x = {token.callback.id}"
		       "{token.id}\n",
		       "access_token_request.param.x", "no token yet");
	expect_mistake("authorization_response.keep = id\n"
		       "device_authorization_request.param.x = "
		       "{token.callback.id}\n",
		       "device_authorization_request.param.x", "no token yet");
	expect_mistake("authorization_response.keep = id\n"
		       "authorization_request.param.x = {token.callback.id}\n",
		       "authorization_request.param.x", "no token yet");
	x = fixes_new("authorization_response.keep = id\n"
		      "access_token_request.param.x = {token.callback.id}\n"
		      "refresh_token_request.param.y = {token.callback.id}\n");
	assert_non_null(x.c);
	fixes_free(&x);
}

static void test_authorization_templates(void **state)
{
	(void)state;
	expect_mistake("client_id = c\nclient_secret = s\n"
		       "authorization_request.param.x = {client_secret}\n",
		       "authorization_request.param.x", "would be shown");
	expect_mistake("client_id = c\nclient_secret = s\n"
		       "authorization_request.param.x = "
		       "{base64:{client_secret}}\n",
		       "authorization_request.param.x", "would be shown");
	expect_mistake("authorization_request.param.x = {id_token}\n",
		       "authorization_request.param.x", "no token yet");
	expect_mistake("authorization_request.param.x = {token}\n",
		       "authorization_request.param.x", "is unknown");
}

static void test_names(void **state)
{
	(void)state;
	expect_mistake("access_token_request.header.Content-Length = 1\n",
		       "access_token_request.header.Content-Length",
		       "cannot be set");
	expect_mistake("revocation_request.header.Host = x\n",
		       "revocation_request.header.Host", "cannot be set");
	expect_mistake("access_token_request.header.X-One = 1\n"
		       "access_token_request.header.x-one = 2\n",
		       "access_token_request.header.x-one", "given already");
}

static void test_get_has_no_body(void **state)
{
	struct fixes x;

	(void)state;
	expect_mistake("access_token_request.method = GET\n"
		       "access_token_request.format = json\n",
		       "access_token_request.format", "must be query");
	expect_mistake("access_token_request.format = form\n"
		       "refresh_token_request.method = GET\n",
		       "refresh_token_request.method",
		       "refresh_token_request.format must be query");
	x = fixes_new("access_token_request.method = GET\n"
		      "access_token_request.format = query\n");
	fixes_free(&x);
}

static void test_responses(void **state)
{
	(void)state;
	expect_mistake("access_token_response.rename.a =\n",
		       "access_token_response.rename.a", "drop");
	expect_mistake("refresh_token_response.error_if = ok\n",
		       "refresh_token_response.error_if", "NAME=VALUE");
	expect_mistake("device_authorization_response.error_if = ok\n",
		       "device_authorization_response.error_if", "NAME=VALUE");
	expect_mistake("access_token_response.error_if = =x\n",
		       "access_token_response.error_if", "NAME=VALUE");
	expect_mistake("access_token_response.set.token_type =\n",
		       "access_token_response.set.token_type", "printable");
	expect_mistake("access_token_response.default.token_type = 1\n",
		       "access_token_response.default.token_type",
		       "printable");
}

/* The second of a list, told once although refreshes take it from there. */
static void test_which_repetition(void **state)
{
	struct section x = section_new("access_token_response.error_if = a=1\n"
				       "access_token_response.error_if = b\n");
	struct told t = { .n = 0 };
	struct compliance *c;

	(void)state;
	assert_int_equal(compliance_new(&c, x.s, &grant_password, tell, &t),
			 -1);
	assert_int_equal(t.n, 1);
	assert_int_equal(t.i, 1);
	section_free(&x);
}

static size_t told_with(const char *lines, const struct grant *g,
			struct told *t)
{
	struct section x = section_new(lines);
	struct compliance *c;
	int rc;

	*t = (struct told){ .n = 0 };
	rc = compliance_new(&c, x.s, g, tell, t);
	assert_int_equal(rc, t->n > 0 ? -1 : 0);
	compliance_free(&c);
	section_free(&x);
	return t->n;
}

static void test_no_use(void **state)
{
	struct told t;

	(void)state;
	assert_int_equal(told_with("access_token_request.param.a.b = {x}\n"
				   "refresh_token_response.drop = x\n"
				   "access_token_request.method = GET\n",
				   &grant_static, &t), 3);
	assert_string_equal(t.key, "access_token_request.param.a.b");
	assert_non_null(strstr(t.f.text, "has no use"));
	/* Nobody logs in. */
	assert_int_equal(told_with("authorization_request.param.a = {x}\n",
				   &grant_password, &t), 0);
	assert_int_equal(told_with("authorization_request.param.a = {x}\n",
				   &grant_implicit, &t), 1);
	assert_int_equal(told_with("device_authorization_request.format = json"
				   "\ndevice_authorization_response.drop = a\n"
				   "access_token_response.drop = a\n",
				   &grant_client_credentials, &t), 2);
	assert_string_equal(t.key, "device_authorization_request.format");
	assert_non_null(strstr(t.f.text, "no person logs in"));
	assert_int_equal(told_with("device_authorization_request.format = json"
				   "\n", &grant_device_code, &t), 0);
	assert_int_equal(told_with("scope = x\n", &grant_none, &t), 0);
}

static void test_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < compliance_table.nkeys; i++) {
		const struct config_key *k = &compliance_table.keys[i];

		assert_int_equal(k->flags & CONFIG_SECRET, 0);
		assert_int_equal(k->flags & CONFIG_OWN, 0);
		assert_int_equal((k->flags & CONFIG_REPEAT) != 0,
				 str_ends(str_z(k->name), STR(".drop")) ||
				 str_ends(str_z(k->name), STR("_if")));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_none_is_nothing),
		cmocka_unit_test(test_replies_alone),
		cmocka_unit_test(test_templates),
		cmocka_unit_test(test_callback_templates),
		cmocka_unit_test(test_authorization_templates),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_get_has_no_body),
		cmocka_unit_test(test_responses),
		cmocka_unit_test(test_which_repetition),
		cmocka_unit_test(test_no_use),
		cmocka_unit_test(test_table),
	};

	return cmocka_run_group_tests_name("oauth/compliance", tests, NULL,
					   NULL);
}
