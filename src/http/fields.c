/* SPDX-License-Identifier: MIT */
/* The fields of a message between the front and the upstream: taken over from
 * the client, freed of what ends at this hop, added to, and sent on. */
#include "http/fields.h"

#include <stdint.h>
#include <string.h>

void fields_init(struct fields *fs, struct arena *arena)
{
	*fs = (struct fields){ NULL, 0, 0, arena };
}

static void grow(struct fields *fs)
{
	size_t cap = fs->cap ? fs->cap * 2 : 16;
	struct field *v = arena_alloc(fs->arena, cap * sizeof(*v));

	if (fs->n)
		memcpy(v, fs->v, fs->n * sizeof(*v));
	fs->v = v;
	fs->cap = cap;
}

void fields_add(struct fields *fs, struct str name, struct str value)
{
	if (fs->n == fs->cap)
		grow(fs);
	fs->v[fs->n++] = (struct field){ name, value };
}

void fields_add_copy(struct fields *fs, struct str name, struct str value)
{
	fields_add(fs, arena_str(fs->arena, name),
		   arena_str(fs->arena, value));
}

/* Lengths differ most often, then the first octets, of which case changes one
 * bit only: they are compared before the call. */
static inline bool is_named(const struct field *field, struct str name)
{
	if (field->name.n != name.n)
		return false;
	return name.n == 0 || (((field->name.p[0] ^ name.p[0]) & ~0x20) == 0 &&
			       str_eq_nocase(field->name, name));
}

const struct field *fields_find(const struct fields *fs, struct str name)
{
	for (size_t i = 0; i < fs->n; i++) {
		if (is_named(&fs->v[i], name))
			return &fs->v[i];
	}
	return NULL;
}

size_t fields_count(const struct fields *fs, struct str name)
{
	size_t count = 0;

	for (size_t i = 0; i < fs->n; i++)
		count += is_named(&fs->v[i], name);
	return count;
}

size_t fields_remove(struct fields *fs, struct str name)
{
	size_t kept = 0, before = fs->n;

	for (size_t i = 0; i < before; i++) {
		if (!is_named(&fs->v[i], name))
			fs->v[kept++] = fs->v[i];
	}
	fs->n = kept;
	return before - kept;
}

bool field_value_valid(struct str value)
{
	unsigned bad = 0;

	/* No early way out: the loop stays free of branches. */
	for (size_t i = 0; i < value.n; i++) {
		unsigned char c = (unsigned char)value.p[i];

		bad |= (unsigned)(c < 0x20) & (unsigned)(c != '\t');
		bad |= (unsigned)(c == 0x7f);
	}
	return !bad;
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
};

static const uint32_t HOP_BY_HOP_LENGTHS = 1u << 2 | 1u << 7 | 1u << 10 |
					   1u << 14 | 1u << 16 | 1u << 17 |
					   1u << 18 | 1u << 19;

static bool is_connection(const struct field *field)
{
	return is_named(field, (struct str){ "Connection",
					     CONNECTION_LENGTH });
}

static bool is_hop_by_hop(const struct field *field)
{
	size_t rows = sizeof(HOP_BY_HOP) / sizeof(HOP_BY_HOP[0]);

	if (field->name.n > 19 || !(HOP_BY_HOP_LENGTHS >> field->name.n & 1))
		return false;
	for (size_t i = 0; i < rows; i++) {
		if (is_named(field, HOP_BY_HOP[i]))
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

/* A field without a name is one that was taken out. Connection is none of
 * those that can be: the other ones must still be read. */
static bool mark(struct field *v, size_t n, struct str name)
{
	bool marked = false;

	for (size_t i = 0; i < n; i++) {
		if (is_named(&v[i], name) && !is_connection(&v[i])) {
			v[i].name.n = 0;
			marked = true;
		}
	}
	return marked;
}

static void drop_marked(struct fields *fs)
{
	size_t kept = 0;

	for (size_t i = 0; i < fs->n; i++) {
		if (fs->v[i].name.n)
			fs->v[kept++] = fs->v[i];
	}
	fs->n = kept;
}

void fields_remove_hop_by_hop(struct fields *fs)
{
	size_t kept = 0;
	bool holes = false;

	for (size_t i = 0; i < fs->n; i++) {
		struct field *field = &fs->v[i];

		if (!is_hop_by_hop(field)) {
			fs->v[kept++] = *field;
			continue;
		}
		if (!is_connection(field) || names_nothing(field->value))
			continue;

		struct str rest = field->value, option;

		while (str_next_element(&rest, &option)) {
			holes |= mark(fs->v, kept, option);
			holes |= mark(field + 1, fs->n - i - 1, option);
		}
	}
	fs->n = kept;
	if (holes)
		drop_marked(fs);
}
