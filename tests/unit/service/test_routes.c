/* SPDX-License-Identifier: MIT */
#include "service/routes.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <time.h>

#include "base/buf.h"
#include "data/uri.h"
#include "service/scratch.h"

/* A request as it comes in: "GET http://h/x", "OPTIONS * h:80". */
struct asked {
	struct target target;
	struct route_request q;
	struct sockaddr_storage local;
	struct route route;
	enum route_result result;
};

static void set_local(struct asked *a, const char *address)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)&a->local;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&a->local;

	if (inet_pton(AF_INET, address, &v4->sin_addr) == 1)
		v4->sin_family = AF_INET;
	else if (inet_pton(AF_INET6, address, &v6->sin6_addr) == 1)
		v6->sin6_family = AF_INET6;
	a->q.local = (struct sockaddr *)&a->local;
}

/* host: the Host field's text, or NULL for none. */
static struct asked ask_at(const char *local, const char *method,
			   const char *target, const char *host)
{
	static struct asked a;
	struct fault f;
	bool v6;

	memset(&a, 0, sizeof(a));
	if (target_parse(str_z(target), str_z(method), &a.target, &f))
		fail_msg("%s: %s", target, f.text);
	a.q.target = &a.target;
	a.q.host_port = -1;
	a.q.has_host = host != NULL;
	a.q.options = !strcmp(method, "OPTIONS");
	if (host && *host)
		assert_int_equal(authority_parse(str_z(host), &a.q.host,
						 &a.q.host_port, &v6, &f), 0);
	set_local(&a, local);
	a.result = route_find(services, &a.q, &a.route);
	return a;
}

static struct asked ask(const char *target, const char *host)
{
	return ask_at("127.0.0.1", "GET", target, host);
}

/* The service's name, or what it is instead. */
static const char *found(const struct asked *a)
{
	static const char *const results[] = {
		[ROUTE_OWN_PAGE] = "(page)", [ROUTE_NO_PATH] = "(no path)",
		[ROUTE_UNMATCHED] = "(unmatched)",
		[ROUTE_MISDIRECTED] = "(misdirected)",
		[ROUTE_CLIMBS] = "(climbs)",
		[ROUTE_AMBIGUOUS] = "(ambiguous)",
	};

	return a->result == ROUTE_SERVICE ? a->route.service->name
					  : results[a->result];
}

/* Absolute-form. */
static void expect(const char *url, const char *want)
{
	struct asked a = ask(url, "ignored.example");

	if (strcmp(found(&a), want) != 0)
		fail_msg("%s: %s instead of %s", url, found(&a), want);
}

static void expect_host(const char *host, const char *path, const char *want)
{
	struct asked a = ask(path, host);

	if (strcmp(found(&a), want) != 0)
		fail_msg("%s %s: %s instead of %s", host ? host : "-", path,
			 found(&a), want);
}

static void expect_target(struct asked a, const char *url, const char *want)
{
	struct buf b = BUF_INIT(10000);

	assert_int_equal(a.result, ROUTE_SERVICE);
	assert_non_null(a.route.origin);
	assert_string_equal(a.route.origin->url, url);
	route_write_target(&a.route, &a.target, &b);
	assert_string_equal(buf_z(&b), want);
	buf_fini(&b);
}

#define TOKEN "access_token = t\n"

