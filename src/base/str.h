/* SPDX-License-Identifier: MIT */
/* Slices of text, and a cursor to parse them with. A slice owns nothing and
 * need not end with NUL. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/attr.h"

struct str {
	const char *p; /* may be NULL when n is 0 */
	size_t n;
};

/* A slice of a string literal. */
#define STR(literal) ((struct str){ "" literal, sizeof(literal) - 1 })

/* For printf's "%.*s". */
#define STR_ARGS(s) (int)(s).n, (s).p

/* The slice of a NUL-terminated string; NULL gives the empty slice. */
static inline struct str str_z(const char *z)
{
	return (struct str){ z, z ? strlen(z) : 0 };
}

static inline bool str_eq(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}
bool str_eq_z(struct str a, const char *z);
/* Without regard to the case of ASCII letters. Lengths differ most often, then
 * the first octets, of which case changes one bit only: they are compared
 * before the call. */
bool str_same_nocase(const char *a, const char *b, size_t n);
static inline bool str_eq_nocase(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || (((a.p[0] ^ b.p[0]) & ~0x20) == 0 &&
					   str_same_nocase(a.p, b.p, a.n)));
}
bool str_starts(struct str s, struct str prefix);
bool str_starts_nocase(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
/* Index of the first octet c, or s.n. */
size_t str_find(struct str s, char c);
/* Index of the first occurrence of part, or s.n. */
size_t str_find_str(struct str s, struct str part);
/* From octet at on; at most the rest (both clamped). */
static inline struct str str_from(struct str s, size_t at)
{
	if (at > s.n)
		at = s.n;
	if (at == 0)
		return s;
	return (struct str){ s.p + at, s.n - at };
}

static inline struct str str_sub(struct str s, size_t at, size_t n)
{
	struct str rest = str_from(s, at);

	if (n < rest.n)
		rest.n = n;
	return rest;
}
static inline bool char_is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Without the spaces and tabs at both ends. */
static inline struct str str_trim(struct str s)
{
	while (s.n && char_is_blank(s.p[0])) {
		s.p++;
		s.n--;
	}
	while (s.n && char_is_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

/* A copy with a NUL behind it, freed by mem_free. */
ATTR_MALLOC char *str_dup(struct str s);

/* Decimal digits only, no sign, no space, 1 to 20 of them. False where it is
 * none or is over max. */
ATTR_MUST_CHECK bool str_u64(struct str s, uint64_t max, uint64_t *out);

/* A comma-separated list as RFC 9110 §5.6.1 has it: takes the next non-empty
 * element (trimmed) off *rest; false at the end. Quoted strings are not
 * looked into. */
bool str_next_element(struct str *rest, struct str *element);
/* Words between spaces and tabs: takes the next off *rest. */
bool str_next_word(struct str *rest, struct str *word);

/* All of s, which may be empty, is visible ASCII (0x21 to 0x7e), or that and
 * spaces. */
bool str_is_visible(struct str s);
bool str_is_printable(struct str s);
/* RFC 9110 §5.6.2 token characters, all of s and at least one. */
bool str_is_token(struct str s);

/* A parse cursor: what is left of the input. */
struct cursor {
	const char *p, *end;
};

struct cursor cursor_of(struct str s);
bool cursor_done(const struct cursor *c);
/* The next octet, or -1 at the end; looks only. */
int cursor_peek(const struct cursor *c);
/* Takes one octet if it is c. */
bool cursor_skip(struct cursor *c, char octet);
/* Takes the literal if it comes next. */
bool cursor_skip_str(struct cursor *c, struct str literal);
/* Takes all octets for which is() holds, perhaps none. */
struct str cursor_while(struct cursor *c, bool (*is)(char));
/* Takes all up to and without stop; at the end, all. */
struct str cursor_until(struct cursor *c, char stop);
struct str cursor_rest(const struct cursor *c);

/* ASCII classes and folding, whatever the locale. */
static inline bool char_is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline bool char_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* RFC 9110 §5.6.2: one bit for each of !#$%&'*+-.^_`|~, digits, letters. */
static inline bool char_is_token(char c)
{
	static const uint64_t token[4] = { 0x03ff6cfa00000000,
					   0x57ffffffc7fffffe, 0, 0 };
	unsigned char u = (unsigned char)c;

	return token[u >> 6] >> (u & 63) & 1;
}

static inline bool char_is_visible(char c)
{
	return c > 0x20 && c < 0x7f;
}
static inline bool char_is_printable(char c)
{
	return c >= 0x20 && c < 0x7f;
}
static inline char char_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

/* 0..15, or -1. */
int char_hex(char c);
