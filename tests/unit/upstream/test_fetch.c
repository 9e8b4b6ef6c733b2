/* SPDX-License-Identifier: MIT */
/* A whole request and a whole response. */
#include "upstream/run.h"
#include "upstream/server.h"

#include "upstream/fetch.h"

static struct loop *loop;
static struct upstream *upstream;
static struct server *server;
static struct origin origin;
static struct arena arena;
static struct fields fields;
static struct fetch_request request;

static int done, status;
static char body[1024], field[64];
static bool failed;
static struct transfer_fault fault;

static void on_done(void *arg, const struct fetch_response *r,
		    const struct transfer_fault *f)
{
	assert_ptr_equal(arg, &done);
	assert_true(!r != !f);
	done++;
	failed = f != NULL;
	if (f) {
		fault = *f;
		return;
	}
	status = r->status;
	snprintf(body, sizeof(body), "%.*s", STR_ARGS(r->body));
	if (fields_find(r->fields, STR("X-Test")))
		snprintf(field, sizeof(field), "%.*s",
			 STR_ARGS(fields_find(r->fields,
					      STR("X-Test"))->value));
}

static void begin(server_fn *fn, const char *reply)
{
	struct fault f;

	loop = loop_new(&f);
	upstream = upstream_new(loop, &f);
	assert_non_null(upstream);
	assert_ptr_equal(upstream_loop(upstream), loop);
	server = server_new(fn, reply);
	server_start(server);
	origin_of(&origin, "http", "127.0.0.1", server->port, NULL);
	arena_init(&arena, NULL, 0);
	fields_init(&fields, &arena);
	fields_add(&fields, STR("Host"), str_z(origin.authority));
	fields_add(&fields, STR("Authorization"), STR("Basic YTpi"));
	request = (struct fetch_request){
		.origin = &origin,
		.method = STR("POST"),
		.target = STR("/token?secret"),
		.fields = &fields,
		.body = STR("grant_type=client_credentials"),
		.timeout = 5000,
		.max_body = 100,
	};
	done = status = 0;
	failed = false;
	body[0] = field[0] = '\0';
}

static void end(void)
{
	arena_fini(&arena);
	upstream_free(&upstream);
	server_free(server);
	origin_end(&origin);
	loop_free(&loop);
}

static void finish(void)
{
	int64_t until = clock_ms() + 10000;

	assert_int_equal(done, 0);
	while (!done && clock_ms() < until)
		loop_turn(loop, 100);
	assert_int_equal(done, 1);
	for (int i = 0; i < 3; i++)
		loop_turn(loop, 1);
	assert_int_equal(done, 1);
}

static void go(void)
{
	done = 0;
	fetch_start(upstream, &request, on_done, &done);
	finish();
}

static void test_post(void **state ATTR_UNUSED)
{
	begin(server_reply, "HTTP/1.1 400 Bad\r\nContent-Length: 2\r\n"
	      "X-Test: yes\r\n\r\n{}");
	go();
	assert_false(failed);
	assert_int_equal(status, 400);
	assert_string_equal(body, "{}");
	assert_string_equal(field, "yes");
	assert_string_equal(server->body, "grant_type=client_credentials");
	assert_non_null(strstr(server->head, "POST /token?secret HTTP/1.1"));
	assert_non_null(strstr(server->head, "\r\nContent-Length: 29\r\n"));
	assert_non_null(strstr(server->head, "Authorization: Basic YTpi\r\n"));
	assert_null(strstr(server->head, "Expect"));
	/* Each on a connection of its own. */
	go();
	assert_int_equal(server->connections, 2);
	end();
}