static void test_order(void **state)
{
	(void)state;
	load_good("[proxy]\n"
		  "[service any]\nupstream = https://any.test\n" TOKEN
		  "match = *.example.com\nmatch = *.example.com:8080/v1\n"
		  "[service sub]\nupstream = https://sub.test\n" TOKEN
		  "match = *.sub.example.com\n"
		  "[service exact]\nupstream = https://exact.test\n" TOKEN
		  "match = api.sub.example.com\n"
		  "[service port]\nupstream = https://port.test\n" TOKEN
		  "match = api.sub.example.com:8080\n"
		  "[service v1]\nupstream = https://v1.test\n" TOKEN
		  "match = api.sub.example.com/v1\n"
		  "[service v1x]\nupstream = https://v1x.test\n" TOKEN
		  "match = api.sub.example.com/v1/x\n"
		  "[service only]\nupstream = https://only.test\n" TOKEN
		  "match = only.example.com/deep\n");
	expect("http://api.sub.example.com/", "exact");
	expect("http://API.Sub.Example.COM./a", "exact");
	expect("http://api.sub.example.com", "exact");
	expect("http://api.sub.example.com/v1", "v1");
	expect("http://api.sub.example.com/v1?q", "v1");
	expect("http://api.sub.example.com/v1/", "v1");
	expect("http://api.sub.example.com/v1/x", "v1x");
	expect("http://api.sub.example.com/v1/x/y", "v1x");
	expect("http://api.sub.example.com/v1/xy", "v1");
	expect("http://api.sub.example.com/v10", "exact");
	/* A port that is given goes before a longer prefix. */
	expect("http://api.sub.example.com:8080/v1/x", "port");
	expect("http://api.sub.example.com:8081/v1/x", "v1x");
	/* The longest suffix of wildcards; one label or more. */
	expect("http://other.sub.example.com/", "sub");
	expect("http://a.b.sub.example.com/", "sub");
	expect("http://sub.example.com/", "any");
	expect("http://x.example.com/", "any");
	expect("http://example.com/", "(unmatched)");
	expect("http://notexample.com/", "(unmatched)");
	expect("http://x.example.com:8080/v1/a", "any");
	/* What is less exact takes what no prefix fits. */
	expect("http://only.example.com/deep/x", "only");
	expect("http://only.example.com/else", "any");
}

static void test_prefix_claims_only_itself(void **state)
{
	(void)state;
	load_good("[service a]\nupstream = https://a.test\n" TOKEN
		  "match = api.test/v1/\nmatch = api.test:81\n");
	expect("http://api.test/v1/x", "a");
	expect("http://api.test/v2", "(unmatched)");
	expect("http://api.test:81/v2", "a");
	expect("http://other.test/v1", "(unmatched)");
	expect_host("api.test", "/v1/x", "a");
	expect_host("api.test", "/v2", "(unmatched)");
	expect_host("other.test", "/v1", "(misdirected)");
	expect_host("", "/v1", "(misdirected)");
}

static void test_default_match(void **state)
{
	(void)state;
	load_good("[service a]\nupstream = https://api.test/base/\n" TOKEN
		  "[service b]\nupstream = https://api.test:8443\n" TOKEN);
	expect("http://api.test/base", "a");
	expect("https://api.test/base/x", "a");
	expect("http://api.test:1234/base/x", "a");
	expect("http://api.test/", "(unmatched)");
	expect("https://api.test:8443/base", "b");
	expect("http://api.test:8443/", "b");
	/* One that is written is not added to. */
	load_good("[service a]\nupstream = https://api.test\n" TOKEN
		  "match = other.test\n");
	expect("http://other.test/", "a");
	expect("http://api.test/", "(unmatched)");
}

static void test_same_upstream_twice(void **state)
{
	(void)state;
	load_good("[service a]\nupstream = https://api.test\n" TOKEN
		  "[service b]\nupstream = https://api.test\n" TOKEN);
	expect("http://api.test/", "a");
	expect_host("127.0.0.1", "/b/x", "b");
}

