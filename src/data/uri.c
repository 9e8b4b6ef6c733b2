/* SPDX-License-Identifier: MIT */
/* Parses URIs and authorities: upstreams, endpoints and redirect URIs of the
 * configuration, and what requests name. What two readers could take apart in
 * two ways is refused here, so that what is checked is what is connected to. */
#include "data/uri.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

/* RFC 3986 §3.2.2, reg-name without percent-encoding: no host on a network is
 * written so, and readers disagree on whether it is decoded. */
static bool is_host_char(char c)
{
	/* One bit for each of -._~!$&'()*+,;=, digits, letters. */
	static const uint64_t host[4] = { 0x2bff7fd200000000,
					  0x47fffffe87fffffe, 0, 0 };
	unsigned char u = (unsigned char)c;

	return host[u >> 6] >> (u & 63) & 1;
}

/* RFC 3986 §3.2.1. */
static bool is_userinfo_char(char c)
{
	return is_host_char(c) || c == '%' || c == ':';
}

static bool is_scheme_char(char c)
{
	return char_is_alpha(c) || char_is_digit(c) || c == '+' || c == '-' ||
	       c == '.';
}

/* Whether s is an address of the family; the address goes to out. */
static bool is_address(int family, struct str s, void *out)
{
	char z[INET6_ADDRSTRLEN];

	if (s.n == 0 || s.n >= sizeof(z) || memchr(s.p, 0, s.n))
		return false;
	memcpy(z, s.p, s.n);
	z[s.n] = 0;
	return inet_pton(family, z, out) == 1;
}

static int take_ipv6(struct cursor *c, struct str *host, struct fault *f)
{
	struct in6_addr address;

	*host = cursor_until(c, ']');
	if (!cursor_skip(c, ']'))
		return fault_set(f, "the host's \"[\" has no \"]\"");
	if (!is_address(AF_INET6, *host, &address))
		return fault_set(f, "no IPv6 address in the host's brackets");
	return 0;
}

static int take_name(struct cursor *c, struct str *host, struct fault *f)
{
	const char *from = c->p;

	while (c->p != c->end && is_host_char(*c->p))
		c->p++;
	*host = (struct str){ from, (size_t)(c->p - from) };
	if (!cursor_done(c) && cursor_peek(c) != ':')
		return fault_set(f, "the host holds a character that no host "
				    "has");
	if (host->n == 0 || str_eq_z(*host, "."))
		return fault_set(f, "the host is empty");
	return 0;
}

int authority_parse(struct str text, struct str *host, int *port,
		    bool *is_ipv6, struct fault *f)
{
	struct cursor c = cursor_of(text);
	uint64_t number = 0;

	*port = -1;
	*is_ipv6 = cursor_skip(&c, '[');
	if ((*is_ipv6 ? take_ipv6 : take_name)(&c, host, f) < 0)
		return -1;
	if (cursor_done(&c))
		return 0;
	if (!cursor_skip(&c, ':'))
		return fault_set(f, "behind the host stands neither \":\" nor "
				    "the end");

	struct str digits = cursor_rest(&c);

	if (digits.n == 0)
		return 0;
	if (!str_u64(digits, 65535, &number) || number == 0)
		return fault_set(f, "the port is not a number from 1 to 65535");
	*port = (int)number;
	return 0;
}

static bool is_authority_char(char c)
{
	return c != '/' && c != '?' && c != '#';
}

static int split_authority(struct str authority, struct uri *out,
			   struct fault *f)
{
	size_t at = str_find(authority, '@');

	if (at < authority.n) {
		struct cursor c = cursor_of(str_sub(authority, 0, at));

		out->has_userinfo = true;
		out->userinfo = cursor_while(&c, is_userinfo_char);
		if (!cursor_done(&c))
			return fault_set(f, "the userinfo holds a character "
					    "that must be percent-encoded");
		authority = str_from(authority, at + 1);
	}
	return authority_parse(authority, &out->host, &out->port,
			       &out->is_ipv6, f);
}

int uri_parse(struct str text, struct uri *out, struct fault *f)
{
	struct cursor c = cursor_of(text);

	*out = (struct uri){ .port = -1 };
	if (!str_is_visible(text))
		return fault_set(f, "a URI holds visible ASCII only, no "
				    "spaces");
	out->scheme = cursor_while(&c, is_scheme_char);
	if (out->scheme.n == 0 || !char_is_alpha(out->scheme.p[0]) ||
	    !cursor_skip_str(&c, STR("://")))
		return fault_set(f, "a URI begins with its scheme and "
				    "\"://\", as in https://example.com/");
	if (split_authority(cursor_while(&c, is_authority_char), out, f) < 0)
		return -1;

	struct str rest = cursor_until(&c, '#');
	size_t path_end = str_find(rest, '?');

	out->path = str_sub(rest, 0, path_end);
	out->has_query = path_end < rest.n;
	out->query = str_from(rest, path_end + 1);
	out->has_fragment = cursor_skip(&c, '#');
	out->fragment = cursor_rest(&c);
	return 0;
}

int uri_port(const struct uri *u)
{
	if (u->port >= 0)
		return u->port;
	return uri_is_https(u) ? 443 : uri_is_http(u) ? 80 : -1;
}

bool uri_is_https(const struct uri *u)
{
	return str_eq_nocase(u->scheme, STR("https"));
}

bool uri_is_http(const struct uri *u)
{
	return str_eq_nocase(u->scheme, STR("http"));
}

bool uri_host_is_loopback(struct str host)
{
	const struct str below = STR(".localhost");
	struct in6_addr six;
	struct in_addr four;

	if (is_address(AF_INET, host, &four))
		return ntohl(four.s_addr) >> 24 == 127;
	if (is_address(AF_INET6, host, &six))
		return IN6_IS_ADDR_LOOPBACK(&six);
	if (host.n > 0 && host.p[host.n - 1] == '.')
		host.n--;
	return str_eq_nocase(host, STR("localhost")) ||
	       (host.n > below.n &&
		str_eq_nocase(str_from(host, host.n - below.n), below));
}
