/* SPDX-License-Identifier: MIT */
/* A login whose answer a person types in. */
#include "broker/login_fixture.h"

static void paste_address_leads_to_the_server(void **state)
{
	struct told t;

	(void)state;
	login(WEB, LOGIN_PASTE, &t);
	assert_non_null(strstr(t.address, "/authorize?"));
	assert_string_equal(part_of(t.address, "response_type"), "code");
	assert_int_equal(strlen(part_of(t.address, "state")), 43);
	login(AWAY, LOGIN_PASTE, &t);
	assert_non_null(strstr(t.address, "elsewhere.example.com"));
}

/* Pastes a line with the login's own state in place of "@". */
static int paste(struct login *l, const struct told *t, const char *line,
		 struct fault *f)
{
	struct buf b = BUF_INIT(4096);
	int rc;

	for (const char *p = line; *p; p++) {
		if (*p == '@')
			buf_add_z(&b, state_of(t->address));
		else
			buf_add_char(&b, *p);
	}
	rc = login_paste(l, buf_str(&b), f);
	buf_fini(&b);
	return rc;
}

static void what_may_be_pasted(void **state)
{
	static const char *const lines[] = {
		"http://127.0.0.1:8119/-/callback/web?code=c0de&@",
		"  http://127.0.0.1:8119/-/callback/web?@&code=c0de\t",
		"https://elsewhere.example.com/cb?x=y&code=c0de&@&z=",
		"com.example.app://cb?code=c0de&@",
		"https://elsewhere.example.com/cb#code=c0de&@",
		"https://elsewhere.example.com/cb?x=y#@&code=c0de",
		/* what some servers put behind it, and some browsers */
		"https://elsewhere.example.com/cb?code=c0de&@#",
		"https://elsewhere.example.com/cb?code=c0de&@#_=_",
		"code=c0de&@",
		"?code=c0de&@",
		"c0de",
		"  c0de  ",
		/* what some terminals put around it */
		("\x1b[200~https://elsewhere.example.com/cb?code=c0de&@"
		 "\x1b[201~"),
		"\x1b[200~c0de\x1b[201~",
	};

	(void)state;
	serve(200, TOKEN_ONLY);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct fault f = { "" };
		struct told t;
		struct login *l = login(WEB, LOGIN_PASTE, &t);

		if (paste(l, &t, lines[i], &f) < 0)
			fail_msg("%s: %s", lines[i], f.text);
		UNTIL(t.ended);
		if (!t.good)
			fail_msg("%s: %s", lines[i], t.text);
		assert_true(asked_with("&code=c0de&"));
	}
	assert_int_equal(attempts(), 0);
}

/* Any printable ASCII is a code (RFC 6749 appendix A.11). */
static void code_may_have_any_form(void **state)
{
	static const struct {
		const char *line, *sent;
	} rows[] = {
		{ "4/0AX4XfWh", "&code=4%2F0AX4XfWh&" },
		{ "Zm9vYg=", "&code=Zm9vYg%3D&" },
		{ "Zm9vYg==", "&code=Zm9vYg%3D%3D&" },
		{ "a#b?c&d", "&code=a%23b%3Fc%26d&" },
		{ "two words", "&code=two+words&" },
	};

	(void)state;
	serve(200, TOKEN_ONLY);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fault f = { "" };
		struct told t;
		struct login *l = login(WEB, LOGIN_PASTE, &t);

		if (paste(l, &t, rows[i].line, &f) < 0)
			fail_msg("%s: %s", rows[i].line, f.text);
		UNTIL(t.ended);
		assert_true(t.good);
		assert_true(asked_with(rows[i].sent));
	}
}

/* Another line may be tried after each of them. */
static void what_may_not_be_pasted(void **state)
{
	static const char *const lines[] = {
		"", "   ", "\t",
		"http://127.0.0.1:8119/-/callback/web",
		"http://127.0.0.1:8119/-/callback/web?code=c",
		"http://127.0.0.1:8119/-/callback/web?code=c&state=",
		"http://127.0.0.1:8119/-/callback/web?code=c&@A",
		"http://127.0.0.1:8119/-/callback/web?code=c&code=d&@",
		"http://127.0.0.1:8119/-/callback/web?@",
		"http://127.0.0.1:8119/-/callback/web#@",
		"https://elsewhere.example.com/?code=c&state="
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		"code\x01with", "code\x7f", "c\xc3\xb6""de",
	};
	struct fault f = { "" };
	struct told t;
	struct login *l;

	(void)state;
	serve(200, TOKEN_ONLY);
	l = login(WEB, LOGIN_PASTE, &t);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		f.text[0] = '\0';
		if (paste(l, &t, lines[i], &f) == 0)
			fail_msg("\"%s\" was taken", lines[i]);
		assert_int_not_equal(f.text[0], '\0');
		assert_int_equal(t.n, 1);
	}
	assert_int_equal(asked(), 0);
	assert_int_equal(paste(l, &t, "https://x.example/?code=c&@", &f), 0);
	UNTIL(t.ended);
	assert_true(t.good);
}

