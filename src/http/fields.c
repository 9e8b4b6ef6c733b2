/* SPDX-License-Identifier: MIT */
/* A list of fields: taken over from the client, freed of what ends at this hop,
 * added to, and sent on. */
#include "http/fields.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void fields_init(struct fields *fs, struct arena *arena)
{
	*fs = (struct fields){ NULL, 0, 0, arena };
}

void fields_grow(struct fields *fs)
{
	size_t cap = fs->cap ? fs->cap * 2 : 16;
	struct field *v = arena_alloc(fs->arena, cap * sizeof(*v));

	if (fs->n)
		memcpy(v, fs->v, fs->n * sizeof(*v));
	fs->v = v;
	fs->cap = cap;
}

void fields_init_like(struct fields *fs, struct arena *arena,
		      const struct fields *other)
{
	size_t cap = other->n + 8; /* a few are likely to be added */

	*fs = (struct fields){ arena_alloc(arena, cap * sizeof(*fs->v)),
			       other->n, cap, arena };
	if (other->n)
		memcpy(fs->v, other->v, other->n * sizeof(*fs->v));
}

void fields_add_copy(struct fields *fs, struct str name, struct str value)
{
	char *p = arena_alloc(fs->arena, name.n + value.n + 2);
	char *v = p + name.n + 1;

	memcpy(p, name.p, name.n);
	p[name.n] = '\0';
	if (value.n > 0)
		memcpy(v, value.p, value.n);
	v[value.n] = '\0';
	fields_add(fs, (struct str){ p, name.n }, (struct str){ v, value.n });
}

const struct field *fields_find(const struct fields *fs, struct str name)
{
	for (size_t i = 0; i < fs->n; i++) {
		if (str_eq_nocase(fs->v[i].name, name))
			return &fs->v[i];
	}
	return NULL;
}

size_t fields_count(const struct fields *fs, struct str name)
{
	size_t count = 0;

	for (size_t i = 0; i < fs->n; i++)
		count += str_eq_nocase(fs->v[i].name, name);
	return count;
}

size_t fields_remove(struct fields *fs, struct str name)
{
	size_t kept = 0, before = fs->n;

	for (size_t i = 0; i < before; i++) {
		if (!str_eq_nocase(fs->v[i].name, name))
			fs->v[kept++] = fs->v[i];
	}
	fs->n = kept;
	return before - kept;
}

static bool are_valid(const char *p, size_t n)
{
	unsigned bad = 0;

	/* No early way out: the loop stays free of branches. */
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)p[i];

		bad |= (unsigned)(c < 0x20) & (unsigned)(c != '\t');
		bad |= (unsigned)(c == 0x7f);
	}
	return !bad;
}

/* Whether one of eight octets may be below 0x20, or 0x7f: a borrow from the
 * octet beside it is taken for one too, so that the answer is sure only where
 * it is no. */
static bool may_be_bad(const char *p)
{
	const uint64_t ones = 0x0101010101010101u;
	uint64_t w, low, del;

	memcpy(&w, p, sizeof(w));
	low = (w - ones * 0x20) & ~w;
	del = ((w ^ ones * 0x7f) - ones) & ~(w ^ ones * 0x7f);
	return ((low | del) & ones * 0x80) != 0;
}

bool field_value_valid(struct str value)
{
	const char *p = value.p;
	size_t n = value.n;

	for (; n >= 8; n -= 8, p += 8)
		if (may_be_bad(p) && !are_valid(p, 8))
			return false;
	return are_valid(p, n);
}

enum { CONNECTION_LENGTH = 10 };

/* By length, so that most names are told apart without being looked at. */
static const struct str HOP_BY_HOP[] = {
	{ "TE", 2 },
	{ "Trailer", 7 },
	{ "Upgrade", 7 },
	{ "Connection", CONNECTION_LENGTH },
	{ "Keep-Alive", 10 },
	{ "HTTP2-Settings", 14 },
	{ "Proxy-Connection", 16 },
	{ "Transfer-Encoding", 17 },
	{ "Proxy-Authenticate", 18 },
	{ "Proxy-Authorization", 19 },
	{ "Proxy-Authentication-Info", 25 },
};

