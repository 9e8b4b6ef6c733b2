/* SPDX-License-Identifier: MIT */
/* The pages of a login, and what of a request gets into them. Input: METHOD SP
 * PATH SP QUERY LF, fields "NAME: VALUE" LF, an empty line, the form. A page
 * is taken apart again: all of its markup must be its own. */
#include "base/arena.h"
#include "base/limits.h"
#include "http/message.h"
#include "page/pages.h"
#include "people.h"

/* --- what a page may be made of --- */

/* clang-format off */
static const char *const tags[] = {
	"<!DOCTYPE html>", "<html lang=\"en\">", "<head>",
	"<meta charset=\"utf-8\">",
	("<meta name=\"viewport\" "
	 "content=\"width=device-width, initial-scale=1\">"),
	"<title>", "</title>", "<style>", "</style>", "</head>", "<body>",
	"<h1>", "</h1>", "<p>", "</p>", "<p id=\"words\">", "</body>",
	"</html>", "<form method=\"post\">", "</form>",
	"<form id=\"form\" method=\"post\">", "<button>", "</button>",
	"<noscript>", "</noscript>", "<code>", "</code>", "</a>",
};
/* clang-format on */

static const char *const entities[] = { "&amp;", "&lt;", "&gt;", "&quot;",
					"&#39;" };

/* Takes what the text begins with, of these. */
static bool skip_one(struct str *s, const char *const *of, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!str_starts(*s, str_z(of[i])))
			continue;
		*s = str_from(*s, strlen(of[i]));
		return true;
	}
	return false;
}

/* Takes text in which nothing is markup, up to the octet stop. */
static void skip_text(struct str *s, char stop)
{
	while (s->n > 0 && s->p[0] != stop) {
		if (s->p[0] == '&') {
			ASSERT(skip_one(s, entities, 5));
			continue;
		}
		ASSERT(!strchr("<>\"'", s->p[0]) || s->p[0] == '\0');
		*s = str_from(*s, 1);
	}
}

static bool skip_z(struct str *s, const char *z)
{
	return skip_one(s, &z, 1);
}

static void skip_input(struct str *s)
{
	skip_text(s, '"');
	ASSERT(skip_z(s, "\" value=\""));
	skip_text(s, '"');
	ASSERT(skip_z(s, "\">"));
}

/* The nonce of the policy, and no other. A page's scripts are constants: none
 * has a "<". */
static void skip_script(struct str *s, struct str policy)
{
	struct str nonce = str_from(policy,
				    str_find_str(policy, STR("'nonce-")) + 7);

	nonce = str_sub(nonce, 0, str_find(nonce, '\''));
	ASSERT(nonce.n >= 22 && str_starts(*s, nonce));
	*s = str_from(*s, nonce.n);
	ASSERT(skip_z(s, "\">\n"));
	*s = str_from(*s, str_find(*s, '<'));
	ASSERT(skip_z(s, "</script>"));
}

static void check_html(struct str page, struct str policy)
{
	ASSERT(str_starts(page, STR("<!DOCTYPE html>")));
	ASSERT(str_ends(page, STR("</html>\n")));
	while (page.n > 0) {
		if (skip_z(&page, "<input type=\"hidden\" name=\"")) {
			skip_input(&page);
		} else if (skip_z(&page, "<script nonce=\"")) {
			skip_script(&page, policy);
		} else if (skip_z(&page, "<style>")) {
			page = str_from(page, str_find(page, '<'));
		} else if (page.p[0] == '<') {
			ASSERT(skip_one(&page, tags,
					sizeof(tags) / sizeof(tags[0])));
		} else {
			skip_text(&page, '<');
		}
	}
}

static void check_policy(struct str policy)
{
	ASSERT(str_starts(policy, STR("default-src 'none'; ")));
	ASSERT(str_find_str(policy, STR("frame-ancestors 'none'")) < policy.n);
	for (size_t i = 0; i < policy.n; i++)
		ASSERT(char_is_alpha(policy.p[i]) ||
		       char_is_digit(policy.p[i]) ||
		       strchr(" ;'-_=", policy.p[i]));
}

static void check_reply(const struct page_reply *r)
{
	ASSERT(people_plain(buf_str(&r->location)));
	ASSERT(people_plain(buf_str(&r->cookie)));
	if (r->status == 404 || r->status == 405) {
		ASSERT(buf_str(&r->body).n == 0 && !r->content_type);
		return;
	}
	ASSERT(r->status == 200 || r->status == 303 || r->status == 400);
	ASSERT((r->status == 303) == (buf_str(&r->location).n > 0));
	if (!buf_ok(&r->body) || strncmp(r->content_type, "text/html", 9) != 0)
		return;
	check_policy(buf_str(&r->policy));
	check_html(buf_str(&r->body), buf_str(&r->policy));
}

/* --- asking --- */

static struct {
	struct broker *broker;
	struct loop *loop;
	struct mailbox *box;
	bool answered;
} it;

static void on_answered(void *arg, struct login_reply *r)
{
	struct page_reply page;

	(void)arg;
	it.answered = true;
	page_answered(r, &page);
	check_reply(&page);
	page_reply_fini(&page);
}

static void load(void)
{
	struct fault f;

	if (it.broker)
		return;
	it.broker = people_broker();
	it.loop = loop_new(&f);
	it.box = mailbox_new(it.loop, NULL, &f);
	ASSERT(it.box);
}

static void check(const struct page_request *q)
{
	const struct page_context context = {
		.services = it.broker->services,
		.external = PEOPLE_EXTERNAL,
		.broker = it.broker,
		.box = it.box,
		.answered = on_answered,
	};
	struct page_reply page;

	page_answer(&context, q, &page);
	if (page.pending) {
		it.answered = false;
		mailbox_drain(it.broker->context.box);
		mailbox_drain(it.box);
		ASSERT(it.answered);
		logins_end(&it.broker->logins);
	} else {
		check_reply(&page);
	}
	page_reply_fini(&page);
}

/* As a target that was parsed: no spaces, no controls. */
static bool is_target(struct str s)
{
	return people_plain(s) && str_find(s, ' ') == s.n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rest = fuzz_text(data, size);
	struct str line = fuzz_part(&rest, '\n'), one;
	struct page_request q = { .method = fuzz_part(&line, ' '),
				  .path = fuzz_part(&line, ' '),
				  .query = line };
	struct arena arena;
	struct fields fields;

	/* The others of bearerd's own pages need a worker's view. */
	if (!is_target(q.path) || !is_target(q.query) ||
	    str_starts(q.path, STR("/-/health")))
		return 0;
	load();
	arena_init(&arena, NULL, 0);
	fields_init(&fields, &arena);
	while ((one = fuzz_part(&rest, '\n')).n > 0) {
		struct str name = fuzz_part(&one, ':');

		fields_add(&fields, name, str_trim(one));
	}
	q.fields = &fields;
	if (page_takes_form(q.method, q.path))
		q.body = str_sub(rest, 0, LIMIT_PAGE_FORM);
	check(&q);
	arena_fini(&arena);
	return 0;
}
