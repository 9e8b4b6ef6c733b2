/* SPDX-License-Identifier: MIT */
/* Where tokens outlive the process. A store holds sealed values under the
 * session's identity; what is at rest is readable with its key only, and only
 * as that identity's. All functions are the keeper thread's (or, before it
 * runs, main's); each may block. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/fault.h"
#include "base/secret.h"
#include "base/str.h"

struct store;

/* One kind of store: a row of the table in store.c. Values are sealed already
 * when they come here. */
struct store_kind {
	const char *name; /* the word before ":" in the key `store` */
	bool has_place;   /* whether anything stands behind it */
	int (*open)(struct str where, void **self, struct fault *f);
	void (*close)(void *self);
	/* 1 found and appended to out, 0 not there, -1. */
	int (*read)(void *self, struct str id, struct buf *out,
		    struct fault *f);
	/* Whether what is written now will be found again; mends that where it
	 * can. NULL: always. */
	int (*check)(void *self, struct fault *f);
	int (*begin)(void *self, struct fault *f);
	int (*write)(void *self, struct str id, struct str sealed,
		     struct fault *f);
	int (*remove)(void *self, struct str id, struct fault *f);
	/* Durable when it returns 0. */
	int (*commit)(void *self, struct fault *f);
	void (*rollback)(void *self);
};

extern const struct store_kind store_sqlite, store_memory;

/* Whether spec ("sqlite:PATH", "memory:") names a kind; -1 with a fault that
 * lists them. */
ATTR_MUST_CHECK int store_spec_check(struct str spec, struct fault *f);
/* Opens or makes it. keys: at least one, 32 octets each; the first seals, all
 * open. Refuses with words and without changing anything: a store that
 * another process has, one that was sealed with another key, a damaged file,
 * one that cannot be written (tried by writing the store's own check value
 * anew, durably), a file that is no store. */
ATTR_MUST_CHECK struct store *store_open(struct str spec,
					 struct secret *const *keys, size_t n,
					 struct fault *f);
void store_close(struct store **s);
/* Where the first key was read from: store_check_key writes it there again. */
void store_set_key_file(struct store *s, const char *path);

/* No identity is empty: under that the store keeps its check value. */

/* Reads one value, opened, into plain (make it a secret buffer). 1 found, 0
 * not there, -1 (also where it does not open: damage, or a key that is no
 * longer given). */
ATTR_MUST_CHECK int store_get(struct store *s, struct str id,
			      struct buf *plain, struct fault *f);
/* Looks whether the store is still where it was opened: its file may have been
 * deleted, and is made again then from what is open; -1 where it cannot be, or
 * where there is another one in its place. Not within a transaction, of which
 * each begins with it. */
ATTR_MUST_CHECK int store_check(struct store *s, struct fault *f);
/* Looks whether the file of the first key, without which nobody can read the
 * store, is still there, and makes it again where it is not. -1 where it cannot
 * be. */
ATTR_MUST_CHECK int store_check_key(struct store *s, struct fault *f);
/* A transaction: begin, any number of put and remove, commit. On -1 of any,
 * nothing of it has happened once store_rollback was called. */
ATTR_MUST_CHECK int store_begin(struct store *s, struct fault *f);
ATTR_MUST_CHECK int store_put(struct store *s, struct str id, struct str plain,
			      struct fault *f);
ATTR_MUST_CHECK int store_remove(struct store *s, struct str id,
				 struct fault *f);
ATTR_MUST_CHECK int store_commit(struct store *s, struct fault *f);
void store_rollback(struct store *s);
/* Appends the library of `sqlite:` and the version that runs:
 * "SQLite/3.40.1". */
void store_library(struct buf *out);
