/* SPDX-License-Identifier: MIT */
/* The control socket's server, in the broker's thread: lets commands in, the
 * same user's and root's. */
#include "control/control.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "base/local_socket.h"
#include "base/log.h"
#include "control/peer.h"
#include "service/paths.h"
#include "store/file.h"

struct control {
	struct broker *broker;
	control_find_fn *find;
	struct local_socket socket;
	struct loop_io io;
	struct loop_timer rest;
	struct list peers;
};

static size_t count_peers(const struct control *c)
{
	size_t n = 0;

	list_each(it, &c->peers)
		n++;
	return n;
}

/* One who is not let in: a word, if it can be had at once. */
static void turn_away(int fd, const char *line)
{
	struct str words = str_z(line);

	(void)!send(fd, words.p, words.n, MSG_NOSIGNAL | MSG_DONTWAIT);
	close(fd);
}

/* The file's mode keeps others out; this one does where that was changed, or
 * where somebody has the power to overlook it. */
static bool is_welcome(int fd, uid_t *uid)
{
	struct ucred who = { .uid = (uid_t)-1 };
	socklen_t n = sizeof(who);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &n) != 0)
		return false;
	*uid = who.uid;
	if (who.uid == geteuid() || who.uid == 0)
		return true;
	log_warning(EV("control_refused"), KV("uid", who.uid),
		    KV("pid", who.pid));
	return false;
}

static void let_in(struct control *c, int fd)
{
	struct fault f;
	uid_t uid;

	if (!is_welcome(fd, &uid))
		turn_away(fd, "{\"event\":\"end\",\"error\":\"only the user "
			      "who runs bearerd, and root, may use its control "
			      "socket\"}\n");
	else if (count_peers(c) >= LIMIT_CONTROL_PEERS)
		turn_away(fd, "{\"event\":\"end\",\"error\":\"too many "
			      "commands are under way; try again\"}\n");
	else if (control_peer_new(&c->peers, c->broker, c->find, fd, uid, &f) <
		 0)
		log_warning(EV("control_failed"), KV("reason", &f));
}

static void on_rest(void *arg)
{
	struct control *c = arg;

	loop_io_set(&c->io, EPOLLIN);
}

static void rest_if_starved(struct control *c)
{
	if (errno != EMFILE && errno != ENFILE && errno != ENOMEM &&
	    errno != ENOBUFS)
		return;
	loop_io_set(&c->io, 0);
	loop_timer_set(c->broker->context.loop, &c->rest, LIMIT_CONTROL_REST);
}

static void on_connections(void *arg, uint32_t events)
{
	struct control *c = arg;

	(void)events;
	for (int i = 0; i < LIMIT_CONTROL_ACCEPTS; i++) {
		int fd = accept4(c->socket.fd, NULL, NULL,
				 SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0) {
			rest_if_starved(c);
			return;
		}
		let_in(c, fd);
	}
}

static int control_listen(struct control *c, const char *path, struct fault *f)
{
	if (file_make_folder(path, f) < 0)
		return fault_prefix(f, "control = %s", path);
	if (local_socket_listen(&c->socket, path, "", "control",
				LIMIT_CONTROL_BACKLOG, f) < 0)
		return -1;
	return loop_io_add(c->broker->context.loop, &c->io, c->socket.fd,
			   EPOLLIN, on_connections, c, f);
}

struct control *control_new(const struct services *services,
			    struct broker *broker, control_find_fn *find,
			    struct fault *f)
{
	struct control *c = mem_new(struct control);
	char *path = services_control_path(services->proxy);

	c->broker = broker;
	c->find = find;
	c->socket = (struct local_socket)LOCAL_SOCKET_INIT;
	list_init(&c->peers);
	loop_timer_init(&c->rest, on_rest, c);
	if (control_listen(c, path, f) < 0)
		control_free(&c);
	mem_free(path);
	return c;
}

void control_free(struct control **control)
{
	struct control *c = *control;

	*control = NULL;
	if (!c)
		return;
	list_each_safe(it, &c->peers)
		control_peer_finish(list_entry(it, struct control_peer, node));
	loop_timer_clear(c->broker->context.loop, &c->rest);
	loop_io_del(&c->io);
	local_socket_fini(&c->socket);
	mem_free(c);
}
