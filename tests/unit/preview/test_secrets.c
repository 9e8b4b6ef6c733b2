/* SPDX-License-Identifier: MIT */
/* No secret is ever shown: in no key, no template, and no encoding. */
#include "preview/preview.h"

#include "data/base64url.h"
#include "oauth/keys.h"
#include "preview/shown.h"
#include "service/keys.h"

/* In all secrets; no place encodes these. */
#define HUSH "hushHUSH0hush1hush"

/* A secret that is quoted in one way or another wherever it goes. */
#define SECRET "a&b=\\c%20d \"" HUSH "\" +/e-0123456789-0123456789"

/* Base64 of text that holds the word, wherever it begins. */
static bool has_base64(const char *text)
{
	for (size_t before = 0; before < 3; before++) {
		struct buf octets = BUF_INIT(256), b = BUF_INIT(256);
		bool found;

		for (size_t i = 0; i < before; i++)
			buf_add_char(&octets, 'x');
		buf_add_z(&octets, HUSH);
		base64_encode(&b, buf_str(&octets));
		/* Without what depends on its neighbours. */
		buf_cut(&b, 20);
		buf_drop(&b, before ? 4 : 0);
		found = strstr(text, buf_z(&b)) != NULL;
		buf_fini(&octets);
		buf_fini(&b);
		if (found)
			return true;
	}
	return false;
}

static bool is_told(const char *text)
{
	return strstr(text, HUSH) || has_base64(text);
}

static void assert_silent(const char *text)
{
	load_masked(text);
	for (size_t i = 0; i < services->n; i++) {
		struct buf b = shown_of(i);

		if (is_told(buf_z(&b)))
			fail_msg("%s tells:\n%s", services->v[i]->name,
				 buf_z(&b));
		buf_fini(&b);
	}
}

/* The test itself. */
static void it_would_be_found(void **state)
{
	static const char *const texts[] = { "x" HUSH "y", "me:" HUSH,
					     "ab" HUSH "abc", "a" HUSH };

	(void)state;
	assert_false(is_told("a text that holds none"));
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct buf b = BUF_INIT(256);

		base64_encode(&b, str_z(texts[i]));
		assert_true(is_told(buf_z(&b)));
		buf_fini(&b);
	}
	assert_true(is_told("a=%20" HUSH "%26"));
}

#define SERVICE(name) \
	"[service " name "]\nmatch = " name ".example.com\n" \
	"token_endpoint = https://as.example.com/token\n" \
	"revocation_endpoint = https://as.example.com/revoke\n"
#define CLIENT "client_id = me\nclient_secret = " SECRET "\n"

static const char grants_text[] =
	SERVICE("code") CLIENT
	"authorization_endpoint = https://as.example.com/authorize\n"
	"device_authorization_endpoint = https://as.example.com/device\n"
	SERVICE("password") CLIENT
	"username = me\npassword = " SECRET "\n"
	SERVICE("refresh") CLIENT
	"refresh_token = " SECRET "\n"
	SERVICE("exchange") CLIENT
	"grant_type = token-exchange\n"
	"subject_token = " SECRET "\nactor_token = " SECRET "\n"
	"[service static]\nmatch = static.example.com\n"
	"access_token = " SECRET "\n"
	SERVICE("assertion")
	"client_id = me\n"
	"token_endpoint_auth_method = private_key_jwt\n"
	"client_assertion = " SECRET "\n"
	"upstream_proxy = http://me:" HUSH "@127.0.0.1:3128\n";

static void every_secret_key(void **state)
{
	const struct config_table *const *tables = service_tables();

	(void)state;
	for (; *tables; tables++) {
		const struct config_table *t = *tables;

		for (size_t i = 0; i < t->nkeys; i++) {
			char line[128];

			if (strcmp(t->section, "service") != 0 ||
			    !(t->keys[i].flags & CONFIG_SECRET))
				continue;
			snprintf(line, sizeof(line), "\n%s = ",
				 t->keys[i].name);
			if (!strstr(grants_text, line))
				fail_msg("%s is not in this test",
					 t->keys[i].name);
		}
	}
	assert_silent(grants_text);
}

static void every_method(void **state)
{
	static const char *const methods[] = {
		"client_secret_basic", "client_secret_post",
		"client_secret_jwt",
		"client_secret_basic\nclient_secret_basic_encoding = raw",
		"client_secret_jwt\ntoken_endpoint_auth_signing_alg = HS512",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		char text[1024];

		snprintf(text, sizeof(text),
			 "%stoken_endpoint_auth_method = %s\n",
			 SERVICE("a") CLIENT, methods[i]);
		assert_silent(text);
	}
}

/* Wherever a template can stand, as it is, and within base64. */
static void every_template(void **state)
{
	static const char *const places[] = {
		"access_token_request.param.x", "access_token_request.header.X",
		"refresh_token_request.param.x",
		"refresh_token_request.header.X",
		"revocation_request.param.x", "revocation_request.header.X",
		"protected_request.header.X", "protected_request.query.x",
		"protected_request.body.x", "token_format",
	};
	static const char *const templates[] = {
		"{client_secret}", "x{client_secret}y",
		"{base64:{client_id}:{client_secret}}",
		"x{base64:x{base64:{client_secret}}}y",
		"Basic {base64:{client_id}:{client_secret}}",
	};
	static const char *const more[] = {
		"", "access_token_request.format = json\n",
		"access_token_request.format = query\n",
		"access_token_request.method = GET\n",
		"token_placement = query\n", "token_placement = body\n",
		"token_placement = cookie\ntoken_name = sid\n",
	};
	enum { P = sizeof(places) / sizeof(places[0]),
	       T = sizeof(templates) / sizeof(templates[0]),
	       M = sizeof(more) / sizeof(more[0]) };

	(void)state;
	for (size_t i = 0; i < (size_t)P * T * M; i++) {
		char text[1024];

		/* A cookie holds no space. */
		if (i / P / T == M - 1 && i / P % T == T - 1)
			continue;
		snprintf(text, sizeof(text), "%s%s%s = %s\n",
			 SERVICE("a") CLIENT, more[i / P / T], places[i % P],
			 templates[i / P % T]);
		assert_silent(text);
	}
}

/* What they are signed with stays where it is, and so does what is signed. */
static void keys_and_assertions(void **state)
{
	char *pem = keys_pem(GNUTLS_PK_RSA, 2048);
	const char *path = keys_put("k.pem", pem);
	char text[1024];
	struct buf b;

	(void)state;
	snprintf(text, sizeof(text), "%sclient_id = me\n"
		 "client_private_key = %s\n"
		 "token_endpoint_auth_method = private_key_jwt\n"
		 "assertion_issuer = me\nassertion_private_key = %s\n"
		 "assertion_signing_alg = RS256\n", SERVICE("a"), path,
		 path);
	load_masked(text);
	b = shown_of(0);
	assert_null(strstr(buf_z(&b), "eyJ"));
	assert_non_null(strstr(buf_z(&b), "  assertion             = "
					  "(new for each request)\n"
					  "        header alg: \"RS256\"\n"));
	assert_non_null(strstr(buf_z(&b), "  client_assertion      = "
					  "(new for each request)\n"));
	buf_fini(&b);
	free(pem);
}

#define TEST(name) cmocka_unit_test_teardown(name, scratch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(it_would_be_found),
		TEST(every_secret_key),
		TEST(every_method),
		TEST(every_template),
		TEST(keys_and_assertions),
	};

	return cmocka_run_group_tests_name("service/preview_secrets", tests,
					   NULL, keys_teardown);
}
