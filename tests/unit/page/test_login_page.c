/* SPDX-License-Identifier: MIT */
/* How browsers come to a login, and what they are shown. The broker behind
 * the pages is real; the test turns its loop. */
#include "page/login_page.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "broker/broker_int.h"
#include "page/pages.h"
#include "store/store.h"

#define EXTERNAL "http://127.0.0.1:8119"
#define CLIENT(name)                                                  \
	"[service " name "]\nupstream = https://" name ".example.com\n" \
	"token_endpoint = https://as.example.com/token\n"             \
	"authorization_endpoint = https://as.example.com/authorize\n" \
	"client_id = me\n"

static struct {
	struct services *services;
	struct store *store;
	struct broker *broker;
	struct loop *loop;
	struct mailbox *box;
	struct arena arena;
	struct fields fields;
	struct page_context context;
	struct page_reply reply;
	int answers;
} it;

static void answered(void *arg, struct login_reply *r)
{
	assert_ptr_equal(arg, &it);
	it.answers++;
	page_reply_fini(&it.reply);
	page_answered(r, &it.reply);
	assert_null(it.reply.pending);
}

static struct services *load(void)
{
	static const char ini[] =
		CLIENT("web") CLIENT("frag") "grant_type = implicit\n"
		"[service machine]\nupstream = https://m.example.com\n"
		"access_token = t\n";
	struct config_report *report = config_report_new();
	char path[] = "/tmp/bearerd-test-XXXXXX";
	struct services *s;
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, ini, strlen(ini)), strlen(ini));
	close(fd);
	s = services_load(path, report);
	unlink(path);
	for (size_t i = 0; i < config_report_count(report); i++)
		print_error("%s\n", config_report_text(report, i));
	config_report_free(&report);
	assert_non_null(s);
	return s;
}

static int begin(void **state)
{
	struct secret *key = secret_new(STR("0123456789abcdef"
					    "0123456789abcdef"));
	struct fault f;

	(void)state;
	memset(&it, 0, sizeof(it));
	it.services = load();
	it.store = store_open(STR("memory:"), &key, 1, &f);
	secret_unref(&key);
	it.broker = broker_new(it.services, it.store, &f);
	assert_non_null(it.broker);
	broker_set_external(it.broker, EXTERNAL);
	it.loop = loop_new(&f);
	it.box = mailbox_new(it.loop, &it, &f);
	arena_init(&it.arena, NULL, 0);
	fields_init(&it.fields, &it.arena);
	it.context = (struct page_context){
		.services = it.services, .external = EXTERNAL,
		.broker = it.broker, .box = it.box, .answered = answered,
		.arg = &it,
	};
	return 0;
}

static int end(void **state)
{
	(void)state;
	page_reply_fini(&it.reply);
	broker_free(&it.broker);
	mailbox_free(&it.box);
	loop_free(&it.loop);
	store_close(&it.store);
	services_free(&it.services);
	arena_fini(&it.arena);
	return 0;
}

/* --- asking --- */

/* Adds a field to all requests that follow. */
static void field(const char *name, const char *value)
{
	fields_add_copy(&it.fields, str_z(name), str_z(value));
}

static void no_fields(void)
{
	it.fields.n = 0;
}

/* True where the broker was asked, and has answered. */
static bool ask(const char *method, const char *path, const char *query,
		const char *body)
{
	const struct page_request q = {
		.method = str_z(method), .path = str_z(path),
		.query = str_z(query), .fields = &it.fields,
		.body = str_z(body),
	};
	int before = it.answers;

	page_reply_fini(&it.reply);
	page_answer(&it.context, &q, &it.reply);
	if (!it.reply.pending)
		return false;
	for (int i = 0; i < 100 && it.answers == before; i++) {
		loop_turn(it.broker->context.loop, 10);
		mailbox_drain(it.box);
	}
	assert_int_equal(it.answers, before + 1);
	return true;
}

static bool get(const char *path)
{
	return ask("GET", path, "", "");
}

static bool holds(const char *part)
{
	return strstr(buf_z(&it.reply.body), part) != NULL;
}

