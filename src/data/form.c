/* SPDX-License-Identifier: MIT */
/* Encodes and decodes forms: the parameters of token requests, queries, forms
 * and form-encoded token replies. */
#include "data/form.h"

/* RFC 3986 §2.3. */
static bool is_unreserved(char c)
{
	return char_is_alpha(c) || char_is_digit(c) || c == '-' || c == '.' ||
	       c == '_' || c == '~';
}

static void encode(struct buf *out, struct str s, const char *space)
{
	static const char HEX[] = "0123456789ABCDEF";

	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		char escape[3] = { '%', HEX[c >> 4], HEX[c & 15] };

		if (is_unreserved(s.p[i]))
			buf_add_char(out, s.p[i]);
		else if (c == ' ')
			buf_add_z(out, space);
		else
			buf_add(out, escape, sizeof(escape));
	}
}

/* The octet that the escape at s.p[i] stands for, or -1. */
static int escaped(struct str s, size_t i)
{
	if (s.n - i < 3 || s.p[i] != '%')
		return -1;

	int high = char_hex(s.p[i + 1]), low = char_hex(s.p[i + 2]);

	return high < 0 || low < 0 ? -1 : high * 16 + low;
}

static void decode(struct buf *out, struct str s, char plus)
{
	for (size_t i = 0; i < s.n; i++) {
		int octet = escaped(s, i);

		if (octet >= 0)
			i += 2;
		else
			octet = s.p[i] == '+' ? plus : s.p[i];
		buf_add_char(out, (char)octet);
	}
}

bool form_next(struct str *rest, struct buf *name, struct buf *value)
{
	struct str pair = { NULL, 0 };

	buf_reset(name);
	buf_reset(value);
	while (pair.n == 0) {
		if (rest->n == 0)
			return false;
		pair = str_sub(*rest, 0, str_find(*rest, '&'));
		*rest = str_from(*rest, pair.n + 1);
	}

	size_t equals = str_find(pair, '=');

	decode(name, str_sub(pair, 0, equals), ' ');
	decode(value, str_from(pair, equals + 1), ' ');
	return true;
}

void form_add(struct buf *out, struct str name, struct str value)
{
	if (out->n > 0)
		buf_add_char(out, '&');
	form_encode(out, name);
	buf_add_char(out, '=');
	form_encode(out, value);
}

void form_encode(struct buf *out, struct str s)
{
	encode(out, s, "+");
}

void percent_encode(struct buf *out, struct str s)
{
	encode(out, s, "%20");
}

void percent_decode(struct buf *out, struct str s)
{
	decode(out, s, '+');
}