static const uint32_t HOP_BY_HOP_LENGTHS = 1u << 2 | 1u << 7 | 1u << 10 |
					   1u << 14 | 1u << 16 | 1u << 17 |
					   1u << 18 | 1u << 19 | 1u << 25;

static bool is_connection(const struct field *field)
{
	return str_eq_nocase(field->name,
			     (struct str){ "Connection", CONNECTION_LENGTH });
}

static bool is_hop_by_hop(const struct field *field)
{
	size_t rows = sizeof(HOP_BY_HOP) / sizeof(HOP_BY_HOP[0]);

	if (field->name.n > 25 || !(HOP_BY_HOP_LENGTHS >> field->name.n & 1))
		return false;
	for (size_t i = 0; i < rows; i++) {
		if (str_eq_nocase(field->name, HOP_BY_HOP[i]))
			return true;
	}
	return false;
}

/* What is nearly always in Connection, and names no field. */
static bool names_nothing(struct str options)
{
	return options.n == 0 || str_eq_nocase(options, STR("keep-alive")) ||
	       str_eq_nocase(options, STR("close"));
}

/* The names in all Connection fields, sorted, so that a head that is made of
 * little else is not searched once for each of them. */
struct options {
	struct str *v;
	size_t n;
};

static int by_name(const void *a, const void *b)
{
	const struct str *x = a, *y = b;
	int order = (x->n > y->n) - (x->n < y->n);

	for (size_t i = 0; order == 0 && i < x->n; i++)
		order = char_lower(x->p[i]) - char_lower(y->p[i]);
	return order;
}

/* How many names value has at the most. */
static size_t count_options(struct str value)
{
	size_t n = 1;

	for (size_t i = 0; i < value.n; i++)
		n += value.p[i] == ',';
	return n;
}

static struct options take_options(const struct fields *fs,
				   struct arena *arena)
{
	struct options o = { NULL, 0 };
	size_t most = 0;

	for (size_t i = 0; i < fs->n; i++) {
		if (is_connection(&fs->v[i]) && !names_nothing(fs->v[i].value))
			most += count_options(fs->v[i].value);
	}
	if (most == 0)
		return o;
	o.v = arena_alloc(arena, most * sizeof(*o.v));
	for (size_t i = 0; i < fs->n; i++) {
		struct str rest = fs->v[i].value;

		if (!is_connection(&fs->v[i]) || names_nothing(rest))
			continue;
		while (str_next_element(&rest, &o.v[o.n]))
			o.n++;
	}
	if (o.n > 1)
		qsort(o.v, o.n, sizeof(*o.v), by_name);
	return o;
}

static bool is_option(const struct options *o, struct str name)
{
	return o->n > 0 &&
	       bsearch(&name, o->v, o->n, sizeof(*o->v), by_name) != NULL;
}

void fields_remove_hop_by_hop(struct fields *fs)
{
	struct options o = take_options(fs, fs->arena);
	size_t kept = 0;

	for (size_t i = 0; i < fs->n; i++) {
		if (!is_hop_by_hop(&fs->v[i]) &&
		    !is_option(&o, fs->v[i].name))
			fs->v[kept++] = fs->v[i];
	}
	fs->n = kept;
}

void fields_add_end_to_end(struct fields *fs, const struct fields *from)
{
	struct options o = take_options(from, fs->arena);

	for (size_t i = 0; i < from->n; i++) {
		if (!is_hop_by_hop(&from->v[i]) &&
		    !is_option(&o, from->v[i].name))
			fields_add(fs, from->v[i].name, from->v[i].value);
	}
}
