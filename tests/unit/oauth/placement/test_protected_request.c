/* SPDX-License-Identifier: MIT */
#include "oauth/placement/protected_request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "oauth/section.h"

#define P "protected_request."

/* A service's, and a request to change. */
struct bench {
	struct section section;
	struct placement_spec spec;
	struct protected_request p;
	struct protected_values *v;
	struct token *token;
	struct arena arena;
	struct fields fields;
	struct placement_request r;
	struct buf mistakes;
};

static void note(void *arg, const char *key, size_t i, const struct fault *f)
{
	struct bench *b = arg;

	buf_addf(&b->mistakes, "%s[%zu] %s\n", key, i, f->text);
}

/* Returns what protected_request_init did. */
static int begin(struct bench *b, const char *lines, bool has_token)
{
	const char *key;
	struct fault f;

	memset(b, 0, sizeof(*b));
	buf_init(&b->mistakes, 4096);
	b->section = section_new(lines);
	assert_int_equal(placement_spec_init(&b->spec, b->section.s,
					     b->section.s, &key,
					     &f), 0);
	fields_init(&b->fields, &b->arena);
	b->r = (struct placement_request){
		.fields = &b->fields,
		.target = STR("/x?a=1&q=mine"),
		.arena = &b->arena,
	};
	return protected_request_init(&b->p, b->section.s, b->section.s,
				      &b->spec,
				      has_token, note, b);
}

/* With a token of these members. */
static int publish(struct bench *b, const char *reply, struct fault *f)
{
	struct oauth_error error;

	assert_int_equal(token_reply_read(200, STR("application/json"),
					  str_z(reply), 0, &b->token, &error,
					  f), TOKEN_OK);
	return protected_values_init(&b->v, &b->p, b->token, f);
}

static void end(struct bench *b)
{
	protected_values_free(&b->v);
	token_unref(&b->token);
	protected_request_fini(&b->p);
	placement_spec_fini(&b->spec);
	section_free(&b->section);
	arena_fini(&b->arena);
	buf_fini(&b->mistakes);
}

static void apply(struct bench *b)
{
	struct fault f;

	assert_int_equal(protected_request_apply(&b->p, b->v, &b->r, &f), 0);
}

static const char *value_of(const struct bench *b, const char *name)
{
	const struct field *f = fields_find(&b->fields, str_z(name));

	assert_true(fields_count(&b->fields, str_z(name)) <= 1);
	return f ? arena_str((struct arena *)(uintptr_t)&b->arena,
			     f->value).p : "";
}

static void test_none(void **state)
{
	struct bench b;
	struct fault f;

	(void)state;
	assert_int_equal(begin(&b, "", true), 0);
	assert_int_equal(b.p.n, 0);
	assert_int_equal(publish(&b, "{\"access_token\":\"t\"}", &f), 0);
	assert_null(b.v);
	apply(&b);
	assert_int_equal(b.fields.n, 0);
	assert_true(str_eq_z(b.r.target, "/x?a=1&q=mine"));
	end(&b);
}

static void test_rows(void **state)
{
	struct bench b;
	struct fault f;

	(void)state;
	assert_int_equal(begin(&b, P "header.X-One = 1\n"
				   P "header.X-Two = {access_token}\n"
				   P "header.X-Three =\n"
				   P "remove_header = X-Four\n"
				   P "remove_header = x-five\n"
				   P "query.q = {token.m}&\n", true), 0);
	assert_true(b.p.of_token);
	assert_true(b.p.of_secret);
	assert_false(b.p.has_form);
	assert_int_equal(publish(&b, "{\"access_token\":\"t\",\"m\":5}", &f),
			 0);
	for (int i = 1; i <= 6; i++) {
		static const char *const sent[] = { "x-one", "X-TWO",
			"X-Three", "X-Four", "X-Five", "X-Six" };

		fields_add(&b.fields, str_z(sent[i - 1]), STR("mine"));
	}
	/* Twice, as a request that is sent again. */
	for (int i = 0; i < 2; i++) {
		apply(&b);
		assert_int_equal(b.fields.n, 3);
		assert_string_equal(value_of(&b, "X-One"), "1");
		assert_string_equal(value_of(&b, "X-Two"), "t");
		assert_string_equal(value_of(&b, "X-Six"), "mine");
		assert_true(str_eq_z(b.r.target, "/x?a=1&q=5%26"));
	}
	end(&b);
}

