/* SPDX-License-Identifier: MIT */
/* Finds the known name that somebody probably meant who wrote another: for "did
 * you mean". */
#pragma once

#include <stddef.h>

/* The nearest of n words, or NULL where none is near (edit distance at most
 * a third of the word). */
const char *config_nearest(const char *word, const char *const *words,
			   size_t n);
