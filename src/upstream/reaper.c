/* SPDX-License-Identifier: MIT */
/* Closes the idle connections that requests leave behind. libcurl closes those
 * that are too old when it is about to make a new one (once a second at most),
 * so it is asked for one that comes to nothing: its name is never looked up. */
#include "upstream/reaper.h"

#include "base/assert.h"
#include "base/limits.h"
#include "upstream/pool.h"

static int on_resolve(void *resolver ATTR_UNUSED, void *reserved ATTR_UNUSED,
		      void *arg ATTR_UNUSED)
{
	return 1;
}

static void reap(struct pool *p, int64_t seconds)
{
	CURL *e = curl_easy_init();
	CURLcode code;
	int running;

	ASSERT(e);
	curl_easy_setopt(e, CURLOPT_URL, "http://nowhere.invalid/");
	curl_easy_setopt(e, CURLOPT_PROXY, "");
	curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(e, CURLOPT_MAXAGE_CONN, (long)seconds);
	code = curl_easy_setopt(e, CURLOPT_RESOLVER_START_FUNCTION,
				on_resolve);
	ASSERT(code == CURLE_OK);
	curl_easy_setopt(e, CURLOPT_CLOSESOCKETFUNCTION, sockets_close);
	curl_easy_setopt(e, CURLOPT_CLOSESOCKETDATA, &p->upstream->sockets);
	if (curl_multi_add_handle(p->multi.curl, e) == CURLM_OK) {
		(void)curl_multi_socket_action(
			p->multi.curl, CURL_SOCKET_TIMEOUT, 0, &running);
		curl_multi_remove_handle(p->multi.curl, e);
		/* Others that have ended meanwhile. */
		loop_task_add(p->multi.loop, &p->multi.soon);
	}
	curl_easy_cleanup(e);
}

void reaper_run(struct upstream *u, int64_t seconds)
{
	pools_each(u, reap, seconds);
}

static void on_time(void *arg)
{
	struct upstream *u = arg;
	int64_t since = sockets_crowded(&u->sockets);
	int64_t age = (loop_now(u->loop) - since) / 1000;

	if (since == INT64_MAX)
		return;
	/* libcurl counts in whole seconds. */
	if (age > 0)
		reaper_run(u, age - 1);
	loop_timer_set(u->loop, &u->reaper, LIMIT_IDLE_LOOK);
}

void reaper_init(struct upstream *u)
{
	loop_timer_init(&u->reaper, on_time, u);
}

void reaper_fini(struct upstream *u)
{
	loop_timer_clear(u->loop, &u->reaper);
}

void reaper_look(struct upstream *u)
{
	if (!u->reaper.set && sockets_are_crowded(&u->sockets))
		loop_timer_set(u->loop, &u->reaper, LIMIT_IDLE_LOOK);
}
