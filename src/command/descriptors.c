/* SPDX-License-Identifier: MIT */
/* Raises the limit of open descriptors before anything is opened: a client that
 * is let in must not fail later for want of one, which idle connections to
 * upstreams, or connections that are as good as closed, might hold. */
#include "command/descriptors.h"

#include <inttypes.h>
#include <sys/resource.h>

#include "base/limits.h"
#include "control/control.h"
#include "proxy/spare.h"
#include "upstream/transfer.h"

enum {
	/* store, broker, log, a margin, and those who ask by commands */
	DESCRIPTORS_OWN = LIMIT_DESCRIPTORS + LIMIT_CONTROL_PEERS,
	DESCRIPTORS_LISTEN = 2, /* a name has two addresses, mostly */
};

static uint64_t own(const struct services *s)
{
	return DESCRIPTORS_OWN + LIMIT_IDLE_LEAST + LIMIT_SPARE_LEAST +
	       s->workers * (LIMIT_DESCRIPTORS_WORKER +
			     DESCRIPTORS_LISTEN * s->proxy->listen.n);
}

uint64_t descriptors_needed(const struct services *s)
{
	uint64_t clients = s->proxy->max_connections;

	return own(s) + 2 * clients - clients / LIMIT_DESCRIPTORS_IDLE;
}

/* The most clients that fit; at least 1. */
static uint64_t fitting(const struct services *s, uint64_t limit)
{
	uint64_t rest = limit > own(s) + 2 ? limit - own(s) : 2;

	return rest * LIMIT_DESCRIPTORS_IDLE / (2 * LIMIT_DESCRIPTORS_IDLE - 1);
}

/* Half of what is left is for idle connections to upstreams, the rest for what
 * clients' connections take beyond one each. */
static void share(const struct services *s, uint64_t left)
{
	const uint64_t most = LIMIT_IDLE_ALL - LIMIT_IDLE_LEAST;
	uint64_t idle = left / 2 < most ? left / 2 : most;

	upstream_limit_idle(LIMIT_IDLE_LEAST + idle, s->workers);
	spare_set(LIMIT_SPARE_LEAST + left - idle);
}

int descriptors_raise(const struct services *s, struct fault *f)
{
	uint64_t needed = descriptors_needed(s);
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return fault_set(f, "the limit of open files cannot be read");
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
		getrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_cur >= needed) {
		share(s, limit.rlim_cur - needed);
		return 0;
	}
	return fault_set(f, "max_connections = %" PRIu64 " needs %" PRIu64
			 " descriptors, and the limit of open files is %" PRIu64
			 ": raise it (ulimit -n, LimitNOFILE= of systemd), or "
			 "lower max_connections to %" PRIu64,
			 s->proxy->max_connections, needed,
			 (uint64_t)limit.rlim_cur, fitting(s, limit.rlim_cur));
}
