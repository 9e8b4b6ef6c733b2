/* SPDX-License-Identifier: MIT */
/* Trust, and that the carrier asks it before a request leaves. */
#include "upstream/certs.h"
#include "upstream/run.h"
#include "upstream/server.h"

#include <netdb.h>

#define HELLO "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Test: a\r\n\r\nhello"

/* Every name is this machine; none is asked of a server. */
int getaddrinfo(const char *host, const char *port,
		const struct addrinfo *hints, struct addrinfo **out)
{
	struct addrinfo *a = calloc(1, sizeof(*a) + sizeof(struct sockaddr_in));
	struct sockaddr_in *in = (struct sockaddr_in *)(void *)(a + 1);

	(void)host;
	(void)hints;
	in->sin_family = AF_INET;
	in->sin_port = htons((uint16_t)(port ? atoi(port) : 0));
	in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	a->ai_family = AF_INET;
	a->ai_socktype = SOCK_STREAM;
	a->ai_addr = (struct sockaddr *)in;
	a->ai_addrlen = sizeof(*in);
	*out = a;
	return 0;
}

void freeaddrinfo(struct addrinfo *a)
{
	free(a);
}

static struct cert ca, other_ca;
static struct trust *trust, *other_trust;
static struct loop *loop;
static struct upstream *upstream;

static struct trust *trust_in(const struct cert *c)
{
	char path[] = "/tmp/test_tls.XXXXXX";
	struct fault f;
	struct trust *t;

	cert_write(path, &c, 1);
	t = trust_load(path, &f);
	assert_non_null(t);
	unlink(path);
	return t;
}

static int group_begin(void **state ATTR_UNUSED)
{
	cert_make(&ca, &(struct cert_wish){ .name = "A CA", .ca = true });
	cert_make(&other_ca,
		  &(struct cert_wish){ .name = "Another CA", .ca = true });
	trust = trust_in(&ca);
	other_trust = trust_in(&other_ca);
	return 0;
}

static int group_end(void **state ATTR_UNUSED)
{
	trust_unref(&trust);
	trust_unref(&other_trust);
	assert_null(trust);
	cert_free(&ca);
	cert_free(&other_ca);
	return 0;
}

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

static struct server *tls_server(const struct cert *leaf,
				 const struct cert *issuer)
{
	struct server *s = server_new(server_reply, HELLO);

	s->credentials = cert_credentials(leaf, issuer);
	return s;
}

static void tls_server_free(struct server *s)
{
	gnutls_certificate_credentials_t c = s->credentials;

	server_free(s);
	gnutls_certificate_free_credentials(c);
}

/* One request to https://host at the server's port. */
static void ask(struct run *r, struct server *s, const char *host,
		struct trust *t, bool fresh)
{
	struct origin o;

	origin_of(&o, "https", host, s->port, t);
	run_init(r, &o, "GET", "/");
	r->request.fresh = fresh;
	run_start(r, upstream);
	run_wait(r, loop);
	origin_end(&o);
}

static void ask_good(struct server *s, const char *host, struct trust *t,
		     bool fresh)
{
	struct run r;

	ask(&r, s, host, t, fresh);
	if (r.failed)
		print_error("%s\n", r.fault.text.text);
	assert_false(r.failed);
	assert_int_equal(r.status, 200);
	assert_string_equal(buf_z(&r.got), "hello");
	run_fini(&r);
}

/* Refused, and nothing of the request has reached the server. */
static void ask_bad(struct server *s, const char *host, struct trust *t,
		    const char *why)
{
	struct run r;

	ask(&r, s, host, t, false);
	assert_true(r.failed);
	assert_string_equal(r.fault.error, "tls_certificate_error");
	assert_int_equal(r.fault.status, 502);
	assert_false(r.fault.sent);
	if (!strstr(r.fault.text.text, why))
		print_error("%s\n", r.fault.text.text);
	assert_non_null(strstr(r.fault.text.text, why));
	assert_non_null(strstr(r.fault.text.text, host));
	usleep(20000);
	assert_int_equal(s->octets, 0);
	assert_int_equal(s->requests, 0);
	run_fini(&r);
}

static void test_good(void **state ATTR_UNUSED)
{
	struct server *s;
	struct cert c;

	cert_make(&c, &(struct cert_wish){ .issuer = &ca, .name = "x",
					   .dns = "up.test" });
	s = tls_server(&c, NULL);
	server_start(s);
	for (int i = 0; i < 5; i++)
		ask_good(s, "up.test", trust, false);
	assert_int_equal(s->connections, 1);
	assert_int_equal(s->requests, 5);
	ask_good(s, "UP.test.", trust, false);
	assert_int_equal(s->connections, 1);
	tls_server_free(s);
	cert_free(&c);
}

