/* SPDX-License-Identifier: MIT */
/* One "key = value" of a file: which row it means, where its value is (in the
 * line, in a file, in the environment, printed by a program), and into the
 * section's block. */
#include "config/entry.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/environment.h"
#include "base/limits.h"
#include "base/text_file.h"
#include "config/command.h"
#include "config/config_int.h"
#include "config/file.h"
#include "config/ini.h"
#include "config/live_secret.h"
#include "config/nearest.h"

/* How a value is given. */
enum source { PLAIN, FROM_FILE, FROM_ENV, FROM_COMMAND };

/* The row that a key means, how it is given, and how much of it is the name;
 * only secrets come from elsewhere. */
static const struct config_ref *
ref_of(const struct config_kind *k, struct str *key, enum source *source)
{
	static const struct {
		struct str suffix;
		enum source source;
	} ways[] = {
		{ { "_file", 5 }, FROM_FILE },
		{ { "_env", 4 }, FROM_ENV },
		{ { "_command", 8 }, FROM_COMMAND },
	};
	const struct config_ref *ref = config_kind_ref(k, *key);

	*source = PLAIN;
	for (size_t i = 0; !ref && i < sizeof(ways) / sizeof(ways[0]);
	     i++) {
		struct str name = *key;

		if (!str_ends(name, ways[i].suffix))
			continue;
		name.n -= ways[i].suffix.n;
		ref = config_kind_ref(k, name);
		if (ref && !(ref->key->flags & CONFIG_SECRET))
			ref = NULL;
		if (!ref)
			continue;
		*source = ways[i].source;
		*key = name;
	}
	return ref;
}

/* Whether it looks like what someone may have taken for a key. Anything else
 * may be the second line of a secret, which ends with one or two "=" when it
 * is base64, and is not repeated. */
static bool is_word(struct str key, struct str value)
{
	if (!value.n || str_eq_z(value, "="))
		return false;
	for (size_t i = 0; i < key.n; i++)
		if (!char_is_alpha(key.p[i]) && !char_is_digit(key.p[i]) &&
		    !strchr("_-.", key.p[i]))
			return false;
	return key.n <= LIMIT_CONFIG_KEY_SHOWN;
}

static void unknown_key(struct reading *r, int line, struct str key,
			struct str value)
{
	const struct config_kind *k = r->section->kind;
	ATTR_CLEANUP(buf_fini) struct buf hint = BUF_INIT(256);
	ATTR_CLEANUP(arena_fini) struct arena a = { 0 };
	const char **names, *nearest;
	size_t n = 0;

	if (config_report_full(r->report))
		return;
	names = arena_alloc(&a, 4 * k->nrefs * sizeof(*names));
	for (size_t i = 0; i < k->nrefs; i++) {
		const char *name = k->refs[i].name;
		struct buf b = BUF_INIT(256);

		names[n++] = name;
		if (!(k->refs[i].key->flags & CONFIG_SECRET))
			continue;
		buf_addf(&b, "%s_file", name);
		names[n++] = arena_str(&a, buf_str(&b)).p;
		buf_reset(&b);
		buf_addf(&b, "%s_env", name);
		names[n++] = arena_str(&a, buf_str(&b)).p;
		buf_reset(&b);
		buf_addf(&b, "%s_command", name);
		if (k->refs[i].key->type->live)
			names[n++] = arena_str(&a, buf_str(&b)).p;
		buf_fini(&b);
	}
	nearest = config_nearest(arena_str(&a, key).p, names, n);
	if (nearest)
		buf_addf(&hint, "; did you mean \"%s\"?", nearest);
	if (is_word(key, value))
		config_report_add(r->report, r->file, line,
				  "[%s] has no key \"%.*s\"%s", k->name,
				  STR_ARGS(key), buf_z(&hint));
	else
		config_report_add(r->report, r->file, line,
				  "[%s] has no such key%s", k->name,
				  buf_z(&hint));
}

/* A secret's file: of $CREDENTIALS_DIRECTORY where that has it. mem_free. */
static char *secret_path(const struct reading *r, struct str path)
{
	const char *credentials = getenv("CREDENTIALS_DIRECTORY");
	char *whole;

	if (credentials && *credentials && *path.p != '/') {
		whole = config_file_join(credentials, path);
		if (config_file_exists(whole))
			return whole;
		mem_free(whole);
	}
	return config_file_join(r->dir, path);
}

static int read_env_value(struct str name, struct buf *out, struct fault *f)
{
	char *z = str_dup(name);
	const char *value = environment_get(z);

	mem_free(z);
	if (!value || !*value)
		return fault_set(f, "the environment variable %.*s is %s",
				 STR_ARGS(name), value ? "empty" : "not set");
	buf_add_z(out, value);
	return buf_ok(out) ? 0 : fault_set(f, "the value is too long");
}

/* Notes a file that the entry names, by a key with this ending. */
static void note_file(struct reading *r, const struct config_entry *e,
		      const char *ending, const char *path,
		      enum ownership_use use)
{
	const struct config_place *at = config_entry_last(e);
	ATTR_CLEANUP(buf_fini) struct buf key = BUF_INIT(LIMIT_CONFIG_KEY + 8);

