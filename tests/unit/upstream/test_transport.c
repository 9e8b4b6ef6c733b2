/* SPDX-License-Identifier: MIT */
/* What a transport is made of, what is equal, and that requests keep to it. */
#include "upstream/bench.h"
#include "upstream/certs.h"

#include "upstream/fetch.h"

static struct transport *make(const struct transport_settings *s)
{
	const char *key = NULL;
	struct fault f;
	struct transport *t = transport_new(s, &key, &f);

	if (!t)
		print_error("%s: %s\n", key, f.text);
	assert_non_null(t);
	return t;
}

static struct transport *proxied(const char *url)
{
	struct secret *proxy = secret_new(str_z(url));
	struct transport *t =
		make(&(struct transport_settings){ .proxy = proxy });

	secret_unref(&proxy);
	return t;
}

static void test_proxy(void **state ATTR_UNUSED)
{
	static const struct {
		const char *url, *proxy, *user, *password;
		bool reads;
	} rows[] = {
		{ "http://p.test", "http://p.test:80", NULL, NULL, true },
		{ "HTTP://p.test:3128/", "http://p.test:3128", NULL, NULL,
		  true },
		{ "socks5://[::1]", "socks5://[::1]:1080", NULL, NULL, false },
		{ "SOCKS5H://u@p.test:1", "socks5h://p.test:1", "u", "",
		  false },
		{ "http://a%40b:c%3ad:e@p.test:1", "http://p.test:1", "a@b",
		  "c:d:e", true },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct transport *t = proxied(rows[i].url);

		assert_string_equal(t->proxy, rows[i].proxy);
		assert_int_equal(rows[i].user != NULL, t->proxy_user != NULL);
		if (rows[i].user) {
			assert_true(secret_eq_str(t->proxy_user,
						  str_z(rows[i].user)));
			assert_true(secret_eq_str(t->proxy_password,
						  str_z(rows[i].password)));
		}
		assert_int_equal(transport_is_proxied(t, false),
				 rows[i].reads);
		assert_false(transport_is_proxied(t, true));
		transport_unref(&t);
		assert_null(t);
	}
}

static void test_bad_proxy(void **state ATTR_UNUSED)
{
	static const char *const rows[] = {
		"", "p.test", "ftp://p.test", "https://u:s3cret@p.test",
		"http://u:s3cret@p.test/path", "http://u:s3cret@p.test?q",
		"http://u:s3cret@p.test#f", "http://u:s3cret@p.test:0",
		"http://u:s3cret%2@p.test", "http://u:s3cret%zz@p.test",
		"http://u:s3cret%0a@p.test", "http://u:s3cret%00@p.test",
		"http://:s3cret@p.test", "http://a%3ab:s3cret@p.test",
		"http://u:s3cret%7f@p.test", "http://u:s3 cret@p.test",
	};
	char text[1200];
	const char *key;
	struct fault f;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]) + 2; i++) {
		struct transport_settings s = { 0 };
		struct secret *proxy;

		if (i < sizeof(rows) / sizeof(rows[0]))
			strcpy(text, rows[i]);
		else if (i & 1)
			snprintf(text, sizeof(text), "http://u:%0256d@p.test",
				 7);
		else
			snprintf(text, sizeof(text), "http://%0600d/", 7);
		proxy = secret_new(str_z(text));
		s.proxy = proxy;
		key = NULL;
		f.text[0] = '\0';
		assert_null(transport_new(&s, &key, &f));
		assert_string_equal(key, "upstream_proxy");
		assert_true(strlen(f.text) > 10);
		assert_null(strstr(f.text, "s3"));
		secret_unref(&proxy);
	}
}

static bool allows_all(const void *arg ATTR_UNUSED,
		       const struct sockaddr *addr ATTR_UNUSED)
{
	return true;
}

static void test_equal(void **state ATTR_UNUSED)
{
	static const char *const urls[] = {
		"http://p.test", "http://p.test:81", "socks5://p.test:80",
		"http://u@p.test", "http://u:p@p.test", "http://v:p@p.test",
	};
	enum { N = 6 };
	struct transport *t[N], *same, *plain, *two, *ruled, *limited;
	struct transport_settings rule = { .allows = allows_all };

	for (int i = 0; i < N; i++)
		t[i] = proxied(urls[i]);
	plain = make(&(struct transport_settings){ .http = 0 });
	two = make(&(struct transport_settings){
		.http = TRANSPORT_HTTP_AUTO });
	limited = make(&(struct transport_settings){ .max_connections = 1 });
	for (int i = 0; i < N; i++) {
		for (int j = 0; j < N; j++)
			assert_int_equal(transport_equal(t[i], t[j]), i == j);
		same = proxied(urls[i]);
		assert_true(transport_equal(t[i], same));
		transport_unref(&same);
		assert_false(transport_equal(t[i], plain));
	}
	assert_false(transport_equal(plain, two));
	assert_true(transport_equal(plain, limited));
	/* A rule may be another though it looks the same. */
	ruled = make(&rule);
	same = make(&rule);
	assert_false(transport_equal(ruled, same));
	assert_false(transport_equal(ruled, plain));
	assert_true(transport_equal(ruled, ruled));
	for (int i = 0; i < N; i++)
		transport_unref(&t[i]);
	transport_unref(&same);
	transport_unref(&plain);
	transport_unref(&two);
	transport_unref(&limited);
	same = transport_ref(ruled);
	transport_unref(&ruled);
	transport_unref(&same);
	assert_null(transport_ref(NULL));
	transport_unref(&same);
}

