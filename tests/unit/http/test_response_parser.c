/* SPDX-License-Identifier: MIT */
#include "base/limits.h"
#include "http/response_parser.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { SAID_MAX = 1 << 20 };

static const struct {
	enum response_event event;
	const char *word;
} WORDS[] = {
	{ RESPONSE_INTERIM, "interim" }, { RESPONSE_HEAD, "head" },
	{ RESPONSE_END, "end" },	 { RESPONSE_INVALID, "invalid" },
	{ RESPONSE_TOO_LARGE, "large" },
};

static void say_fields(struct buf *said, const struct fields *fs)
{
	for (size_t i = 0; i < fs->n; i++)
		buf_addf(said, " %.*s=%.*s;", STR_ARGS(fs->v[i].name),
			 STR_ARGS(fs->v[i].value));
}

/* Data in one piece, however it came. */
static void say(struct buf *said, const struct response_parser *p,
		enum response_event event, struct str data, bool *in_data)
{
	if (event == RESPONSE_DATA) {
		buf_add_z(said, *in_data ? "" : "data ");
		buf_add_str(said, data);
		*in_data = true;
		return;
	}
	buf_add_z(said, *in_data ? "|" : "");
	*in_data = false;
	for (size_t i = 0; i < sizeof(WORDS) / sizeof(WORDS[0]); i++)
		if (WORDS[i].event == event)
			buf_add_z(said, WORDS[i].word);
	if (event == RESPONSE_INTERIM || event == RESPONSE_HEAD) {
		buf_addf(said, " %d", p->status);
		say_fields(said, &p->fields);
	} else if (event == RESPONSE_END) {
		say_fields(said, &p->trailers);
		buf_add_z(said, p->reusable ? " reusable" : "");
	}
	buf_add_char(said, '|');
}

static bool is_over(enum response_event event)
{
	return event == RESPONSE_END || event == RESPONSE_INVALID ||
	       event == RESPONSE_TOO_LARGE;
}

/* What the parser says of octets that come in pieces of n; "closed" or
 * "cut" where they end before the response does, "N left" where they do not
 * end with it. */
static void run(struct buf *said, struct str octets, size_t n, bool is_head,
		bool upgrades)
{
	struct arena arena = { NULL, NULL, NULL };
	enum response_event event = RESPONSE_MORE;
	struct response_parser p;
	bool in_data = false;
	struct fault f = { "" };

	response_parser_init(&p, &arena, is_head, upgrades);
	assert_false(response_parser_begun(&p));
	while (octets.n > 0 && !is_over(event)) {
		struct str in = str_sub(octets, 0, n), data;

		octets = str_from(octets, in.n);
		do {
			event = response_parser_take(&p, &in, &data, &f);
			if (event != RESPONSE_MORE)
				say(said, &p, event, data, &in_data);
		} while (event != RESPONSE_MORE && !is_over(event));
		octets = (struct str){ octets.p - in.n, octets.n + in.n };
		assert_true(response_parser_begun(&p));
	}
	buf_add_z(said, in_data ? "|" : "");
	if (!is_over(event))
		buf_add_z(said, response_parser_close(&p) ? "closed" : "cut");
	else if (octets.n > 0)
		buf_addf(said, "%zu left", octets.n);
	if (event == RESPONSE_INVALID || event == RESPONSE_TOO_LARGE)
		assert_true(f.text[0] != '\0');
	response_parser_fini(&p);
	arena_fini(&arena);
}

struct row {
	const char *octets, *said;
	bool is_head, upgrades;
};

