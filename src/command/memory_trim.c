/* SPDX-License-Identifier: MIT */
/* Gives memory back to the system once a crowd of clients has left: malloc
 * keeps what thousands of connections had, since here and there something
 * between them is still in use. */
#include "command/memory_trim.h"

#include "base/alloc.h"
#include "base/limits.h"
#include "base/log.h"

static void memory_trim_look(void *arg)
{
	struct memory_trim *m = arg;
	uint64_t most, now = server_clients(m->server, &most);

	if (m->most < most)
		m->most = most;
	if (m->most >= LIMIT_TRIM_CLIENTS && now <= m->most / 2) {
		log_debug(EV("memory_given_back"), KV("clients", now),
			  KV("before", m->most));
		mem_trim();
		m->most = now;
	}
	loop_timer_set(m->loop, &m->timer, LIMIT_TRIM_LOOK);
}

void memory_trim_start(struct memory_trim *m, struct loop *loop,
		       struct server *server)
{
	m->loop = loop;
	m->server = server;
	loop_timer_init(&m->timer, memory_trim_look, m);
	loop_timer_set(loop, &m->timer, LIMIT_TRIM_LOOK);
}

void memory_trim_stop(struct memory_trim *m)
{
	if (m->loop)
		loop_timer_clear(m->loop, &m->timer);
	*m = (struct memory_trim){ 0 };
}