static void assert_page(int status, const char *title)
{
	char text[128];

	assert_int_equal(it.reply.status, status);
	assert_string_equal(it.reply.content_type,
			    "text/html; charset=utf-8");
	snprintf(text, sizeof(text), "<title>%s</title>", title);
	if (!holds(text))
		fail_msg("no %s in %s", text, buf_z(&it.reply.body));
}

/* What no page may be without. */
static void assert_policy(bool runs)
{
	const char *policy = buf_z(&it.reply.policy);

	assert_non_null(strstr(policy, "default-src 'none'"));
	assert_non_null(strstr(policy, "frame-ancestors 'none'"));
	assert_non_null(strstr(policy, "base-uri 'none'"));
	assert_int_equal(strstr(policy, "script-src 'nonce-") != NULL, runs);
	assert_int_equal(holds("<script"), runs);
	assert_null(strstr(policy, "script-src 'unsafe"));
}

/* --- how it begins --- */

static void test_browser_is_sent_on(void **state)
{
	(void)state;
	field("Host", "127.0.0.1:8119");
	field("Sec-Fetch-Site", "none");
	assert_true(get("/-/login/web"));
	assert_page(303, "Log in");
	assert_policy(false);
	assert_non_null(strstr(buf_z(&it.reply.location),
			       "https://as.example.com/authorize?"));
	assert_non_null(strstr(buf_z(&it.reply.cookie), LOGIN_COOKIE));
	assert_non_null(strstr(buf_z(&it.reply.cookie), "HttpOnly"));
	/* the page itself says nothing of it */
	assert_false(holds("state="));
	assert_false(holds("as.example.com"));
}

static void test_nobody_waits_while_draining(void **state)
{
	(void)state;
	it.context.draining = true;
	field("Host", "127.0.0.1:8119");
	assert_false(get("/-/login/web"));
	assert_int_equal(it.reply.status, 503);
	assert_null(it.reply.content_type);
	assert_false(ask("POST", "/-/login/web", "", ""));
	assert_int_equal(it.reply.status, 503);
	assert_false(ask("GET", "/-/callback/web", "state=x&code=y", ""));
	assert_int_equal(it.reply.status, 503);
	/* what needs no answer of the broker's is as it was */
	field("Sec-Fetch-Site", "cross-site");
	assert_false(get("/-/login/web"));
	assert_page(200, "Log in?");
	assert_false(get("/-/login/none"));
	assert_int_equal(it.reply.status, 404);
}