/* ---- addresses ---- */

struct rule {
	const char *allowed; /* "" for none */
	int asked;
};

static bool allows(const void *arg, const struct sockaddr *addr)
{
	struct rule *r = (struct rule *)(uintptr_t)arg;
	char text[64] = "";

	r->asked++;
	if (addr->sa_family == AF_INET)
		inet_ntop(AF_INET,
			  &((const struct sockaddr_in *)(const void *)addr)
				   ->sin_addr,
			  text, sizeof(text));
	return strcmp(text, r->allowed) == 0;
}

static void test_addresses(void **state ATTR_UNUSED)
{
	struct rule r = { .allowed = "" };
	struct transport_settings s = { .allows = allows, .allows_arg = &r };
	struct origin o;
	struct bench b;

	bench_init(&b, server_reply, HELLO);
	/* up.test is 127.0.0.1: the name does not matter. */
	for (int i = 0; i < 2; i++) {
		origin_by(&o, "http", i ? "up.test" : "127.0.0.1",
			  b.server->port, &s);
		r = (struct rule){ .allowed = "" };
		b.run.request.origin = &o;
		go(&b);
		assert_fault(&b.run, 502, "destination_ip_prohibited");
		assert_false(b.run.fault.sent);
		assert_int_equal(r.asked, 1);
		assert_int_equal(b.server->connections, i);
		again(&b, "GET", "/");
		b.run.request.origin = &o;
		r.allowed = "127.0.0.1";
		go(&b);
		assert_hello(&b.run);
		again(&b, "GET", "/");
		origin_end(&o);
	}
	bench_fini(&b);
}

/* ---- the limit ---- */

static void test_limit(void **state ATTR_UNUSED)
{
	struct transport_settings s = { .max_connections = 2 };
	enum { N = 8 };
	struct run r[N];
	struct origin o;
	struct bench b;

	bench_init(&b, server_reply, HELLO);
	origin_by(&o, "http", "127.0.0.1", b.server->port, &s);
	for (int i = 0; i < N; i++) {
		run_init(&r[i], &o, "GET", "/");
		run_start(&r[i], b.upstream);
		transfer_resume_read(r[i].transfer); /* while it waits */
	}
	/* One that waits, and one that does not, are given up. */
	transfer_cancel(&r[0].transfer);
	transfer_cancel(&r[5].transfer);
	for (int i = 1; i < N; i++) {
		if (i == 5)
			continue;
		run_wait(&r[i], b.loop);
		assert_hello(&r[i]);
	}
	assert_in_range(b.server->connections, 1, 2);
	for (int i = 0; i < N; i++)
		run_fini(&r[i]);
	origin_end(&o);
	bench_fini(&b);
}

static void silent(struct peer *p)
{
	while (peer_head(p))
		;
}

static void test_limit_in_time(void **state ATTR_UNUSED)
{
	struct transport_settings s = { .max_connections = 1 };
	struct run first, token;
	struct origin o;
	struct bench b;

	bench_init(&b, silent, HELLO);
	origin_by(&o, "http", "127.0.0.1", b.server->port, &s);
	run_init(&first, &o, "GET", "/");
	run_start(&first, b.upstream);
	b.run.request.origin = &o;
	b.run.request.connect_timeout = 100;
	go(&b);
	assert_fault(&b.run, 503, "connection_limit_reached");
	assert_false(b.run.fault.sent);
	/* A token call does not wait for what may wait for it. */
	run_init(&token, &o, "POST", "/token");
	token.request.fresh = true;
	token.request.response_timeout = 100;
	run_start(&token, b.upstream);
	run_wait(&token, b.loop);
	assert_fault(&token, 504, "http_response_timeout");
	assert_int_equal(b.server->requests, 2);
	transfer_cancel(&first.transfer);
	run_fini(&first);
	run_fini(&token);
	origin_end(&o);
	bench_fini(&b);
}

/* ---- certificates ---- */

