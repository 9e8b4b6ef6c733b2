/* SPDX-License-Identifier: MIT */
/* One client of the control socket: reads its line, runs the command's row,
 * writes events, and drops whoever keeps the daemon waiting. */
#include "control/peer.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "base/log.h"
#include "config/nearest.h"

enum {
	PEER_READ = 4096,
};

/* --- its end --- */

static void peer_free(struct control_peer *p)
{
	token_wait_cancel(&p->token_wait);
	if (p->own)
		p->own_free(p->own);
	loop_timer_clear(p->broker->context.loop, &p->timer);
	loop_io_del(&p->io);
	close(p->fd);
	buf_fini(&p->in);
	buf_fini(&p->out);
	list_remove(&p->node);
	mem_free(p);
}

/* Nobody waits any more. */
static void peer_leave(struct control_peer *p)
{
	token_wait_cancel(&p->token_wait);
	if (p->phase == CONTROL_WORKS && p->command->leave)
		p->command->leave(p);
}

/* The client has gone, or is let go. */
static void peer_drop(struct control_peer *p)
{
	peer_leave(p);
	peer_free(p);
}

/* --- events --- */

struct json_out *control_event(struct control_peer *p, const char *name)
{
	json_out_init(&p->json, &p->out);
	json_out_object(&p->json);
	json_out_key(&p->json, "event");
	json_out_z(&p->json, name);
	return &p->json;
}

/* Written once the callbacks under way have returned. */
void control_event_send(struct control_peer *p)
{
	json_out_object_end(&p->json);
	buf_add_char(&p->out, '\n');
	loop_io_set(&p->io, EPOLLIN | EPOLLOUT);
}

void control_peer_end(struct control_peer *p, const struct fault *error)
{
	struct json_out *o = control_event(p, "end");

	json_out_text(o, "error", error ? error->text : NULL);
	control_event_send(p);
	p->phase = CONTROL_ENDS;
	loop_timer_set(p->broker->context.loop, &p->timer,
		       LIMIT_CONTROL_PATIENCE);
}

/* --- requests --- */

static struct entry *find_entry(struct broker *b, struct str name,
				struct fault *f)
{
	const char **names = mem_array(b->n, sizeof(*names));
	char *word = str_dup(str_sub(name, 0, 128));
	struct entry *found = NULL;
	const char *nearest;

	for (size_t i = 0; i < b->n; i++) {
		names[i] = b->entries[i].session.service->name;
		if (str_eq_z(name, names[i]))
			found = &b->entries[i];
	}
	nearest = config_nearest(word, names, b->n);
	if (!found)
		fault_set(f, "there is no service %s%s%s%s", word,
			  nearest ? " (did you mean " : "",
			  nearest ? nearest : "", nearest ? "?)" : "");
	mem_free(word);
	mem_free(names);
	return found;
}

static int peer_begin(struct control_peer *p, const struct control_request *r,
		      struct fault *f)
{
	const struct control_command *c = p->find(r->command);

	if (!c)
		return fault_set(f, "this bearerd (" PACKAGE_VERSION ") does "
				    "not know that command: the one that runs "
				    "and the one that asks are of two "
				    "versions; restart it");
	if (r->service.n > 0) {
		p->entry = find_entry(p->broker, r->service, f);
		if (!p->entry)
			return -1;
		if (!c->every && p->entry->leader)
			p->entry = p->entry->leader;
	} else if (!c->every) {
		return fault_set(f, "%s needs the name of a service", c->name);
	}
	log_debug(EV("control"), KV("command", c->name),
		  KV("service", r->service));
	p->command = c;
	p->phase = CONTROL_WORKS;
	loop_timer_set(p->broker->context.loop, &p->timer, LIMIT_CONTROL_BEAT);
	return c->begin(p, r, f);
}

static int peer_request(struct control_peer *p, const struct control_request *r,
			struct fault *f)
{
	if (!r->has_line && p->phase == CONTROL_READS)
		return peer_begin(p, r, f);
	if (r->has_line && p->phase == CONTROL_WORKS && p->on_line) {
		p->on_line(p, r->line);
		return 0;
	}
	return fault_set(f, r->has_line ? "nothing is to be typed in now" :
					  "a connection has one request");
}

