/* SPDX-License-Identifier: MIT */
/* The key file of the store: 32 random octets, made at the first start. */
#pragma once

#include <stdbool.h>

#include "base/attr.h"
#include "base/fault.h"
#include "base/ownership.h"
#include "base/secret.h"

/* Reads the key; where there is no such file and make is true, makes it with
 * mode 0600, durably (written beside, synced, linked; an existing one is
 * never overwritten). Refuses a file of another size, one that is no plain
 * file, and, unless who is NULL, one that others than these could read or
 * exchange (ownership_check). NULL with a fault. One reference. */
ATTR_MUST_CHECK struct secret *store_key_load(const char *path, bool make,
					      const struct ownership *who,
					      struct fault *f);
/* Writes a key that was read from path there again where there is nothing any
 * more, as a new one is made. 1 where it was written, 0 where something is
 * there, -1 with a fault. */
ATTR_MUST_CHECK int store_key_restore(const char *path,
				      const struct secret *key,
				      struct fault *f);
