/* SPDX-License-Identifier: MIT */
/* Starts and drains all workers: their sockets are bound before any of them
 * runs, so that a start that cannot serve fails as a whole. */

#include "proxy/server.h"

#include <microhttpd.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/socket.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "crypto/random.h"
#include "proxy/listen_address.h"
#include "proxy/listener.h"
#include "proxy/plain.h"
#include "proxy/worker.h"

struct server {
	const struct services *services;
	struct broker *broker;
	struct listen_addresses addresses;
	struct worker **workers;
	size_t nworkers;
	struct plain *plain;
	_Atomic bool ready;
	_Atomic uint64_t nclients, most_clients;
	char via[3][24]; /* of HTTP/1.0, HTTP/1.1, HTTP/2 */
	char *external; /* NULL: no browser reaches it */
};

static int server_bind(struct server *s, struct fault *f)
{
	const struct config_list *listen = &s->services->proxy->listen;

	for (size_t i = 0; i < listen->n; i++) {
		if (listen_addresses_find(&s->addresses, str_z(listen->v[i]),
					  f) < 0)
			return -1;
	}
	for (size_t i = 0; i < s->addresses.n; i++) {
		struct listen_address *a = &s->addresses.v[i];

		for (size_t n = 0; n < s->nworkers; n++) {
			int fd = listen_address_open(a, n == 0, f);

			if (fd < 0)
				return -1;
			listener_new(s->workers[n], fd);
		}
	}
	return 0;
}

/* Where no external_url says it, people are at this machine: the first
 * address is good where it is one that a browser can open. */
static void server_find_external(struct server *s)
{
	const char *given = s->services->proxy->external_url;
	struct str url = str_z(given);
	struct buf b = BUF_INIT(512);

	if (given) {
		while (str_ends(url, STR("/")))
			url.n--;
		buf_add_str(&b, url);
	} else if (listen_address_is_reachable(&s->addresses.v[0])) {
		buf_addf(&b, "http://%s", s->addresses.v[0].text);
	}
	if (buf_str(&b).n > 0)
		s->external = buf_take(&b);
	broker_set_external(s->broker, s->external);
}

static void server_name(struct server *s)
{
	static const char *const versions[] = { "1.0", "1.1", "2" };
	unsigned name;

	random_fill(&name, sizeof(name));
	for (size_t i = 0; i < 3; i++)
		snprintf(s->via[i], sizeof(s->via[i]), "%s bearerd-%08x",
			 versions[i], name);
}

struct server *server_new(const struct services *services,
			  struct broker *broker, struct fault *f)
{
	struct server *s = mem_new(struct server);

	s->services = services;
	s->broker = broker;
	s->plain = plain_new(services->proxy);
	server_name(s);
	s->workers = mem_array(services->workers, sizeof(*s->workers));
	for (size_t i = 0; i < services->workers; i++) {
		struct worker *w = worker_new(s, i, f);

		if (!w)
			goto failed;
		w->view = broker_view(broker, w->box);
		s->workers[s->nworkers++] = w;
	}
	if (server_bind(s, f) == 0) {
		server_find_external(s);
		return s;
	}
failed:
	server_free(&s);
	return NULL;
}

int server_start(struct server *s, struct fault *f)
{
	for (size_t i = 0; i < s->nworkers; i++) {
		if (worker_start(s->workers[i], f) < 0)
			return -1;
	}
	for (size_t i = 0; i < s->addresses.n; i++)
		log_info(EV("listening"),
			 KV("address", s->addresses.v[i].text));
	atomic_store(&s->ready, true);
	return 0;
}

void server_stop(struct server *s)
{
	atomic_store(&s->ready, false);
	for (size_t i = 0; i < s->nworkers; i++)
		worker_drain(s->workers[i], s->services->proxy->drain_timeout);
	/* The workers take what is queued: nothing more is, and another
	 * bearerd may have the path. */
	for (size_t i = 0; i < s->addresses.n; i++)
		listen_address_fini(&s->addresses.v[i]);
	for (size_t i = 0; i < s->nworkers; i++)
		worker_join(s->workers[i]);
}

void server_free(struct server **it)
{
	struct server *s = *it;

	if (!s)
		return;
	for (size_t i = 0; i < s->nworkers; i++)
		worker_free(&s->workers[i]);
	listen_addresses_fini(&s->addresses);
	mem_free(s->external);
	mem_free(s->workers);
	plain_free(&s->plain);
	mem_free(s);
	*it = NULL;
}

const struct services *server_services(const struct server *s)
{
	return s->services;
}

struct broker *server_broker(const struct server *s)
{
	return s->broker;
}

const char *server_external(const struct server *s)
{
	return s->external;
}

bool server_client_comes(struct server *s)
{
	uint64_t before = atomic_fetch_add_explicit(&s->nclients, 1,
						    memory_order_relaxed);

	/* Two at once may lose one of them: it is a measure, no limit. */
	if (before >= atomic_load_explicit(&s->most_clients,
					   memory_order_relaxed))
		atomic_store_explicit(&s->most_clients, before + 1,
				      memory_order_relaxed);
	if (before < s->services->proxy->max_connections)
		return true;
	server_client_left(s);
	return false;
}

void server_client_left(struct server *s)
{
	atomic_fetch_sub_explicit(&s->nclients, 1, memory_order_relaxed);
}

uint64_t server_clients(struct server *s, uint64_t *most)
{
	uint64_t now = atomic_load_explicit(&s->nclients,
					    memory_order_relaxed);

	*most = atomic_exchange_explicit(&s->most_clients, now,
					 memory_order_relaxed);
	return now;
}

struct str server_via(const struct server *s, int version)
{
	return str_z(s->via[version == 10 ? 0 : version == 11 ? 1 : 2]);
}

const struct plain *server_plain(const struct server *s)
{
	return s->plain;
}

bool server_is_ready(const struct server *s)
{
	return atomic_load_explicit(&s->ready, memory_order_relaxed);
}

bool server_is_live(const struct server *s, const struct loop *asks)
{
	int64_t before = clock_ms() - LIMIT_STILL;

	/* After a pause of the process the others have not turned either. */
	if (loop_resumed(asks) > before)
		return true;
	if (broker_last_turn(s->broker) < before)
		return false;
	for (size_t i = 0; i < s->nworkers; i++) {
		if (loop_last_turn(s->workers[i]->loop) < before)
			return false;
	}
	return true;
}

void server_library(struct buf *out)
{
	buf_addf(out, "libmicrohttpd/%s", MHD_get_version());
}
