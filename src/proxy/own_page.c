/* SPDX-License-Identifier: MIT */
/* Answers a request for one of bearerd's own pages, in place of the steps from
 * acquire on. */

#include "proxy/own_page.h"

#include "base/limits.h"
#include "http/address.h"
#include "page/pages.h"
#include "proxy/client.h"
#include "proxy/exchange.h"
#include "proxy/server.h"
#include "proxy/worker.h"
#include "service/login_url.h"

int own_page_plan(struct exchange *x)
{
	x->route.own_page = true;
	if (x->request.framing.body == FRAMING_NONE ||
	    !page_takes_form(x->request.method, x->request.target.path)) {
		x->request.keeps = BODY_DISCARDED;
		return 0;
	}
	if (x->request.framing.body == FRAMING_SIZED &&
	    x->request.framing.length > LIMIT_PAGE_FORM) {
		exchange_problem(x, 413, "http_request_error",
				 STR("the form is too large for this page"),
				 NULL);
		return -1;
	}
	spool_reset(&x->request.body, LIMIT_SPOOL_KEPT);
	x->request.keeps = BODY_FORM;
	x->request.body.keeps = true;
	x->request.body.max = LIMIT_PAGE_FORM;
	return 0;
}

static void own_page_field(struct exchange *x, const char *name,
			   const struct buf *value)
{
	if (buf_ok(value) && buf_str(value).n > 0)
		reply_field(&x->answer.reply, name, buf_str(value));
}

static void own_page_document(struct exchange *x, struct page_reply *page)
{
	x->answer.reply.status = page->status;
	buf_add_str(&x->answer.reply.body, buf_str(&page->body));
	reply_field(&x->answer.reply, "Content-Type",
		    str_z(page->content_type));
	reply_field(&x->answer.reply, "Cache-Control", STR("no-store"));
	own_page_field(x, "Location", &page->location);
	own_page_field(x, "Set-Cookie", &page->cookie);
	if (page->status == 503)
		reply_retry_after(&x->answer.reply, LIMIT_PAGE_RETRY);
	if (buf_str(&page->policy).n == 0)
		return;
	own_page_field(x, "Content-Security-Policy", &page->policy);
	reply_field(&x->answer.reply, "Referrer-Policy", STR("same-origin"));
	reply_field(&x->answer.reply, "X-Content-Type-Options", STR("nosniff"));
}

static void own_page_reply(struct exchange *x, struct page_reply *page)
{
	if (page->status == 404) {
		exchange_problem(x, 404, NULL,
				 STR("bearerd has no page of this name"), NULL);
	} else if (page->status == 405) {
		exchange_problem(x, 405, NULL,
				 STR("this page knows no such method"), NULL);
		reply_field(&x->answer.reply, "Allow", str_z(page->allow));
	} else if (!page->content_type) {
		exchange_too_late(x);
	} else {
		own_page_document(x, page);
	}
	x->request.keeps = BODY_DISCARDED;
}

static void own_page_answered(void *arg, struct login_reply *reply)
{
	struct exchange *x = arg;
	struct page_reply page;

	x->route.asked = NULL;
	page_answered(reply, &page);
	own_page_reply(x, &page);
	page_reply_fini(&page);
	exchange_drive(x);
}

/* Where the connection comes from. */
static struct str own_page_from(const struct exchange *x,
				char out[ADDRESS_NETWORK_MAX])
{
	struct sockaddr_storage peer = { .ss_family = AF_UNSPEC };
	socklen_t n = sizeof(peer);

	(void)getpeername(x->client->fd, (struct sockaddr *)&peer, &n);
	address_network((struct sockaddr *)&peer, out);
	return str_z(out);
}

bool own_page_serve(struct exchange *x)
{
	struct server *server = x->worker->server;
	const struct page_context context = {
		.services = x->worker->services,
		.view = x->worker->view,
		.store_ok = broker_store_ok(server_broker(server)),
		.live = server_is_live(server, x->worker->loop),
		.ready = server_is_ready(server),
		.draining = x->worker->draining,
		.now = loop_now(x->worker->loop),
		.broker = server_broker(server),
		.box = x->worker->box,
		.external = server_external(server),
		.answered = own_page_answered,
		.arg = x,
	};
	char network[ADDRESS_NETWORK_MAX];
	const struct page_request request = {
		.method = x->request.method,
		.path = x->request.target.path,
		.query = str_from(x->request.target.query, 1),
		.fields = &x->request.fields,
		.body = x->request.keeps == BODY_FORM
				? spool_str(&x->request.body)
				: STR(""),
		.from = own_page_from(x, network),
	};
	struct page_reply page;

	if (x->answer.reply.status != 0)
		return true;
	if (x->route.asked)
		return false;
	page_answer(&context, &request, &page);
	x->route.asked = page.pending;
	if (!x->route.asked)
		own_page_reply(x, &page);
	page_reply_fini(&page);
	return !x->route.asked;
}

void own_page_leave(struct exchange *x)
{
	login_mail_leave(&x->route.asked);
}

void own_page_name_login(struct exchange *x)
{
	ATTR_CLEANUP(buf_fini) struct buf url = BUF_INIT(LIMIT_LOGIN_ADDRESS);

	if (service_login_url(service_to_log_in_to(x->route.service),
			      server_external(x->worker->server), &url) == 0)
		reply_problem_member(&x->answer.reply, "login_url",
				     buf_str(&url));
}
