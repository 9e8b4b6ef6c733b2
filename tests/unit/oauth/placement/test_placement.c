/* SPDX-License-Identifier: MIT */
#include "oauth/placement/placement.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "oauth/placement/placed.h"
#include "oauth/section.h"

static struct token *token_of(const char *body)
{
	struct token *t;
	struct oauth_error error;
	struct fault f;

	assert_int_equal(token_reply_read(200, STR("application/json"),
					  str_z(body), 0, &t, &error, &f),
			 TOKEN_OK);
	return t;
}

static void test_find_lists_the_names(void **state)
{
	struct fault f;

	(void)state;
	assert_ptr_equal(placement_find("header", &f), &placement_header);
	assert_ptr_equal(placement_find("query", &f), &placement_query);
	assert_ptr_equal(placement_find("body", &f), &placement_body);
	assert_ptr_equal(placement_find("cookie", &f), &placement_cookie);
	assert_ptr_equal(placement_find("none", &f), &placement_none);
	assert_null(placement_find("Header", &f));
	assert_non_null(strstr(f.text, "header, query, body, "
					"cookie, none"));
	assert_non_null(strstr(f.text, "\"Header\""));
}

/* What a response is placed as under these settings. */
static void expect_placed(const char *lines, const char *body,
			  const char *name, const char *value)
{
	struct section x = section_new(lines);
	struct token *t = token_of(body);
	struct placement_spec spec;
	struct placed placed;
	const char *key;
	struct fault f;

	assert_int_equal(placement_spec_init(&spec, x.s, x.s, &key, &f), 0);
	assert_string_equal(spec.name, name);
	assert_int_equal(placed_init(&placed, &spec, t, x.s, &f), 0);
	if (!secret_eq_str(placed.value, str_z(value)))
		fail_msg("%.*s is not %s",
			 STR_ARGS(secret_expose(placed.value)), value);
	placed_fini(&placed);
	assert_null(placed.value);
	placement_spec_fini(&spec);
	token_unref(&t);
	section_free(&x);
}

static void test_defaults(void **state)
{
	static const char body[] = "{\"access_token\":\"t+1\"}";

	(void)state;
	expect_placed("", body, "Authorization", "Bearer t+1");
	expect_placed("token_placement = header\n", body, "Authorization",
		      "Bearer t+1");
	expect_placed("token_name = authorization\n", body, "authorization",
		      "Bearer t+1");
	expect_placed("token_name = X-Api-Key\n", body, "X-Api-Key", "t+1");
	expect_placed("token_placement = query\n", body, "access_token",
		      "t%2B1");
	expect_placed("token_placement = query\ntoken_name = key\n", body,
		      "key", "t%2B1");
	expect_placed("token_placement = body\n", body, "access_token",
		      "t%2B1");
	expect_placed("token_placement = cookie\n", body, "access_token",
		      "t+1");
}

/* RFC 9449 §7.1: another scheme, where the scheme is ours to choose. */
static void test_bound_tokens(void **state)
{
	static const char body[] =
		"{\"access_token\":\"t+1\",\"token_type\":\"dpop\"}";

	(void)state;
	expect_placed("", body, "Authorization", "DPoP t+1");
	expect_placed("token_format = Bearer {access_token}\n", body,
		      "Authorization", "Bearer t+1");
	expect_placed("token_name = X-Api-Key\n", body, "X-Api-Key", "t+1");
	expect_placed("token_placement = query\n", body, "access_token",
		      "t%2B1");
}

