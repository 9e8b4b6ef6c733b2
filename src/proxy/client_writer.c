/* SPDX-License-Identifier: MIT */
/* Writes on a client's connection what libmicrohttpd cannot say. The octets
 * that wait are those of one block at most: the body is asked for when the
 * block before is with the kernel, so that a slow client costs no memory. */

#include "proxy/client_writer.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "data/date.h"
#include "http/message.h"
#include "proxy/spare.h"

enum {
	WRITER_BLOCK = 16 * 1024, /* of a body, at a time */
	WRITER_SIZE = 10,         /* "3fff" CR LF, and room */
};

enum writer_state {
	WRITER_BEFORE,  /* no answer yet; perhaps interim responses */
	WRITER_BODY,    /* the head is in out, or written; the body follows */
	WRITER_LAST,    /* what is in out is the end */
	WRITER_OVER,    /* done is called, or about to be */
};

struct client_writer {
	struct loop *loop;
	struct loop_io io;
	struct loop_task task; /* calls done, or goes on */
	int fd;
	client_write_fn *way;
	void *way_arg;
	struct client_writer_events events;
	void *arg;
	enum writer_state state;
	enum client_framing framing;
	bool whole, blocked;
	uint64_t left;   /* of CLIENT_SIZED */
	struct buf out;  /* heads, chunks; written from at */
	size_t at;
};