	buf_addf(&key, "%s%s", e->key, ending);
	if (!r->installed)
		config_strict_note(r->strict, at->file, at->line,
				   buf_str(&key), path, use);
}

/* Reads a value by its type; a profile's is kept for those who take it. */
static int read_text(struct reading *r, const struct config_ref *ref,
		     struct config_entry *e, struct str text, struct fault *f)
{
	void *to = config_section_value(r->section, ref);

	if (ref->key->type->read(ref->key, text, to, f))
		return -1;
	if (r->section->kind->profile)
		e->places[e->nplaces - 1].text = str_dup(text);
	if (ref->key->type == &config_program)
		note_file(r, e, "", ((const struct config_list *)to)->v[0],
			  OWNERSHIP_READ);
	return 0;
}

/* Reads a secret from its file; one that may change keeps its path. */
static int read_file_value(struct reading *r, const struct config_ref *ref,
			   struct config_entry *e, struct str value,
			   struct fault *f)
{
	ATTR_CLEANUP(buf_fini)
	struct buf b = BUF_INIT_SECRET(LIMIT_SECRET_FILE);
	char *path = secret_path(r, value);
	struct config_live_secret *live;

	note_file(r, e, "_file", path, OWNERSHIP_SECRET);
	if (config_secret_file_read(path, &b, f) < 0 ||
	    read_text(r, ref, e, buf_str(&b), f) < 0) {
		fault_prefix(f, "%s", path);
		mem_free(path);
		return -1;
	}
	if (str_trim(buf_str(&b)).n != b.n)
		config_report_warn(r->report, r->file,
				   config_entry_last(e)->line,
				   "%s_file: %s begins or ends with white "
				   "space, which is taken for a part of the "
				   "secret", e->key, path);
	if (ref->key->type->live) {
		live = config_section_value(r->section, ref);
		live->path = path;
		live->file = config_live_file_new(live->value);
		live->strict = r->strict;
	} else {
		mem_free(path);
	}
	return 0;
}

/* It may be put there later; the daemon would answer 503 until then. */
static void look_at_program(struct reading *r, const struct config_entry *e,
			    const char *path)
{
	struct stat st;
	int trouble = 0;

	if (stat(path, &st) != 0 || access(path, X_OK) != 0)
		trouble = errno;
	else if (!S_ISREG(st.st_mode))
		trouble = EACCES;
	if (trouble)
		config_report_warn(r->report, r->file,
				   config_entry_last(e)->line,
				   "%s_command: %s cannot be run: %s", e->key,
				   path, strerrordesc_np(trouble));
}

/* The program that prints a secret; it is not run here. */
static int read_command_value(struct reading *r, const struct config_ref *ref,
			      const struct config_entry *e, struct str value,
			      struct fault *f)
{
	struct config_live_secret *live =
		config_section_value(r->section, ref);

	if (!ref->key->type->live)
		return fault_set(f, "a program cannot give this; use %s_file "
				 "or %s_env", ref->key->name, ref->key->name);
	config_command_free(&live->command);
	live->command = config_command_new(ref->key->name,
					   ref->key->flags & CONFIG_TOKEN,
					   value, r->strict, f);
	if (!live->command)
		return -1;
	look_at_program(r, e, config_command_argv(live->command)[0]);
	note_file(r, e, "_command", config_command_argv(live->command)[0],
		  OWNERSHIP_READ);
	return 0;
}

/* Where in the value a path begins; behind its end where it has none. */
static size_t path_at(const struct config_type *type, struct str value)
{
	const struct str socket = STR("unix:");

	if (type == &config_path || type == &config_paths)
		return 0;
	if (type == &config_listen && str_starts(value, socket) &&
	    value.n > socket.n)
		return socket.n;
	return value.n;
}

/* A file of certificates is a secret where a private key is among them, or
 * may be: where it is too large to be looked through. */
static enum ownership_use use_of(const struct config_key *key,
				 const char *path)
{
	ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT_SECRET(LIMIT_PEM_FILE);
	struct fault f;

	if (key->flags & CONFIG_KEY_FILE)
		return OWNERSHIP_KEY;
	if (!(key->flags & CONFIG_PRIVATE))
		return OWNERSHIP_READ;
	if (text_file_read(path, &b, NULL, &f) < 0)
		return buf_ok(&b) ? OWNERSHIP_READ : OWNERSHIP_SECRET;
	return str_find_str(buf_str(&b), STR("PRIVATE KEY")) < b.n ||
			       str_find_str(buf_str(&b), STR("{")) < b.n ?
		       OWNERSHIP_SECRET :
		       OWNERSHIP_READ;
}

/* Fetches the value from where it is. */
static int read_value(struct reading *r, const struct config_ref *ref,
		      enum source source, struct config_entry *e,
		      struct str value, struct fault *f)
{
	const struct config_type *type = ref->key->type;
	ATTR_CLEANUP(buf_fini)
	struct buf b = BUF_INIT_SECRET(LIMIT_SECRET_FILE);
	size_t at = path_at(type, value);
	char *path;

