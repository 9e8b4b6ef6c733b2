/* SPDX-License-Identifier: MIT */
/* The front end: libmicrohttpd in external epoll mode, its epoll nested in
 * the worker's. A connection comes from the listener, a request becomes an
 * exchange at its request line, and the exchange's answer is queued here. */

#include "proxy/front.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "base/log.h"
#include "proxy/client.h"
#include "proxy/early.h"
#include "proxy/exchange.h"
#include "proxy/linger.h"
#include "proxy/relay.h"
#include "proxy/server.h"
#include "proxy/worker.h"

enum {
	FRONT_EXPECTED = 3600, /* s; a timeout that never comes */
};

struct front {
	struct worker *worker;
	struct MHD_Daemon *daemon;
	struct loop_io io;
	struct loop_hook hook;
	size_t pool;
	bool wants_run;
	bool answered; /* an answer was queued: it takes one more run */
	bool took;   /* the socket that is being added */
	bool ends;   /* so do all connections */
	bool doubts; /* some rest until it is known which one is refused */
};

/* The request line has been read: the exchange is made here, because only
 * here the target is still as it was sent. */
static void *front_on_uri(void *cls, const char *uri,
			  struct MHD_Connection *conn)
{
	struct front *front = cls;
	struct exchange *x = exchange_new(front->worker, conn, uri);
	char *query = memchr((void *)(uintptr_t)uri, '?', x->request.raw.n);

	/* Splitting the query is work that nobody needs: end it here. */
	if (query && query[1] != '\0')
		query[1] = '\0';
	return x;
}

/* Decoding would lose what the client wrote. */
static size_t front_on_unescape(void *cls, struct MHD_Connection *conn,
				char *text)
{
	(void)cls;
	(void)conn;
	return strlen(text);
}

/* Behind the whole request. Where the exchange cannot be answered now, or is
 * answered past libmicrohttpd, the connection rests. */
static enum MHD_Result front_answer(struct exchange *x)
{
	if (x->answer.gone)
		return MHD_NO;
	if (x->answer.state == ANSWER_READY) {
		x->worker->front->answered = true;
		if (relay_answer(x) < 0)
			return MHD_NO;
	}
	if (x->answer.state == ANSWER_AWAITED ||
	    x->answer.state == ANSWER_WRITTEN)
		exchange_park(x);
	return MHD_YES;
}

/* At the head, and again when a connection that rests since then is resumed.
 * It rests while the client waits for leave to send, which libmicrohttpd would
 * give as soon as it may, and where an answer is written that says that
 * nobody wants the body. */
static enum MHD_Result front_head(struct exchange *x)
{
	if (x->answer.gone)
		return MHD_NO;
	x->request.unread = x->request.awaits ||
			    x->answer.state == ANSWER_WRITTEN;
	if (x->request.unread)
		exchange_park(x);
	/* An answer at this call ends the connection: its body might be
	 * framed in two ways. */
	else if (x->answer.state == ANSWER_READY && x->answer.reply.close)
		return front_answer(x);
	return MHD_YES;
}

/* libmicrohttpd reads from a connection that was suspended before it asks for
 * the answer, finds nothing, and then has to watch it anew: a recv and two
 * epoll_ctl for each request. It asks first those that have a timeout of their
 * own; so one has it from here until it is asked. */
void front_expects(struct exchange *x)
{
	x->answer.expected = true;
	MHD_set_connection_option(x->conn, MHD_CONNECTION_OPTION_TIMEOUT,
				  (unsigned)FRONT_EXPECTED);
}

static enum MHD_Result front_on_request(void *cls, struct MHD_Connection *conn,
					const char *url, const char *method,
					const char *version, const char *data,
					size_t *size, void **context)
{
	struct exchange *x = *context;
	size_t taken;

	(void)cls;
	(void)url;
	if (x->answer.expected) {
		x->answer.expected = false;
		MHD_set_connection_option(conn, MHD_CONNECTION_OPTION_TIMEOUT,
					  0u);
	}
	if (!x->request.begun) {
		exchange_begin(x, method, version);
		return front_head(x);
	}
	if (x->request.unread)
		return front_head(x);
	if (x->answer.gone)
		return MHD_NO;
	if (*size > 0) {
		taken = exchange_upload(x, data, *size);
		if (x->answer.gone)
			return MHD_NO;
		*size -= taken;
		/* What is left is not offered again by itself. */
		if (*size > 0)
			exchange_park(x);
		return MHD_YES;
	}
	exchange_upload_end(x);
	return front_answer(x);
}

/* The connection is about to be closed: with octets unread, or if some came
 * afterwards, it would be reset, and what the client has not read yet of its
 * answer be lost. */
static void front_linger(const struct front *front, const struct client *client)
{
	char c;
	int fd;

	if (front->ends || client->lingers || client->tunnelled ||
	    recv(client->fd, &c, 1, MSG_PEEK | MSG_DONTWAIT) == 0)
		return;
	fd = fcntl(client->fd, F_DUPFD_CLOEXEC, 0);
	if (fd >= 0)
		linger(front->worker, fd);
}