static ssize_t send_way(void *arg, const char *p, size_t n)
{
	const struct client_writer *w = arg;

	return send(w->fd, p, n, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void go_on(struct client_writer *w);

static void on_task(void *arg)
{
	struct client_writer *w = arg;

	if (w->state == WRITER_OVER)
		w->events.done(w->arg, w->whole);
	else
		go_on(w);
}

struct client_writer *client_writer_new(struct loop *loop, int fd,
					const struct client_writer_events *ev,
					void *arg, struct fault *f)
{
	struct client_writer *w;
	int copy;

	if (!spare_take()) {
		fault_set(f, "as many answers are written before their "
			     "requests' ends as there are descriptors for: "
			     "raise the limit of open files (ulimit -n, "
			     "LimitNOFILE), or lower max_connections");
		return NULL;
	}
	copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (copy < 0) {
		fault_errno(f, errno, "the connection cannot be copied");
		spare_give();
		return NULL;
	}
	w = mem_new(struct client_writer);
	w->loop = loop;
	w->fd = copy;
	w->way = send_way;
	w->way_arg = w;
	w->events = *ev;
	w->arg = arg;
	loop_task_init(&w->task, on_task, w);
	buf_init(&w->out, LIMIT_CLIENT_WRITER);
	return w;
}

void client_writer_set_way(struct client_writer *w, client_write_fn *way,
			   void *arg)
{
	w->way = way;
	w->way_arg = arg;
}

void client_writer_free(struct client_writer **it)
{
	struct client_writer *w = *it;

	if (!w)
		return;
	loop_io_del(&w->io);
	loop_task_cancel(&w->task);
	if (w->fd >= 0) {
		close(w->fd);
		spare_give();
	}
	buf_fini(&w->out);
	mem_free(w);
	*it = NULL;
}

int client_writer_take_fd(struct client_writer *w)
{
	int fd = w->fd;

	loop_io_del(&w->io);
	w->fd = -1;
	spare_give();
	return fd;
}

bool client_writer_is_dirty(const struct client_writer *w)
{
	return w->at < buf_str(&w->out).n;
}

static void end(struct client_writer *w, bool whole)
{
	w->state = WRITER_OVER;
	w->whole = whole;
	loop_io_del(&w->io);
	loop_task_add(w->loop, &w->task);
}

/* Ends the connection so that the client sees that the answer is not whole:
 * where its end would be the connection's, that is a reset. */
static void cut(struct client_writer *w)
{
	const struct sockaddr nobody = { .sa_family = AF_UNSPEC };

	if (w->state == WRITER_OVER)
		return;
	if (w->framing == CLIENT_TO_CLOSE &&
	    connect(w->fd, &nobody, sizeof(nobody)) != 0)
		log_debug(EV("not_reset"), KV("errno", errno));
	end(w, false);
}

static void on_io(void *arg, uint32_t events)
{
	(void)events;
	go_on(arg);
}

static void wait_for_room(struct client_writer *w)
{
	struct fault f;

	w->blocked = true;
	if (!w->io.loop && loop_io_add(w->loop, &w->io, w->fd,
				       EPOLLOUT | EPOLLET, on_io, w, &f) < 0) {
		log_debug(EV("unwatched"), KV("reason", &f));
		cut(w);
	}
}

/* Whether nothing of out is left. */
static bool flush(struct client_writer *w)
{
	while (client_writer_is_dirty(w)) {
		struct str s = str_from(buf_str(&w->out), w->at);
		ssize_t n = w->way(w->way_arg, s.p, s.n);

		if (n > 0) {
			w->at += (size_t)n;
		} else if (n < 0 && errno == EINTR) {
			continue;
		} else if (n < 0 && errno != EAGAIN) {
			cut(w);
			return false;
		} else {
			wait_for_room(w);
			return false;
		}
	}
	buf_reset(&w->out);
	w->at = 0;
	return true;
}

/* --- heads --- */

static void write_fields(struct client_writer *w, const struct fields *fields)
{
	for (size_t i = 0; fields && i < fields->n; i++)
		buf_addf(&w->out, "%.*s: %.*s\r\n",
			 STR_ARGS(fields->v[i].name),
			 STR_ARGS(fields->v[i].value));
}

static void write_head(struct client_writer *w, const struct client_answer *a)
{
	buf_addf(&w->out, "HTTP/1.1 %d %s\r\n", a->status,
		 status_phrase(a->status));
	write_fields(w, a->fields);
	/* RFC 9110 §6.6.1. */
	if (!fields_find(a->fields, STR("Date"))) {
		buf_add_z(&w->out, "Date: ");
		date_http(&w->out, clock_wall_ms() / 1000);
		buf_add_z(&w->out, "\r\n");
	}
	if (a->framing == CLIENT_CHUNKED)
		buf_add_z(&w->out, "Transfer-Encoding: chunked\r\n");
	else if (a->framing == CLIENT_SIZED || a->has_length)
		buf_addf(&w->out, "Content-Length: %llu\r\n",
			 (unsigned long long)a->length);
	buf_add_z(&w->out, "Connection: close\r\n\r\n");
}

void client_writer_interim(struct client_writer *w, int status,
			   const struct fields *fields)
{
	if (w->state != WRITER_BEFORE || client_writer_is_dirty(w))
		return;
	buf_addf(&w->out, "HTTP/1.1 %d %s\r\n", status, status_phrase(status));
	write_fields(w, fields);
	buf_add_z(&w->out, "\r\n");
	if (buf_ok(&w->out) && flush(w))
		return;
	/* Of one that is not begun nobody misses anything. */
	if (w->at == 0) {
		buf_reset(&w->out);
		loop_io_del(&w->io);
		w->blocked = false;
	}
}

/* --- the body --- */

static void write_trailers(struct client_writer *w)
{
	buf_add_z(&w->out, "0\r\n");
	if (w->events.trailers)
		write_fields(w, w->events.trailers(w->arg));
	buf_add_z(&w->out, "\r\n");
}

static void body_ends(struct client_writer *w)
{
	if (w->framing == CLIENT_SIZED && w->left > 0) {
		cut(w);
		return;
	}
	if (w->framing == CLIENT_CHUNKED)
		write_trailers(w);
	w->state = WRITER_LAST;
}

/* One block of it. False where there is none now, or it has broken off. */
static bool take_body(struct client_writer *w)
{
	char block[WRITER_BLOCK];
	size_t max = sizeof(block);
	ssize_t n = CLIENT_WRITER_END;

	if (w->framing == CLIENT_SIZED && w->left < max)
		max = (size_t)w->left;
	if (max > 0 && w->framing != CLIENT_NO_BODY)
		n = w->events.body(w->arg, block, max);
	if (n == CLIENT_WRITER_LATER)
		return false;
	if (n == CLIENT_WRITER_CUT) {
		if (flush(w))
			cut(w);
		return false;
	}
	if (n == CLIENT_WRITER_END) {
		body_ends(w);
		return w->state == WRITER_LAST;
	}
	w->left -= w->framing == CLIENT_SIZED ? (uint64_t)n : 0;
	if (w->framing == CLIENT_CHUNKED)
		buf_addf(&w->out, "%zx\r\n", (size_t)n);
	buf_add(&w->out, block, (size_t)n);
	if (w->framing == CLIENT_CHUNKED)
		buf_add_z(&w->out, "\r\n");
	return true;
}

/* Head and first block go out together, where both are there. */
static void go_on(struct client_writer *w)
{
	w->blocked = false;
	if (w->state == WRITER_BEFORE) {
		(void)flush(w);
		return;
	}
	for (int i = 0; w->state == WRITER_BODY; i++) {
		if (i == LIMIT_WRITES) {
			loop_task_add(w->loop, &w->task);
			return;
		}
		if (buf_str(&w->out).n >= WRITER_BLOCK && !flush(w))
			return;
		if (!take_body(w))
			break;
		if (w->state == WRITER_BODY && !flush(w))
			return;
	}
	if (w->state == WRITER_OVER || !flush(w) || w->state != WRITER_LAST)
		return;
	shutdown(w->fd, SHUT_WR);
	end(w, true);
}

void client_writer_answer(struct client_writer *w,
			  const struct client_answer *a)
{
	const int on = 1;

	/* An interim response may have found the connection's end. */
	if (w->state != WRITER_BEFORE)
		return;
	(void)setsockopt(w->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	w->state = WRITER_BODY;
	w->framing = a->framing;
	w->left = a->framing == CLIENT_SIZED ? a->length : 0;
	write_head(w, a);
	if (!buf_ok(&w->out)) {
		buf_reset(&w->out);
		cut(w);
		return;
	}
	go_on(w);
}

void client_writer_cut(struct client_writer *w)
{
	cut(w);
}

void client_writer_resume(struct client_writer *w)
{
	if (w->state == WRITER_BODY && !w->blocked)
		loop_task_add(w->loop, &w->task);
}
