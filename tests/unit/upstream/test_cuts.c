/* SPDX-License-Identifier: MIT */
/* An upstream that closes, resets or stands still at every octet of its
 * response, over both carriers: what is whole is passed on, nothing else is
 * taken for whole, and nothing is waited for without end. */
#include "upstream/bench.h"

enum how { CLOSES, RESETS, STALLS };

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { PATIENCE = 4000 }; /* ms; a thread for each cut, all at once */
#else
enum { PATIENCE = 2000 };
#endif
enum { CUTS_MAX = 200, CHUNKED = 2, TOGETHER = 5 };

static const struct {
	const char *method, *reply;
	bool by_close; /* the connection's end is the body's */
	bool bare;     /* whole with its head */
} rows[] = {
	{ "GET", HELLO, false, false },
	{ "POST", HELLO, false, false },
	{ "GET", OK_HEAD "Transfer-Encoding: chunked\r\nTrailer: X\r\n\r\n"
	  "4;a=\"b\"\r\nhell\r\n1\r\no\r\n0\r\nX: y\r\n\r\n", false, false },
	{ "GET", OK_HEAD "Content-Type: text/plain\r\n\r\nhello", true, false },
	{ "GET", "HTTP/1.0 200 OK\r\nA: b\r\n\r\nhello", true, false },
	{ "GET", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 x\r\nLink: y\r\n"
	  "\r\n" HELLO, false, false },
	{ "HEAD", OK_HEAD "Content-Length: 5\r\n\r\n", false, true },
	{ "GET", "HTTP/1.1 204 No Content\r\nA: b\r\n\r\n", false, true },
	{ "GET", "HTTP/1.1 304 x\r\nContent-Length: 5\r\n\r\n", false, true },
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static enum how how;

static void end_by_reset(struct peer *p)
{
	struct linger now = { .l_onoff = 1, .l_linger = 0 };

	setsockopt(p->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	connect(p->fd, &(struct sockaddr){ .sa_family = AF_UNSPEC },
		sizeof(struct sockaddr));
}

/* "/ROW/N": says so many octets of it. What was said has been read before a
 * reset: it is the reader that would lose it, not the carrier. */
static void cut_at(struct peer *p)
{
	size_t row, n;
	char octet;

	if (!peer_head(p) || !peer_body(p) ||
	    sscanf(strchr(p->head, '/'), "/%zu/%zu", &row, &n) != 2)
		return;
	peer_write(p, rows[row].reply, n);
	if (how == RESETS) {
		usleep(200000);
		end_by_reset(p);
	} else if (how == STALLS) {
		(void)peer_read(p, &octet, 1);
	}
}

/* The octets before the body of the final response. */
static size_t head_of(const char *reply)
{
	const char *end = reply;

	do
		end = strstr(end, "\r\n\r\n") + 4;
	while (strncmp(end, "HTTP/", 5) == 0);
	return (size_t)(end - reply);
}

static void assert_cut(const struct run *r, size_t row, size_t n)
{
	const char *reply = rows[row].reply;
	size_t head = head_of(reply);
	bool whole = n == strlen(reply) && !rows[row].by_close;

	if (rows[row].by_close && how == CLOSES && n >= head)
		whole = true;
	/* libcurl takes the last CR for the end. */
	if (run_carrier == TRANSPORT_CARRIER_CURL && row == CHUNKED &&
	    how == CLOSES && n == strlen(reply) - 1)
		whole = true;
	if (whole != !r->failed)
		print_error("row %zu, how %d, %zu octets: %s\n", row, how, n,
			    r->fault.text.text);
	assert_int_equal(whole, !r->failed);
	assert_int_equal(r->heads, n >= head);
	if (whole && !rows[row].by_close && !rows[row].bare)
		assert_string_equal(buf_z(&r->got), "hello");
	else if (n >= head)
		assert_memory_equal("hello", buf_z(&r->got), r->octets);
	if (whole)
		return;
	if (how == STALLS)
		assert_fault(r, 504, "http_response_timeout");
	else
		assert_fault(r, 502, n < head ? "connection_terminated"
					      : "http_response_incomplete");
}

static struct row_run {
	struct bench bench;
	struct run runs[CUTS_MAX];
	char targets[CUTS_MAX][16];
	size_t n;
} row_runs[ROWS];

/* All cuts of the row at once. */
static void row_start(size_t row)
{
	struct row_run *all = &row_runs[row];

	all->n = strlen(rows[row].reply) + 1;
	assert_true(all->n <= CUTS_MAX);
	bench_init(&all->bench, cut_at, NULL);
	for (size_t i = 0; i < all->n; i++) {
		struct run *r = &all->runs[i];

		snprintf(all->targets[i], sizeof(all->targets[i]), "/%zu/%zu",
			 row, i);
		run_init(r, &all->bench.origin, rows[row].method,
			 all->targets[i]);
		if (rows[row].method[0] == 'P')
			run_body_set(r, "some octets", false);
		r->request.response_timeout = PATIENCE;
		r->request.idle_timeout = PATIENCE;
		if (how != STALLS)
			r->request.response_timeout =
				r->request.idle_timeout = 10000;
		run_start(r, all->bench.upstream);
	}
}

static void row_end(size_t row)
{
	struct row_run *all = &row_runs[row];

	for (size_t i = 0; i < all->n; i++) {
		run_wait(&all->runs[i], all->bench.loop);
		assert_cut(&all->runs[i], row, i);
		run_fini(&all->runs[i]);
	}
	/* Nothing that failed was sent twice. */
	assert_int_equal(all->bench.server->requests, all->n);
	bench_fini(&all->bench);
}

static bool row_is_over(const struct row_run *all)
{
	for (size_t i = 0; i < all->n; i++) {
		if (!all->runs[i].done)
			return false;
	}
	return true;
}

/* Some rows at a time, since most of each is waiting: their loops take
 * turns. */
static void cut_everywhere(void)
{
	for (size_t first = 0; first < ROWS; first += TOGETHER) {
		size_t end = first + TOGETHER < ROWS ? first + TOGETHER : ROWS;
		bool over = false;

		for (size_t row = first; row < end; row++)
			row_start(row);
		for (int turns = 0; !over && turns < 20000; turns++) {
			over = true;
			for (size_t row = first; row < end; row++) {
				loop_turn(row_runs[row].bench.loop, 1);
				over = over && row_is_over(&row_runs[row]);
			}
		}
		for (size_t row = first; row < end; row++)
			row_end(row);
	}
}

static void test_closes(void **state ATTR_UNUSED)
{
	how = CLOSES;
	cut_everywhere();
}

static void test_resets(void **state ATTR_UNUSED)
{
	how = RESETS;
	cut_everywhere();
}

static void test_stalls(void **state ATTR_UNUSED)
{
	how = STALLS;
	cut_everywhere();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_closes),
		cmocka_unit_test(test_resets),
		cmocka_unit_test(test_stalls),
	};

	return run_over_both(tests, NULL, NULL);
}
