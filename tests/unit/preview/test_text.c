/* SPDX-License-Identifier: MIT */
#include "preview/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "config/mask.h"
#include "data/base64url.h"

/* Text in which "<name>" is a mask, and "[text]" is base64 of a text. */
static void expand(struct buf *out, struct str s)
{
	while (s.n > 0) {
		size_t at = 0, depth = 1, end;

		while (at < s.n && s.p[at] != '<' && s.p[at] != '[')
			at++;
		buf_add_str(out, str_sub(s, 0, at));
		if (at == s.n)
			return;
		for (end = at + 1; s.p[at] == '[' && depth > 0; end++)
			depth += (s.p[end] == '[') - (s.p[end] == ']');
		if (s.p[at] == '<') {
			end = at + str_find(str_from(s, at), '>') + 1;
			mask_write(out, str_sub(s, at + 1, end - at - 2));
		} else {
			struct buf inside = BUF_INIT(4096);

			expand(&inside, str_sub(s, at + 1, end - at - 2));
			base64_encode(out, buf_str(&inside));
			buf_fini(&inside);
		}
		s = str_from(s, end);
	}
}

static void assert_value(const char *name, const char *text, const char *want)
{
	struct buf value = BUF_INIT(8192), shown = BUF_INIT(8192);

	expand(&value, str_z(text));
	preview_value(&shown, str_z(name), buf_str(&value), NULL);
	assert_string_equal(buf_z(&shown), want);
	buf_fini(&value);
	buf_fini(&shown);
}

static void values(void **state)
{
	static const struct {
		const char *name, *text, *want;
	} rows[] = {
		{ "scope", "a b", "a b" },
		{ "scope", "", "" },
		{ "x", "<client_secret>", "(client_secret)" },
		{ "x", "a<now>b<uuid>", "a(seconds since 1970)b"
					"(new for each request)" },
		{ "x", "<token.team.id>", "(token.team.id)" },
		{ "Authorization", "Basic [me:<client_secret>]",
		  "Basic base64(me:(client_secret))" },
		{ "x", "[[a<x>]b<y>],[<z>]",
		  "base64(base64(a(x))b(y)),base64((z))" },
		{ "x", "Key[me:<x>]", "Keybase64(me:(x))" },
		/* Base64 without a mask is shown as it stands. */
		{ "x", "[what is no secret]", "d2hhdCBpcyBubyBzZWNyZXQ=" },
		{ "redirect_uri", "http://127.0.0.1:8119/-/callback/a",
		  "http://127.0.0.1:8119/-/callback/a" },
		{ "aud", PREVIEW_FOUND "x", "(found from issuer)x" },
		/* What a terminal would do something with. */
		{ "x", "a\033m\tb\x7f", "a\\x1bm\\x09b\\x7f" },
		{ "x", "gr\xc3\xb6\xc3\x9f" "e", "gr\xc3\xb6\xc3\x9f" "e" },
		{ "code_challenge", "abc", "(new for each login)" },
		{ "code_challenge", "<code_verifier>",
		  "(new for each login)" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_value(rows[i].name, rows[i].text, rows[i].want);
}

/* Secrets where the configuration has no place for one. */
static void names_of_secrets(void **state)
{
	(void)state;
	assert_value("Authorization", "Basic bWU6aHVzaA==", "Basic ***");
	assert_value("authorization", "hush", "***");
	assert_value("Proxy-Authorization", "Bearer hush", "Bearer ***");
	assert_value("X-Api-Key", "hush", "***");
	assert_value("api_key", "hush", "***");
	assert_value("APP_SECRET", "hush", "***");
	assert_value("new_password", "hush", "***");
	assert_value("refresh_token", "hush", "***");
	assert_value("Cookie", "sid=hush", "***");
	assert_value("token_type_hint", "refresh_token", "refresh_token");
	assert_value("subject_token_type", "jwt", "jwt");
	assert_value("key_id", "7", "7");
	/* A mask tells more. */
	assert_value("X-Api-Key", "<client_secret>", "(client_secret)");
}

static void what_was_made(void **state)
{
	/* {"alg":"HS256"} . {"iss":"me","jti":"x","a_key":"hush"} */
	static const char jwt[] =
		"eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJtZSIsImp0aSI6IngiLCJhX2tleSI6"
		"Imh1c2gifQ.c2lnbmF0dXJl";
	struct preview_rows rows = { NULL, 0 };
	struct secret *s = secret_new(str_z(jwt));
	struct buf b = BUF_INIT(4096);
	struct token_request r;

	(void)state;
	token_request_init(&r);
	token_request_note(&r, s);
	secret_unref(&s);
	s = secret_new(STR("opaque"));
	token_request_note(&r, s);
	preview_row(&rows, STR("a"), str_z(jwt), &r);
	preview_row(&rows, STR("longer"), STR("opaque"), &r);
	preview_row(&rows, STR("b"), STR("open"), &r);
	preview_note(&rows, "words");
	preview_block(&b, "title", &rows);
	assert_string_equal(buf_z(&b),
			    "    title\n"
			    "      a      = (new for each request)\n"
			    "        header alg: \"HS256\"\n"
			    "        claim iss: \"me\"\n"
			    "        claim jti: (new for each request)\n"
			    "        claim a_key: ***\n"
			    "      longer = ***\n"
			    "      b      = open\n"
			    "      words\n");
	assert_null(rows.v);
	secret_unref(&s);
	token_request_fini(&r);
	buf_fini(&b);
}

static void blocks(void **state)
{
	struct preview_rows rows = { NULL, 0 };
	struct buf b = BUF_INIT(4096);

	(void)state;
	preview_form(&rows, STR(""), NULL);
	preview_json(&rows, STR("{}"), NULL);
	preview_json(&rows, STR("no JSON"), NULL);
	preview_block(&b, "none", &rows);
	assert_string_equal(buf_z(&b), "");
	preview_form(&rows, STR("a=1+2%263&&b&a="), NULL);
	preview_json(&rows, STR("{\"s\":\"x y\",\"n\":1,\"l\":[\"a\",true]}"),
		     NULL);
	preview_block(&b, "some", &rows);
	assert_string_equal(buf_z(&b), "    some\n"
				       "      a = 1 2&3\n"
				       "      b = \n"
				       "      a = \n"
				       "      s = x y\n"
				       "      n = 1\n"
				       "      l = [\"a\",true]\n");
	buf_fini(&b);
}

/* A name that is longer than a column does not make it wider. */
static void columns(void **state)
{
	struct preview_rows rows = { NULL, 0 };
	struct buf b = BUF_INIT(4096);

	(void)state;
	preview_form(&rows,
		     STR("ab=1&a_name_that_is_longer_than_columns_are=2"),
		     NULL);
	preview_block(&b, NULL, &rows);
	assert_string_equal(buf_z(&b),
			    "      ab = 1\n"
			    "      a_name_that_is_longer_than_columns_are = "
			    "2\n");
	buf_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values),
		cmocka_unit_test(names_of_secrets),
		cmocka_unit_test(what_was_made),
		cmocka_unit_test(blocks),
		cmocka_unit_test(columns),
	};

	return cmocka_run_group_tests_name("service/preview_text", tests, NULL,
					   NULL);
}
