/* SPDX-License-Identifier: MIT */
/* Upstreams that end a kept connection just as a request is sent on it, again
 * and again, over both carriers: what must not be sent twice is not, and what
 * may be is answered. */
#include <poll.h>
#include <time.h>

#include "upstream/bench.h"

enum { RACES = 10000, LATEST = 200 /* us */ };

/* How a connection ends behind its first answer. */
enum ending {
	AFTER_A_WHILE,    /* with octets unread, perhaps: a reset */
	HALF_A_WHILE,     /* first one direction, and what comes is read */
	AT_NEXT_REQUEST,  /* which was read, and is not answered */
	ENDINGS,
};

struct race {
	int fd, port;
	pthread_t thread;
	uint32_t seed;
	atomic_int arrived[RACES]; /* whole requests, by their number */
	atomic_int ended[ENDINGS]; /* connections on which a second one came */
};

/* xorshift; each thread has its own. */
static uint32_t chance(uint32_t *seed, uint32_t n)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed % n;
}

static int64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void while_away(uint32_t us)
{
	int64_t end = now_us() + us;

	while (now_us() < end)
		;
}

/* Reads a request of these tests, whose body is of four octets where it has
 * one: 1; 0 where nothing came, -1 where it is not whole. */
static int request_read(struct race *r, int fd)
{
	char head[4096];
	size_t n = 0, want = sizeof(head) - 1;
	bool known = false;

	while (n < want) {
		ssize_t got = recv(fd, head + n, want - n, 0);
		char *end;

		if (got <= 0)
			return n == 0 ? 0 : -1;
		n += (size_t)got;
		head[n] = '\0';
		end = known ? NULL : strstr(head, "\r\n\r\n");
		if (!end)
			continue;
		known = true;
		want = (size_t)(end + 4 - head) +
		       (strstr(head, "Content-Length: 4") ? 4 : 0);
	}
	atomic_fetch_add(&r->arrived[atoi(strchr(head, '/') + 1)], 1);
	return 1;
}

static void connection_serve(struct race *r, int fd)
{
	enum ending ending = chance(&r->seed, ENDINGS);
	bool second = false;
	char octet;

	if (request_read(r, fd) != 1 ||
	    send(fd, HELLO, strlen(HELLO), MSG_NOSIGNAL) < 0)
		return;
	if (ending != AT_NEXT_REQUEST)
		while_away(chance(&r->seed, LATEST));
	if (ending == HALF_A_WHILE)
		shutdown(fd, SHUT_WR);
	if (ending == AFTER_A_WHILE)
		second = recv(fd, &octet, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
	else
		second = request_read(r, fd) != 0;
	if (second)
		atomic_fetch_add(&r->ended[ending], 1);
}

static void *race_run(void *arg)
{
	struct race *r = arg;
	int fd, one = 1;

	while ((fd = accept(r->fd, NULL, NULL)) >= 0) {
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		connection_serve(r, fd);
		close(fd);
	}
	return NULL;
}

static void race_begin(struct race *r)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t n = sizeof(a);

	memset(r, 0, sizeof(*r));
	r->seed = 4711;
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	r->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(r->fd >= 0 &&
		    bind(r->fd, (struct sockaddr *)&a, n) == 0 &&
		    listen(r->fd, 16) == 0 &&
		    getsockname(r->fd, (struct sockaddr *)&a, &n) == 0);
	r->port = ntohs(a.sin_port);
	pthread_create(&r->thread, NULL, race_run, r);
}

static void race_end(struct race *r)
{
	shutdown(r->fd, SHUT_RDWR);
	pthread_join(r->thread, NULL);
	close(r->fd);
}

static const struct {
	const char *method, *body;
	bool twice;
} kinds[] = {
	{ "GET", NULL, true },
	{ "POST", "four", false },
	{ "PUT", "four", true },
	{ "POST", NULL, false },
	{ "DELETE", NULL, true },
	{ "POST", "four", false },
};

enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

/* libcurl reads a body as it sends it, and keeps none of it. */
static bool must_be_answered(size_t kind)
{
	return kinds[kind].twice && (run_carrier != TRANSPORT_CARRIER_CURL ||
				     !kinds[kind].body);
}

/* One request; whether it was answered. */
static bool race_once(struct race *race, struct bench *b, int i, size_t kind)
{
	char target[16];
	int arrived;

	snprintf(target, sizeof(target), "/%d", i);
	run_init(&b->run, &b->origin, kinds[kind].method, target);
	if (kinds[kind].body)
		run_body_set(&b->run, kinds[kind].body, false);
	go(b);
	arrived = atomic_load(&race->arrived[i]);
	assert_true(arrived <= (kinds[kind].twice ? 2 : 1));
	if (b->run.failed) {
		assert_fault(&b->run, 502, "connection_terminated");
		assert_false(must_be_answered(kind));
	} else {
		assert_hello(&b->run);
		assert_true(arrived > 0);
	}
	run_fini(&b->run);
	return !b->run.failed;
}

static void races(int n)
{
	static struct race race;
	uint32_t seed = 815;
	struct bench b = { 0 };
	struct fault f;
	int failed = 0;

	race_begin(&race);
	b.loop = loop_new(&f);
	b.upstream = upstream_new(b.loop, &f);
	assert_non_null(b.upstream);
	origin_of(&b.origin, "http", "127.0.0.1", race.port, NULL);
	for (int i = 0; i < n; i++) {
		failed += !race_once(&race, &b, i,
				     chance(&seed, KINDS));
		while_away(chance(&seed, LATEST));
		if (chance(&seed, 4) == 0)
			loop_turn(b.loop, 0);
	}
	print_message("%d requests, %d unanswered; met by a close %d, by a "
		      "half close %d, by an end without an answer %d\n",
		      n, failed, atomic_load(&race.ended[AFTER_A_WHILE]),
		      atomic_load(&race.ended[HALF_A_WHILE]),
		      atomic_load(&race.ended[AT_NEXT_REQUEST]));
	/* There were races. */
	for (int i = 0; i < ENDINGS; i++)
		assert_true(atomic_load(&race.ended[i]) > 0);
	upstream_free(&b.upstream);
	race_end(&race);
	origin_end(&b.origin);
	loop_free(&b.loop);
}

static void test_races(void **state ATTR_UNUSED)
{
	races(run_carrier == TRANSPORT_CARRIER_CURL ? RACES / 10 : RACES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_races),
	};

	return run_over_both(tests, NULL, NULL);
}