static void test_own_address(void **state)
{
	(void)state;
	load_good("[proxy]\nlisten = 127.0.0.1:8119\nlisten = [::1]:8119\n"
		  "own_names = proxy.test Other.Test.\n"
		  "external_url = https://Public.test:8443/x\n"
		  "[service a]\nupstream = https://api.test\n" TOKEN
		  "[service b]\nupstream = https://b.test\npath = /a/deep/\n"
		  TOKEN);
	expect_host("127.0.0.1:8119", "/a/x", "a");
	expect_host("localhost", "/a/x", "a");
	expect_host("LOCALHOST.:99", "/a/", "a");
	expect_host("[::1]:8119", "/a", "a");
	expect_host("[0:0::1]", "/a", "a");
	expect_host("proxy.test", "/a/x", "a");
	expect_host("PROXY.test.", "/a/x", "a");
	expect_host("other.test", "/a/x", "a");
	expect_host("public.test", "/a/x", "a");
	expect_host(NULL, "/a/x", "a");
	expect_host("127.0.0.1", "/ab", "(no path)");
	expect_host("127.0.0.1", "/", "(no path)");
	expect_host("127.0.0.1", "/a/deep/x", "b");
	expect_host("127.0.0.1", "/a/deep", "b");
	expect_host("127.0.0.1", "/a/deeper", "a");
	expect_host("127.0.0.1", "/-/health", "(page)");
	expect_host("127.0.0.1", "/-/", "(page)");
	expect_host("127.0.0.1", "/-", "(page)");
	expect_host("127.0.0.1", "/-x", "(no path)");
	expect_host("127.0.0.2", "/a/", "(misdirected)");
	expect_host("rebound.test", "/-/health", "(misdirected)");
	expect("http://localhost:8119/a/x", "a");
	expect("http://127.0.0.1/-/health", "(page)");
	expect("http://127.0.0.2/-/health", "(unmatched)");
}

static void test_local_address(void **state)
{
	struct asked a;

	(void)state;
	load_good("[proxy]\nlisten = 0.0.0.0:8119\nallow_from = 10.0.0.0/8\n"
		  "[service a]\nupstream = https://api.test\n" TOKEN);
	a = ask_at("10.1.1.1", "GET", "/a/", "10.1.1.1:8119");
	assert_string_equal(found(&a), "a");
	a = ask_at("::ffff:10.1.1.1", "GET", "/a/", "10.1.1.1");
	assert_string_equal(found(&a), "a");
	a = ask_at("10.1.1.1", "GET", "/a/", "10.1.1.2");
	assert_string_equal(found(&a), "(misdirected)");
	a = ask_at("2001:db8::1", "GET", "/a/", "[2001:DB8:0::1]");
	assert_string_equal(found(&a), "a");
	assert_true(route_host_is_own(services, STR("0.0.0.0"), NULL));
	assert_false(route_host_is_own(services, STR(""), NULL));
	assert_false(route_host_is_own(services, STR("10.1.1.1"), NULL));
}

/* What is on another port of the own address may be a service's. */
static void test_own_address_with_port(void **state)
{
	(void)state;
	load_good("[service a]\nupstream = http://127.0.0.1:9000\n" TOKEN
		  "[service b]\nupstream = http://localhost:9000/b\n" TOKEN);
	expect("http://127.0.0.1:9000/x", "a");
	expect("http://127.0.0.1:9000/-/health", "a");
	expect("http://127.0.0.1:8119/-/health", "(page)");
	expect("http://localhost:9000/b/x", "b");
	/* No prefix fits. It is another program's port, and so not bearerd's
	 * own address. */
	expect("http://localhost:9000/a/x", "(unmatched)");
	expect("http://localhost:9000/-/health", "(unmatched)");
	expect("http://localhost:8119/-/health", "(page)");
	expect("http://localhost/-/health", "(page)");
	expect("http://localhost:8119/x", "(no path)");
	expect_host("127.0.0.1:9000", "/x", "a");
	expect_host("127.0.0.1", "/x", "(no path)");
}

