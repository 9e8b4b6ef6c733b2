/* SPDX-License-Identifier: MIT */
/* Hands an address to the browser that bearerd login opens. The child does
 * nothing else, and ends with the command. */
#include "command/handover.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/str.h"

enum {
	HANDOVER_ANSWER = 2 * LIMIT_LOGIN_ADDRESS,
};

/* --- who comes --- */

/* As /proc/net/tcp and tcp6 write an address: in the machine's order. */
static void write_address(const struct sockaddr_in *a, bool mapped,
			  char out[48])
{
	snprintf(out, 48, "%s%08" PRIX32 ":%04" PRIX16,
		 mapped ? "0000000000000000FFFF0000" : "",
		 (uint32_t)a->sin_addr.s_addr, ntohs(a->sin_port));
}

/* Whether the table has a socket of this pair that is the user's or root's. */
static bool is_in_table(const char *table, const char *local,
			const char *remote)
{
	char line[512], from[48], to[48];
	FILE *file = fopen(table, "re");
	unsigned long uid, inode;
	bool found = false;

	while (file && !found && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%*s %47s %47s %*s %*s %*s %*s %lu %*s %lu",
			   from, to, &uid, &inode) == 4)
			found = str_eq_z(str_z(from), local) &&
				str_eq_z(str_z(to), remote) && inode != 0 &&
				(uid == geteuid() || uid == 0);
	}
	if (file)
		fclose(file);
	return found;
}

static bool is_same_user(int fd)
{
	struct sockaddr_in peer = { 0 }, own = { 0 };
	socklen_t n = sizeof(peer), m = sizeof(own);
	char local[48], remote[48];

	if (getpeername(fd, (struct sockaddr *)&peer, &n) != 0 ||
	    getsockname(fd, (struct sockaddr *)&own, &m) != 0)
		return false;
	for (int mapped = 0; mapped < 2; mapped++) {
		write_address(&peer, mapped, local);
		write_address(&own, mapped, remote);
		if (is_in_table(mapped ? "/proc/net/tcp6" : "/proc/net/tcp",
				local, remote))
			return true;
	}
	return false;
}

/* --- what it asks for --- */

/* Appends until the head's end; false where it does not come. */
static bool read_head(int fd, struct buf *head)
{
	char octets[1024];
	ssize_t n;

	while (str_find_str(buf_str(head), STR("\r\n\r\n")) == head->n) {
		n = recv(fd, octets, sizeof(octets), 0);
		if (n <= 0)
			return false;
		buf_add(head, octets, (size_t)n);
		if (!buf_ok(head))
			return false;
	}
	return true;
}

/* The value of the first field of that name in a head; empty: none. */
static struct str field_of(struct str head, struct str name)
{
	struct str line;

	while (head.n > 0) {
		size_t n = str_find_str(head, STR("\r\n"));

		line = str_sub(head, 0, n);
		head = str_from(head, n + 2);
		if (str_starts_nocase(line, name) && line.n > name.n &&
		    line.p[name.n] == ':')
			return str_trim(str_from(line, name.n + 1));
	}
	return STR("");
}

/* A person's browser that goes there: no page that embeds or fetches it, no
 * name that leads here, and nothing that is loaded in case it is wanted. */
static bool is_visit(struct str head, const char *authority)
{
	struct str mode = field_of(head, STR("Sec-Fetch-Mode"));

	return str_starts(head, STR("GET / HTTP/1.")) &&
	       str_eq_z(field_of(head, STR("Host")), authority) &&
	       (mode.n == 0 || str_eq(mode, STR("navigate"))) &&
	       field_of(head, STR("Sec-Purpose")).n == 0 &&
	       field_of(head, STR("Purpose")).n == 0;
}

/* --- the child --- */

static void answer(int fd, const char *address)
{
	struct buf text = BUF_INIT_SECRET(HANDOVER_ANSWER);

	if (address)
		buf_addf(&text, "HTTP/1.1 303 See Other\r\nLocation: %s\r\n",
			 address);
	else
		buf_add_z(&text, "HTTP/1.1 404 Not Found\r\n");
	buf_add_z(&text, "Cache-Control: no-store\r\n"
			 "Referrer-Policy: no-referrer\r\n"
			 "Content-Length: 0\r\nConnection: close\r\n\r\n");
	if (buf_ok(&text))
		(void)!send(fd, text.p, text.n, MSG_NOSIGNAL);
	buf_fini(&text);
}

/* Whether the browser has come. */
static bool serve(int fd, const char *address, const char *authority)
{
	const struct timeval patience = { .tv_sec = LIMIT_HANDOVER_PATIENCE };
	struct buf head = BUF_INIT_SECRET(LIMIT_HANDOVER_HEAD);
	bool done = false;

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (is_same_user(fd) && read_head(fd, &head)) {
		done = is_visit(buf_str(&head), authority);
		answer(fd, done ? address : NULL);
	}
	buf_fini(&head);
	return done;
}

/* With nothing of the command's open. */
static void keep_only(int fd)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int i = STDIN_FILENO; null >= 0 && i <= STDERR_FILENO; i++)
		dup2(null, i);
	if (fd > STDERR_FILENO + 1)
		close_range(STDERR_FILENO + 1, (unsigned)fd - 1, 0);
	close_range((unsigned)fd + 1, ~0U, 0);
}

static void run(int listener, pid_t parent, const char *address,
		const char *authority)
{
	bool done = false;
	int fd;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(0);
	keep_only(listener);
	signal(SIGINT, SIG_DFL);
	signal(SIGALRM, SIG_DFL);
	alarm(LIMIT_HANDOVER_LIFE);
	while (!done) {
		fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		if (fd < 0 && errno != EINTR && errno != ECONNABORTED)
			break;
		if (fd >= 0) {
			done = serve(fd, address, authority);
			close(fd);
		}
	}
	_exit(0);
}

/* --- the command --- */

static int listen_here(char *authority, size_t size, struct fault *f)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t n = sizeof(a);

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || bind(fd, (struct sockaddr *)&a, n) != 0 ||
	    listen(fd, 8) != 0 ||
	    getsockname(fd, (struct sockaddr *)&a, &n) != 0) {
		fault_errno(f, errno, "cannot listen on loopback");
		if (fd >= 0)
			close(fd);
		return -1;
	}
	snprintf(authority, size, "127.0.0.1:%u", ntohs(a.sin_port));
	return fd;
}

pid_t handover_start(const char *address, struct buf *url, struct fault *f)
{
	char authority[32];
	int fd = listen_here(authority, sizeof(authority), f);
	pid_t parent = getpid(), child;

	if (fd < 0)
		return -1;
	child = fork();
	if (child == 0)
		run(fd, parent, address, authority);
	if (child < 0)
		fault_errno(f, errno, "cannot fork");
	close(fd);
	buf_addf(url, "http://%s/", authority);
	return child;
}

void handover_end(pid_t child)
{
	if (child <= 0)
		return;
	kill(child, SIGKILL);
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
}
