/* SPDX-License-Identifier: MIT */
/* The table of bearerd's own pages. A request comes here when its target is
 * below /-/ on the own address; the proxy carries the reply. */

#include "page/pages.h"

#include "base/limits.h"
#include "page/health.h"
#include "page/login_page.h"

struct page {
	struct str path;
	bool below;             /* what is below it too, and needs no slash */
	bool posts;             /* takes a form */
	const char *methods;    /* Allow */
	/* Leaves 404 where there is none of that name. */
	void (*answer)(const struct page_context *c,
		       const struct page_request *q, struct page_reply *out);
};

#define PATH(literal) { "" literal, sizeof(literal) - 1 }

static const char page_reads[] = "GET, HEAD";
static const char page_posts[] = "GET, POST";

/* clang-format off */
static const struct page pages[] = {
	{ PATH("/-/health"),       false, false, page_reads, health_all },
	{ PATH("/-/health/live"),  false, false, page_reads, health_live },
	{ PATH("/-/health/ready"), false, false, page_reads, health_ready },
	{ PATH("/-/health/"),      true,  false, page_reads, health_service },
	{ PATH("/-/login/"),       true,  true,  page_posts, login_page },
	{ PATH("/-/callback"),     false, true,  page_posts, callback_page },
	{ PATH("/-/callback/"),    true,  true,  page_posts, callback_page },
};
/* clang-format on */

static const struct page *page_find(struct str path)
{
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		const struct page *p = &pages[i];

		if (p->below ? str_starts(path, p->path) && path.n > p->path.n
			     : str_eq(path, p->path))
			return p;
	}
	return NULL;
}

static bool page_knows(const struct page *p, struct str method)
{
	if (str_eq(method, STR("GET")))
		return true;
	return str_eq(method, p->posts ? STR("POST") : STR("HEAD"));
}

bool page_takes_form(struct str method, struct str path)
{
	const struct page *p = page_find(path);

	return p != NULL && p->posts && str_eq(method, STR("POST"));
}

bool page_is_callback(struct str path)
{
	const struct page *p = page_find(path);

	return p != NULL && p->answer == callback_page;
}

static void page_reply_init(struct page_reply *r)
{
	*r = (struct page_reply){ .status = 404 };
	buf_init(&r->policy, LIMIT_LOGIN_ADDRESS);
	buf_init_secret(&r->location, LIMIT_LOGIN_ADDRESS);
	buf_init_secret(&r->cookie, LIMIT_LOGIN_ADDRESS);
	buf_init_secret(&r->body, LIMIT_PAGE);
}

void page_answer(const struct page_context *c, const struct page_request *q,
		 struct page_reply *out)
{
	const struct page *p = page_find(q->path);

	page_reply_init(out);
	if (!p)
		return;
	/* First, whether there is a page of that name. */
	if (!p->posts)
		p->answer(c, q, out);
	if (!p->posts && out->status == 404)
		return;
	if (page_knows(p, q->method)) {
		if (p->posts)
			p->answer(c, q, out);
		return;
	}
	buf_reset(&out->body);
	out->status = 405;
	out->content_type = NULL;
	out->allow = p->methods;
}

void page_answered(struct login_reply *r, struct page_reply *out)
{
	page_reply_init(out);
	login_page_answered(r, out);
}

void page_reply_fini(struct page_reply *r)
{
	buf_fini(&r->policy);
	buf_fini(&r->location);
	buf_fini(&r->cookie);
	buf_fini(&r->body);
}