static void test_get_and_empty(void **state ATTR_UNUSED)
{
	begin(server_reply, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
	request.method = STR("GET");
	request.body = STR("");
	go();
	assert_int_equal(status, 200);
	assert_string_equal(body, "");
	assert_null(strstr(server->head, "Content-Length"));
	request.method = STR("POST");
	go();
	assert_int_equal(status, 200);
	assert_non_null(strstr(server->head, "\r\nContent-Length: 0\r\n"));
	end();
}

static void test_byte_order_mark(void **state ATTR_UNUSED)
{
	begin(server_reply, "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n"
	      "\xef\xbb\xbf{}\xef\xbb\xbf");
	go();
	assert_string_equal(body, "{}\xef\xbb\xbf");
	end();
}

static void test_json(void **state ATTR_UNUSED)
{
	struct endpoint at = { .target = (char[]){ "/keys?a" } };

	begin(server_reply, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
	at.origin = origin;
	done = 0;
	fetch_json(upstream, &at, 5000, 100, on_done, &done);
	finish();
	assert_int_equal(status, 200);
	assert_string_equal(body, "{}");
	assert_non_null(strstr(server->head, "GET /keys?a HTTP/1.1\r\n"));
	assert_non_null(strstr(server->head, origin.authority));
	assert_non_null(strstr(server->head, "Accept: application/json\r\n"));
	assert_non_null(strstr(server->head, "User-Agent: bearerd/"));
	assert_null(strstr(server->head, "Content-Length"));
	end();
}

static void test_bound(void **state ATTR_UNUSED)
{
	begin(server_reply_once,
	      "HTTP/1.1 200 OK\r\n\r\n0123456789012345678901234567890123456789"
	      "012345678901234567890123456789012345678901234567890123456789");
	go();
	assert_false(failed);
	assert_int_equal(strlen(body), 100);
	request.max_body = 99;
	go();
	assert_true(failed);
	assert_int_equal(fault.status, 502);
	assert_string_equal(fault.error, "http_response_body_size");
	assert_true(fault.sent);
	end();
}

static void endless(struct peer *p)
{
	if (!peer_head(p) || !peer_body(p))
		return;
	peer_say(p, "HTTP/1.1 200 OK\r\n\r\n");
	while (!atomic_load(&p->server->stop))
		if (!peer_say(p, "01234567890123456789012345678901234567"))
			return;
}

static void test_endless(void **state ATTR_UNUSED)
{
	begin(endless, NULL);
	go();
	assert_true(failed);
	assert_string_equal(fault.error, "http_response_body_size");
	assert_null(strstr(fault.text.text, "secret"));
	end();
}

/* An octet now and then, so that no time between octets is long. */
static void trickles(struct peer *p)
{
	if (!peer_head(p) || !peer_body(p))
		return;
	peer_say(p, "HTTP/1.1 200 OK\r\n\r\n");
	while (!atomic_load(&p->server->stop) && peer_say(p, "x"))
		usleep(20000);
}

static void silent(struct peer *p)
{
	while (peer_head(p))
		;
}

static void test_time(void **state ATTR_UNUSED)
{
	static server_fn *const slow[] = { trickles, silent };

	for (int i = 0; i < 2; i++) {
		int64_t before = clock_ms();

		begin(slow[i], NULL);
		request.timeout = 300;
		go();
		assert_true(failed);
		assert_int_equal(fault.status, 504);
		assert_string_equal(fault.error, "http_response_timeout");
		assert_in_range(clock_ms() - before, 290, 5000);
		end();
	}
}

static void closes(struct peer *p)
{
	if (peer_head(p))
		(void)peer_body(p);
}

static void test_sent_once(void **state ATTR_UNUSED)
{
	begin(closes, NULL);
	go();
	assert_true(failed);
	assert_string_equal(fault.error, "connection_terminated");
	assert_true(fault.sent);
	usleep(20000);
	assert_int_equal(server->requests, 1);
	end();
}

static void test_refused(void **state ATTR_UNUSED)
{
	struct origin nobody;

	begin(server_reply, "");
	origin_of(&nobody, "http", "127.0.0.1", 1, NULL);
	request.origin = &nobody;
	go();
	assert_true(failed);
	assert_string_equal(fault.error, "connection_refused");
	assert_false(fault.sent);
	origin_end(&nobody);
	end();
}

static void test_cancel(void **state ATTR_UNUSED)
{
	for (int turns = 0; turns < 6; turns++) {
		struct fetch *f;

		begin(silent, NULL);
		f = fetch_start(upstream, &request, on_done, &done);
		for (int i = 0; i < turns; i++)
			loop_turn(loop, 5);
		fetch_cancel(&f);
		assert_null(f);
		fetch_cancel(&f);
		for (int i = 0; i < 3; i++)
			loop_turn(loop, 1);
		assert_int_equal(done, 0);
		end();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_post),
		cmocka_unit_test(test_get_and_empty),
		cmocka_unit_test(test_byte_order_mark),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_bound),
		cmocka_unit_test(test_endless),
		cmocka_unit_test(test_time),
		cmocka_unit_test(test_sent_once),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_cancel),
	};

	return run_over_both(tests, NULL, NULL);
}