static void test_who_need_not_be_asked(void **state)
{
	static const char *const rows[][2] = {
		{ NULL, NULL },
		{ "Sec-Fetch-Site", "none" },
		{ "Sec-Fetch-Site", "same-origin" },
		{ "Referer", "http://127.0.0.1:8119/-/login/web" },
		{ "Referer", "http://127.0.0.1:8119" },
		{ "Purpose", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		no_fields();
		field("Host", "127.0.0.1:8119");
		if (rows[i][0])
			field(rows[i][0], rows[i][1]);
		assert_true(get("/-/login/web"));
		assert_int_equal(it.reply.status, 303);
	}
}

/* Another site's page may have led here, or nobody at all. */
static void test_who_is_asked_first(void **state)
{
	static const char *const rows[][2] = {
		{ "Sec-Fetch-Site", "cross-site" },
		{ "Sec-Fetch-Site", "same-site" },
		{ "Sec-Fetch-Site", "something-new" },
		{ "sec-fetch-site", "cross-site" },
		{ "Referer", "https://evil.example.com/" },
		{ "Referer", "http://127.0.0.1:8120/" },
		{ "Referer", "http://127.0.0.1/" },
		{ "Referer", "http://localhost:8119/" },
		{ "Referer", "not a URL" },
		{ "Sec-Purpose", "prefetch" },
		{ "Sec-Purpose", "prefetch;prerender" },
		{ "Purpose", "prefetch" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		no_fields();
		field("Host", "127.0.0.1:8119");
		field(rows[i][0], rows[i][1]);
		if (get("/-/login/web"))
			fail_msg("%s: %s was not asked", rows[i][0],
				 rows[i][1]);
		assert_page(200, "Log in?");
		assert_policy(false);
		assert_true(holds("the service web"));
		assert_true(holds("<form method=\"post\">"));
		assert_true(holds("<button>"));
		assert_int_equal(it.reply.location.n, 0);
		assert_int_equal(it.reply.cookie.n, 0);
		/* the answer is a click on this very page */
		assert_true(ask("POST", "/-/login/web", "", ""));
		assert_int_equal(it.reply.status, 303);
	}
}

#define AWAY "http://proxy.test:8119"

/* Where browsers do not say where they come from, only a sign that it was from
 * here counts. */
static void test_plain_http_off_loopback(void **state)
{
	static const struct {
		const char *method, *name, *value;
		bool asked;
	} rows[] = {
		{ "GET", NULL, NULL, true },
		{ "POST", NULL, NULL, true },
		{ "GET", "Referer", "http://evil.test/", true },
		{ "POST", "Referer", "http://evil.test/-/login/web", true },
		{ "GET", "Referer", AWAY, true },
		{ "GET", "Referer", AWAY "/web/-/page", true },
		{ "GET", "Referer", "http://proxy.test:8120/-/", true },
		{ "GET", "Referer", AWAY "/-/", false },
		{ "POST", "Referer", AWAY "/-/login/web", false },
		{ "POST", "Origin", AWAY, false },
		{ "POST", "Origin", "http://proxy.test", true },
		{ "GET", "Sec-Fetch-Site", "none", false },
		{ "POST", "Sec-Fetch-Site", "same-origin", false },
	};

	(void)state;
	it.context.external = AWAY;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		no_fields();
		field("Host", "proxy.test:8119");
		if (rows[i].name)
			field(rows[i].name, rows[i].value);
		if (ask(rows[i].method, "/-/login/web", "", "") ==
		    rows[i].asked)
			fail_msg("%s %s: %s", rows[i].method, rows[i].name,
				 rows[i].value);
		if (rows[i].asked)
			assert_page(200, "Log in?");
	}
}

/* A browser that says nothing at all has the cookie. */
static void test_form_of_our_own(void **state)
{
	char form[64];

	(void)state;
	it.context.external = AWAY "/in/front";
	field("Host", "proxy.test:8119");
	assert_false(get("/-/login/web"));
	assert_non_null(strstr(buf_z(&it.reply.cookie),
			       "; Path=/in/front/-/login/web; Max-Age=600; "
			       "HttpOnly; SameSite=Strict"));
	assert_int_equal(sscanf(buf_z(&it.reply.cookie), "%63[^;]", form), 1);
	assert_true(holds(strchr(form, '=') + 1));
	assert_false(ask("POST", "/-/login/web", "", form));
	field("Cookie", form);
	assert_false(ask("POST", "/-/login/web", "", "bearerd_asked="));
	assert_false(ask("GET", "/-/login/web", form, ""));
	assert_true(ask("POST", "/-/login/web", "", form));
}

static void test_ticket_goes_along(void **state)
{
	(void)state;
	field("Host", "127.0.0.1:8119");
	/* of the address; the broker knows none of it */
	assert_true(ask("GET", "/-/login/web", "ticket=abc", ""));
	assert_page(400, "Not logged in");
	assert_true(holds("used already"));
	/* and of the form, not of the address */
	assert_true(ask("POST", "/-/login/web", "", "x=y&ticket=abc"));
	assert_int_equal(it.reply.status, 400);
	assert_true(ask("POST", "/-/login/web", "ticket=abc", ""));
	assert_int_equal(it.reply.status, 303);
	field("Sec-Fetch-Site", "cross-site");
	assert_false(ask("GET", "/-/login/web",
			 "ticket=%22%3E%3Cscript%3Ealert(1)", ""));
	assert_page(200, "Log in?");
	assert_policy(false);
	assert_true(holds("name=\"ticket\" "
			  "value=\"&quot;&gt;&lt;script&gt;alert(1)\""));
}

static void test_browser_is_led_home_first(void **state)
{
	(void)state;
	field("Host", "localhost:8119");
	field("Sec-Fetch-Site", "cross-site");
	assert_false(ask("GET", "/-/login/web", "ticket=a%26b", ""));
	assert_page(303, "Log in");
	assert_string_equal(buf_z(&it.reply.location),
			    EXTERNAL "/-/login/web?ticket=a%26b&here=1");
	assert_false(get("/-/login/web"));
	assert_string_equal(buf_z(&it.reply.location),
			    EXTERNAL "/-/login/web?here=1");
	/* once */
	no_fields();
	field("Host", "localhost:8119");
	assert_true(ask("GET", "/-/login/web", "here=1", ""));
	assert_non_null(strstr(buf_z(&it.reply.location), "as.example.com"));
	/* where nobody knows where home is */
	it.context.external = NULL;
	assert_true(get("/-/login/web"));
}

static void test_service_without_a_login(void **state)
{
	(void)state;
	field("Host", "127.0.0.1:8119");
	assert_true(get("/-/login/machine"));
	assert_page(400, "Not logged in");
	assert_true(holds("needs no login"));
	assert_int_equal(it.reply.location.n, 0);
}

/* --- the end --- */

static void test_answer_is_taken_to_the_broker(void **state)
{
	static const char *const paths[] = { "/-/callback/web",
					     "/-/callback/frag",
					     "/-/callback" };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		assert_true(ask("GET", paths[i], "code=c&state=s", ""));
		assert_page(400, "Not logged in");
		assert_policy(false);
		assert_true(holds("no login of this kind is under way"));
	}
	/* a code does not come in a fragment */
	assert_true(get("/-/callback/web"));
	assert_page(400, "Not logged in");
}

