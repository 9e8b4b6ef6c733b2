/* SPDX-License-Identifier: MIT */
/* URIs: the parts of one that was taken, put together again, are its text;
 * what no host may hold is in none. Dates come along. */
#include "data/uri.h"

#include "base/buf.h"
#include "data/date.h"
#include "fuzz.h"

enum { MAX = 8 << 20 };

static void check_host(struct str host)
{
	ASSERT(host.n > 0);
	for (size_t i = 0; i < host.n; i++)
		ASSERT(host.p[i] > 0x20 && host.p[i] < 0x7f);
	ASSERT(str_find(host, '@') == host.n);
	ASSERT(str_find(host, '/') == host.n);
	ASSERT(str_find(host, '\\') == host.n);
	ASSERT(str_find(host, '%') == host.n);
	uri_host_is_loopback(host);
}

static void put(struct buf *b, bool there, const char *before, struct str s,
		const char *behind)
{
	if (!there)
		return;
	buf_add_z(b, before);
	buf_add_str(b, s);
	buf_add_z(b, behind);
}

/* All but the port, which may be written in several ways. */
static void put_together(const struct uri *u, struct str text)
{
	struct buf front = BUF_INIT(MAX), back = BUF_INIT(MAX);

	put(&front, true, "", u->scheme, "://");
	put(&front, u->has_userinfo, "", u->userinfo, "@");
	put(&front, true, u->is_ipv6 ? "[" : "", u->host,
	    u->is_ipv6 ? "]" : "");
	put(&back, true, "", u->path, "");
	put(&back, u->has_query, "?", u->query, "");
	put(&back, u->has_fragment, "#", u->fragment, "");
	ASSERT(str_starts(text, buf_str(&front)));
	ASSERT(str_ends(text, buf_str(&back)));
	ASSERT(front.n + back.n <= text.n);

	struct str port = str_sub(text, front.n, text.n - front.n - back.n);
	uint64_t n = 0;

	if (u->port >= 0)
		ASSERT(str_u64(str_from(port, 1), 65535, &n) &&
		       n == (uint64_t)u->port && n > 0);
	else
		ASSERT(port.n == 0 || str_eq_z(port, ":"));
	buf_fini(&front);
	buf_fini(&back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = fuzz_text(data, size), host;
	struct uri u;
	struct fault f = { "" };
	int64_t seconds;
	int port;
	bool six;

	if (uri_parse(text, &u, &f) == 0) {
		check_host(u.host);
		put_together(&u, text);
	} else {
		ASSERT(f.text[0]);
	}
	if (authority_parse(text, &host, &port, &six, NULL) == 0) {
		check_host(host);
		fuzz_inside(host, text);
	}
	if (date_http_parse(text, &seconds) == 0)
		ASSERT(seconds >= -62167219200 && seconds <= 253402300800);
	return 0;
}
