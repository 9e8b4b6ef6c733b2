/* SPDX-License-Identifier: MIT */
/* The table of bearerd's own pages. A request comes here when its target is
 * below /-/ on the own address; the proxy carries the reply. */

#include "admin/pages.h"

#include "admin/health.h"

struct page {
	struct str path;
	void (*answer)(const struct page_context *c, struct page_reply *out);
};

static const struct page pages[] = {
	{ { "/-/health", 9 }, health_all },
	{ { "/-/health/live", 14 }, health_live },
	{ { "/-/health/ready", 15 }, health_ready },
};

static bool page_find(const struct page_context *c, struct str path,
		      struct page_reply *out)
{
	const struct str below = STR("/-/health/");

	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		if (str_eq(path, pages[i].path)) {
			pages[i].answer(c, out);
			return true;
		}
	}
	if (!str_starts(path, below))
		return false;
	health_service(c, str_from(path, below.n), out);
	return out->status != 404;
}

void page_answer(const struct page_context *c, struct str method,
		 struct str path, struct page_reply *out)
{
	*out = (struct page_reply){ .status = 404 };
	buf_init(&out->body, PAGE_MAX);
	if (!page_find(c, path, out))
		return;
	if (!str_eq(method, STR("GET")) && !str_eq(method, STR("HEAD"))) {
		buf_reset(&out->body);
		out->status = 405;
		out->content_type = NULL;
		out->allow = "GET, HEAD";
	}
}

void page_reply_fini(struct page_reply *r)
{
	buf_fini(&r->body);
}
