/* SPDX-License-Identifier: MIT */
/* The control socket with clients of the test's own, in the loop that it
 * turns. */
#pragma once

#include "control/control.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/local_socket.h"
#include "broker/broker_threadless.h"
#include "control/request.h"

static char folder[64], path[128], config[1024];
static struct control *control;
static control_find_fn *find; /* each test program's own */
static char said[64 * 1024];

/* clang-format off */
static const char services_text[] =
	SERVICE("a")
	"[service fixed]\nupstream = https://fixed.example.com\n"
	"access_token = pat\n"
	"introspection_endpoint = http://127.0.0.1:@/introspect\n"
	"[service same]\nupstream = https://same.example.com\n"
	"session = fixed\n";
/* clang-format on */

static inline struct control *new_control(struct fault *f)
{
	return control_new(it.services, it.broker, find, f);
}

static inline int set_up(void **state)
{
	struct fault f;

	(void)state;
	strcpy(folder, "/tmp/bearerd-test-XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/deep/s", folder);
	snprintf(config, sizeof(config), "[proxy]\ncontrol = %s\n%s", path,
		 services_text);
	turns_begin(config);
	control = new_control(&f);
	return control ? 0 : -1;
}

static inline int tear_down(void **state)
{
	struct stat st;

	(void)state;
	control_free(&control);
	turns_end();
	assert_int_equal(lstat(path, &st), -1);
	snprintf(path, sizeof(path), "%s/deep", folder);
	rmdir(path);
	return rmdir(folder);
}

static inline int dial(void)
{
	struct sockaddr_un un;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	assert_int_equal(local_socket_address(&un, str_z(path), NULL), 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&un, sizeof(un)), 0);
	return fd;
}

static inline void tell(int fd, const char *request)
{
	ssize_t n = (ssize_t)strlen(request);

	assert_int_equal(send(fd, request, (size_t)n, MSG_NOSIGNAL), n);
}

/* Turns until the daemon hangs up; all that it said is in said. */
static inline void hear(int fd)
{
	int64_t end = clock_ms() + 10000;
	size_t n = 0;

	while (clock_ms() < end) {
		ssize_t got = recv(fd, said + n, sizeof(said) - 1 - n, 0);

		if (got == 0 || (got < 0 && errno != EAGAIN))
			break;
		n += got > 0 ? (size_t)got : 0;
		loop_turn(it.broker->context.loop, 5);
	}
	said[n] = '\0';
	close(fd);
	assert_true(clock_ms() < end);
}

static inline const char *ask(const char *request)
{
	int fd = dial();

	tell(fd, request);
	hear(fd);
	return said;
}

static inline bool holds(const char *part)
{
	return strstr(said, part) != NULL;
}
