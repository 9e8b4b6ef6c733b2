/* SPDX-License-Identifier: MIT */
/* From a path to a process and back to the loop: fork and exec start it, a
 * descriptor of the process (pidfd_open(2)) tells its end, whatever still has
 * its pipes open then. (posix_spawn(3) cannot set limits or the mode of new
 * files for the child.) */
#include "base/program.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/inherited.h"
#include "base/limits.h"

enum {
	PROGRAM_FAILED = STDERR_FILENO + 1, /* in the child: why it failed */
};

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

/* In the child, until exec: calls only what signal-safety(7) allows, as other
 * threads of the parent may have held any lock. All signals are blocked. */
static void program_become(const struct program_spec *s, int out, int err,
			   int failed)
{
	const struct sigaction by_default = { .sa_handler = SIG_DFL };
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC), code;
	sigset_t none;

	/* Also those that are ignored here. */
	for (int i = 1; i < NSIG; i++)
		sigaction(i, &by_default, NULL);
	setsid();
	inherited_restore();
	if (null < 0 || dup2(null, STDIN_FILENO) < 0 ||
	    dup2(out, STDOUT_FILENO) < 0 || dup2(err, STDERR_FILENO) < 0)
		goto fail;
	if (failed != PROGRAM_FAILED) {
		if (dup3(failed, PROGRAM_FAILED, O_CLOEXEC) < 0)
			goto fail;
		failed = PROGRAM_FAILED;
	}
	closefrom(PROGRAM_FAILED + 1);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execve(s->argv[0], s->argv, s->env);
fail:
	code = errno;
	(void)!write(failed, &code, sizeof(code));
	_exit(127);
}

/* Waits until exec is done, or has failed; then the errno is there to read. */
static int program_wait_for_exec(pid_t pid, int failed)
{
	int code = 0;
	ssize_t n;

	do {
		n = read(failed, &code, sizeof(code));
	} while (n < 0 && errno == EINTR);
	if (n != (ssize_t)sizeof(code))
		return 0;
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return code;
}

static int program_fork(struct program *p, const struct program_spec *s,
			int out, int err, struct fault *f)
{
	sigset_t all, before;
	int failed[2], code;

	if (pipe2(failed, O_CLOEXEC) < 0)
		return fault_errno(f, errno, "no pipe");
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	p->pid = fork();
	code = p->pid < 0 ? errno : 0;
	if (p->pid == 0)
		program_become(s, out, err, failed[1]);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	close(failed[1]);
	if (code == 0)
		code = program_wait_for_exec(p->pid, failed[0]);
	close(failed[0]);
	if (code != 0)
		return fault_errno(f, code, "cannot start %s", s->argv[0]);
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
		rc = program_fork(p, s, out, err, f);
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
