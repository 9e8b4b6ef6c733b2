/* SPDX-License-Identifier: MIT */
/* The store as the rest of bearerd sees it: picks the kind, seals what goes
 * in, opens what comes out, and makes sure at the start that both work. */
#include "store/store.h"

#include <string.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/limits.h"
#include "base/log.h"
#include "crypto/aead.h"
#include "store/key.h"
#include "store/seal.h"

/* No token is near this; what is larger was never stored by us. */
static const struct store_kind *const store_kinds[] = {
	&store_sqlite,
	&store_memory,
};

enum { STORE_KINDS = sizeof(store_kinds) / sizeof(*store_kinds) };

struct store {
	const struct store_kind *kind;
	void *self;
	char *spec;
	struct secret **keys;
	size_t n;
	char *key_file; /* of the first one; NULL: it is not looked after */
	bool changing; /* between begin and the commit or rollback */
};

/* The store keeps a value of its own under the empty identity, which no
 * session has: what it says is known, so that it shows at the start whether
 * the keys are the right ones. */
static const struct str check_id = { "", 0 };
#define CHECK_TEXT STR("bearerd")

static int store_kind_find(struct str spec, const struct store_kind **kind,
			   struct str *where, struct fault *f)
{
	struct str name = str_sub(spec, 0, str_find(spec, ':'));
	ATTR_CLEANUP(buf_fini) struct buf known = BUF_INIT(FAULT_TEXT_MAX);

	*where = str_from(spec, name.n + 1);
	for (size_t i = 0; i < STORE_KINDS; i++) {
		const struct store_kind *k = store_kinds[i];

		*kind = k;
		if (name.n < spec.n && str_eq_z(name, k->name) &&
		    (where->n > 0) == k->has_place)
			return 0;
		buf_addf(&known, "%s%s:%s", i > 0 ? ", " : "", k->name,
			 k->has_place ? "PATH" : "");
	}
	/* What was given may be a secret, and is not repeated. */
	return fault_set(f, "no such store; what there is: %s", buf_z(&known));
}

int store_spec_check(struct str spec, struct fault *f)
{
	const struct store_kind *kind;
	struct str where;

	return store_kind_find(spec, &kind, &where, f);
}

/* Reads and opens; other words for each way in which that can fail. */
static int store_read(struct store *s, struct str id, struct buf *plain,
		      struct fault *f)
{
	ATTR_CLEANUP(buf_fini) struct buf sealed =
		BUF_INIT(LIMIT_STORE_VALUE + SEAL_OVERHEAD);
	int found = s->kind->read(s->self, id, &sealed, f);
	enum seal_result how;

	if (found <= 0)
		return found;
	if (!buf_ok(&sealed))
		return fault_set(f, "%s is damaged: a value in it is larger "
				 "than any can be", s->spec);
	how = seal_open(s->keys, s->n, id, buf_str(&sealed), plain);
	if (how == SEAL_OTHER_KEY)
		return fault_set(f, "%s was sealed with another key: "
				 "store_key_file has to name the key file "
				 "that it was made with", s->spec);
	if (how == SEAL_BROKEN)
		return fault_set(f, "%s is damaged: a value in it is not what "
				 "was sealed", s->spec);
	if (!buf_ok(plain))
		return fault_set(f, "a value in %s is larger than expected",
				 s->spec);
	return 1;
}

static int store_write(struct store *s, struct str id, struct str plain,
		       struct fault *f)
{
	ATTR_CLEANUP(buf_fini) struct buf sealed =
		BUF_INIT(LIMIT_STORE_VALUE + SEAL_OVERHEAD);

	seal_write(s->keys[0], id, plain, &sealed);
	if (!buf_ok(&sealed))
		return fault_set(f, "a value of %zu octets is too large for "
				 "%s", plain.n, s->spec);
	return s->kind->write(s->self, id, buf_str(&sealed), f);
}