static void test_targets(void **state)
{
	const char *u = "https://h.test:443";

	(void)state;
	load_good("[service a]\nupstream = https://h.test/base\n" TOKEN
		  "match = api.test/v1\nmatch = plain.test\n"
		  "[service b]\nupstream = https://h.test\n" TOKEN
		  "match = b.test/v1\n");
	expect_target(ask("http://api.test/v1", "x"), u, "/base");
	expect_target(ask("http://api.test/v1/", "x"), u, "/base/");
	expect_target(ask("http://api.test/v1?a=b", "x"), u, "/base?a=b");
	expect_target(ask("http://api.test/v1//x/%2e;y?q=%20&a=1&a=2", "x"),
		      u, "/base//x/%2e;y?q=%20&a=1&a=2");
	expect_target(ask("http://plain.test", "x"), u, "/base");
	expect_target(ask("http://plain.test?q", "x"), u, "/base?q");
	expect_target(ask("http://plain.test/x", "x"), u, "/base/x");
	expect_target(ask("http://b.test/v1", "x"), u, "/");
	expect_target(ask("http://b.test/v1?q", "x"), u, "/?q");
	expect_target(ask("http://b.test/v1/x", "x"), u, "/x");
	expect_target(ask("/a/x?y", "localhost"), u, "/base/x?y");
	expect_target(ask("/a", "localhost"), u, "/base");
	expect_target(ask("/b", "localhost"), u, "/");
	expect_target(ask("/b/", "localhost"), u, "/");
	expect_target(ask("/b//", "localhost"), u, "//");
	assert_true(ask("/b/", "localhost").route.by_path);
	assert_false(ask("/v1/", "b.test").route.by_path);
}

static void test_asterisk(void **state)
{
	struct asked a;

	(void)state;
	load_good("[service a]\nupstream = https://a.test\n" TOKEN
		  "[service b]\nupstream = https://h.test/base\n" TOKEN
		  "match = b.test\n"
		  "[service c]\nupstream = https://c.test\n" TOKEN
		  "match = c.test/v1\n");
	expect_target(ask_at("127.0.0.1", "OPTIONS", "*", "a.test"),
		      "https://a.test:443", "*");
	expect_target(ask_at("127.0.0.1", "OPTIONS", "http://a.test", "x"),
		      "https://a.test:443", "*");
	expect_target(ask_at("127.0.0.1", "OPTIONS", "http://a.test/", "x"),
		      "https://a.test:443", "/");
	expect_target(ask_at("127.0.0.1", "GET", "http://a.test", "x"),
		      "https://a.test:443", "/");
	expect_target(ask_at("127.0.0.1", "OPTIONS", "http://b.test", "x"),
		      "https://h.test:443", "/base");
	/* The server as a whole is more than what is below a base or prefix. */
	a = ask_at("127.0.0.1", "OPTIONS", "*", "b.test");
	assert_string_equal(found(&a), "(unmatched)");
	a = ask_at("127.0.0.1", "OPTIONS", "*", "c.test");
	assert_string_equal(found(&a), "(unmatched)");
	a = ask_at("127.0.0.1", "OPTIONS", "*", "d.test");
	assert_string_equal(found(&a), "(misdirected)");
	a = ask_at("127.0.0.1", "OPTIONS", "*", "localhost");
	assert_string_equal(found(&a), "(no path)");
}

/* How a server may read "/admin/x" out of a target. */
static const char *const disguises[] = {
	"/%61dmin/x", "/admi%6E/x", "//admin/x", "/./admin/x", "/x/../admin/x",
	"/x/%2e%2E/admin/x", "/x/.%2e/admin", "/admin;x", "/admin;a=b/x",
	"/;/admin/x", "/admin%3Bx", "/admin%00/x", "/\\admin",
	"/admin%2fx", "/%2fadmin", "/admin\\x", "/admin%5Cx", "/x/..;/admin",
	"/x/..;a=b/admin/x", "/x\\..\\admin", "/x%5c..%5Cadmin/x",
	"/x%2F..%2Fadmin", "/%2e/admin", "/;a=b//%61dmin%2f", "/.//admin",
	"/x/y/../../admin", "/%2561dmin/x",
	"/%252e%252e/x/../admin", "/x/%252e%252e/admin", "/admin%252fx",
	"/x%255c..%255cadmin", "/%c0%afadmin", "/x/%c0%ae%c0%ae/admin",
	"/admin%c1%9cx", "/x/%e0%80%ae%e0%80%ae/admin", "/%c1%a1dmin",
	"/%f0%80%81%a1dmin", "/x%c0%af..%c0%afadmin",
	"/\xc1\xa1" "dmin/x", "/x\xc0\xaf..\xc0\xaf" "admin",
	"/%u0061dmin/x", "/x%u002f..%U002fadmin", "/%25u0061dmin",
	"/%%36%31dmin/x", "/%25%36%31dmin/x",
	"/\xef\xbd\x81" "dmin/x", "/x%ef%bc%8f..%ef%bc%8fadmin",
	"/x/%uff0e%uff0e/admin",
};

