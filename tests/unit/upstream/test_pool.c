/* SPDX-License-Identifier: MIT */
/* Connections and easy handles: whose they are, and for how long. */
#include "upstream/certs.h"
#include "upstream/run.h"
#include "upstream/server.h"

#include "upstream/pool.h"

#define HELLO "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"

static struct loop *loop;
static struct upstream *upstream;

static int begin(void **state ATTR_UNUSED)
{
	struct fault f;

	loop = loop_new(&f);
	upstream = upstream_new(loop, &f);
	return !loop || !upstream;
}

static int finish(void **state ATTR_UNUSED)
{
	upstream_free(&upstream);
	loop_free(&loop);
	return 0;
}

static size_t pools(void)
{
	size_t n = 0;

	list_each(it, &upstream->pools)
		n++;
	return n;
}

static struct pool *shared(const struct origin *o)
{
	return pool_get(upstream, o, NULL);
}

static void test_identity(void **state ATTR_UNUSED)
{
	char pem[] = "/tmp/test_pool.XXXXXX";
	struct origin http, a, b;
	struct fault f;
	struct trust *one, *two;
	struct cert ca;
	const struct cert *cas = &ca;

	cert_make(&ca, &(struct cert_wish){ .name = "A CA", .ca = true });
	cert_write(pem, &cas, 1);
	cert_free(&ca);
	one = trust_load(pem, &f);
	two = trust_load(pem, &f);
	assert_non_null(one);
	assert_non_null(two);
	unlink(pem);
	origin_of(&http, "http", "a.test", 80, one);
	origin_of(&a, "https", "a.test", 443, one);
	origin_of(&b, "https", "a.test", 443, two);
	assert_ptr_equal(shared(&http), shared(&http));
	assert_ptr_equal(shared(&a), shared(&a));
	/* Equal transports share, whatever the scheme. */
	assert_ptr_not_equal(http.transport, a.transport);
	assert_ptr_equal(shared(&http), shared(&a));
	assert_ptr_not_equal(shared(&b), shared(&a));
	assert_int_equal(pools(), 2);
	/* The pool keeps its trust: no other can come to stand there. */
	trust_unref(&one);
	trust_unref(&two);
	assert_ptr_equal(shared(&a)->transport->trust,
			 a.transport->trust);
	origin_end(&http);
	origin_end(&a);
	origin_end(&b);
}

static void test_handles(void **state ATTR_UNUSED)
{
	enum { N = 300 };
	static struct curl_transfer *t[N];
	struct origin o;
	struct pool *p;
	size_t n = 0;

	origin_of(&o, "http", "a.test", 80, NULL);
	p = pool_get(upstream, &o, NULL);
	for (int i = 0; i < N; i++) {
		t[i] = pool_take(p, "http://a.test:80");
		t[i]->url = mem_strdup("http://a.test:80");
		memset(arena_alloc(&t[i]->arena, 64), 's', 64);
	}
	for (int i = 0; i < N; i++)
		pool_give(t[i]);
	list_each(it, &p->idle)
		n++;
	assert_int_equal(n, p->n_idle);
	assert_int_equal(n, 256);
	assert_true(list_empty(&p->active));
	/* The last that was used comes first, and nothing is left in it. */
	t[0] = pool_take(p, "http://a.test:80");
	assert_ptr_equal(t[0], t[255]);
	assert_null(memchr(t[0]->memory, 's', sizeof(t[0]->memory)));
	assert_null(t[0]->arg);
	pool_give(t[0]);
	origin_end(&o);
}

static void ask(struct origin *o)
{
	struct run r;

	run_init(&r, o, "GET", "/");
	run_start(&r, upstream);
	assert_int_equal(pools(), 1);
	pools_tidy(upstream, 0); /* not while it is used */
	assert_int_equal(pools(), 1);
	run_wait(&r, loop);
	assert_false(r.failed);
	run_fini(&r);
}

/* One client's connections serve nobody else, and go once it is gone and its
 * last request is over. */
static void test_own(void **state ATTR_UNUSED)
{
	struct server *s = server_new(server_reply, HELLO);
	struct own_connections *own = NULL;
	struct origin o;
	struct run r;

	server_start(s);
	origin_of(&o, "http", "127.0.0.1", s->port, NULL);
	for (int i = 0; i < 5; i++) {
		run_init(&r, &o, "GET", "/");
		r.request.own = i == 4 ? NULL : &own;
		if (i == 1)
			fields_add(&r.fields, STR("Authorization"),
				   STR("NTLM x"));
		run_start(&r, upstream);
		assert_int_equal(own != NULL, i >= 1);
		run_wait(&r, loop);
		assert_false(r.failed);
		run_fini(&r);
		/* Its own from its credential on; the last is another's. */
		assert_int_equal(s->connections, i >= 1 ? 2 : 1);
	}
	assert_int_equal(pools(), 1);
	run_init(&r, &o, "GET", "/");
	r.request.own = &own;
	run_start(&r, upstream);
	own_connections_end(&own);
	assert_null(own);
	loop_turn(loop, 0);
	assert_int_equal(list_empty(&upstream->owned), r.done);
	if (!r.done)
		run_wait(&r, loop);
	assert_false(r.failed);
	run_fini(&r);
	loop_turn(loop, 0);
	assert_true(list_empty(&upstream->owned));
	own_connections_end(&own);
	server_free(s);
	origin_end(&o);
}

static void test_tidy(void **state ATTR_UNUSED)
{
	struct server *s = server_new(server_reply, HELLO);
	struct origin o;

	server_start(s);
	origin_of(&o, "http", "127.0.0.1", s->port, NULL);
	ask(&o);
	pools_tidy(upstream, 60000);
	assert_int_equal(pools(), 1);
	ask(&o);
	assert_int_equal(s->connections, 1);
	pools_tidy(upstream, 0);
	assert_int_equal(pools(), 0);
	ask(&o);
	assert_int_equal(s->connections, 2);
	server_free(s);
	origin_end(&o);
}

/* The loop does it by itself, in its time. */
static void test_tidy_by_timer(void **state ATTR_UNUSED)
{
	int64_t now = clock_ms();
	struct origin o;

	origin_of(&o, "http", "127.0.0.1", 1, NULL);
	clock_fake(now, 0);
	loop_turn(loop, 0);
	pool_get(upstream, &o, NULL);
	for (int minute = 1; minute <= 4; minute++) {
		assert_int_equal(pools(), minute <= 3);
		clock_fake(now + minute * 61000, 0);
		loop_turn(loop, 0);
		loop_turn(loop, 0);
	}
	assert_int_equal(pools(), 0);
	clock_real();
	origin_end(&o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_identity, begin, finish),
		cmocka_unit_test_setup_teardown(test_handles, begin, finish),
		cmocka_unit_test_setup_teardown(test_own, begin, finish),
		cmocka_unit_test_setup_teardown(test_tidy, begin, finish),
		cmocka_unit_test_setup_teardown(test_tidy_by_timer, begin,
						finish),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