/* From the first page to the answer of the second, by one browser. */
static void test_login_and_its_cookie(void **state)
{
	char cookie[256], query[512];
	const char *at;

	(void)state;
	field("Host", "127.0.0.1:8119");
	assert_true(get("/-/login/web"));
	snprintf(cookie, sizeof(cookie), "%.*s",
		 (int)strcspn(buf_z(&it.reply.cookie), ";"),
		 buf_z(&it.reply.cookie));
	at = strstr(buf_z(&it.reply.location), "state=");
	assert_non_null(at);
	snprintf(query, sizeof(query),
		 "error=access_denied&error_description=%%3Cb%%3E&%.49s", at);
	/* what another browser brings */
	field("Cookie", "a=b");
	assert_true(ask("GET", "/-/callback/web", query, ""));
	assert_true(holds("another browser"));
	/* the cookie may be in a field of its own (RFC 9113) */
	field("Cookie", cookie);
	field("Cookie", "c=d");
	assert_true(ask("GET", "/-/callback/web", query, ""));
	assert_page(400, "Not logged in");
	if (!holds("access_denied: &lt;b&gt;"))
		fail_msg("%s", buf_z(&it.reply.body));
	assert_false(holds("<b>"));
}

/* What stands behind "#" is handed over by a script. */
static void test_fragment_is_handed_over(void **state)
{
	static const char *const paths[] = { "/-/callback/frag",
					     "/-/callback" };
	char nonce[128] = "";

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		const char *at;

		assert_false(ask("GET", paths[i % 2], i < 2 ? "" : "x=y", ""));
		assert_page(200, "Logging in");
		assert_policy(true);
		assert_true(holds("method=\"post\""));
		assert_true(holds("history.replaceState"));
		assert_true(holds("<noscript>"));
		/* each has a nonce of its own, and the page has it too */
		at = strstr(buf_z(&it.reply.policy), "'nonce-") + 7;
		assert_int_not_equal(strncmp(at, nonce, strcspn(at, "'")), 0);
		snprintf(nonce, sizeof(nonce), "%.*s",
			 (int)strcspn(at, "'"), at);
		assert_true(strlen(nonce) >= 22);
		assert_true(holds(nonce));
	}
}

/* response_mode=form_post: another site's page has sent it, so that the
 * cookie did not come along. */
