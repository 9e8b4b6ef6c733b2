/* SPDX-License-Identifier: MIT */
/* Puts masks in place of the secrets of a configuration that has been read,
 * before it is compiled for people to look at. */
#include "config/mask.h"

#include <string.h>

#include "config/config.h"
#include "config/config_int.h"
#include "config/section.h"

enum { MASK_MIN = 72 };

/* "~mask~NAME~......~" */
static const char BEGIN[] = "~mask~";

static bool is_of_name(char c)
{
	return char_is_alpha(c) || char_is_digit(c) || c == '_' || c == '-' ||
	       c == '.';
}

static bool is_dot(char c)
{
	return c == '.';
}

void mask_write(struct buf *out, struct str name)
{
	size_t n = sizeof(BEGIN) - 1 + name.n + 2;

	buf_add_z(out, BEGIN);
	for (size_t i = 0; i < name.n; i++)
		buf_add_char(out, is_of_name(name.p[i]) ? name.p[i] : '_');
	buf_add_char(out, '~');
	for (; n < MASK_MIN; n++)
		buf_add_char(out, '.');
	buf_add_char(out, '~');
}

struct secret *mask_secret(const char *name)
{
	struct buf b = BUF_INIT_SECRET(1024);
	struct secret *s;

	mask_write(&b, str_z(name));
	s = secret_take(&b);
	buf_fini(&b);
	return s;
}

/* The one that begins at the cursor. */
static bool take(struct cursor *c, struct str *name)
{
	if (!cursor_skip_str(c, STR("~mask~")))
		return false;
	*name = cursor_while(c, is_of_name);
	if (!cursor_skip(c, '~'))
		return false;
	cursor_while(c, is_dot);
	return cursor_skip(c, '~');
}

bool mask_find(struct str text, struct mask *m)
{
	for (size_t at = 0; at < text.n; at++) {
		struct str rest = str_from(text, at);
		struct cursor c;

		at += str_find_str(rest, STR("~mask~"));
		if (at == text.n)
			return false;
		rest = str_from(text, at);
		c = cursor_of(rest);
		if (take(&c, &m->name)) {
			m->at = at;
			m->n = rest.n - cursor_rest(&c).n;
			return true;
		}
	}
	return false;
}

/* All types of secrets begin with the pointer to one. */
static void mask_value(const struct config_key *key, void *value, bool gone)
{
	const struct config_live_secret *live = value;
	struct secret **s = value;

	if (!*s && !(key->type->live && live->command))
		return;
	key->type->free(value);
	*s = gone ? NULL : mask_secret(key->name);
}

static void mask_section(struct config_section *s, const char *but)
{
	for (size_t i = 0; i < s->kind->nrefs; i++) {
		const struct config_ref *ref = &s->kind->refs[i];

		if (ref->key->flags & CONFIG_SECRET)
			mask_value(ref->key, config_section_value(s, ref),
				   strcmp(ref->name, but) == 0);
	}
	s->masked = true;
}

void config_mask(struct config *c, const char *kind, const char *but)
{
	struct config_kind *k =
		config_kind_find(c->kinds, c->nkinds, str_z(kind));

	for (size_t i = 0; k && i < k->n; i++)
		mask_section(k->v[i], but);
}

bool config_masked(const struct config_section *s)
{
	return s->masked;
}