static void test_keep(void **state)
{
	struct bench b;

	(void)state;
	assert_int_equal(begin(&b, P "header.X-One = 1\n" P "query.q = 2\n"
				   P "query.Q = 3\n" P "keep = x-one\n"
				   P "keep = q\n", true), 0);
	assert_false(b.p.of_token);
	assert_false(b.p.of_secret);
	apply(&b);
	assert_string_equal(value_of(&b, "X-One"), "1");
	assert_true(str_eq_z(b.r.target, "/x?a=1&q=mine&Q=3"));
	b.fields.v[0].value = STR("mine");
	apply(&b);
	assert_string_equal(value_of(&b, "X-One"), "mine");
	end(&b);
}

static void test_form(void **state)
{
	struct bench b;

	(void)state;
	assert_int_equal(begin(&b, P "body.q = 1\n" P "body.a =\n", true), 0);
	assert_true(b.p.has_form);
	assert_true(b.p.needs_form);
	b.r.has_form = true;
	b.r.form = STR("a=1&q=2&c=3");
	apply(&b);
	assert_true(str_eq_z(b.r.form, "c=3&q=1"));
	assert_true(str_eq_z(b.r.target, "/x?a=1&q=mine"));
	/* Without a form what is added goes to the query; what is not there
	 * is not taken out. */
	b.r.has_form = false;
	apply(&b);
	assert_true(str_eq_z(b.r.target, "/x?a=1&q=1"));
	end(&b);
	assert_int_equal(begin(&b, P "body.a =\n", true), 0);
	assert_true(b.p.has_form);
	assert_false(b.p.needs_form);
	end(&b);
}

static void test_of_a_request(void **state)
{
	struct bench b;
	struct fault f;

	(void)state;
	assert_int_equal(begin(&b, P "header.X-Now = {now}\n"
				   P "header.X-Both = {now}-{access_token}\n",
			       true), 0);
	assert_int_equal(publish(&b, "{\"access_token\":\"t\"}", &f), 0);
	clock_fake(0, 7000);
	apply(&b);
	assert_string_equal(value_of(&b, "X-Now"), "7");
	assert_string_equal(value_of(&b, "X-Both"), "7-t");
	clock_fake(0, 8000);
	apply(&b);
	assert_string_equal(value_of(&b, "X-Both"), "8-t");
	clock_real();
	end(&b);
}

/* The client's own credential goes out: nothing of ours does. */
static void test_without_the_token(void **state)
{
	struct bench b;

	(void)state;
	assert_int_equal(begin(&b, P "header.X-One = {access_token}\n"
				   P "header.X-Two = {now}{access_token}\n"
				   P "header.X-Three = 3\n", true), 0);
	fields_add(&b.fields, STR("X-One"), STR("mine"));
	apply(&b);
	assert_int_equal(b.fields.n, 2);
	assert_string_equal(value_of(&b, "X-One"), "mine");
	assert_string_equal(value_of(&b, "X-Three"), "3");
	end(&b);
}

static void test_values_outlive_the_token(void **state)
{
	struct bench b;
	struct fault f;

	(void)state;
	assert_int_equal(begin(&b, P "header.X-One = {access_token}\n", true),
			 0);
	assert_int_equal(publish(&b, "{\"access_token\":\"t\"}", &f), 0);
	token_unref(&b.token);
	apply(&b);
	assert_string_equal(value_of(&b, "X-One"), "t");
	end(&b);
}

static void test_what_cannot_be_published(void **state)
{
	static const char *const lines[] = {
		P "header.X = {token.none}\n",
		P "header.X = {token.bell}\n",
		P "query.X = {token.lf}\n",
		P "header.X = {uuid}{token.none}\n",
		P "header.A = {access_token}\n" P "body.X = {token.lf}\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct bench b;
		struct fault f = { "" };

		assert_int_equal(begin(&b, lines[i], true), 0);
		assert_int_equal(publish(&b, "{\"access_token\":\"t\","
					     "\"lf\":\"val-\\n\","
					     "\"bell\":\"val-\\u0007\"}", &f),
				 -1);
		assert_null(b.v);
		assert_true(str_starts(str_z(f.text),
				       STR("protected_request.")));
		assert_null(strstr(f.text, "val-"));
		end(&b);
	}
}

