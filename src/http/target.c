/* SPDX-License-Identifier: MIT */
/* Parses the request-target once, when a request has come in; routing then asks
 * it which prefixes fit and whether the path stays below the one that was
 * taken. Nothing is rewritten: the upstream gets the octets that were looked
 * at. */
#include "http/target.h"

#include "data/uri.h"

static int check_octets(struct str raw, struct fault *f)
{
	if (raw.n == 0)
		return fault_set(f, "the request-target is empty");
	for (size_t i = 0; i < raw.n; i++) {
		/* Old tools send UTF-8 as it is; it travels as it came. */
		if (!char_is_visible(raw.p[i]) && (raw.p[i] & 0x80) == 0)
			return fault_set(f, "the request-target holds a space "
					    "or a control character");
		if (raw.p[i] == '#')
			return fault_set(f, "a request-target has no "
					    "fragment");
	}
	return 0;
}

/* RFC 9112 §3.2.3; the port is not optional there. */
static int read_authority(struct str raw, struct target *out, struct fault *f)
{
	out->form = TARGET_AUTHORITY;
	if (authority_parse(raw, &out->host, &out->port, &out->is_ipv6, f) < 0)
		return fault_prefix(f, "the target of CONNECT");
	if (out->port < 0)
		return fault_set(f, "the target of CONNECT has no port");
	return 0;
}

static void split_path(struct str rest, struct target *out)
{
	size_t end = str_find(rest, '?');

	out->path = str_sub(rest, 0, end);
	out->query = str_from(rest, end);
}

static bool is_authority_char(char c)
{
	return c != '/' && c != '?';
}

/* What stands behind "http://" or "https://" (RFC 9112 §3.2.2). */
static int read_absolute(struct str rest, struct target *out, struct fault *f)
{
	struct cursor c = cursor_of(rest);
	struct str authority = cursor_while(&c, is_authority_char);

	out->form = TARGET_ABSOLUTE;
	if (str_find(authority, '@') < authority.n)
		return fault_set(f, "the request-target holds userinfo");
	if (authority_parse(authority, &out->host, &out->port, &out->is_ipv6,
			    f) < 0)
		return fault_prefix(f, "the request-target");
	split_path(cursor_rest(&c), out);
	return 0;
}

int target_parse(struct str raw, struct str method, struct target *out,
		 struct fault *f)
{
	const struct str http = STR("http://"), https = STR("https://");

	*out = (struct target){ .port = -1 };
	if (check_octets(raw, f) < 0)
		return -1;
	if (str_eq_z(method, "CONNECT"))
		return read_authority(raw, out, f);
	if (raw.p[0] == '/') {
		out->form = TARGET_ORIGIN;
		split_path(raw, out);
		return 0;
	}
	if (str_starts_nocase(raw, http))
		return read_absolute(str_from(raw, http.n), out, f);
	if (str_starts_nocase(raw, https)) {
		out->https = true;
		return read_absolute(str_from(raw, https.n), out, f);
	}
	if (!str_eq_z(raw, "*"))
		return fault_set(f, "the request-target is neither a path nor "
				    "an http or https URI");
	if (!str_eq_z(method, "OPTIONS"))
		return fault_set(f, "the request-target \"*\" is for OPTIONS "
				    "only");
	out->form = TARGET_ASTERISK;
	return 0;
}

/* Takes one octet, decoded once: what "%25" stands for escapes nothing. */
static char next_octet(struct cursor *c)
{
	char octet = *c->p++;

	if (octet != '%' || c->end - c->p < 2)
		return octet;

	int high = char_hex(c->p[0]), low = char_hex(c->p[1]);

	if (high < 0 || low < 0)
		return octet;
	c->p += 2;
	return (char)(high * 16 + low);
}

/* Takes a segment and the separator behind it. Returns how many levels it
 * leads down: 1, 0 (empty or "."), or -1. Empty segments count as nothing,
 * because servers that merge slashes do not see them. */
static int next_segment(struct cursor *c)
{
	size_t length = 0, dots = 0;
	bool cut = false;

	while (!cursor_done(c)) {
		char octet = next_octet(c);

		if (octet == '/' || octet == '\\')
			break;
		/* Parameters are no part of the name for many servers, and
		 * for some it ends at NUL. */
		cut |= octet == ';' || octet == 0;
		if (cut)
			continue;
		length++;
		dots += octet == '.';
	}
	if (length == 0 || (length == 1 && dots == 1))
		return 0;
	return length == 2 && dots == 2 ? -1 : 1;
}

bool target_climbs(struct str path, struct str prefix)
{
	struct cursor c = cursor_of(str_from(path, prefix.n));
	long depth = 0;

	while (!cursor_done(&c)) {
		depth += next_segment(&c);
		if (depth < 0)
			return true;
	}
	return false;
}

bool target_has_prefix(struct str path, struct str prefix)
{
	if (prefix.n > 0 && prefix.p[prefix.n - 1] == '/')
		prefix.n--;
	if (prefix.n == 0)
		return true;
	return str_starts(path, prefix) &&
	       (path.n == prefix.n || path.p[prefix.n] == '/');
}

static struct str without_dot(struct str host)
{
	if (host.n > 0 && host.p[host.n - 1] == '.')
		host.n--;
	return host;
}

bool host_eq(struct str a, struct str b)
{
	return str_eq_nocase(without_dot(a), without_dot(b));
}

void host_normalize(struct buf *out, struct str host)
{
	host = without_dot(host);
	for (size_t i = 0; i < host.n; i++)
		buf_add_char(out, char_lower(host.p[i]));
}