/* Fresh connections make no new handshake where the server allows it, and
 * what is resumed is verified too. */
static void test_resumed(void **state ATTR_UNUSED)
{
	struct server *s;
	struct cert c;

	cert_make(&c, &(struct cert_wish){ .issuer = &ca, .name = "x",
					   .dns = "up.test" });
	s = tls_server(&c, NULL);
	s->resumes = true;
	/* The server of these tests has no tickets. */
	s->priority = "NORMAL:-VERS-ALL:+VERS-TLS1.2";
	server_start(s);
	for (int i = 0; i < 4; i++)
		ask_good(s, "up.test", trust, true);
	assert_int_equal(s->connections, 4);
	assert_true(s->resumed >= 2);
	tls_server_free(s);
	cert_free(&c);
}

/* TLS 1.3 without a ticket does not hold the loop up: one of many is quick, on
 * a busy machine too. */
static void test_quick(void **state ATTR_UNUSED)
{
	struct server *s;
	struct cert c;
	int64_t before, took, quickest = 50;

	cert_make(&c, &(struct cert_wish){ .issuer = &ca, .name = "x",
					   .dns = "up.test" });
	s = tls_server(&c, NULL);
	server_start(s);
	for (int i = 0; i < 200 && quickest >= 50; i++) {
		before = clock_ms();
		ask_good(s, "up.test", trust, true);
		took = clock_ms() - before;
		quickest = took < quickest ? took : quickest;
	}
	assert_true(quickest < 50);
	tls_server_free(s);
	cert_free(&c);
}

static void test_addresses(void **state ATTR_UNUSED)
{
	struct server *s;
	struct cert c;

	cert_make(&c, &(struct cert_wish){ .issuer = &ca, .name = "127.0.0.1",
					   .ip = { 127, 0, 0, 1 }, .n_ip = 4 });
	s = tls_server(&c, NULL);
	server_start(s);
	ask_good(s, "127.0.0.1", trust, false);
	tls_server_free(s);
	cert_free(&c);
	/* A name that looks like an address is none. */
	cert_make(&c, &(struct cert_wish){ .issuer = &ca, .name = "127.0.0.1",
					   .dns = "127.0.0.1" });
	s = tls_server(&c, NULL);
	server_start(s);
	ask_bad(s, "127.0.0.1", trust, "another name");
	tls_server_free(s);
	cert_free(&c);
}

