/* SPDX-License-Identifier: MIT */
/* A section: filled by the reader, and asked by the rest of bearerd for its
 * blocks and for where a key stands. */
#include "config/section.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/limits.h"

static int by_name(const void *a, const void *b)
{
	const struct config_ref *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static void kind_join(struct config_kind *k, const struct config_table *t)
{
	k->tables = mem_resize(k->tables,
			       (k->ntables + 1) * sizeof(*k->tables));
	k->refs = mem_resize(k->refs,
			     (k->nrefs + t->nkeys) * sizeof(*k->refs));
	for (size_t i = 0; i < t->nkeys; i++) {
		const struct config_key *key = &t->keys[i];

		k->refs[k->nrefs++] =
			(struct config_ref){ key->name, key, k->ntables };
		if (key->flags & CONFIG_INCLUDE)
			k->single = true;
	}
	k->tables[k->ntables++] = t;
}

static void kind_sort(struct config_kind *k)
{
	qsort(k->refs, k->nrefs, sizeof(*k->refs), by_name);
	for (size_t i = 1; i < k->nrefs; i++)
		ASSERT(by_name(&k->refs[i - 1], &k->refs[i]) != 0);
	for (size_t i = 0; i < k->nrefs; i++)
		if (k->refs[i].key->flags & CONFIG_PROFILE)
			k->by_profile = &k->refs[i];
}

/* The kind of the profiles of kind k: the same keys under another name. */
static struct config_kind kind_of_profiles(const struct config_kind *k)
{
	struct config_kind of = { .name = k->by_profile->key->name,
				  .profile = true,
				  .ntables = k->ntables, .nrefs = k->nrefs };

	of.tables = mem_array(k->ntables, sizeof(*of.tables));
	of.refs = mem_array(k->nrefs, sizeof(*of.refs));
	memcpy(of.tables, k->tables, k->ntables * sizeof(*of.tables));
	memcpy(of.refs, k->refs, k->nrefs * sizeof(*of.refs));
	return of;
}

struct config_kind *config_kinds_new(const struct config_table *const *tables,
				     size_t *n)
{
	struct config_kind *kinds = mem_array(0, sizeof(*kinds));

	*n = 0;
	for (; *tables; tables++) {
		struct str name = str_z((*tables)->section);
		struct config_kind *k = config_kind_find(kinds, *n, name);

		if (!k) {
			kinds = mem_resize(kinds, (*n + 1) * sizeof(*kinds));
			k = &kinds[(*n)++];
			memset(k, 0, sizeof(*k));
			k->name = (*tables)->section;
		}
		kind_join(k, *tables);
	}
	for (size_t i = 0, joined = *n; i < joined; i++) {
		kind_sort(&kinds[i]);
		if (!kinds[i].by_profile)
			continue;
		kinds = mem_resize(kinds, (*n + 1) * sizeof(*kinds));
		kinds[(*n)++] = kind_of_profiles(&kinds[i]);
	}
	return kinds;
}

static void section_free(struct config_section *s)
{
	for (size_t i = 0; i < s->kind->nrefs; i++) {
		const struct config_ref *ref = &s->kind->refs[i];

		if (ref->key->type->free)
			ref->key->type->free(config_section_value(s, ref));
	}
	for (size_t i = 0; i < s->kind->ntables; i++)
		mem_free(s->blocks[i]);
	for (size_t i = 0; i < s->n; i++) {
		for (size_t j = 0; j < s->entries[i].nplaces; j++)
			mem_free(s->entries[i].places[j].text);
		mem_free(s->entries[i].key);
		mem_free(s->entries[i].places);
	}
	mem_free(s->blocks);
	mem_free(s->entries);
	mem_free(s->name);
	mem_free(s);
}

void config_kinds_free(struct config_kind *kinds, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		for (size_t j = 0; j < kinds[i].n; j++)
			section_free(kinds[i].v[j]);
		mem_free(kinds[i].v);
		mem_free(kinds[i].refs);
		mem_free(kinds[i].tables);
	}
	mem_free(kinds);
}

struct config_kind *config_kind_find(struct config_kind *kinds, size_t n,
				     struct str name)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq_z(name, kinds[i].name))
			return &kinds[i];
	return NULL;
}

static const struct config_ref *find_ref(const struct config_kind *k,
					 struct str name)
{
	size_t low = 0, high = k->nrefs;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		size_t n = strlen(k->refs[middle].name);
		size_t shorter = n < name.n ? n : name.n;
		int order = memcmp(name.p, k->refs[middle].name, shorter);

		if (!order && n == name.n)
			return &k->refs[middle];
		if (order < 0 || (!order && name.n < n))
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

const struct config_ref *config_kind_ref(const struct config_kind *k,
					 struct str name)
{
	const struct config_ref *ref;

