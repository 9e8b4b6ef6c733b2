/* SPDX-License-Identifier: MIT */
/* Writes a path as each kind of server would read it, for those who decide by
 * it: which service it is (service/routes.h), and whether that lets it through
 * (service/access.h). */
#include "http/path_reading.h"

#include <string.h>

char path_octet(struct cursor *c)
{
	char octet = *c->p++;
	int high, low;

	if (octet != '%' || c->end - c->p < 2)
		return octet;
	high = char_hex(c->p[0]);
	low = char_hex(c->p[1]);
	if (high < 0 || low < 0)
		return octet;
	c->p += 2;
	octet = (char)(high * 16 + low);
	return octet == '\\' ? '/' : octet;
}

/* Takes an octet, decoded once; true where it ends a segment. */
static bool take_path_octet(struct cursor *c, unsigned how, char *octet)
{
	bool was_slash = *c->p == '/', ends;
	const char *at = c->p;

	*octet = path_octet(c);
	if (*at == '\\')
		*octet = '/';
	ends = was_slash || (*octet == '/' && (how & PATH_SLASHES));
	/* It stays as it was written. */
	if (!ends && *octet == '/') {
		*octet = *at;
		c->p = at + 1;
	}
	return ends;
}

static void cut_last(struct buf *out)
{
	size_t n = out->n;

	while (n && out->p[n - 1] != '/')
		n--;
	buf_cut(out, n ? n - 1 : 0);
}

/* Takes a segment and what ends it; adds it where it stays. True where there
 * is another one. */
static bool read_segment(struct buf *out, struct cursor *c, unsigned how)
{
	size_t from = out->n;
	bool cut = false, ends = false, up;
	struct str name;

	buf_add_char(out, '/');
	while (!cursor_done(c) && !ends) {
		char octet;

		ends = take_path_octet(c, how, &octet);
		cut |= (how & PATH_CUT) && (octet == ';' || octet == 0);
		if (!ends && !cut)
			buf_add_char(out, octet);
	}
	name = str_from(buf_str(out), from + 1);
	up = str_eq_z(name, "..");
	if (!up && !str_eq_z(name, ".") &&
	    (name.n || (ends && !(how & PATH_MERGE))))
		return ends;
	buf_cut(out, from);
	if (up)
		cut_last(out);
	if (!ends)
		buf_add_char(out, '/');
	return ends;
}

/* Of several slashes, one. */
static void merge_slashes(struct buf *out)
{
	size_t n = 0;

	for (size_t i = 0; i < out->n; i++)
		if (!n || out->p[i] != '/' || out->p[n - 1] != '/')
			out->p[n++] = out->p[i];
	buf_cut(out, n);
}

void path_read(struct buf *out, struct str path, unsigned how)
{
	struct cursor c = cursor_of(str_from(path, 1));

	while (read_segment(out, &c, how))
		continue;
	merge_slashes(out);
}

bool path_is_plain(struct str path)
{
	for (size_t i = 0; i < path.n; i++) {
		char c = path.p[i];

		if (c == '%' || c == '\\' || c == ';' || (c & 0x80))
			return false;
		if (c == '/' && i + 1 < path.n &&
		    (path.p[i + 1] == '/' || path.p[i + 1] == '.'))
			return false;
	}
	return true;
}

/* What servers make of a character that is not ASCII: the same number in a
 * form that is too long for it (RFC 3629 §10), or a wide form of U+FF01 to
 * U+FF5E, for which some take the usual one. -1: itself. */
static int ascii_of(unsigned value)
{
	if (value >= 0xff01 && value <= 0xff5e)
		return (int)(value - 0xfee0);
	return value < 0x80 ? (int)value : -1;
}

/* Of octets of UTF-8 at p, overlong or wide; *n is their length. -1 where
 * there are none. */
static int of_utf8(const unsigned char *p, size_t left, size_t *n)
{
	unsigned value;

	if ((p[0] & 0xe0) == 0xc0)
		*n = 2;
	else if ((p[0] & 0xf0) == 0xe0)
		*n = 3;
	else if ((p[0] & 0xf8) == 0xf0)
		*n = 4;
	else
		return -1;
	if (left < *n)
		return -1;
	value = p[0] & (0x7fU >> *n);
	for (size_t i = 1; i < *n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return -1;
		value = value << 6 | (p[i] & 0x3fU);
	}
	return ascii_of(value);
}

/* Of "%u0061" at p, as IIS reads it. */
static int of_percent_u(const char *p, size_t left, size_t *n)
{
	unsigned value = 0;

	*n = strlen("%uXXXX");
	if (left < *n || p[0] != '%' || (p[1] != 'u' && p[1] != 'U'))
		return -1;
	for (size_t i = 2; i < *n; i++) {
		int digit = char_hex(p[i]);

		if (digit < 0)
			return -1;
		value = value * 16 + (unsigned)digit;
	}
	return ascii_of(value);
}

static void fold(struct buf *b)
{
	size_t to = 0, n;

	for (size_t i = 0; i < b->n; i++) {
		const char *p = b->p + i;
		int c = of_utf8((const unsigned char *)p, b->n - i, &n);

		if (c < 0)
			c = of_percent_u(p, b->n - i, &n);
		if (c >= 0)
			i += n - 1;
		b->p[to++] = c >= 0 ? (char)c : *p;
	}
	buf_cut(b, to);
}

void path_reading(struct buf *out, struct str path, unsigned i)
{
	unsigned how = i % PATH_FORMS;
	struct buf once = BUF_INIT(path.n + 2);

	if (i < PATH_FORMS) {
		path_read(out, path, how);
		return;
	}
	path_read(&once, path, how);
	fold(&once);
	path_read(out, buf_str(&once), how);
	buf_fini(&once);
}
