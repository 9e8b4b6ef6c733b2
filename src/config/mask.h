/* SPDX-License-Identifier: MIT */
/* Masks: what stands in place of secrets in a configuration that is made to be
 * shown. Requests that are built from it hold no secrets, however values are
 * encoded on the way, and the masks in them can be told apart. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/secret.h"
#include "base/str.h"
#include "config/table.h"

struct config;

/* Appends the mask of what has this name. No place has to encode it: its
 * octets are those of RFC 3986 §2.3; and it is long enough for any HMAC's key
 * (RFC 7518 §3.2). */
void mask_write(struct buf *out, struct str name);
/* The same as a secret. One reference. */
ATTR_MALLOC struct secret *mask_secret(const char *name);

struct mask {
	size_t at, n;    /* where it is, and its octets */
	struct str name; /* borrowed from the text */
};

/* The first one in a text; false where there is none. */
bool mask_find(struct str text, struct mask *m);

/* Puts masks in place of the secrets of all sections of a kind, as soon as they
 * are read and before anything was made of them. What stands in a file that is
 * read again is not read any more. but: the key whose secret has a form that
 * no mask has; it is taken away. */
void config_mask(struct config *c, const char *kind, const char *but);
/* Whether that was done: nothing that is made of the section may be sent. */
bool config_masked(const struct config_section *s);