static void front_on_completed(void *cls, struct MHD_Connection *conn,
			       void **context,
			       enum MHD_RequestTerminationCode why)
{
	struct exchange *x = *context;

	(void)cls;
	(void)conn;
	(void)why;
	/* Its connection ended by itself in doubt. */
	if (x && x->answer.doubted)
		exchange_wake(x);
	exchange_free(&x);
	*context = NULL;
}

static void front_on_connection(void *cls, struct MHD_Connection *conn,
				void **context,
				enum MHD_ConnectionNotificationCode what)
{
	const union MHD_ConnectionInfo *info;
	struct front *front = cls;
	struct client *client = *context;

	if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
		front_linger(front, client);
		if (!client->tunnelled)
			server_client_left(front->worker->server);
		client_free(&client);
		*context = NULL;
		return;
	}
	info = MHD_get_connection_info(conn, MHD_CONNECTION_INFO_CONNECTION_FD);
	front->took = true;
	*context = client_new(front->worker, info->connect_fd);
}

/* The request that libmicrohttpd is about to refuse by itself, once its head
 * is complete: the only one that has come so far and is not begun. */
static struct exchange *front_refused(struct front *front)
{
	struct list *all = &front->worker->exchanges;

	for (struct list *it = all->prev; it != all; it = it->prev) {
		struct exchange *x = list_entry(it, struct exchange, node);

		if (!x->request.begun &&
		    MHD_get_connection_info(
			    x->conn, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE))
			return x;
	}
	return NULL;
}

/* What libmicrohttpd is about to answer by itself it says in its log first:
 * then the one answer is sent from here, and the connection shut for writing,
 * so that its own finds no way out. */
static void front_refuse_past(struct front *front, struct client *c,
			      int status, struct str detail,
			      const char *action)
{
	int fd;

	client_refuse(c->fd, status, "http_request_error", detail, action);
	c->lingers = true;
	fd = fcntl(c->fd, F_DUPFD_CLOEXEC, 0);
	if (fd >= 0)
		linger(front->worker, fd);
	else
		shutdown(c->fd, SHUT_WR);
}

/* A chunk or trailers of it may be what libmicrohttpd has just read. */
static bool front_reads_chunks(const struct exchange *x)
{
	return x->request.begun && !x->answer.suspended &&
	       x->request.framing.body == FRAMING_CHUNKED &&
	       exchange_uploads(x);
}

/* The client's pool is full of a head whose end has not come, and
 * libmicrohttpd is about to say so. Which one's it does not say, and trailers
 * may be meant: nothing is done where it can be another's. */
static void front_refuses_head(struct front *front)
{
	struct exchange *found = NULL;

	list_each(it, &front->worker->exchanges) {
		struct exchange *x = list_entry(it, struct exchange, node);

		if (x->request.begun && !front_reads_chunks(x))
			continue;
		if (found)
			return;
		found = x;
	}
	if (found && !found->request.begun && !found->client->lingers)
		front_refuse_past(front, found->client, 431,
				  STR("the request's head is too large"),
				  "raise max_header_size");
}

/* The same of a request line: nothing is known of that request, and it is one
 * of those clients' whose next one is awaited. */
static void front_refuses_target(struct front *front)
{
	struct list *const lists[] = { &front->worker->reading,
				       &front->worker->idle };
	struct client *found = NULL;

	for (size_t i = 0; i < 2; i++) {
		list_each(it, lists[i]) {
			if (found)
				return;
			found = list_entry(it, struct client, node);
		}
	}
	if (found && !found->lingers)
		front_refuse_past(front, found, 414,
				  STR("the request's target is too long"),
				  "raise max_header_size");
}

/* libmicrohttpd refuses a body's chunk or trailers, and says so in its log
 * before it sends anything. Where this is the body of an exchange that is
 * answered past it already, its head would come within that answer. Which one
 * it is can be seen once libmicrohttpd has queued its own answer: until then
 * all that it may be rest, so that nothing of it is sent. */
static void front_doubts(struct front *front)
{
	list_each(it, &front->worker->exchanges) {
		struct exchange *x = list_entry(it, struct exchange, node);

		if (x->answer.state != ANSWER_WRITTEN || !front_reads_chunks(x))
			continue;
		exchange_park(x);
		x->answer.doubted = true;
		front->doubts = true;
	}
}

/* The answer of the one that is refused breaks off; the others go on. */
static void front_ends_doubt(struct front *front)
{
	if (!front->doubts)
		return;
	front->doubts = false;
	list_each(it, &front->worker->exchanges) {
		struct exchange *x = list_entry(it, struct exchange, node);

		if (!x->answer.doubted)
			continue;
		x->answer.doubted = false;
		if (MHD_get_connection_info(x->conn,
					    MHD_CONNECTION_INFO_HTTP_STATUS)) {
			early_cut(x);
			shutdown(x->client->fd, SHUT_WR);
		}
		exchange_wake(x);
	}
}

/* libmicrohttpd 0.9 answers some heads by itself, with two heads in front of
 * one body. */
