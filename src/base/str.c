/* SPDX-License-Identifier: MIT */
/* Slices of text and the cursor that every parser of the program reads its
 * input with. */
#include "base/str.h"

#include <string.h>

#include "base/alloc.h"

/* memcmp, for slices whose pointer may be NULL. */
static bool same(const char *a, const char *b, size_t n)
{
	return n == 0 || memcmp(a, b, n) == 0;
}

/* Most are written alike. */
bool str_same_nocase(const char *a, const char *b, size_t n)
{
	if (same(a, b, n))
		return true;
	for (size_t i = 0; i < n; i++)
		if (char_lower(a[i]) != char_lower(b[i]))
			return false;
	return true;
}

bool str_eq_z(struct str a, const char *z)
{
	return str_eq(a, str_z(z));
}

bool str_starts(struct str s, struct str prefix)
{
	return s.n >= prefix.n && same(s.p, prefix.p, prefix.n);
}

bool str_starts_nocase(struct str s, struct str prefix)
{
	return s.n >= prefix.n && str_same_nocase(s.p, prefix.p, prefix.n);
}

bool str_ends(struct str s, struct str suffix)
{
	return s.n >= suffix.n && str_eq(str_from(s, s.n - suffix.n), suffix);
}

size_t str_find(struct str s, char c)
{
	const char *at = s.n ? memchr(s.p, c, s.n) : NULL;

	return at ? (size_t)(at - s.p) : s.n;
}

size_t str_find_str(struct str s, struct str part)
{
	const char *at;

	if (part.n == 0)
		return 0;
	if (part.n > s.n)
		return s.n;
	at = memmem(s.p, s.n, part.p, part.n);
	return at ? (size_t)(at - s.p) : s.n;
}

char *str_dup(struct str s)
{
	char *z = mem_alloc(s.n + 1);

	if (s.n)
		memcpy(z, s.p, s.n);
	return z;
}

bool str_u64(struct str s, uint64_t max, uint64_t *out)
{
	uint64_t v = 0;

	if (s.n < 1 || s.n > 20)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (!char_is_digit(s.p[i]))
			return false;
		if (__builtin_mul_overflow(v, 10, &v) ||
		    __builtin_add_overflow(v, (uint64_t)(s.p[i] - '0'), &v))
			return false;
	}
	if (v > max)
		return false;
	*out = v;
	return true;
}

bool str_next_element(struct str *rest, struct str *element)
{
	while (rest->n) {
		size_t comma = str_find(*rest, ',');
		struct str e = str_trim(str_sub(*rest, 0, comma));

		*rest = str_from(*rest, comma + 1);
		if (e.n) {
			*element = e;
			return true;
		}
	}
	return false;
}

bool str_next_word(struct str *rest, struct str *word)
{
	size_t at = 0, from;

	while (at < rest->n && char_is_blank(rest->p[at]))
		at++;
	from = at;
	while (at < rest->n && !char_is_blank(rest->p[at]))
		at++;
	*word = str_sub(*rest, from, at - from);
	*rest = str_from(*rest, at);
	return word->n != 0;
}

bool str_is_visible(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!char_is_visible(s.p[i]))
			return false;
	return true;
}

bool str_is_printable(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!char_is_printable(s.p[i]))
			return false;
	return true;
}

bool str_is_token(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!char_is_token(s.p[i]))
			return false;
	return s.n != 0;
}

struct cursor cursor_of(struct str s)
{
	return (struct cursor){ s.p, s.n ? s.p + s.n : s.p };
}

bool cursor_done(const struct cursor *c)
{
	return c->p == c->end;
}

int cursor_peek(const struct cursor *c)
{
	return c->p == c->end ? -1 : (unsigned char)*c->p;
}

bool cursor_skip(struct cursor *c, char octet)
{
	if (c->p == c->end || *c->p != octet)
		return false;
	c->p++;
	return true;
}

bool cursor_skip_str(struct cursor *c, struct str literal)
{
	if (!str_starts(cursor_rest(c), literal))
		return false;
	if (literal.n)
		c->p += literal.n;
	return true;
}

struct str cursor_while(struct cursor *c, bool (*is)(char))
{
	const char *from = c->p;

	while (c->p != c->end && is(*c->p))
		c->p++;
	return (struct str){ from, (size_t)(c->p - from) };
}

struct str cursor_until(struct cursor *c, char stop)
{
	struct str rest = cursor_rest(c);

	rest.n = str_find(rest, stop);
	if (rest.n)
		c->p += rest.n;
	return rest;
}

struct str cursor_rest(const struct cursor *c)
{
	return (struct str){ c->p, (size_t)(c->end - c->p) };
}

int char_hex(char c)
{
	if (char_is_digit(c))
		return c - '0';
	c = char_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}