/* clang-format off */
static const struct row ROWS[] = {
	/* how a body ends */
	{ "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
	  "head 200 Content-Length=5;|data hello|end reusable|", 0, 0 },
	{ "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel",
	  "head 200 Content-Length=5;|data hel|cut", 0, 0 },
	{ "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
	  "head 200 Content-Length=0;|end reusable|", 0, 0 },
	{ "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhello",
	  "head 200 Content-Length=2;|data he|end reusable|3 left", 0, 0 },
	{ "HTTP/1.1 200 OK\r\n\r\nhello",
	  "head 200|data hello|closed", 0, 0 },
	{ "HTTP/1.1 200 OK\r\n\r\n", "head 200|closed", 0, 0 },
	{ "HTTP/1.1 204 No Content\r\n\r\nHTTP",
	  "head 204|end reusable|4 left", 0, 0 },
	{ "HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n",
	  "head 304 Content-Length=7;|end reusable|", 0, 0 },
	{ "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n",
	  "head 200 Content-Length=7;|end reusable|", 1, 0 },
	{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
	  "head 200 Transfer-Encoding=chunked;|end reusable|", 1, 0 },
	/* whether the connection may go on */
	{ "HTTP/1.1 204 \r\nConnection: x, Close\r\n\r\n",
	  "head 204 Connection=x, Close;|end|", 0, 0 },
	{ "HTTP/1.0 204 \r\n\r\n", "head 204|end|", 0, 0 },
	{ "HTTP/1.0 204 \r\nConnection: Keep-Alive\r\n\r\n",
	  "head 204 Connection=Keep-Alive;|end reusable|", 0, 0 },
	{ "HTTP/1.0 204 \r\nConnection: keep-alive, close\r\n\r\n",
	  "head 204 Connection=keep-alive, close;|end|", 0, 0 },
	{ "HTTP/1.7 204 \r\n\r\n", "head 204|end reusable|", 0, 0 },
	/* framed in two ways: read, and the connection ends */
	{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
	  "Content-Length: 3\r\n\r\n1\r\na\r\n0\r\n\r\n",
	  "head 200 Transfer-Encoding=chunked; Content-Length=3;|data a|end|",
	  0, 0 },
	{ "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n"
	  "Connection: keep-alive\r\n\r\n0\r\n\r\n",
	  "head 200 Transfer-Encoding=chunked; Connection=keep-alive;|end|",
	  0, 0 },
	{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n"
	  "Content-Length: 1\r\n\r\na",
	  "head 200 Transfer-Encoding=identity; Content-Length=1;|data a|end|",
	  0, 0 },
	/* lengths */
	{ "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na",
	  "head 200 Content-Length=1; Content-Length=1;|data a|end reusable|",
	  0, 0 },
	{ "HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n\r\na",
	  "head 200 Content-Length=1, 1;|data a|end reusable|", 0, 0 },
	{ "HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\na", "invalid|1 left",
	  0, 0 },
	{ "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
	  "invalid|", 0, 0 },
	{ "HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\n", "invalid|", 0, 0 },
	{ "HTTP/1.1 200 OK\r\nContent-Length: 0x1\r\n\r\n", "invalid|", 0, 0 },
	{ "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "invalid|", 0, 0 },
	{ "HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n", "invalid|", 0, 0 },
	{ "HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775808\r\n\r\n",
	  "invalid|", 0, 0 },
	/* codings */
	{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
	  "invalid|", 0, 0 },
	{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
	  "Transfer-Encoding: chunked\r\n\r\n", "invalid|", 0, 0 },
	{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked\r\n\r\n", "invalid|",
	  0, 0 },
	/* chunks */
	{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n"
	  "3\r\nabc\r\n00A;x=\"y\"\r\n0123456789\r\n0\r\n\r\nX",
	  "head 200 Transfer-Encoding=Chunked;|data abc0123456789|"
	  "end reusable|1 left", 0, 0 },
	{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	  "1  \r\na\r\n1 ;b\r\nc\r\n0\r\nA: 1\r\nB:\r\n 2\r\n\r\n",
	  "head 200 Transfer-Encoding=chunked;|data ac|end A=1; B=2; "
	  "reusable|", 0, 0 },
	{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\na",
	  "head 200 Transfer-Encoding=chunked;|invalid|1 left", 0, 0 },
	{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\n",
	  "head 200 Transfer-Encoding=chunked;|data a|invalid|1 left", 0, 0 },
	{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab",
	  "head 200 Transfer-Encoding=chunked;|data a|invalid|1 left", 0, 0 },
	{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n",
	  "head 200 Transfer-Encoding=chunked;|invalid|", 0, 0 },
	{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n 1\r\n",
	  "head 200 Transfer-Encoding=chunked;|invalid|", 0, 0 },
	{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1 2\r\n",
	  "head 200 Transfer-Encoding=chunked;|invalid|", 0, 0 },
	{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0x1\r\n",
	  "head 200 Transfer-Encoding=chunked;|invalid|", 0, 0 },
	{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	  "1000000000000000\r\n",
	  "head 200 Transfer-Encoding=chunked;|invalid|", 0, 0 },
	{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;\r;\r\n",
	  "head 200 Transfer-Encoding=chunked;|invalid|", 0, 0 },
	{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n",
	  "head 200 Transfer-Encoding=chunked;|cut", 0, 0 },
	{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	  "0\r\nno field\r\n\r\n",
	  "head 200 Transfer-Encoding=chunked;|invalid|2 left", 0, 0 },
	{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	  "0\r\n folded: 1\r\n\r\n",
	  "head 200 Transfer-Encoding=chunked;|invalid|2 left", 0, 0 },
	/* interim heads */
	{ "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 \r\nLink: a\r\n\r\n"
	  "HTTP/1.1 204 \r\n\r\n",
	  "interim 100|interim 103 Link=a;|head 204|end reusable|", 0, 0 },
	{ "HTTP/1.1 101 Switching\r\nUpgrade: a\r\n\r\n", "invalid|", 0, 0 },
	{ "HTTP/1.1 101 Switching\r\nUpgrade: a\r\n\r\n",
	  "interim 101 Upgrade=a;|cut", 0, 1 },
	/* lines of a head */
	{ "HTTP/1.1 200 OK\nA: 1\nContent-Length: 1\n\nx",
	  "head 200 A=1; Content-Length=1;|data x|end reusable|", 0, 0 },
	{ "HTTP/1.1 204 \r\nA : 1\r\nB:\t2 \r\nC:\r\n\r\n",
	  "head 204 A=1; B=2; C=;|end reusable|", 0, 0 },
	{ "HTTP/1.1 204 \r\nA: 1\r\n  2\r\n\t\r\n 3\r\nB: 4\r\n\r\n",
	  "head 204 A=1 2 3; B=4;|end reusable|", 0, 0 },
	{ "HTTP/1.1 204 \r\nA:\r\n 1\r\n\r\n",
	  "head 204 A=1;|end reusable|", 0, 0 },
	{ "HTTP/1.1 204 \r\n A: 1\r\n\r\n", "invalid|2 left", 0, 0 },
	{ "HTTP/1.1 204 \r\nA: 1\r2\r\n\r\n", "invalid|2 left", 0, 0 },
	{ "HTTP/1.1 204 \r\nA: 1\r\n 2\x01\r\n\r\n", "invalid|2 left", 0, 0 },
	{ "HTTP/1.1 204 \r\nA\r\n\r\n", "invalid|2 left", 0, 0 },
	{ "HTTP/1.1 204 \r\n: 1\r\n\r\n", "invalid|2 left", 0, 0 },
	{ "HTTP/1.1 204 \r\nA B: 1\r\n\r\n", "invalid|2 left", 0, 0 },
	{ "HTTP/1.1 204 \r\nA: \xc3\xa4\xff\r\n\r\n",
	  "head 204 A=\xc3\xa4\xff;|end reusable|", 0, 0 },
	/* status lines */
	{ "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n",
	  "head 200 Content-Length=0;|end reusable|", 0, 0 },
	{ "HTTP/1.1 799 x\r\nContent-Length: 0\r\n\r\n",
	  "head 799 Content-Length=0;|end reusable|", 0, 0 },
	{ "HTTP/1.1 099 x\r\n\r\n", "invalid|2 left", 0, 0 },
	{ "HTTP/1.1 2000 x\r\n\r\n", "invalid|2 left", 0, 0 },
	{ "HTTP/1.1 20 x\r\n\r\n", "invalid|2 left", 0, 0 },
	{ "HTTP/1.1  200 x\r\n\r\n", "invalid|2 left", 0, 0 },
	{ "HTTP/1.10 200 x\r\n\r\n", "invalid|2 left", 0, 0 },
	{ "HTT", "cut", 0, 0 },
	{ "HTTP/1.1 200 O", "cut", 0, 0 },
	{ "", "cut", 0, 0 },
};
/* clang-format on */

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		for (size_t n = 1; n < 400; n = n < 4 ? n + 1 : n * 8) {
			struct buf said = BUF_INIT(SAID_MAX);

			run(&said, str_z(ROWS[i].octets), n, ROWS[i].is_head,
			    ROWS[i].upgrades);
			assert_string_equal(buf_z(&said), ROWS[i].said);
			buf_fini(&said);
		}
	}
}