static void refusal_without_state(void **state)
{
	struct told t;
	struct fault f = { "" };
	struct login *l;

	(void)state;
	serve(200, TOKEN_ONLY);
	l = login(WEB, LOGIN_PASTE, &t);
	assert_int_equal(paste(l, &t, "https://x/?error=access_denied", &f),
			 -1);
	assert_non_null(strstr(f.text, "refused: access_denied"));
	assert_int_equal(paste(l, &t, "https://x/?code=c&@", &f), 0);
	UNTIL(t.ended);
	assert_true(t.good);
}

static void address_of_another_login_is_refused(void **state)
{
	struct told mine, others;
	struct fault f = { "" };
	struct login *l, *other;

	(void)state;
	l = login(WEB, LOGIN_PASTE, &mine);
	other = login(WEB, LOGIN_PASTE, &others);
	assert_int_equal(paste(l, &others, "https://x/?code=c&@", &f), -1);
	assert_non_null(strstr(f.text, "another login"));
	assert_int_equal(mine.n + others.n, 2);
	assert_false(session_is_busy(session(WEB)));
	(void)other;
}

/* Where a line was too long for whatever it went through. */
static void address_that_was_cut(void **state)
{
	struct fault f = { "" };
	struct told t;
	struct login *l;
	char line[256];

	(void)state;
	serve(200, TOKEN_ONLY);
	l = login(WEB, LOGIN_PASTE, &t);
	for (int n = 0; n < 43; n += 21) {
		snprintf(line, sizeof(line), "https://x/?code=c&%.*s", 6 + n,
			 state_of(t.address));
		assert_int_equal(paste(l, &t, line, &f), -1);
		if (!strstr(f.text, "was cut"))
			fail_msg("%s: %s", line, f.text);
	}
	assert_int_equal(paste(l, &t, "https://x/?code=c", &f), -1);
	assert_non_null(strstr(f.text, "was cut"));
	assert_int_equal(paste(l, &t, "https://x/?code=c&@", &f), 0);
	UNTIL(t.ended);
	assert_true(t.good);
}

static void one_line_is_enough(void **state)
{
	struct fault f = { "" };
	struct told t;
	struct login *l;

	(void)state;
	serve_late(200, TOKEN_ONLY, 100);
	l = login(WEB, LOGIN_PASTE, &t);
	assert_int_equal(paste(l, &t, "c0de", &f), 0);
	assert_int_equal(t.n, 1); /* the news comes later */
	assert_int_equal(paste(l, &t, "c0de", &f), -1);
	assert_int_equal(paste(l, &t, "https://x/?code=c&@", &f), -1);
	assert_non_null(strstr(f.text, "already"));
	UNTIL(t.ended);
	assert_true(t.good);
	assert_int_equal(asked(), 1);
}

static void pasted_refusal_ends_it(void **state)
{
	struct fault f = { "" };
	struct told t;
	struct login *l;

	(void)state;
	l = login(WEB, LOGIN_PASTE, &t);
	assert_int_equal(paste(l, &t, "https://x/?error=access_denied&@", &f),
			 0);
	UNTIL(t.ended);
	assert_false(t.good);
	assert_non_null(strstr(t.text, "access_denied"));
	assert_int_equal(asked(), 0);
}

static void pasted_token(void **state)
{
	struct fault f = { "" };
	struct told t;
	struct login *l;

	(void)state;
	l = login(FRAGMENT, LOGIN_PASTE, &t);
	assert_int_equal(paste(l, &t, "c0de", &f), -1);
	assert_non_null(strstr(f.text, "whole address"));
	assert_int_equal(paste(l, &t,
			       "https://x/cb#access_token=direct&"
			       "token_type=bearer&@", &f), 0);
	UNTIL(t.ended);
	assert_true(t.good);
	assert_true(has_token(FRAGMENT, "direct"));
	assert_int_equal(asked(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(paste_address_leads_to_the_server),
		TEST(what_may_be_pasted),
		TEST(code_may_have_any_form),
		TEST(what_may_not_be_pasted),
		TEST(refusal_without_state),
		TEST(address_of_another_login_is_refused),
		TEST(address_that_was_cut),
		TEST(one_line_is_enough),
		TEST(pasted_refusal_ends_it),
		TEST(pasted_token),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
