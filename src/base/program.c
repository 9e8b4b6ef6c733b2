/* SPDX-License-Identifier: MIT */
/* From a path to a process and back to the loop: posix_spawn starts it, a
 * descriptor of the process (pidfd_open(2)) tells its end, whatever still has
 * its pipes open then. */
#include "base/program.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/limits.h"

struct program_pipe {
	struct loop_io io;
	int fd; /* -1: closed */
	struct buf text;
	bool cut; /* there was more than text has room for */
};

struct program {
	struct loop *loop;
	pid_t pid;
	int pidfd;
	struct loop_io ended;
	struct loop_timer timer;
	struct program_pipe out, err;
	bool timed_out;
	program_done_fn *done;
	void *arg;
};

/* --- its octets --- */

/* What is there now, but no more at once than a pipe holds: one that writes
 * without end must not keep the loop. What text has no room for is dropped. */
static void program_read(struct program_pipe *p)
{
	char block[4096];
	ssize_t n = 1;

	for (int i = 0; i < 16 && n > 0; i++) {
		n = read(p->fd, block, sizeof(block));
		if (n > 0 && p->text.n + (size_t)n > p->text.max)
			p->cut = true;
		else if (n > 0)
			buf_add(&p->text, block, (size_t)n);
	}
	mem_wipe(block, sizeof(block));
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		loop_io_del(&p->io);
}

static void program_kill(const struct program *p)
{
	kill(-p->pid, SIGKILL);
}

static void program_on_out(void *arg, uint32_t events ATTR_UNUSED)
{
	struct program *p = arg;

	program_read(&p->out);
	if (p->out.cut)
		program_kill(p);
}

static void program_on_err(void *arg, uint32_t events ATTR_UNUSED)
{
	struct program *p = arg;

	program_read(&p->err);
}

static void program_close(struct program_pipe *p)
{
	if (p->fd < 0)
		return;
	loop_io_del(&p->io);
	close(p->fd);
	p->fd = -1;
}

static void program_free(struct program *p)
{
	loop_timer_clear(p->loop, &p->timer);
	if (p->pidfd >= 0) {
		loop_io_del(&p->ended);
		close(p->pidfd);
	}
	program_close(&p->out);
	program_close(&p->err);
	buf_fini(&p->out.text);
	buf_fini(&p->err.text);
	mem_free(p);
}

/* --- its end --- */

static void program_on_end(void *arg, uint32_t events ATTR_UNUSED)
{
	struct program *p = arg;
	struct program_end e = { .status = -1 };
	int status;

	if (waitpid(p->pid, &status, WNOHANG) != p->pid)
		return;
	program_read(&p->out);
	program_read(&p->err);
	if (WIFEXITED(status))
		e.status = WEXITSTATUS(status);
	else if (WIFSIGNALED(status))
		e.signal = WTERMSIG(status);
	e.timed_out = p->timed_out;
	e.too_long = p->out.cut;
	e.out = buf_str(&p->out.text);
	e.err = buf_str(&p->err.text);
	p->done(p->arg, &e);
	program_free(p);
}

static void program_on_timer(void *arg)
{
	struct program *p = arg;

	p->timed_out = true;
	program_kill(p);
}

/* --- its start --- */

/* Reads without waiting, the program's end as usual. */
static int program_pipe_new(struct program_pipe *p, size_t max, int *other,
			    struct fault *f)
{
	int fds[2];

	p->fd = *other = -1;
	buf_init_secret(&p->text, max);
	if (pipe2(fds, O_CLOEXEC) < 0)
		return fault_errno(f, errno, "no pipe");
	p->fd = fds[0];
	*other = fds[1];
	if (fcntl(p->fd, F_SETFL, O_NONBLOCK) < 0)
		return fault_errno(f, errno, "no pipe");
	return 0;
}

static int program_spawn(struct program *p, const struct program_spec *s,
			 int out, int err, struct fault *f)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t none, all;
	int rc;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&files);
	posix_spawnattr_init(&attr);
	posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&files, out, 1);
	posix_spawn_file_actions_adddup2(&files, err, 2);
	posix_spawn_file_actions_addclosefrom_np(&files, 3);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &all);
	posix_spawnattr_setpgroup(&attr, 0);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK |
						POSIX_SPAWN_SETSIGDEF |
						POSIX_SPAWN_SETPGROUP);
	rc = posix_spawn(&p->pid, s->argv[0], &files, &attr, s->argv, s->env);
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&attr);
	if (rc != 0)
		return fault_errno(f, rc, "cannot start %s", s->argv[0]);
	return 0;
}

/* It runs already. */
static int program_watch(struct program *p, struct fault *f)
{
	p->pidfd = (int)syscall(SYS_pidfd_open, p->pid, 0);
	if (p->pidfd < 0)
		return fault_errno(f, errno, "cannot watch a program");
	if (loop_io_add(p->loop, &p->ended, p->pidfd, EPOLLIN, program_on_end,
			p, f) < 0 ||
	    loop_io_add(p->loop, &p->out.io, p->out.fd, EPOLLIN,
			program_on_out, p, f) < 0 ||
	    loop_io_add(p->loop, &p->err.io, p->err.fd, EPOLLIN,
			program_on_err, p, f) < 0)
		return -1;
	return 0;
}

struct program *program_start(struct loop *loop, const struct program_spec *s,
			      program_done_fn *done, void *arg,
			      struct fault *f)
{
	struct program *p = mem_new(struct program);
	int out = -1, err = -1, rc;

	p->loop = loop;
	p->pidfd = p->err.fd = -1;
	p->done = done;
	p->arg = arg;
	loop_timer_init(&p->timer, program_on_timer, p);
	rc = program_pipe_new(&p->out, s->max_output, &out, f);
	if (rc == 0)
		rc = program_pipe_new(&p->err, LIMIT_PROGRAM_WORDS, &err, f);
	if (rc == 0)
		rc = program_spawn(p, s, out, err, f);
	if (out >= 0)
		close(out);
	if (err >= 0)
		close(err);
	if (rc < 0) {
		program_free(p);
		return NULL;
	}
	if (program_watch(p, f) < 0) {
		program_cancel(&p);
		return NULL;
	}
	loop_timer_set(loop, &p->timer, s->timeout);
	return p;
}

void program_cancel(struct program **pp)
{
	struct program *p = *pp;

	*pp = NULL;
	if (!p)
		return;
	program_kill(p);
	while (waitpid(p->pid, NULL, 0) < 0 && errno == EINTR)
		;
	program_free(p);
}

const char *program_trouble(const struct program_end *e, struct fault *text)
{
	if (e->timed_out)
		fault_set(text, "did not end in time, and was killed");
	else if (e->too_long)
		fault_set(text, "wrote more than it may, and was killed");
	else if (e->signal)
		fault_set(text, "was ended by signal %d", e->signal);
	else if (e->status != 0)
		fault_set(text, "ended with status %d", e->status);
	else
		return NULL;
	return text->text;
}
