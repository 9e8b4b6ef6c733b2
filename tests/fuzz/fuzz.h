/* SPDX-License-Identifier: MIT */
/* What every fuzz target has: libFuzzer's entry, and a check that ends the
 * run where a promise is broken. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/assert.h"
#include "base/str.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline struct str fuzz_text(const uint8_t *data, size_t size)
{
	return (struct str){ (const char *)data, size };
}

/* Takes what stands before the next octet c off *rest. */
static inline struct str fuzz_part(struct str *rest, char c)
{
	struct str part = str_sub(*rest, 0, str_find(*rest, c));

	*rest = str_from(*rest, part.n + 1);
	return part;
}

/* Whether part lies within whole, as slices of it must. */
static inline void fuzz_inside(struct str part, struct str whole)
{
	if (part.n == 0)
		return;
	ASSERT(part.p >= whole.p && part.n <= whole.n &&
	       part.p + part.n <= whole.p + whole.n);
}