static void test_form_is_sent_once_more(void **state)
{
	static const char form[] =
		"code=%3C%22'%3E&state=a+b&x%22%3E=1&empty=&state=twice";

	(void)state;
	assert_false(ask("POST", "/-/callback/web", "", form));
	assert_page(200, "Logging in");
	assert_policy(true);
	assert_true(holds("name=\"code\" value=\"&lt;&quot;&#39;&gt;\""));
	assert_true(holds("name=\"state\" value=\"a b\""));
	assert_true(holds("name=\"x&quot;&gt;\" value=\"1\""));
	assert_true(holds("name=\"empty\" value=\"\""));
	assert_true(holds("name=\"state\" value=\"twice\""));
	assert_true(holds("name=\"bearerd_again\" value=\"1\""));
	assert_true(holds("<button>"));
	/* the second time it goes on, with a cookie or without */
	assert_true(ask("POST", "/-/callback/web", "",
			"code=c&state=s&bearerd_again=1"));
	assert_page(400, "Not logged in");
	field("Cookie", LOGIN_COOKIE "00000000=x");
	assert_true(ask("POST", "/-/callback/web", "", form));
	assert_page(400, "Not logged in");
}

/* A form's answer is in its body, whatever its address says. */
static void test_form_has_no_query(void **state)
{
	(void)state;
	assert_true(ask("POST", "/-/callback/web", "code=c&state=s",
			"bearerd_again=1"));
	assert_page(400, "Not logged in");
	assert_true(holds("no code, no token and no error"));
}

static void test_form_that_grows_too_large(void **state)
{
	char *form = mem_alloc(LIMIT_PAGE_FORM + 1);

	(void)state;
	/* each octet becomes five */
	memset(form, '\'', LIMIT_PAGE_FORM);
	memcpy(form, "code=", 5);
	form[LIMIT_PAGE_FORM] = '\0';
	assert_false(ask("POST", "/-/callback/web", "", form));
	assert_page(413, "Not logged in");
	assert_true(holds("too large"));
	mem_free(form);
}

/* --- what the broker says --- */

static void say(int status, const char *text, const char *user_code,
		const char *uri)
{
	struct login_reply r;

	login_reply_init(&r);
	r.status = status;
	fault_set(&r.text, "%s", text);
	buf_add_z(&r.user_code, user_code);
	buf_add_z(&r.verification_uri, uri);
	page_reply_fini(&it.reply);
	page_answered(&r, &it.reply);
	login_reply_fini(&r);
}

static void test_words_of_the_broker(void **state)
{
	(void)state;
	say(200, "[service web] is logged in", "", "");
	assert_page(200, "Logged in");
	assert_policy(false);
	assert_true(holds("<p>[service web] is logged in</p>"));
	for (int status = 400; status <= 503; status += 103) {
		say(status, "<script>alert('&')</script>", "", "");
		assert_page(status, "Not logged in");
		assert_policy(false);
		assert_true(holds("<p>&lt;script&gt;alert(&#39;&amp;&#39;)"
				  "&lt;/script&gt;</p>"));
	}
}

static void test_code_for_another_device(void **state)
{
	(void)state;
	say(200, "", "AB<CD>-\"EF", "https://as.example.com/d?a=b&c='\"");
	assert_page(200, "Log in with a code");
	assert_policy(false);
	assert_true(holds("<code>AB&lt;CD&gt;-&quot;EF</code>"));
	assert_true(holds("href=\"https://as.example.com/d?a=b&amp;c=&#39;"
			  "&quot;\">"));
	assert_true(holds("rel=\"noreferrer\""));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_browser_is_sent_on),
		TEST(test_nobody_waits_while_draining),
		TEST(test_who_need_not_be_asked),
		TEST(test_who_is_asked_first),
		TEST(test_plain_http_off_loopback),
		TEST(test_form_of_our_own),
		TEST(test_ticket_goes_along),
		TEST(test_browser_is_led_home_first),
		TEST(test_service_without_a_login),
		TEST(test_answer_is_taken_to_the_broker),
		TEST(test_login_and_its_cookie),
		TEST(test_fragment_is_handed_over),
		TEST(test_form_is_sent_once_more),
		TEST(test_form_has_no_query),
		TEST(test_form_that_grows_too_large),
		TEST(test_words_of_the_broker),
		TEST(test_code_for_another_device),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