	/* A "*" is in no key that anybody writes. */
	if (!name.n || str_find(name, '*') < name.n)
		return NULL;
	ref = find_ref(k, name);
	for (size_t i = name.n - 1; !ref && i > 0; i--) {
		char wild[64];

		if (name.p[i - 1] != '.' || i + 1 > sizeof(wild))
			continue;
		memcpy(wild, name.p, i);
		wild[i] = '*';
		ref = find_ref(k, (struct str){ wild, i + 1 });
	}
	return ref;
}

struct config_section *config_section_add(struct config_kind *k,
					  struct str name, const char *file,
					  int line)
{
	struct config_section *s = mem_new(struct config_section);

	*s = (struct config_section){ .kind = k, .name = str_dup(name),
				      .file = file, .line = line };
	s->blocks = mem_array(k->ntables, sizeof(*s->blocks));
	for (size_t i = 0; i < k->ntables; i++)
		s->blocks[i] = mem_alloc(k->tables[i]->size);
	if (k->n == k->cap) {
		k->cap = k->cap ? 2 * k->cap : 16;
		k->v = mem_resize(k->v, k->cap * sizeof(*k->v));
	}
	k->v[k->n++] = s;
	return s;
}

void *config_section_value(const struct config_section *s,
			   const struct config_ref *ref)
{
	return (char *)s->blocks[ref->table] + ref->key->offset;
}

void config_section_defaults(struct config_section *s)
{
	for (size_t i = 0; i < s->kind->nrefs; i++) {
		const struct config_ref *ref = &s->kind->refs[i];
		const struct config_key *key = ref->key;
		const struct config_entry *e;
		void *value = config_section_value(s, ref);

		/* A wildcard's values stand under other names. */
		e = config_section_entry(s, key->name);
		if ((e && !e->bad) || str_ends(str_z(key->name), STR(".*")))
			continue;
		if (key->type->free)
			key->type->free(value);
		if (key->fallback)
			ASSERT(key->type->read(key, str_z(key->fallback),
					       value, NULL) == 0);
	}
}

struct config_entry *config_section_entry(const struct config_section *s,
					  const char *key)
{
	for (size_t i = 0; i < s->n; i++)
		if (!strcmp(s->entries[i].key, key))
			return &s->entries[i];
	return NULL;
}

struct config_entry *config_section_enter(struct config_section *s,
					  struct str key)
{
	s->entries = mem_resize(s->entries,
				(s->n + 1) * sizeof(*s->entries));
	s->entries[s->n] = (struct config_entry){ .key = str_dup(key) };
	return &s->entries[s->n++];
}

void config_entry_place(struct config_entry *e, const char *file, int line)
{
	e->places = mem_resize(e->places,
			       (e->nplaces + 1) * sizeof(*e->places));
	e->places[e->nplaces++] = (struct config_place){ .file = file,
							   .line = line };
}

const struct config_place *config_entry_last(const struct config_entry *e)
{
	ASSERT(e->nplaces > 0);
	return &e->places[e->nplaces - 1];
}

const void *config_block(const struct config_section *s,
			 const struct config_table *t)
{
	size_t i = 0;

	while (i < s->kind->ntables && s->kind->tables[i] != t)
		i++;
	ASSERT(i < s->kind->ntables);
	return s->blocks[i];
}

const char *config_section_name(const struct config_section *s)
{
	return s->name;
}

bool config_given(const struct config_section *s, const char *key)
{
	return config_section_entry(s, key) != NULL;
}

bool config_own(const struct config_section *s, const char *key)
{
	const struct config_entry *e = config_section_entry(s, key);

	return e && !e->inherited;
}

const char *config_inherited(const struct config_section *s, size_t i)
{
	for (size_t j = 0; j < s->n; j++)
		if (s->entries[j].inherited && i-- == 0)
			return s->entries[j].key;
	return NULL;
}

const char *config_own_next(const struct config_section *s,
			    const struct config_key *row, size_t *at)
{
	while (*at < s->n) {
		const struct config_entry *e = &s->entries[(*at)++];
		const struct config_ref *ref =
			config_kind_ref(s->kind, str_z(e->key));

		if (!e->inherited && ref && ref->key == row)
			return e->key;
	}
	return NULL;
}

LIMIT_SAID(CONFIG_NAME, 32);

const char *config_name_mistake(struct str name)
{
	if (!name.n)
		return "the section needs a name: [service NAME]";
	if (name.n > LIMIT_CONFIG_NAME)
		return "the section's name is longer than 32 characters";
	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];

		if (!char_is_alpha(c) && !char_is_digit(c) &&
		    (i == 0 || (c != '_' && c != '-')))
			return "a section's name begins with a letter or a "
			       "digit and holds letters, digits, \"_\" and "
			       "\"-\" only";
	}
	if (str_eq(name, STR("live")) || str_eq(name, STR("ready")))
		return "the names live and ready are taken (/-/health/live, "
		       "/-/health/ready)";
	return NULL;
}