static void test_formats(void **state)
{
	static const char body[] =
		"{\"access_token\":\"t\",\"token_type\":\"bearer\","
		"\"id_token\":\"i.d\",\"a\":{\"b\":[5,\"x y\"]}}";

	(void)state;
	expect_placed("token_format = token {access_token}\n", body,
		      "Authorization", "token t");
	expect_placed("token_format = {token_type} {id_token}\n", body,
		      "Authorization", "bearer i.d");
	expect_placed("client_id = me\n"
		      "token_format = {client_id}:{token.a.b.0} {{}}\n", body,
		      "Authorization", "me:5 {}");
	expect_placed("token_format = {token.access_token}\n", body,
		      "Authorization", "t");
	expect_placed("client_id = me\nclient_secret = s3\nusername = u\n"
		      "token_format = {base64:{client_id}:{client_secret}} "
		      "{username}\n", body, "Authorization", "bWU6czM= u");
	expect_placed("token_placement = query\n"
		      "token_format = {token.a.b.1}&\n", body, "access_token",
		      "x%20y%26");
}

static void expect_unplaced(const char *lines, const char *body,
			    const char *word)
{
	struct section x = section_new(lines);
	struct token *t = token_of(body);
	struct placement_spec spec;
	struct placed placed;
	const char *key;
	struct fault f;

	assert_int_equal(placement_spec_init(&spec, x.s, x.s, &key, &f), 0);
	assert_int_equal(placed_init(&placed, &spec, t, x.s, &f), -1);
	assert_null(placed.value);
	if (!strstr(f.text, word))
		fail_msg("\"%s\" is not in \"%s\"", word, f.text);
	assert_null(strstr(f.text, "val-"));
	placement_spec_fini(&spec);
	token_unref(&t);
	section_free(&x);
}

static void test_what_cannot_be_placed(void **state)
{
	static const char body[] =
		"{\"access_token\":\"val-t\",\"crlf\":\"val-a\\r\\nX: b\","
		"\"lf\":\"\\n\",\"cr\":\"\\r\",\"nul\":\"val-\\u0000\","
		"\"semicolon\":\"val-;a\",\"bell\":\"\\u0007\","
		"\"empty\":\"\",\"nil\":null}";

	(void)state;
	expect_unplaced("token_format = {id_token}\n", body, "{id_token}");
	expect_unplaced("token_format = {token.x}\n", body, "{token.x}");
	expect_unplaced("token_format = {token.nil}\n", body, "{token.nil}");
	expect_unplaced("token_format = {token.empty}\n", body, "empty");
	expect_unplaced("token_format = Bearer {token.empty}\n", body, "space");
	expect_unplaced("token_format = {token.crlf}\n", body, "line break");
	expect_unplaced("token_format = {token.nul}\n", body, "line break");
	expect_unplaced("token_format = {token.bell}\n", body, "control");
	expect_unplaced("token_placement = cookie\n"
			"token_format = {token.semicolon}\n", body, "cookie");
	expect_unplaced("token_placement = query\n"
			"token_format = {token.crlf}\n", body, "line break");
	expect_unplaced("token_placement = query\n"
			"token_format = {token.lf}\n", body, "line break");
	expect_unplaced("token_placement = query\n"
			"token_format = {token.cr}\n", body, "line break");
	expect_unplaced("token_placement = query\n"
			"token_format = {token.nul}\n", body, "line break");
	expect_unplaced("token_placement = query\n"
			"token_format = {token.empty}\n", body, "empty");
}

static void test_values_are_bounded(void **state)
{
	struct buf b = BUF_INIT(200000);

	(void)state;
	buf_add_z(&b, "{\"access_token\":\"t\",\"x\":\"");
	for (int i = 0; i < 90000; i++)
		buf_add_char(&b, 'x');
	buf_add_z(&b, "\"}");
	expect_unplaced("token_format = {token.x}\n", buf_z(&b), "longer");
	buf_fini(&b);
}