static void test_refused(void **state ATTR_UNUSED)
{
	time_t now = time(NULL);
	const struct {
		struct cert_wish wish;
		const char *host, *why;
	} rows[] = {
		{ { .issuer = &ca, .name = "up.test", .dns = "other.test" },
		  "up.test", "another name" },
		{ { .issuer = &ca, .name = "x", .dns = "up.test" },
		  "sub.up.test", "another name" },
		{ { .issuer = &ca, .name = "x", .dns = "*.up.test" },
		  "a.b.up.test", "another name" },
		{ { .issuer = &ca, .name = "x", .dns = "up.test" },
		  "127.0.0.1", "another name" },
		{ { .issuer = &other_ca, .name = "x", .dns = "up.test" },
		  "up.test", "not among the trusted CAs" },
		{ { .issuer = NULL, .name = "x", .dns = "up.test" },
		  "up.test", "not among the trusted CAs" },
		{ { .issuer = &ca, .name = "x", .dns = "up.test",
		    .from = now - 7200, .until = now - 60 },
		  "up.test", "has expired" },
		{ { .issuer = &ca, .name = "x", .dns = "up.test",
		    .from = now + 600, .until = now + 7200 },
		  "up.test", "not valid yet" },
		{ { .issuer = &ca, .name = "x", .dns = "up.test",
		    .purpose = GNUTLS_KP_TLS_WWW_CLIENT },
		  "up.test", "not for servers" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct server *s;
		struct cert c;

		cert_make(&c, &rows[i].wish);
		s = tls_server(&c, NULL);
		server_start(s);
		/* What was refused is not kept, nor trusted at a second
		 * try. */
		for (int times = 1; times <= 3; times++) {
			ask_bad(s, rows[i].host, trust, rows[i].why);
			assert_int_equal(s->connections, times);
		}
		tls_server_free(s);
		cert_free(&c);
	}
}

/* A chain through another CA, of which the peer shows the certificate. */
static void test_chain(void **state ATTR_UNUSED)
{
	struct cert middle, c, no_ca, below;
	struct server *s;

	cert_make(&middle, &(struct cert_wish){ .issuer = &ca, .name = "M",
						.ca = true });
	cert_make(&c, &(struct cert_wish){ .issuer = &middle, .name = "x",
					   .dns = "up.test" });
	s = tls_server(&c, &middle);
	server_start(s);
	ask_good(s, "up.test", trust, false);
	tls_server_free(s);
	s = tls_server(&c, NULL);
	server_start(s);
	ask_bad(s, "up.test", trust, "not among the trusted CAs");
	tls_server_free(s);
	/* A server's certificate is nobody's issuer. */
	cert_make(&no_ca, &(struct cert_wish){ .issuer = &ca, .name = "N",
					       .dns = "evil.test" });
	cert_make(&below, &(struct cert_wish){ .issuer = &no_ca, .name = "x",
					       .dns = "up.test" });
	s = tls_server(&below, &no_ca);
	server_start(s);
	ask_bad(s, "up.test", trust, "certificate of up.test");
	tls_server_free(s);
	cert_free(&below);
	cert_free(&no_ca);
	cert_free(&c);
	cert_free(&middle);
}

/* A server's own certificate may be named as what is trusted; its name and
 * dates count all the same. */
static void test_pinned(void **state ATTR_UNUSED)
{
	struct cert c;
	struct trust *pinned;
	struct server *s;

	cert_make(&c, &(struct cert_wish){ .name = "x", .dns = "up.test" });
	pinned = trust_in(&c);
	s = tls_server(&c, NULL);
	server_start(s);
	ask_bad(s, "other.test", pinned, "another name");
	ask_good(s, "up.test", pinned, false);
	tls_server_free(s);
	trust_unref(&pinned);
	cert_free(&c);
}

/* What one trust has verified is nothing to another. */
static void test_pools_apart(void **state ATTR_UNUSED)
{
	struct server *s;
	struct cert c;
	struct run r;

	cert_make(&c, &(struct cert_wish){ .issuer = &ca, .name = "x",
					   .dns = "up.test" });
	s = tls_server(&c, NULL);
	server_start(s);
	ask_good(s, "up.test", trust, false);
	ask(&r, s, "up.test", other_trust, false);
	assert_true(r.failed);
	assert_string_equal(r.fault.error, "tls_certificate_error");
	run_fini(&r);
	usleep(20000);
	assert_int_equal(s->connections, 2);
	assert_int_equal(s->requests, 1);
	ask_good(s, "up.test", trust, false);
	assert_int_equal(s->connections, 2);
	tls_server_free(s);
	cert_free(&c);
}

static void hangs_up(struct peer *p)
{
	(void)p;
}

static void speaks_http(struct peer *p)
{
	peer_say(p, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
}

static void test_no_tls(void **state ATTR_UNUSED)
{
	static const struct {
		server_fn *fn;
		const char *error;
	} rows[] = {
		{ speaks_http, "tls_protocol_error" },
		{ hangs_up, "tls_protocol_error" },
	};

	for (int i = 0; i < 2; i++) {
		struct server *s = server_new(rows[i].fn, NULL);
		struct run r;

		server_start(s);
		ask(&r, s, "up.test", trust, false);
		assert_true(r.failed);
		assert_string_equal(r.fault.error, rows[i].error);
		assert_int_equal(r.fault.status, 502);
		assert_false(r.fault.sent);
		run_fini(&r);
		server_free(s);
	}
}

static void test_load(void **state ATTR_UNUSED)
{
	char empty[] = "/tmp/test_tls.XXXXXX", two[] = "/tmp/test_tls.XXXXXX";
	const struct cert *both[] = { &ca, &other_ca };
	struct fault f;
	struct trust *t, *second;

	assert_null(trust_load("/nonexistent/ca.pem", &f));
	assert_non_null(strstr(f.text, "/nonexistent/ca.pem"));
	close(mkstemp(empty));
	assert_null(trust_load(empty, &f));
	assert_non_null(strstr(f.text, empty));
	unlink(empty);
	cert_write(two, both, 2);
	t = trust_load(two, &f);
	unlink(two);
	assert_non_null(t);
	second = trust_ref(t);
	assert_ptr_equal(second, t);
	trust_unref(&t);
	assert_null(t);
	trust_unref(&second);
	trust_unref(&second);
	assert_null(trust_ref(NULL));
}

static void test_load_system(void **state ATTR_UNUSED)
{
	struct fault f;
	struct trust *t = trust_load(NULL, &f);

	/* A machine without ca-certificates says so. */
	if (!t)
		assert_non_null(strstr(f.text, "the system's list of CAs"));
	trust_unref(&t);
}

static const char *const NO_NAME = "another name";
static const char *const TOO_WEAK = "too short";

/* What each profile says of a certificate: NULL where it is taken. */
static void test_profiles(void **state ATTR_UNUSED)
{
	static const struct {
		struct cert_wish wish;
		const char *host;
		const char *const *medium, *const *low, *const *legacy;
	} rows[] = {
		{ { .name = "x", .dns = "up.test", .rsa = 2048 },
		  "up.test", NULL, NULL, NULL },
		{ { .name = "x", .dns = "up.test", .rsa = 1792 },
		  "up.test", &TOO_WEAK, NULL, NULL },
		{ { .name = "x", .dns = "up.test", .rsa = 1024 },
		  "up.test", &TOO_WEAK, NULL, &TOO_WEAK },
		{ { .name = "x", .dns = "up.test", .rsa = 768 },
		  "up.test", &TOO_WEAK, &TOO_WEAK, &TOO_WEAK },
		{ { .name = "x", .dns = "up.test",
		    .digest = GNUTLS_DIG_SHA1 },
		  "up.test", &TOO_WEAK, &TOO_WEAK, &TOO_WEAK },
		/* No alternative names: the subject's, if any. */
		{ { .name = "up.test" }, "up.test", &NO_NAME, NULL, NULL },
		{ { .name = "127.0.0.1" }, "127.0.0.1", &NO_NAME, NULL, NULL },
		{ { .name = "x.test" }, "up.test",
		  &NO_NAME, &NO_NAME, &NO_NAME },
		/* Others than the host's: then the subject names nobody. */
		{ { .name = "up.test", .ip = { 127, 0, 0, 1 }, .n_ip = 4 },
		  "up.test", &NO_NAME, &NO_NAME, &NO_NAME },
		{ { .name = "up.test", .dns = "x.test" },
		  "up.test", &NO_NAME, &NO_NAME, &NO_NAME },
		{ { .name = "127.0.0.1", .dns = "up.test" },
		  "127.0.0.1", &NO_NAME, &NO_NAME, &NO_NAME },
	};

	for (size_t i = 0; i < 3 * sizeof(rows) / sizeof(rows[0]); i++) {
		const char *const *why[] = { rows[i / 3].medium,
					     rows[i / 3].low,
					     rows[i / 3].legacy };
		struct transport_settings set = {
			.trust = trust, .profile = (enum tls_profile)(i % 3)
		};
		struct cert_wish wish = rows[i / 3].wish;
		struct server *s;
		struct origin o;
		struct cert c;
		struct run r;

		wish.issuer = &ca;
		cert_make(&c, &wish);
		s = tls_server(&c, NULL);
		server_start(s);
		origin_by(&o, "https", rows[i / 3].host, s->port, &set);
		run_init(&r, &o, "GET", "/");
		run_start(&r, upstream);
		run_wait(&r, loop);
		assert_int_equal(r.failed, why[i % 3] != NULL);
		if (r.failed) {
			assert_string_equal(r.fault.error,
					    "tls_certificate_error");
			assert_non_null(strstr(r.fault.text.text,
					       *why[i % 3]));
			assert_int_equal(s->requests, 0);
		}
		run_fini(&r);
		origin_end(&o);
		tls_server_free(s);
		cert_free(&c);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_good, begin, finish),
		cmocka_unit_test_setup_teardown(test_resumed, begin, finish),
		cmocka_unit_test_setup_teardown(test_quick, begin, finish),
		cmocka_unit_test_setup_teardown(test_addresses, begin, finish),
		cmocka_unit_test_setup_teardown(test_refused, begin, finish),
		cmocka_unit_test_setup_teardown(test_profiles, begin, finish),
		cmocka_unit_test_setup_teardown(test_chain, begin, finish),
		cmocka_unit_test_setup_teardown(test_pinned, begin, finish),
		cmocka_unit_test_setup_teardown(test_pools_apart, begin,
						finish),
		cmocka_unit_test_setup_teardown(test_no_tls, begin, finish),
		cmocka_unit_test(test_load),
		cmocka_unit_test(test_load_system),
	};

	return run_over_both(tests, group_begin, group_end);
}
