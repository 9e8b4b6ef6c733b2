/* SPDX-License-Identifier: MIT */
#include "service/login_url.h"

#include "service/scratch.h"

#define EXTERNAL "http://127.0.0.1:8119"

/* A service "a" that people log in to, with this line. */
static const struct service *service_with(const char *line)
{
	char text[1024];

	snprintf(text, sizeof(text),
		 "[service a]\nupstream = https://a.example\n"
		 "authorization_endpoint = https://as.example/authorize\n"
		 "token_endpoint = https://as.example/token\n"
		 "client_id = me\n%s\n", line);
	load_good(text);
	return services->v[0];
}

static void assert_redirect(const struct service *s, const char *external,
			    const char *want)
{
	struct buf b = BUF_INIT(1024);
	struct fault f;

	assert_int_equal(service_redirect_uri(s, external, &b, &f), 0);
	assert_string_equal(buf_z(&b), want);
	buf_fini(&b);
}

static void assert_login(const struct service *s, const char *external,
			 const char *want)
{
	struct buf b = BUF_INIT(1024);

	assert_int_equal(service_login_url(s, external, &b), 0);
	assert_string_equal(buf_z(&b), want);
	buf_fini(&b);
}

static void own_callback_is_the_default(void **state)
{
	const struct service *s = service_with("");

	(void)state;
	assert_redirect(s, EXTERNAL, EXTERNAL "/-/callback/a");
	assert_login(s, EXTERNAL, EXTERNAL "/-/login/a");
	assert_redirect(s, "https://auth.example/base",
			"https://auth.example/base/-/callback/a");
	assert_login(s, "https://auth.example/base",
		     "https://auth.example/base/-/login/a");
}

static void nobody_reaches_it(void **state)
{
	const struct service *s = service_with("");
	struct buf b = BUF_INIT(1024);
	struct fault f = { "" };

	(void)state;
	assert_int_equal(service_redirect_uri(s, NULL, &b, &f), -1);
	assert_non_null(strstr(f.text, "[service a]"));
	assert_non_null(strstr(f.text, "external_url"));
	assert_int_equal(service_login_url(s, NULL, &b), -1);
	assert_int_equal(buf_str(&b).n, 0);
	buf_fini(&b);
}