static void test_mistakes_name_their_key(void **state)
{
	static const struct {
		const char *lines, *key, *word;
	} rows[] = {
		{ "token_placement = form\n", "token_placement", "header" },
		{ "token_name = Host\n", "token_name", "token_name" },
		{ "token_name = a b\n", "token_name", "token_name" },
		{ "token_format = {acces_token}\n", "token_format",
		  "{access_token}" },
		{ "token_format = {token.}\n", "token_format", "{token.}" },
		{ "token_format = {client_id}\n", "token_format",
		  "{client_id}: there is no client_id" },
		{ "token_format = {client_secret}\n", "token_format",
		  "there is no client_secret" },
		{ "token_format = {base64:{username}}\n", "token_format",
		  "there is no username" },
		{ "token_placement = cookie\ntoken_name = a b\n", "token_name",
		  "cookie" },
		{ "token_placement = body\ntoken_name = a b\n", "token_name",
		  "visible" },
		{ "token_format = {password}\n", "token_format", "{password}" },
		{ "token_format = Bearer {access_token\n", "token_format",
		  "token_format" },
		{ "token_placement = none\ntoken_name = x\n", "token_name",
		  "no meaning" },
		{ "token_placement = none\ntoken_format = x\n", "token_format",
		  "no meaning" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct section x = section_new(rows[i].lines);
		struct placement_spec spec;
		const char *key = NULL;
		struct fault f;

		assert_int_equal(placement_spec_init(&spec, x.s, x.s, &key,
						     &f), -1);
		assert_string_equal(key, rows[i].key);
		if (!strstr(f.text, rows[i].word))
			fail_msg("row %zu: %s", i, f.text);
		assert_null(spec.name);
		assert_null(spec.format);
		section_free(&x);
	}
}

static void test_none_is_placed_nowhere(void **state)
{
	struct section x = section_new("token_placement = none\n");
	struct token *t = token_of("{\"access_token\":\"t\"}");
	struct placement_spec spec;
	struct placed placed;
	const char *key;
	struct fault f;

	(void)state;
	assert_int_equal(placement_spec_init(&spec, x.s, x.s, &key, &f), 0);
	assert_null(spec.name);
	assert_int_equal(placed_init(&placed, &spec, t, x.s, &f), 0);
	assert_null(placed.value);
	placed_fini(&placed);
	placement_spec_fini(&spec);
	token_unref(&t);
	section_free(&x);
}

/* {now} and {uuid} are not made before there is a request. */
static void test_formats_of_a_request(void **state)
{
	struct section x = section_new(
		"token_format = t={now},u={uuid},{access_token}\n");
	struct token *t = token_of("{\"access_token\":\"tok\"}");
	struct arena arena = { NULL, NULL, NULL };
	struct placement_request r = { .arena = &arena };
	struct placement_spec spec;
	struct placed placed;
	struct fields fields;
	char before[64] = "";
	const char *key;
	struct fault f;

	(void)state;
	fields_init(&fields, &arena);
	r.fields = &fields;
	assert_int_equal(placement_spec_init(&spec, x.s, x.s, &key, &f), 0);
	assert_int_equal(placed_init(&placed, &spec, t, x.s, &f), 0);
	assert_null(placed.value);
	token_unref(&t);
	for (int i = 0; i < 2; i++) {
		struct str v;

		clock_fake(0, 1700000000000 + i * 1500);
		assert_int_equal(placement_apply(&placed, &r, &f), 0);
		assert_int_equal(fields.n, 1);
		v = fields.v[0].value;
		assert_true(str_starts(v, i ? STR("t=1700000001,u=")
					    : STR("t=1700000000,u=")));
		assert_true(str_ends(v, STR(",tok")));
		v = str_sub(v, STR("t=1700000000,u=").n, 36);
		assert_int_equal(v.p[14], '4');
		assert_non_null(strchr("89ab", v.p[19]));
		assert_int_equal(v.p[8], '-');
		assert_int_equal(v.p[23], '-');
		assert_false(str_eq_z(v, before));
		memcpy(before, v.p, v.n);
	}
	clock_real();
	placed_fini(&placed);
	placement_spec_fini(&spec);
	section_free(&x);
	arena_fini(&arena);
}

/* A request with two Authorization fields and one of its own. */
static void request_begin(struct placement_request *r, struct arena *arena,
			  struct fields *fields, const char *target)
{
	*arena = (struct arena){ NULL, NULL, NULL };
	fields_init(fields, arena);
	fields_add(fields, STR("authorization"), STR("Basic eDp5"));
	fields_add(fields, STR("Accept"), STR("*/*"));
	fields_add(fields, STR("AUTHORIZATION"), STR("Bearer old"));
	*r = (struct placement_request){
		.fields = fields,
		.target = str_z(target),
		.arena = arena,
	};
}

static void test_one_authorization_leaves(void **state)
{
	char name[] = "Authorization";
	struct placement_spec spec = { &placement_header, name, NULL, NULL };
	struct placed placed = {
		.spec = &spec,
		.value = secret_new(STR("Bearer new")),
	};
	struct placement_request r;
	struct arena arena;
	struct fields fields;

	(void)state;
	request_begin(&r, &arena, &fields, "/?access_token=1");
	assert_true(placement_client_credential(&spec, &r));
	/* Twice, as a request that is sent again. */
	for (int i = 0; i < 2; i++) {
		assert_int_equal(placement_apply(&placed, &r, NULL), 0);
		assert_int_equal(fields.n, 2);
		assert_true(str_eq_z(fields.v[0].name, "Accept"));
		assert_true(str_eq_z(fields.v[1].value, "Bearer new"));
	}
	assert_true(str_eq_z(r.target, "/?access_token=1"));
	placed_fini(&placed);
	arena_fini(&arena);
}

static void test_query_takes_authorization_out(void **state)
{
	char name[] = "key";
	struct placement_spec spec = { &placement_query, name, NULL, NULL };
	struct placed placed = {
		.spec = &spec,
		.value = secret_new(STR("new")),
	};
	struct placement_request r;
	struct arena arena;
	struct fields fields;

	(void)state;
	request_begin(&r, &arena, &fields, "/a?key=old&x=1");
	for (int i = 0; i < 2; i++) {
		assert_int_equal(placement_apply(&placed, &r, NULL), 0);
		assert_int_equal(fields.n, 1);
		assert_true(str_eq_z(r.target, "/a?x=1&key=new"));
	}
	placed_fini(&placed);
	arena_fini(&arena);
}

static void test_client_credentials_are_seen(void **state)
{
	char name[] = "key";
	struct placement_spec query = { &placement_query, name, NULL, NULL };
	struct placement_spec header = { &placement_header, name, NULL, NULL };
	struct arena arena = { NULL, NULL, NULL };
	struct fields fields;
	struct placement_request r = {
		.fields = &fields,
		.target = STR("/?key=1"),
		.arena = &arena,
	};

	(void)state;
	fields_init(&fields, &arena);
	assert_true(placement_client_credential(&query, &r));
	assert_false(placement_client_credential(&header, &r));
	r.target = STR("/");
	assert_false(placement_client_credential(&query, &r));
	fields_add(&fields, STR("Key"), STR("1"));
	assert_false(placement_client_credential(&query, &r));
	assert_true(placement_client_credential(&header, &r));
	fields_add(&fields, STR("Authorization"), STR("x"));
	assert_true(placement_client_credential(&query, &r));
	arena_fini(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find_lists_the_names),
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_bound_tokens),
		cmocka_unit_test(test_formats),
		cmocka_unit_test(test_what_cannot_be_placed),
		cmocka_unit_test(test_values_are_bounded),
		cmocka_unit_test(test_mistakes_name_their_key),
		cmocka_unit_test(test_none_is_placed_nowhere),
		cmocka_unit_test(test_formats_of_a_request),
		cmocka_unit_test(test_one_authorization_leaves),
		cmocka_unit_test(test_query_takes_authorization_out),
		cmocka_unit_test(test_client_credentials_are_seen),
	};

	return cmocka_run_group_tests_name("oauth/placement", tests, NULL,
					   NULL);
}
