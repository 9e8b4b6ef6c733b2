/* SPDX-License-Identifier: MIT */
/* Beside all requests: malloc keeps what thousands of connections had, since
 * here and there something between them is still in use. */
#include "command/memory_trim.h"

#include "base/alloc.h"
#include "base/log.h"

enum {
	CALM_LOOK = 5000, /* ms */
	CALM_CROWD = 256, /* clients; the memory of fewer is not worth it */
};

static void calm_look(void *arg)
{
	struct calm *c = arg;
	uint64_t most, now = server_clients(c->server, &most);

	if (c->most < most)
		c->most = most;
	if (c->most >= CALM_CROWD && now <= c->most / 2) {
		log_debug(EV("memory_given_back"), KV("clients", now),
			  KV("before", c->most));
		mem_trim();
		c->most = now;
	}
	loop_timer_set(c->loop, &c->timer, CALM_LOOK);
}

void calm_start(struct calm *c, struct loop *loop, struct server *server)
{
	c->loop = loop;
	c->server = server;
	loop_timer_init(&c->timer, calm_look, c);
	loop_timer_set(loop, &c->timer, CALM_LOOK);
}

void calm_stop(struct calm *c)
{
	if (c->loop)
		loop_timer_clear(c->loop, &c->timer);
	*c = (struct calm){ 0 };
}
