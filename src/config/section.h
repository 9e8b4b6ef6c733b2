/* SPDX-License-Identifier: MIT */
/* What a section consists of: for config/ only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "config/table.h"

/* A key where tables are joined: by name, sorted. */
struct config_ref {
	const char *name;
	const struct config_key *key;
	size_t table; /* index in the kind's tables */
};

/* All sections of one word, and what may stand in them. */
struct config_kind {
	const char *name;
	bool single; /* has no name, and is always there */
	bool profile; /* what stands in its sections is kept as text too */
	const struct config_ref *by_profile; /* the key that names a section's
						profile, or NULL */
	const struct config_table **tables;
	size_t ntables;
	struct config_ref *refs;
	size_t nrefs;
	struct config_section **v;
	size_t n, cap;
};

/* Where a line is. */
struct config_place {
	const char *file;
	int line;
	char *text; /* its value, where it is a profile's and can be read */
};

/* A key that stands in the file. */
struct config_entry {
	char *key;        /* without "_file" and "_env" */
	struct config_place *places; /* one a repetition, at least one */
	size_t nplaces;
	bool bad;         /* its value could not be read */
	bool inherited;   /* it stands in the section's profile */
};

struct config_section {
	const struct config_kind *kind;
	char *name;
	const char *file; /* where its header stands */
	int line;
	void **blocks;    /* one a table of its kind */
	struct config_entry *entries;
	size_t n;
	bool incomplete; /* its profile could not be had */
	bool masked;     /* its secrets are masks */
};

/* The kinds that the tables speak of, in their order; nothing in them yet.
 * No key may stand in two tables of a kind. */
struct config_kind *config_kinds_new(const struct config_table *const *tables,
				     size_t *n);
/* With all sections. */
void config_kinds_free(struct config_kind *kinds, size_t n);
struct config_kind *config_kind_find(struct config_kind *kinds, size_t n,
				     struct str name);
/* The row for a name, also where it is a wildcard's ("a.b.*"). */
const struct config_ref *config_kind_ref(const struct config_kind *k,
					 struct str name);

/* What is wrong with the name of a section, or NULL. */
const char *config_name_mistake(struct str name);
/* Adds a section to its kind, which owns it; file is borrowed for good. */
struct config_section *config_section_add(struct config_kind *k,
					  struct str name, const char *file,
					  int line);
/* Gives each key that does not stand in the section, or not well, its
 * default. */
void config_section_defaults(struct config_section *s);
/* Where a key's value is. */
void *config_section_value(const struct config_section *s,
			   const struct config_ref *ref);
/* The key as it stands in the section, or NULL; or a new one, at the end. */
struct config_entry *config_section_entry(const struct config_section *s,
					  const char *key);
struct config_entry *config_section_enter(struct config_section *s,
					  struct str key);
/* Notes where the key stands (once more). */
void config_entry_place(struct config_entry *e, const char *file, int line);
/* Where its last repetition is. */
const struct config_place *config_entry_last(const struct config_entry *e);