static void fetched(void *arg, const struct fetch_response *response,
		    const struct transfer_fault *fault)
{
	*(int *)arg = response ? response->status : -fault->status;
}

static void test_certificate(void **state ATTR_UNUSED)
{
	char pem[] = "/tmp/test_transport.XXXXXX";
	char key_pem[] = "/tmp/test_transport.XXXXXX";
	char other_pem[] = "/tmp/test_transport.XXXXXX";
	gnutls_certificate_credentials_t credentials;
	struct cert ca, server, client;
	const struct cert *p = &ca;
	struct transport_settings s = { 0 };
	const char *key = NULL;
	struct fetch_request request = { .method = STR("POST"),
					 .target = STR("/token"),
					 .timeout = 5000, .max_body = 100 };
	struct fault f;
	struct bench b;

	cert_make(&ca, &(struct cert_wish){ .name = "A CA", .ca = true });
	cert_make(&server, &(struct cert_wish){ .issuer = &ca, .name = "x",
						.dns = "up.test" });
	cert_make(&client, &(struct cert_wish){
		.issuer = &ca, .name = "me",
		.purpose = GNUTLS_KP_TLS_WWW_CLIENT });
	cert_write(pem, &p, 1);
	s.trust = trust_load(pem, &f);
	unlink(pem);
	strcpy(pem, "/tmp/test_transport.XXXXXX");
	p = &client;
	cert_write(pem, &p, 1);
	cert_write_key(key_pem, &client);
	cert_write_key(other_pem, &server);

	bench_init(&b, server_reply, HELLO);
	b.server->credentials = cert_credentials(&server, NULL);
	b.server->asks = GNUTLS_CERT_REQUIRE;
	for (int i = 0; i < 2; i++) {
		struct origin o;
		int status = 0;

		s.certificate = i ? pem : NULL;
		s.private_key = i ? key_pem : NULL;
		origin_by(&o, "https", "up.test", b.server->port, &s);
		again(&b, "GET", "/");
		b.run.request.origin = &o;
		go(&b);
		assert_int_equal(b.run.failed, i == 0);
		request.origin = &o;
		request.fields = &b.run.fields;
		fetch_start(b.upstream, &request, fetched, &status);
		for (int n = 0; n < 200 && !status; n++)
			loop_turn(b.loop, 50);
		assert_int_equal(status, i ? 200 : -502);
		assert_int_equal(b.server->requests, i ? 2 : 0);
		origin_end(&o);
	}
	/* A key that is another's, a file that is none. */
	s.private_key = other_pem;
	assert_null(transport_new(&s, &key, &f));
	assert_string_equal(key, "upstream_certificate");
	assert_non_null(strstr(f.text, pem));
	s.private_key = NULL;
	assert_null(transport_new(&s, &key, &f));
	s.certificate = "/nonexistent";
	assert_null(transport_new(&s, &key, &f));
	s.certificate = NULL;
	s.private_key = key_pem;
	assert_null(transport_new(&s, &key, &f));
	unlink(pem);
	unlink(key_pem);
	unlink(other_pem);
	trust_unref(&s.trust);
	credentials = b.server->credentials;
	bench_fini(&b);
	gnutls_certificate_free_credentials(credentials);
	cert_free(&ca);
	cert_free(&server);
	cert_free(&client);
}

/* ---- trailers ---- */

static void test_trailers(void **state ATTR_UNUSED)
{
	static const struct {
		const char *text, *first;
		int n;
	} rows[] = {
		{ "0\r\n\r\n", "", 0 },
		{ "0\r\nX-Sum: 1\r\nX-Sum:2\r\n\r\n", "1", 2 },
		{ "0\r\nX-Sum:\r\n\r\n", "", 1 },
	};
	struct bench b;
	char reply[512] = "";

	bench_init(&b, server_reply, reply);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(reply, sizeof(reply), OK_HEAD "X-Test: a\r\n"
			 "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n%s",
			 rows[i].text);
		again(&b, "GET", "/");
		go(&b);
		assert_hello(&b.run);
		assert_int_equal(b.run.n_trailers, rows[i].n);
		assert_string_equal(b.run.trailer, rows[i].first);
	}
	/* One that is no field breaks the response. */
	snprintf(reply, sizeof(reply), "%s", OK_HEAD
		 "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"
		 "0\r\nX Sum: 1\r\n\r\n");
	again(&b, "GET", "/");
	go(&b);
	assert_fault(&b.run, 502, "http_protocol_error");
	assert_int_equal(b.run.n_trailers, 0);
	bench_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_proxy),
		cmocka_unit_test(test_bad_proxy),
		cmocka_unit_test(test_equal),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_limit_in_time),
		cmocka_unit_test(test_certificate),
		cmocka_unit_test(test_trailers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