/* Whether what is there opens with the keys. Changes nothing. */
static int store_check_read(struct store *s, struct fault *f)
{
	ATTR_CLEANUP(buf_fini) struct buf plain = BUF_INIT_SECRET(64);
	int found = store_read(s, check_id, &plain, f);

	if (found > 0 && !str_eq(buf_str(&plain), CHECK_TEXT))
		return fault_set(f, "%s is damaged: its check value is "
				 "another", s->spec);
	return found < 0 ? -1 : 0;
}

/* Whether it can be written: the check value anew (its nonce is another, so
 * it is a change), durably. */
static int store_check_write(struct store *s, struct fault *f)
{
	if (store_begin(s, f) < 0)
		return -1;
	if (store_write(s, check_id, CHECK_TEXT, f) < 0 ||
	    store_commit(s, f) < 0) {
		store_rollback(s);
		return -1;
	}
	return 0;
}

struct store *store_open(struct str spec, struct secret *const *keys, size_t n,
			 struct fault *f)
{
	const struct store_kind *kind;
	struct str where;
	void *self;

	ASSERT(n > 0);
	if (store_kind_find(spec, &kind, &where, f) < 0 ||
	    kind->open(where, &self, f) < 0)
		return NULL;

	struct store *s = mem_new(struct store);

	s->kind = kind;
	s->self = self;
	s->spec = str_dup(spec);
	s->n = n;
	s->keys = mem_array(n, sizeof(*s->keys));
	for (size_t i = 0; i < n; i++)
		s->keys[i] = secret_ref(keys[i]);
	if (store_check_read(s, f) < 0 || store_check_write(s, f) < 0)
		store_close(&s);
	return s;
}

void store_close(struct store **store)
{
	struct store *s = *store;
	struct fault f;

	*store = NULL;
	if (!s)
		return;
	if (store_check_key(s, &f) < 0)
		log_error(EV("store_key_lost"), KV("reason", &f));
	s->kind->close(s->self);
	for (size_t i = 0; i < s->n; i++)
		secret_unref(&s->keys[i]);
	mem_free(s->keys);
	mem_free(s->key_file);
	mem_free(s->spec);
	mem_free(s);
}

int store_get(struct store *s, struct str id, struct buf *plain,
	      struct fault *f)
{
	ASSERT(id.n > 0);
	return store_read(s, id, plain, f);
}

void store_set_key_file(struct store *s, const char *path)
{
	mem_free(s->key_file);
	s->key_file = mem_strdup(path);
}

int store_check_key(struct store *s, struct fault *f)
{
	int made;

	if (!s->key_file || !s->kind->has_place)
		return 0;
	made = store_key_restore(s->key_file, s->keys[0], f);
	if (made > 0)
		log_warning(EV("store_key_made_again"),
			    KV("file", s->key_file),
			    KV("reason", "it was deleted while it was in use"));
	return made < 0 ? -1 : 0;
}

int store_check(struct store *s, struct fault *f)
{
	ASSERT(!s->changing);
	return s->kind->check ? s->kind->check(s->self, f) : 0;
}

/* The key first: a store that is made again is of no use without it. Where the
 * key cannot be written, the keeper tells. */
int store_begin(struct store *s, struct fault *f)
{
	(void)(store_check_key(s, f) < 0);
	if (store_check(s, f) < 0 || s->kind->begin(s->self, f) < 0)
		return -1;
	s->changing = true;
	return 0;
}

int store_put(struct store *s, struct str id, struct str plain,
	      struct fault *f)
{
	ASSERT(s->changing && id.n > 0);
	return store_write(s, id, plain, f);
}

int store_remove(struct store *s, struct str id, struct fault *f)
{
	ASSERT(s->changing && id.n > 0);
	return s->kind->remove(s->self, id, f);
}

int store_commit(struct store *s, struct fault *f)
{
	ASSERT(s->changing);
	if (s->kind->commit(s->self, f) < 0)
		return -1;
	s->changing = false;
	return 0;
}

void store_rollback(struct store *s)
{
	if (s->changing)
		s->kind->rollback(s->self);
	s->changing = false;
}
