/* SPDX-License-Identifier: MIT */
/* What somebody may have meant who wrote a name that there is not: for "did
 * you mean". */
#pragma once

#include <stddef.h>

/* The nearest of n words, or NULL where none is near (edit distance at most
 * a third of the word). */
const char *config_nearest(const char *word, const char *const *words,
			   size_t n);