static void test_mistakes(void **state)
{
	static const struct {
		const char *lines, *words;
		bool no_token;
	} rows[] = {
		{ P "header.Host = x\n", P "header.Host[0]", false },
		{ P "remove_header = a\n" P "remove_header = TE\n",
		  P "remove_header[1]", false },
		{ P "header.X = {x}\n", "unknown", false },
		{ P "header.X = {client_id}\n", "no client_id", false },
		{ P "header.X = {token.x}\n", "gets no token", true },
		{ P "header.X = a\n" P "header.x = b\n", P "header.x[0]",
		  false },
		{ P "header.X = a\n" P "remove_header = x\n", "already",
		  false },
		{ P "header.authorization = a\n", "where the token goes",
		  false },
		{ "token_placement = cookie\n" P "header.cookie = a\n",
		  "where the token goes", false },
		{ "token_placement = body\n" P "query.access_token = a\n",
		  "where the token goes", false },
		{ P "query.a = 1\n" P "keep = A\n", P "keep[0]", false },
		{ P "query.a =\n" P "keep = a\n", P "keep[0]", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bench b;

		assert_int_equal(begin(&b, rows[i].lines, !rows[i].no_token),
				 -1);
		if (!strstr(buf_z(&b.mistakes), rows[i].words))
			fail_msg("row %zu: %s", i, buf_z(&b.mistakes));
		end(&b);
	}
}

/* What is no mistake. */
static void test_other_places(void **state)
{
	static const struct {
		const char *lines;
		bool has_token;
	} rows[] = {
		{ P "header.Authorization = x\n", false },
		{ "token_placement = none\n" P "header.Authorization = x\n",
		  true },
		{ "token_placement = query\n" P "header.access_token = x\n",
		  true },
		{ "token_placement = cookie\n" P "query.access_token = x\n",
		  true },
		{ "token_placement = query\n" P "query.ACCESS_TOKEN = x\n",
		  true },
		{ P "header.X = a\n" P "query.X = b\n" P "body.X = c\n",
		  true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bench b;

		if (begin(&b, rows[i].lines, rows[i].has_token) != 0)
			fail_msg("row %zu: %s", i, buf_z(&b.mistakes));
		end(&b);
	}
}

static void test_told(void **state)
{
	struct protected_row_told row;
	struct bench b;

	(void)state;
	assert_int_equal(begin(&b, P "remove_header = X-Gone\n"
			       P "header.X-Empty =\n"
			       P "query.a = {client_id}\n"
			       P "body.b = {access_token}\n"
			       P "keep = b\n"
			       "client_id = me\n", true), 0);
	assert_true(protected_request_tell(&b.p, 0, &row));
	assert_string_equal(row.place, "header");
	assert_string_equal(row.name, "X-Gone");
	assert_true(row.removes && !row.keeps);
	assert_true(protected_request_tell(&b.p, 1, &row));
	assert_string_equal(row.name, "X-Empty");
	assert_true(row.removes);
	assert_true(protected_request_tell(&b.p, 2, &row));
	assert_string_equal(row.place, "query");
	assert_true(!row.removes && !row.keeps);
	assert_true(protected_request_tell(&b.p, 3, &row));
	assert_string_equal(row.place, "body");
	assert_true(!row.removes && row.keeps);
	assert_false(protected_request_tell(&b.p, 4, &row));
	end(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_keep),
		cmocka_unit_test(test_form),
		cmocka_unit_test(test_of_a_request),
		cmocka_unit_test(test_without_the_token),
		cmocka_unit_test(test_values_outlive_the_token),
		cmocka_unit_test(test_what_cannot_be_published),
		cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_other_places),
		cmocka_unit_test(test_told),
	};

	return cmocka_run_group_tests_name("oauth/protected_request", tests,
					   NULL, NULL);
}