/* How much of an answer that is none was taken is no matter. */
static void test_no_http(void **state)
{
	static const char *const rows[] = {
		"SSH-2.0-x\r\n",	      "HTTP/2.0 200 x\r\n\r\n",
		"http/1.1 200 x\r\n\r\n", "ICY 200 OK\r\n\r\n",
		"\r\nHTTP/1.1 200 OK\r\n\r\n", "\x16\x03\x01",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (size_t n = 1; n < 40; n += 38) {
			struct buf said = BUF_INIT(SAID_MAX);

			run(&said, str_z(rows[i]), n, false, false);
			assert_true(str_starts(buf_str(&said),
					       STR("invalid|")));
			buf_fini(&said);
		}
	}
}

static void test_nul_in_head(void **state)
{
	static const char octets[] = "HTTP/1.1 204 \r\nA: 1\0002\r\n\r\n";
	struct buf said = BUF_INIT(SAID_MAX);

	(void)state;
	run(&said, (struct str){ octets, sizeof(octets) - 1 }, 400, false,
	    false);
	assert_string_equal(buf_z(&said), "invalid|2 left");
	buf_fini(&said);
}

/* A head of LIMIT_ANSWER_HEAD octets is taken, one of an octet more is not;
 * in one line and in many, whole and in pieces. */