	if (!value.n)
		return fault_set(f, "has no value; leave the line out for the "
				    "default");
	if (source == FROM_FILE)
		return read_file_value(r, ref, e, value, f);
	if (source == FROM_COMMAND)
		return read_command_value(r, ref, e, value, f);
	if (source == FROM_ENV && read_env_value(value, &b, f))
		return -1;
	if (source == FROM_ENV)
		return read_text(r, ref, e, buf_str(&b), f);
	if (at == value.n)
		return read_text(r, ref, e, value, f);
	path = config_file_join(r->dir, str_from(value, at));
	if (ref->key->flags &
	    (CONFIG_GUARDED | CONFIG_PRIVATE | CONFIG_KEY_FILE))
		note_file(r, e, "", path, use_of(ref->key, path));
	buf_add_str(&b, str_sub(value, 0, at));
	buf_add_z(&b, path);
	mem_free(path);
	return read_text(r, ref, e, buf_str(&b), f);
}

/* "assertion.claim.*" is read from "LAST=VALUE". VALUE may be empty: what that
 * means is the owner's matter. */
static int read_wildcard(struct reading *r, const struct config_ref *ref,
			 struct config_entry *e, struct str key,
			 struct str value, struct fault *f)
{
	ATTR_CLEANUP(buf_fini) struct buf b =
		BUF_INIT_SECRET(LIMIT_CONFIG_KEY + LIMIT_CONFIG_VALUE + 1);

	buf_add_str(&b, str_from(key, strlen(ref->name) - 1));
	buf_add_char(&b, '=');
	buf_add_str(&b, value);
	return read_text(r, ref, e, buf_str(&b), f);
}

/* Whether the key may stand in this section; reports where it may not. */
static bool has_place(struct reading *r, int line, struct str written,
		      const struct config_key *key)
{
	const char *why = "is a secret, which no profile holds: give it where "
			  "the profile is used";

	if (!r->section->kind->profile)
		return true;
	if (!(key->flags & CONFIG_SECRET)) {
		if (!(key->flags & (CONFIG_OWN | CONFIG_PROFILE)))
			return true;
		why = "cannot stand in a profile: give it where the profile "
		      "is used";
	}
	config_report_add(r->report, r->file, line, "%.*s %s",
			  STR_ARGS(written), why);
	return false;
}

static void pend_include(struct reading *r, int line, struct str pattern)
{
	r->includes = mem_resize(r->includes,
				 (r->nincludes + 1) * sizeof(*r->includes));
	r->includes[r->nincludes++] =
		(struct pending){ str_dup(pattern), line };
}

/* The entry for a key, unless it stands there already and may not twice. */
static struct config_entry *entry_for(struct reading *r, int line,
				      struct str name, struct str written,
				      const struct config_ref *ref)
{
	ATTR_CLEANUP(buf_fini) struct buf z = BUF_INIT(LIMIT_CONFIG_KEY + 1);
	struct config_entry *e;

	buf_add_str(&z, name);
	e = config_section_entry(r->section, buf_z(&z));
	if (e && !(ref->key->flags & CONFIG_REPEAT)) {
		const struct config_place *p = config_entry_last(e);
		bool here = !strcmp(p->file, r->file);

		config_report_add(r->report, r->file, line,
				  "%.*s: %s is given on line %d%s%s already",
				  STR_ARGS(written), buf_z(&z), p->line,
				  here ? "" : " of ", here ? "" : p->file);
		return NULL;
	}
	if (!e)
		e = config_section_enter(r->section, name);
	config_entry_place(e, r->file, line);
	return e;
}

/* An address is one only with the password in front of its host. */
static bool is_secret(const struct config_key *key, struct str value)
{
	return (key->flags & CONFIG_SECRET) &&
	       (!(key->flags & CONFIG_ADDRESS) ||
		str_find(value, '@') < value.n);
}

void config_entry_take(void *arg, int line, struct str written,
		       struct str value)
{
	struct reading *r = arg;
	const struct config_ref *ref;
	struct config_entry *e;
	struct str key = written;
	enum source source;
	struct fault f;
	int rc;

	if (!r->section) {
		if (!r->in_section)
			config_report_add(r->report, r->file, line,
					  "a key in front of the first "
					  "section");
		return;
	}
	ref = ref_of(r->section->kind, &key, &source);
	if (!ref) {
		unknown_key(r, line, key, value);
		return;
	}
	if (!has_place(r, line, written, ref->key))
		return;
	e = entry_for(r, line, key, written, ref);
	if (!e)
		return;
	if (source == PLAIN && is_secret(ref->key, value))
		r->has_secret = true;
	if (str_ends(str_z(ref->name), STR(".*")))
		rc = read_wildcard(r, ref, e, key, value, &f);
	else
		rc = read_value(r, ref, source, e, value, &f);
	if (!rc && ref->key->flags & CONFIG_INCLUDE)
		pend_include(r, line, value);
	if (!rc)
		return;
	e->bad = true;
	config_report_add(r->report, r->file, line, "%.*s: %s",
			  STR_ARGS(written), f.text);
}
