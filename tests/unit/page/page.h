/* SPDX-License-Identifier: MIT */
/* A worker's view without a worker, for the tests of admin/: three services
 * whose snapshots each test puts in. */
#pragma once

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
#include "base/mailbox.h"
#include "page/pages.h"
#include "session/view_link.h"

enum { NOW = 1000000 };

static struct services *services;
static struct loop *loop;
static struct mailbox *box;
static struct session_queue queues[3];
static struct view_link views;
static struct session_view *view;
static struct page_context context;
static struct page_reply reply;

static inline void page_load(void)
{
	static const char ini[] =
		"[service one]\nupstream = http://127.0.0.1:1\n"
		"access_token = t\n"
		"[service two]\nupstream = http://127.0.0.1:2\n"
		"access_token = t\n"
		"[service three]\nupstream = http://127.0.0.1:3\n"
		"grant_type = none\n";
	struct config_report *report = config_report_new();
	char path[] = "/tmp/bearerd-test-XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, ini, strlen(ini)), strlen(ini));
	close(fd);
	services = services_load(path, report);
	unlink(path);
	assert_int_equal(config_report_count(report), 0);
	config_report_free(&report);
	assert_non_null(services);
}

/* A new snapshot in this state, with a token where that lasts for ms more;
 * failed: with a failure. */
static inline void page_put(size_t service, enum session_state state,
			    int64_t ms, bool failed)
{
	struct snapshot *s = snapshot_new(service);

	s->state = state;
	s->expires = s->renew_at = INT64_MAX;
	if (ms != 0) {
		struct secret *value = secret_new(STR("t0ken"));

		s->token = token_static(value);
		s->generation = 1;
		s->known = true;
		s->expires = NOW + ms;
		secret_unref(&value);
	}
	if (failed) {
		s->failure.status = 503;
		s->failure.error = "destination_unavailable";
		fault_set(&s->failure.text, "the server's own words");
	}
	session_view_put(view, s);
	snapshot_unref(&s);
}

static inline int page_begin(void **state)
{
	struct fault f;

	(void)state;
	page_load();
	loop = loop_new(&f);
	box = mailbox_new(loop, NULL, &f);
	views = (struct view_link){ .queues = queues, .n = 3 };
	view = session_view_new(&views, box);
	for (size_t i = 0; i < 3; i++)
		page_put(i, SESSION_IDLE, 0, false);
	context = (struct page_context){
		.services = services,
		.view = view,
		.store_ok = true,
		.live = true,
		.ready = true,
		.now = NOW,
	};
	return 0;
}

static inline int page_end(void **state)
{
	(void)state;
	page_reply_fini(&reply);
	session_view_free(&view);
	mailbox_free(&box);
	loop_free(&loop);
	services_free(&services);
	return 0;
}

static inline int page_ask(const char *method, const char *path)
{
	const struct fields none = { 0 };
	const struct page_request request = {
		.method = str_z(method),
		.path = str_z(path),
		.fields = &none,
	};

	page_reply_fini(&reply);
	page_answer(&context, &request, &reply);
	assert_null(reply.pending);
	return reply.status;
}

static inline bool page_holds(const char *part)
{
	return strstr(buf_z(&reply.body), part) != NULL;
}

#define PAGE_TEST(name) cmocka_unit_test_setup_teardown(name, page_begin, \
							page_end)