static void test_large_heads(void **state)
{
	static const struct str begin = { "HTTP/1.1 204 \r\n", 15 };

	(void)state;
	for (int lines = 1; lines <= 1000; lines *= 1000) {
		for (size_t over = 0; over < 2; over++) {
			struct buf head = BUF_INIT(SAID_MAX);
			struct buf said = BUF_INIT(SAID_MAX);
			size_t size = LIMIT_ANSWER_HEAD + over;

			buf_add_str(&head, begin);
			for (int i = 1; i < lines; i++)
				buf_add_z(&head, "A: 1\r\n");
			buf_add_z(&head, "B: ");
			while (head.n < size - 4)
				buf_add_char(&head, 'b');
			buf_add_z(&head, "\r\n\r\n");
			run(&said, buf_str(&head), over ? 7 : 100000, false,
			    false);
			assert_int_equal(str_starts(buf_str(&said),
						    STR("head 204")), !over);
			assert_int_equal(str_starts(buf_str(&said),
						    STR("large")), over);
			buf_fini(&head);
			buf_fini(&said);
		}
	}
}

/* A line of folds that is joined piece by piece stays cheap. */
static void test_many_folds(void **state)
{
	struct buf head = BUF_INIT(SAID_MAX);
	struct buf said = BUF_INIT(SAID_MAX);

	(void)state;
	buf_add_z(&head, "HTTP/1.1 204 \r\nA: 1\r\n");
	for (int i = 0; i < 12000; i++)
		buf_add_z(&head, " b\r\n");
	buf_add_z(&head, "\r\n");
	run(&said, buf_str(&head), 100000, false, false);
	assert_true(str_starts(buf_str(&said), STR("head 204 A=1 b b b")));
	buf_fini(&head);
	buf_fini(&said);
}

static void test_long_chunk_line(void **state)
{
	(void)state;
	for (size_t over = 0; over < 2; over++) {
		struct buf octets = BUF_INIT(SAID_MAX);
		struct buf said = BUF_INIT(SAID_MAX);
		size_t head;

		buf_add_z(&octets, "HTTP/1.1 200 \r\n"
				   "Transfer-Encoding: chunked\r\n\r\n");
		head = octets.n;
		buf_add_z(&octets, "1;");
		while (octets.n < head + LIMIT_CHUNK_LINE - 2 + over)
			buf_add_char(&octets, 'x');
		buf_add_z(&octets, "\r\na\r\n0\r\n\r\n");
		run(&said, buf_str(&octets), over ? 9 : 100000, false, false);
		assert_int_equal(str_find_str(buf_str(&said), STR("invalid")) <
					 said.n, over);
		buf_fini(&octets);
		buf_fini(&said);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_no_http),
		cmocka_unit_test(test_nul_in_head),
		cmocka_unit_test(test_large_heads),
		cmocka_unit_test(test_many_folds),
		cmocka_unit_test(test_long_chunk_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
