/* SPDX-License-Identifier: MIT */
/* One request at a time through a real server, and what the upstream got of
 * it: its head (api_saw) and its body, for tests of what a request becomes. */
#pragma once

#include "proxy/api.h"
#include "proxy/browser.h"
#include "proxy/running.h"

static struct api *api;
static struct running *run;

static char body[256]; /* of the last request */

static inline void keeps_body(struct peer *p)
{
	while (peer_head(p) && peer_body(p)) {
		pthread_mutex_lock(&p->api->lock);
		strcpy(body, p->body);
		pthread_mutex_unlock(&p->api->lock);
		if (!peer_say(p, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n"
				 "\r\nok"))
			break;
	}
}

#define FORM "Content-Type: application/x-www-form-urlencoded\r\n"

/* The answer's status. */
static inline int request(const char *line, const char *more, const char *text)
{
	struct browser *b = browser_open(run->port);
	int status;

	assert_true(browser_say(b,
				"%s HTTP/1.1\r\nHost: 127.0.0.1\r\n%s"
				"Content-Length: %zu\r\n\r\n%s",
				line, more, strlen(text), text));
	assert_int_equal(browser_answer(b, false), END_WHOLE);
	status = b->status;
	browser_close(b);
	return status;
}

static inline bool body_is(const char *text)
{
	bool same;

	pthread_mutex_lock(&api->lock);
	same = strcmp(body, text) == 0;
	pthread_mutex_unlock(&api->lock);
	return same;
}

static inline int requests_end(void **state)
{
	(void)state;
	running_stop(run);
	api_stop(api);
	return 0;
}