/* Where the cookie of the login is to come along. */
static void login_begins_where_it_ends(void **state)
{
	static const struct {
		const char *redirect_uri, *login;
	} rows[] = {
		{ "http://localhost:9000/-/callback",
		  "http://localhost:9000/-/login/a" },
		{ "https://auth.example/-/callback/a",
		  "https://auth.example/-/login/a" },
		{ "http://[::1]:8119/-/callback/a",
		  "http://[::1]:8119/-/login/a" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char line[128];
		const struct service *s;

		snprintf(line, sizeof(line), "redirect_uri = %s",
			 rows[i].redirect_uri);
		s = service_with(line);
		assert_redirect(s, EXTERNAL, rows[i].redirect_uri);
		assert_login(s, EXTERNAL, rows[i].login);
		/* no matter who reaches bearerd otherwise */
		assert_redirect(s, NULL, rows[i].redirect_uri);
		assert_login(s, NULL, rows[i].login);
	}
}

static void assert_callback(const char *url, const char *external,
			    const char *base, const char *prefix,
			    const char *page)
{
	struct own_callback own;

	if (!page) {
		assert_false(service_own_callback(str_z(url), external, &own));
		return;
	}
	assert_true(service_own_callback(str_z(url), external, &own));
	assert_true(str_eq_z(own.base, base));
	assert_true(str_eq_z(own.prefix, prefix));
	assert_true(str_eq_z(own.page, page));
	assert_int_equal(own.secure, str_starts(str_z(url), STR("https")));
}

#define EXCHANGE(name, of)                                            \
	"[service " name "]\nupstream = https://" name ".example\n"  \
	"grant_type = token-exchange\nclient_id = x\n"               \
	"token_endpoint = https://as.example/\n"                     \
	"subject_token_service = " of "\n"

/* Of a chain of sessions people log in to the last one. */
static void whose_login_it_is(void **state)
{
	(void)state;
	load_good(EXCHANGE("c", "b") EXCHANGE("b", "shares")
		  "[service shares]\nupstream = https://s.example\n"
		  "session = a\n"
		  "[service a]\nupstream = https://a.example\n"
		  "authorization_endpoint = https://as.example/authorize\n"
		  "token_endpoint = https://as.example/token\n"
		  "client_id = me\n");
	for (size_t i = 0; i < services->n; i++)
		assert_string_equal(
			service_to_log_in_to(services->v[i])->name, "a");
	load_good(EXCHANGE("b", "a")
		  "[service a]\nupstream = https://a.example\n"
		  "access_token = t\n");
	assert_string_equal(service_to_log_in_to(services->v[0])->name, "a");
}

/* What is in front of bearerd takes its prefix off: what comes here has none,
 * what the browser sees has. */
static void prefix_is_external_urls_own(void **state)
{
	const char *const base = "https://auth.example/base";

	(void)state;
	assert_callback("https://auth.example/base/-/callback/a", base, base,
			"/base", "/-/callback/a");
	assert_callback("https://auth.example/base/-/callback?x=/", base, base,
			"/base", "/-/callback");
	assert_callback("https://auth.example/-/callback", base,
			"https://auth.example", "", "/-/callback");
	assert_callback("http://localhost:1/-/callback/b", base,
			"http://localhost:1", "", "/-/callback/b");
	assert_callback("https://auth.example/-/callback/a",
			"https://auth.example", "https://auth.example", "",
			"/-/callback/a");
	assert_callback("https://auth.example/other/-/callback", base, NULL,
			NULL, NULL);
	assert_callback("https://other.example/base/-/callback", base, NULL,
			NULL, NULL);
	assert_callback("https://auth.example/base-/callback", base, NULL,
			NULL, NULL);
	assert_callback("https://auth.example.org/-/callback",
			"https://auth.example", "https://auth.example.org", "",
			"/-/callback");
	assert_callback("https://auth.example/-/callbacks", base, NULL, NULL,
			NULL);
	assert_callback("https://auth.example", base, NULL, NULL, NULL);
}

/* What comes back to others is pasted; a page of it is ours all the same. */
static void others_callback_says_nothing_of_us(void **state)
{
	static const char *const uris[] = {
		"https://elsewhere.example/callback",
		"https://elsewhere.example/",
		"https://elsewhere.example/x/-/callback",
		"urn:ietf:wg:oauth:2.0:oob",
		"com.example.app:/-/callback",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(uris) / sizeof(uris[0]); i++) {
		struct buf b = BUF_INIT(1024);
		const struct service *s;
		char line[128];

		snprintf(line, sizeof(line), "redirect_uri = %s", uris[i]);
		s = service_with(line);
		assert_redirect(s, EXTERNAL, uris[i]);
		assert_redirect(s, NULL, uris[i]);
		assert_login(s, EXTERNAL, EXTERNAL "/-/login/a");
		assert_int_equal(service_login_url(s, NULL, &b), -1);
		assert_int_equal(buf_str(&b).n, 0);
		buf_fini(&b);
	}
}

/* Two services with these lines; whether answers to them can be mixed up. */
static bool mixed_up(const char *one, const char *other)
{
	char text[2048];
	const struct service *found;

	snprintf(text, sizeof(text),
		 "[service a]\nupstream = https://a.example\n"
		 "token_endpoint = https://as.example/token\n"
		 "client_id = me\n%s\n"
		 "[service b]\nupstream = https://b.example\n"
		 "token_endpoint = https://as.example/token\n"
		 "client_id = me\n%s\n", one, other);
	load_good(text);
	found = service_mixed_up_with(services, services->v[0], EXTERNAL);
	assert_true(!found || found == services->v[1]);
	assert_true(!found == !service_mixed_up_with(services, services->v[1],
						     EXTERNAL));
	return found;
}

#define CODE "grant_type = authorization_code\n"
#define AT(host) CODE "authorization_endpoint = https://" host "/authorize\n"
#define SHARED "redirect_uri = http://127.0.0.1:8119/-/callback\n"
#define PASTED "redirect_uri = urn:ietf:wg:oauth:2.0:oob\n"
#define ISSUER(host) CODE "issuer = https://" host "\n"

static void answers_can_be_mixed_up(void **state)
{
	(void)state;
	assert_true(mixed_up(AT("x.test") SHARED, AT("y.test") SHARED));
	assert_true(mixed_up(ISSUER("x.test") SHARED,
			     ISSUER("y.test") SHARED));
	assert_true(mixed_up(ISSUER("x.test") SHARED, AT("y.test") SHARED));
	assert_false(mixed_up(AT("x.test") SHARED, AT("x.test") SHARED));
	assert_false(mixed_up(AT("x.test") SHARED "issuer = https://i.test\n",
			      ISSUER("i.test") SHARED));
	assert_false(mixed_up(AT("x.test"), AT("y.test")));
	assert_false(mixed_up(AT("x.test") SHARED, AT("y.test")));
	assert_false(mixed_up(AT("x.test") PASTED, AT("y.test") PASTED));
	assert_false(mixed_up(AT("x.test") SHARED,
			      "grant_type = client_credentials\n"
			      "client_secret = s\n"));
}

#define TEST(name) cmocka_unit_test_teardown(name, scratch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(own_callback_is_the_default),
		TEST(nobody_reaches_it),
		TEST(login_begins_where_it_ends),
		TEST(prefix_is_external_urls_own),
		TEST(whose_login_it_is),
		TEST(others_callback_says_nothing_of_us),
		TEST(answers_can_be_mixed_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
