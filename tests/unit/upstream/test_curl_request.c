/* SPDX-License-Identifier: MIT */
/* What libcurl is told to send, seen at the server. */
#include "upstream/bench.h"

static void test_get(void **state ATTR_UNUSED)
{
	struct bench b;

	bench_init(&b, server_reply, HELLO);
	b.run.request.target = STR("/a%2Fb/../c//d?x=1&y=%20");
	fields_add(&b.run.fields, STR("x-LOWER"), STR("1"));
	fields_add(&b.run.fields, STR("X-Twice"), STR("one"));
	fields_add(&b.run.fields, STR("x-twice"), STR("two; three"));
	fields_add(&b.run.fields, STR("X-Empty"), STR(""));
	fields_add(&b.run.fields, STR("Expect"), STR("100-continue"));
	go(&b);
	assert_hello(&b.run);
	assert_int_equal(b.run.head_fields, 2);
	assert_non_null(strstr(b.server->head,
			       "GET /a%2Fb/../c//d?x=1&y=%20 HTTP/1.1\r\n"));
	assert_non_null(strstr(b.server->head,
			       "\r\nx-LOWER: 1\r\nX-Twice: one\r\n"
			       "x-twice: two; three\r\nX-Empty:\r\n\r\n"));
	assert_non_null(strstr(b.server->head, b.origin.authority));
	assert_null(strstr(b.server->head, "Accept"));
	assert_null(strstr(b.server->head, "User-Agent"));
	assert_null(strstr(b.server->head, "Expect"));
	bench_fini(&b);
}

static void test_host(void **state ATTR_UNUSED)
{
	struct bench b;

	bench_init(&b, server_reply, HELLO);
	b.run.fields.n = 0;
	fields_add(&b.run.fields, STR("X-First"), STR("1"));
	fields_add(&b.run.fields, STR("host"), STR("Other.test:1"));
	fields_add(&b.run.fields, STR("accept"), STR(""));
	go(&b);
	assert_hello(&b.run);
	assert_string_equal(b.server->head, "GET / HTTP/1.1\r\n"
			    "Host: Other.test:1\r\nX-First: 1\r\n"
			    "accept:\r\n\r\n");
	bench_fini(&b);
}

static void test_methods(void **state ATTR_UNUSED)
{
	static const struct {
		const char *method, *target, *body;
		bool chunked;
		const char *line, *framing;
	} rows[] = {
		{ "GET", "/", NULL, false, "GET / HTTP/1.1\r\n", NULL },
		{ "HEAD", "/h", NULL, false, "HEAD /h HTTP/1.1\r\n", NULL },
		{ "POST", "/", NULL, false, "POST / HTTP/1.1\r\n", NULL },
		{ "POST", "/", "", false, "POST / ", "Content-Length: 0" },
		{ "POST", "/", "abc", false, "POST / ", "Content-Length: 3" },
		{ "HEAD", "/", NULL, false, "HEAD / ", NULL },
		{ "PUT", "/p", "abcd", true, "PUT /p ",
		  "Transfer-Encoding: chunked" },
		{ "PATCH", "/", "", true, "PATCH / ",
		  "Transfer-Encoding: chunked" },
		{ "DELETE", "/d", NULL, false, "DELETE /d ", NULL },
		{ "GET", "/", "body", false, "GET / ", "Content-Length: 4" },
		{ "HEAD", "/", "", true, "HEAD / ", NULL },
		{ "GET", "/", NULL, false, "GET / ", NULL },
		{ "OPTIONS", "*", NULL, false, "OPTIONS * HTTP/1.1\r\n", NULL },
		{ "AMETHODTHATISOVERTWENTYFOUROCTETS", "/", NULL, false,
		  "AMETHODTHATISOVERTWENTYFOUROCTETS / ", NULL },
		{ "PROPFIND", "/", "<x/>", false, "PROPFIND / ",
		  "Content-Length: 4" },
		{ "GET", "/end", NULL, false, "GET /end ", NULL },
	};
	struct bench b;

	bench_init(&b, server_reply, OK_HEAD "Content-Length: 0\r\n\r\n");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *line = rows[i].line, *body = rows[i].body;

		again(&b, rows[i].method, rows[i].target);
		if (body)
			run_body_set(&b.run, body, rows[i].chunked);
		go(&b);
		assert_false(b.run.failed);
		assert_int_equal(b.run.status, 200);
		assert_memory_equal(b.server->head, line, strlen(line));
		assert_string_equal(b.server->body, body ? body : "");
		if (rows[i].framing)
			assert_non_null(strstr(b.server->head,
					       rows[i].framing));
		else
			assert_null(strstr(b.server->head, "Content-Length"));
		assert_null(strstr(b.server->head, "Content-Type"));
		assert_null(strstr(b.server->head, "Expect"));
	}
	assert_int_equal(b.server->connections, 1);
	bench_fini(&b);
}

static void test_bodies_in_pieces(void **state ATTR_UNUSED)
{
	struct bench b;

	bench_init(&b, server_reply, HELLO);
	for (int i = 0; i < 6; i++) {
		again(&b, "POST", "/");
		run_body_set(&b.run, "0123456789abcdefghijkl", i & 1);
		b.run.piece = i < 2 ? 1 : 7;
		b.run.source_pauses = 0;
		go(&b);
		assert_hello(&b.run);
		assert_string_equal(b.server->body, "0123456789abcdefghijkl");
	}
	assert_int_equal(b.server->connections, 1);
	bench_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_get),
		cmocka_unit_test(test_host),
		cmocka_unit_test(test_methods),
		cmocka_unit_test(test_bodies_in_pieces),
	};

	run_carrier = TRANSPORT_CARRIER_CURL;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
