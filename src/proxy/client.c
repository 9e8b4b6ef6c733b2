/* SPDX-License-Identifier: MIT */
/* Ends a client's connection in time, between requests and until a head is
 * complete. Only libmicrohttpd has the connection then, and its timeout starts
 * again with each octet. */

#include "proxy/client.h"

#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>

#include "base/alloc.h"
#include "base/log.h"
#include "proxy/reply.h"
#include "proxy/worker.h"
#include "upstream/transfer.h"

static void client_becomes(struct client *c, enum client_state state,
			   struct list *on)
{
	if (c->state == CLIENT_RESTING)
		loop_io_del(&c->first);
	list_remove(&c->node);
	c->state = state;
	c->since = loop_now(c->worker->loop);
	if (on)
		list_push(on, &c->node);
}

struct client *client_new(struct worker *w, int fd)
{
	struct client *c = mem_new(struct client);
	socklen_t len = sizeof(c->local);

	c->worker = w;
	c->fd = fd;
	list_init(&c->node);
	/* A failure leaves AF_UNSPEC, which is nobody's address. */
	if (getsockname(fd, (struct sockaddr *)&c->local, &len) != 0)
		c->local.ss_family = AF_UNSPEC;
	client_becomes(c, CLIENT_READING, &w->reading);
	return c;
}

void client_free(struct client **c)
{
	if (!*c)
		return;
	client_becomes(*c, CLIENT_ASKING, NULL);
	own_connections_end(&(*c)->own);
	mem_free(*c);
	*c = NULL;
}

void client_reads(struct client *c)
{
	/* Else its first octet was seen. */
	if (c->state != CLIENT_READING)
		client_becomes(c, CLIENT_READING, &c->worker->reading);
}

void client_asks(struct client *c)
{
	client_becomes(c, CLIENT_ASKING, NULL);
}

void client_waits(struct client *c)
{
	client_becomes(c, CLIENT_IDLE, &c->worker->idle);
}

bool client_moved(struct client *c)
{
	uint64_t before = c->octets;
	struct tcp_info tcp = { 0 };
	socklen_t len = sizeof(tcp);
	int queued = 0;

	if (getsockopt(c->fd, IPPROTO_TCP, TCP_INFO, &tcp, &len) == 0)
		c->octets = tcp.tcpi_bytes_acked + tcp.tcpi_bytes_received;
	else if (ioctl(c->fd, SIOCOUTQ, &queued) == 0)
		c->octets = (uint64_t)queued;
	return c->octets != before;
}

void client_refuse(int fd, int status, const char *error, struct str detail,
		   const char *action)
{
	ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT(LIMIT_ANSWER_HEAD);
	struct arena arena;
	struct reply r;

	arena_init(&arena, NULL, 0);
	reply_init(&r, &arena);
	reply_problem(&r, status, error, detail, action);
	if (status == 503)
		reply_retry_after(&r, 1000);
	reply_write(&r, &b);
	/* A new answer finds the socket's buffer empty. */
	(void)!send(fd, buf_str(&b).p, buf_str(&b).n,
		    MSG_NOSIGNAL | MSG_DONTWAIT);
	reply_fini(&r);
	arena_fini(&arena);
	log_debug(EV("refused"), KV("status", status), KV("detail", detail));
}

/* libmicrohttpd sees the connection's end, and ends it. */
static void client_end(struct client *c)
{
	client_asks(c);
	shutdown(c->fd, SHUT_RDWR);
}

static void client_on_first(void *arg, uint32_t events)
{
	(void)events;
	client_reads(arg);
}

/* So that the next request's first octet is seen when it comes, and not only
 * its whole line. */
static void client_rest(struct client *c)
{
	struct worker *w = c->worker;
	int64_t since = c->since;
	struct fault f;

	client_becomes(c, CLIENT_RESTING, &w->resting);
	c->since = since;
	if (loop_io_add(w->loop, &c->first, c->fd, EPOLLIN | EPOLLET,
			client_on_first, c, &f) < 0)
		log_debug(EV("unwatched"), KV("reason", &f));
}

/* The first of the list where it came before then. */
static struct client *client_oldest(struct list *l, int64_t then)
{
	struct client *c;

	if (list_empty(l))
		return NULL;
	c = list_entry(l->next, struct client, node);
	return c->since <= then ? c : NULL;
}

void clients_sweep(struct worker *w)
{
	const struct proxy_settings *limits = w->services->proxy;
	int64_t now = loop_now(w->loop);
	struct client *c;

	while ((c = client_oldest(&w->idle, now - LIMIT_AWAKE)) != NULL)
		client_rest(c);
	while ((c = client_oldest(&w->resting,
				  now - limits->keepalive_timeout)) != NULL)
		client_end(c);
	while ((c = client_oldest(&w->reading,
				  now - limits->header_timeout)) != NULL) {
		client_refuse(c->fd, 408, "http_request_error",
			      STR("the request's head was not complete in "
				  "time"), NULL);
		client_end(c);
	}
}