static void test_disguised_paths(void **state)
{
	char url[256];

	(void)state;
	load_good("[service wide]\nupstream = https://api.test\n" TOKEN
		  "path = /\n"
		  "[service narrow]\nupstream = https://api.test/admin\n" TOKEN
		  "path = /admin/\ndeny = * /x/**\n");
	for (size_t i = 0; i < sizeof(disguises) / sizeof(*disguises); i++) {
		snprintf(url, sizeof(url), "http://api.test%s", disguises[i]);
		expect(url, "(ambiguous)");
		snprintf(url, sizeof(url), "http://API.test.:443%s?q",
			 disguises[i]);
		expect(url, "(ambiguous)");
		expect_host("localhost", disguises[i], "(ambiguous)");
		expect_host("api.test", disguises[i], "(ambiguous)");
	}
	/* What it says is what it is. */
	expect("http://api.test/admin/x", "narrow");
	expect("http://api.test/admin/%78//y;z\\", "narrow");
	expect("http://api.test/administrator", "wide");
	expect("http://api.test/Admin", "wide");
	expect("http://api.test/x/../y/%41;b//c", "wide");
	expect("http://api.test/x%2Fadmin%2F..", "wide");
	expect("http://api.test/x?/../admin", "wide");
	expect("http://api.test/%25%zz%", "wide");
	expect("http://api.test/admin/%252e%252e/x", "narrow");
	expect("http://api.test/admin/..", "(climbs)");
	expect("http://api.test/admin/..;/admin", "(climbs)");
	expect("http://api.test/admin%2f..%2fx", "wide");
	expect("http://api.test/../admin", "(climbs)");
}

/* Whoever reads it otherwise comes to the same session and rules. */
static void test_shared_session_in_other_readings(void **state)
{
	static const char wide[] =
		"[service wide]\nupstream = https://api.test\n" TOKEN
		"deny = * /x\n";
	char ini[512];

	(void)state;
	snprintf(ini, sizeof(ini), "%s[service narrow]\nupstream = "
		 "https://api.test/admin\nsession = wide\ndeny = * /x\n",
		 wide);
	load_good(ini);
	expect("http://api.test/%61dmin/y", "wide");
	expect("http://api.test/admin/y", "narrow");
	snprintf(ini, sizeof(ini), "%s[service narrow]\nupstream = "
		 "https://api.test/admin\nsession = wide\ndeny = * /y\n",
		 wide);
	load_good(ini);
	expect("http://api.test/%61dmin/y", "(ambiguous)");
	snprintf(ini, sizeof(ini), "%s[service narrow]\nupstream = "
		 "https://api.test/admin\nsession = wide\n", wide);
	load_good(ini);
	expect("http://api.test/%61dmin/y", "(ambiguous)");
	/* Of one service there are no two. */
	load_good("[service a]\nupstream = https://api.test\n" TOKEN
		  "match = a.test\nmatch = a.test/admin\n");
	expect("http://a.test/%61dmin/y", "a");
}