static void peer_fail(struct control_peer *p, const struct fault *f)
{
	peer_leave(p);
	control_peer_end(p, f);
}

static void peer_line(struct control_peer *p, struct str line)
{
	struct control_request r;
	struct fault f;

	if (control_request_parse(line, &r, &f) < 0 ||
	    peer_request(p, &r, &f) < 0)
		peer_fail(p, &f);
	control_request_fini(&r);
}

static void peer_lines(struct control_peer *p)
{
	struct fault f;

	while (p->phase != CONTROL_ENDS) {
		struct str all = buf_str(&p->in);
		size_t n = str_find(all, '\n');

		if (n > LIMIT_CONTROL_LINE) {
			fault_set(&f, "a line is longer than %d octets",
				  LIMIT_CONTROL_LINE);
			peer_fail(p, &f);
		} else if (n < all.n) {
			peer_line(p, str_sub(all, 0, n));
			buf_drop(&p->in, n + 1);
		} else {
			break;
		}
	}
}

/* --- its socket --- */

/* False where the client has gone. What comes behind the end is not read. */
static bool peer_read(struct control_peer *p)
{
	char octets[PEER_READ];
	ssize_t n = recv(p->fd, octets, sizeof(octets), 0);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	if (n == 0)
		return false;
	if (p->phase != CONTROL_ENDS) {
		buf_add(&p->in, octets, (size_t)n);
		peer_lines(p);
	}
	mem_wipe(octets, sizeof(octets));
	return true;
}

/* False where nothing is left to be done. */
static bool peer_write(struct control_peer *p)
{
	struct str out = buf_str(&p->out);
	ssize_t n;

	if (!buf_ok(&p->out))
		return false;
	n = send(p->fd, out.p, out.n, MSG_NOSIGNAL);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	buf_drop(&p->out, (size_t)n);
	if (p->out.n > 0) {
		if (p->phase == CONTROL_ENDS)
			loop_timer_set(p->broker->context.loop, &p->timer,
				       LIMIT_CONTROL_PATIENCE);
		return true;
	}
	loop_io_set(&p->io, EPOLLIN);
	return p->phase != CONTROL_ENDS;
}

void control_peer_finish(struct control_peer *p)
{
	(void)!peer_write(p);
	peer_free(p);
}

static void peer_on_io(void *arg, uint32_t events)
{
	struct control_peer *p = arg;

	if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) && !peer_read(p)) {
		peer_drop(p);
		return;
	}
	if ((events & EPOLLOUT) && !peer_write(p))
		peer_drop(p);
}

static void peer_on_timer(void *arg)
{
	struct control_peer *p = arg;
	struct fault f;

	if (p->phase == CONTROL_READS) {
		fault_set(&f, "no request came within %d s",
			  LIMIT_CONTROL_PATIENCE / 1000);
		control_peer_end(p, &f);
	} else if (p->phase == CONTROL_ENDS || p->out.n > 0) {
		peer_drop(p); /* it does not read */
	} else {
		control_event(p, "waits");
		control_event_send(p);
		loop_timer_set(p->broker->context.loop, &p->timer,
			       LIMIT_CONTROL_BEAT);
	}
}

int control_peer_new(struct list *peers, struct broker *b,
		     control_find_fn *find, int fd, uid_t uid, struct fault *f)
{
	struct control_peer *p = mem_new(struct control_peer);

	p->broker = b;
	p->find = find;
	p->fd = fd;
	p->uid = uid;
	buf_init_secret(&p->in, LIMIT_CONTROL_LINE + PEER_READ);
	buf_init_secret(&p->out, LIMIT_CONTROL_OUT);
	loop_timer_init(&p->timer, peer_on_timer, p);
	if (loop_io_add(b->context.loop, &p->io, fd, EPOLLIN, peer_on_io, p,
			f) < 0) {
		close(fd);
		mem_free(p);
		return -1;
	}
	list_push(peers, &p->node);
	loop_timer_set(b->context.loop, &p->timer, LIMIT_CONTROL_PATIENCE);
	return 0;
}
