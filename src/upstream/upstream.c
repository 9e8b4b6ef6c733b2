/* SPDX-License-Identifier: MIT */
/* What all transfers of a thread share: libcurl's share and its pools, made
 * before the first request. */
#include <string.h>

#include "base/limits.h"
#include "upstream/pool.h"
#include "upstream/reaper.h"

static int library_check(struct fault *f)
{
	const curl_version_info_data *v = curl_version_info(CURLVERSION_NOW);

	if (v->version_num < 0x075700)
		return fault_set(f, "libcurl %s is too old: 7.87.0 is needed",
				 v->version);
	if (!v->ssl_version || strncmp(v->ssl_version, "GnuTLS/", 7) != 0)
		return fault_set(f, "libcurl is built on %s: one that is "
				 "built on GnuTLS is needed",
				 v->ssl_version ? v->ssl_version : "no TLS");
	if (!(v->features & CURL_VERSION_ASYNCHDNS))
		return fault_set(f, "libcurl looks names up one by one: one "
				 "with a threaded resolver is needed");
	return 0;
}

static void tidy(void *arg)
{
	struct upstream *u = arg;

	pools_tidy(u, LIMIT_POOL_AGE);
	reaper_run(u, LIMIT_IDLE_AGE);
	loop_timer_set(u->loop, &u->tidy, LIMIT_POOL_TIDY);
}

static void on_ended(void *arg)
{
	pools_end(arg);
}

struct upstream *upstream_new(struct loop *loop, struct fault *f)
{
	struct upstream *u;

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
		fault_set(f, "libcurl does not start");
		return NULL;
	}
	if (library_check(f) < 0) {
		curl_global_cleanup();
		return NULL;
	}
	u = mem_new(struct upstream);
	u->loop = loop;
	/* Before 8.0.0 it begins HTTP/2 anew on a connection that has it. */
	u->plain_http2_once =
		curl_version_info(CURLVERSION_NOW)->version_num < 0x080000;
	u->box = mailbox_new(loop, u, f);
	if (!u->box) {
		mem_free(u);
		curl_global_cleanup();
		return NULL;
	}
	u->resolver = resolver_ref();
	sockets_init(&u->sockets, loop);
	list_init(&u->dials);
	list_init(&u->pools);
	list_init(&u->owned);
	loop_task_init(&u->ended, on_ended, u);
	reaper_init(u);
	connections_init(&u->connections, u);
	known_init(&u->known);
	u->in = mem_alloc(UPSTREAM_BLOCK);
	u->out = mem_alloc(UPSTREAM_BLOCK);
	loop_timer_init(&u->tidy, tidy, u);
	loop_timer_set(loop, &u->tidy, LIMIT_POOL_TIDY);
	return u;
}

void upstream_free(struct upstream **upstream)
{
	struct upstream *u = *upstream;

	*upstream = NULL;
	if (!u)
		return;
	reaper_fini(u);
	pools_free(u);
	loop_timer_clear(u->loop, &u->connections.timer);
	loop_task_cancel(&u->ended);
	loop_timer_clear(u->loop, &u->tidy);
	mem_free(u->in);
	mem_free(u->out);
	known_fini(&u->known);
	sockets_fini(&u->sockets);
	/* First: a thread of its may be about to wake the mailbox's owner. */
	resolver_unref(&u->resolver);
	mailbox_free(&u->box);
	mem_free(u);
	curl_global_cleanup();
}

void upstream_limit_idle(uint64_t all, size_t threads)
{
	sockets_set_idle(all, threads);
}

bool upstream_is_http10(const struct upstream *u, const struct origin *o)
{
	return known_is_http10(&u->known, o->url);
}

struct loop *upstream_loop(const struct upstream *u)
{
	return u->loop;
}

void upstream_library(struct buf *out)
{
	const curl_version_info_data *v = curl_version_info(CURLVERSION_NOW);

	buf_addf(out, "libcurl/%s", v->version);
	if (v->nghttp2_version)
		buf_addf(out, " nghttp2/%s", v->nghttp2_version);
}