/* Prefixes are read as paths are. */
static void test_prefix_that_is_not_plain(void **state)
{
	(void)state;
	load_good("[service a]\nupstream = https://api.test\n" TOKEN
		  "[service b]\nupstream = https://api.test\n" TOKEN
		  "match = api.test/a%20b;c\n");
	expect("http://api.test/a%20b;c/x", "b");
	expect("http://api.test/a%20b;c", "b");
	expect("http://api.test/a%20b;c/%78;y//", "b");
	expect("http://api.test/%61%20b;c/x", "(ambiguous)");
	expect("http://api.test/a%20b/x", "(ambiguous)");
	expect("http://api.test/a%20c/x", "a");
}

static void test_own_pages_in_other_readings(void **state)
{
	(void)state;
	load_good("[service a]\nupstream = https://api.test\n" TOKEN
		  "path = /\n"
		  "[service b]\nupstream = https://b.test\n" TOKEN);
	expect_host("localhost", "/%2d/login/b", "(ambiguous)");
	expect_host("localhost", "//-/login/b", "(ambiguous)");
	expect_host("localhost", "/b/%2e%2e/-/x", "(climbs)");
	expect_host("localhost", "/x/../-", "(ambiguous)");
	expect_host("localhost", "/-;/login/b", "(ambiguous)");
	expect_host("localhost", "/-/../b/x", "(ambiguous)");
	expect_host("localhost", "/-/..%2fb", "(ambiguous)");
	expect_host("localhost", "/-/%2e%2e\\", "(ambiguous)");
	expect_host("localhost", "/-/login//b;x", "(page)");
	/* Where nobody has what is above, nothing but the page is meant. */
	load_good("[service b]\nupstream = https://b.test\n" TOKEN);
	expect_host("localhost", "/-/..", "(page)");
	expect_host("localhost", "//b/x", "(no path)");
	expect_host("localhost", "/-/../b/x", "(ambiguous)");
}

static void test_climbing(void **state)
{
	(void)state;
	load_good("[service a]\nupstream = https://a.test/base\n" TOKEN
		  "match = api.test/v1\n");
	expect("http://api.test/v1/../x", "(climbs)");
	expect("http://api.test/v1/%2e%2E/x", "(climbs)");
	expect("http://api.test/v1/x%2f..%5c..", "(climbs)");
	expect("http://api.test/v1/x/../y", "a");
	expect("http://api.test/v1/..x", "a");
	expect_host("localhost", "/a/../b", "(climbs)");
	expect_host("localhost", "/a/..;x/b", "(climbs)");
	expect_host("localhost", "/a/x/..", "a");
}

static void test_connect(void **state)
{
	struct asked a;

	(void)state;
	load_good("[service a]\nupstream = https://a.test\n" TOKEN);
	a = ask_at("127.0.0.1", "CONNECT", "b.test:443", NULL);
	assert_string_equal(found(&a), "(unmatched)");
	a = ask_at("127.0.0.1", "CONNECT", "localhost:8119", NULL);
	assert_string_equal(found(&a), "(no path)");
	/* Another program's. */
	a = ask_at("127.0.0.1", "CONNECT", "localhost:443", NULL);
	assert_string_equal(found(&a), "(unmatched)");
}

static void test_without_upstream(void **state)
{
	struct asked a;

	(void)state;
	load_good("[service one]\nmatch = api.test:8443/v1\n" TOKEN
		  "[service two]\nmatch = *.wild.test\n" TOKEN
		  "match = b.test\n"
		  "[service six]\nmatch = [::2]\n" TOKEN);
	expect_target(ask("http://api.test:8443/v1/x", "x"),
		      "https://api.test:8443", "/v1/x");
	expect_target(ask("/one/x", "localhost"), "https://api.test:8443",
		      "/v1/x");
	expect_target(ask("http://b.test/x", "x"), "https://b.test:443",
		      "/x");
	expect_target(ask("http://[0::2]/x", "x"), "https://[::2]:443", "/x");
	a = ask("http://a.wild.test/x", "x");
	assert_string_equal(found(&a), "two");
	assert_null(a.route.origin);
	expect_host("localhost", "/two/x", "(no path)");
}