static void front_refuse(struct front *front, int status, struct str detail,
			 const char *action)
{
	struct exchange *x = front_refused(front);

	if (x)
		front_refuse_past(front, x->client, status, detail, action);
}

/* "(HTTP response code is %u". */
static bool front_says(const char *fmt, va_list ap, unsigned status)
{
	bool is;
	va_list copy;

	if (!strstr(fmt, "code is %u"))
		return false;
	va_copy(copy, ap);
	is = va_arg(copy, unsigned) == status;
	va_end(copy);
	return is;
}

ATTR_PRINTF(2, 0)
static void front_on_log(void *cls, const char *fmt, va_list ap)
{
	const bool is_0 = strncmp(MHD_get_version(), "0.", 2) == 0;
	struct fault f;

	if (is_0 && strstr(fmt, "Content-Length"))
		front_refuse(cls, 400, STR("Content-Length is not a number"),
			     NULL);
	else if (is_0 && strstr(fmt, "Not enough memory in pool"))
		front_refuse(cls, 431,
			     STR("the request's cookies are too large"),
			     "raise max_header_size, or send fewer cookies");
	else if (strstr(fmt, "Error processing request") &&
		 front_says(fmt, ap, 431))
		front_refuses_head(cls);
	else if (strstr(fmt, "Error processing request") &&
		 front_says(fmt, ap, 414))
		front_refuses_target(cls);
	if (strstr(fmt, "Error processing request"))
		front_doubts(cls);
	fault_setv(&f, fmt, ap);
	log_debug(EV("front_end"), KV("says", &f));
}

/* Before the loop sleeps: lets libmicrohttpd run until it has nothing left to
 * do at once. There is no other wake-up after a resume. */
static int front_on_hook(void *arg)
{
	struct front *front = arg;
	MHD_UNSIGNED_LONG_LONG wish = 0;

	for (int i = 0; front->wants_run && i < LIMIT_FRONT_RUNS; i++) {
		front->wants_run = false;
		MHD_run(front->daemon);
		front->wants_run = front->answered;
		front->answered = false;
		front_ends_doubt(front);
	}
	if (MHD_get_timeout(front->daemon, &wish) != MHD_YES)
		return -1;
	if (wish == 0) {
		front->wants_run = true;
		return 0;
	}
	return wish < 60000 ? (int)wish : 60000;
}

static void front_on_io(void *arg, uint32_t events)
{
	struct front *front = arg;

	(void)events;
	front->wants_run = true;
}

size_t front_pool(const struct front *front)
{
	return front->pool;
}

void front_wants_run(struct front *front)
{
	front->wants_run = true;
}

static struct MHD_Daemon *front_daemon(struct front *front)
{
	return MHD_start_daemon(
		MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET |
			MHD_ALLOW_SUSPEND_RESUME | MHD_ALLOW_UPGRADE |
			MHD_USE_ERROR_LOG,
		0, NULL, NULL, front_on_request, front,
		MHD_OPTION_EXTERNAL_LOGGER, front_on_log, front,
		MHD_OPTION_URI_LOG_CALLBACK, front_on_uri, front,
		MHD_OPTION_UNESCAPE_CALLBACK, front_on_unescape, front,
		MHD_OPTION_NOTIFY_COMPLETED, front_on_completed, front,
		MHD_OPTION_NOTIFY_CONNECTION, front_on_connection, front,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, front->pool,
		MHD_OPTION_CONNECTION_LIMIT, (unsigned)1 << 20,
		MHD_OPTION_END);
}

struct front *front_new(struct worker *w, struct fault *f)
{
	struct front *front = mem_new(struct front);
	const union MHD_DaemonInfo *info;

	front->worker = w;
	front->pool = (size_t)w->services->proxy->max_header_size +
		      FRONT_POOL_NOTES;
	front->daemon = front_daemon(front);
	if (!front->daemon) {
		fault_set(f, "libmicrohttpd cannot start");
		mem_free(front);
		return NULL;
	}
	info = MHD_get_daemon_info(front->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	loop_hook_add(w->loop, &front->hook, front_on_hook, front);
	if (!info ||
	    loop_io_add(w->loop, &front->io, info->epoll_fd, EPOLLIN,
			front_on_io, front, f) < 0) {
		fault_prefix(f, "libmicrohttpd without epoll");
		front_free(&front);
	}
	return front;
}

void front_free(struct front **front)
{
	struct front *it = *front;

	if (!it)
		return;
	loop_io_del(&it->io);
	loop_hook_del(&it->hook);
	it->ends = true;
	MHD_stop_daemon(it->daemon);
	mem_free(it);
	*front = NULL;
}

void front_add(struct front *front, int fd, const struct sockaddr *addr,
	       socklen_t len)
{
	/* It closes the socket where it cannot take it; of one that it never
	 * took it does not say so. */
	front->took = false;
	if (MHD_add_connection(front->daemon, fd, addr, len) != MHD_YES &&
	    !front->took)
		server_client_left(front->worker->server);
	front->wants_run = true;
}