static void test_ipv6(void **state)
{
	(void)state;
	load_good("[service a]\nupstream = http://[::1]:9000\n" TOKEN
		  "[service b]\nupstream = https://x.test\n" TOKEN
		  "match = [2001:DB8::0:1]:443\n");
	expect("http://[::1]:9000/", "a");
	expect("http://[0:0:0::1]:9000/", "a");
	expect("https://[2001:db8::1]/", "b");
	expect("http://[2001:db8::1]/", "(unmatched)");
	expect_host("[2001:db8::1]:443", "/", "b");
}

static void test_odd_hosts(void **state)
{
	char host[600] = "http://", many[600] = "http://";

	(void)state;
	load_good("[service a]\nupstream = https://a.test\n" TOKEN
		  "match = *.a.test\nmatch = *.b\n");
	memset(host + 7, 'a', 300);
	memcpy(host + 307, ".a.test/", 9);
	expect(host, "(unmatched)");
	/* As many labels as fit into a host. */
	for (int i = 0; i < 124; i++)
		memcpy(many + 7 + 2 * i, "x.", 3);
	memcpy(many + 7 + 248, "a.test/", 8);
	expect(many, "a");
	memcpy(many + 7 + 248, "b/", 3);
	expect(many, "a");
	expect("http://.a.test/", "(unmatched)");
	expect("http://a.test/", "(unmatched)");
	expect("http://x..a.test/", "a");
}

static void test_thousand(void **state)
{
	struct buf text = BUF_INIT(1 << 20), name = BUF_INIT(100);
	struct timespec begin, end;

	(void)state;
	for (int i = 0; i < 1000; i++)
		buf_addf(&text, "[service s%d]\nupstream = "
				"http://127.0.0.1:%d/b\naccess_token = t%d\n"
				"match = api.test/p%d\nmatch = h%d.test\n",
			 i, 10000 + i, i, i, i);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
	load_good(buf_z(&text));
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
	/* 100 ms are for all of a start; sanitizers are slower. */
	assert_true((end.tv_sec - begin.tv_sec) * 1000 +
		    (end.tv_nsec - begin.tv_nsec) / 1000000 < 500);
	for (int i = 0; i < 1000; i += 37) {
		char want[16];

		(void)snprintf(want, sizeof(want), "s%d", i);
		buf_reset(&name);
		buf_addf(&name, "http://api.test/p%d/x", i);
		expect(buf_z(&name), want);
		buf_reset(&name);
		buf_addf(&name, "http://h%d.test/x", i);
		expect(buf_z(&name), want);
		buf_reset(&name);
		buf_addf(&name, "/s%d/x", i);
		expect_host("localhost", buf_z(&name), want);
	}
	expect("http://api.test/p1000", "(unmatched)");
	buf_fini(&text);
	buf_fini(&name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_prefix_claims_only_itself),
		cmocka_unit_test(test_default_match),
		cmocka_unit_test(test_same_upstream_twice),
		cmocka_unit_test(test_own_address),
		cmocka_unit_test(test_local_address),
		cmocka_unit_test(test_own_address_with_port),
		cmocka_unit_test(test_targets),
		cmocka_unit_test(test_asterisk),
		cmocka_unit_test(test_disguised_paths),
		cmocka_unit_test(test_shared_session_in_other_readings),
		cmocka_unit_test(test_prefix_that_is_not_plain),
		cmocka_unit_test(test_own_pages_in_other_readings),
		cmocka_unit_test(test_climbing),
		cmocka_unit_test(test_connect),
		cmocka_unit_test(test_without_upstream),
		cmocka_unit_test(test_ipv6),
		cmocka_unit_test(test_odd_hosts),
		cmocka_unit_test(test_thousand),
	};

	return cmocka_run_group_tests(tests, NULL, scratch_teardown);
}
