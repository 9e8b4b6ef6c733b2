/* SPDX-License-Identifier: MIT */
/* Finds the known name that a mistyped one was probably meant to be. */
#include "config/nearest.h"

#include <string.h>

#include "base/limits.h"
#include "base/str.h"

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Optimal string alignment: insertions, deletions, exchanges, and two
 * neighbours swapped, each counted as one. Both are at most
 * LIMIT_CONFIG_NEAREST long. */
static size_t distance(struct str a, struct str b)
{
	size_t row[3][LIMIT_CONFIG_NEAREST + 1];
	size_t *before = row[0], *last = row[1], *now = row[2], *old;

	for (size_t j = 0; j <= b.n; j++)
		last[j] = before[j] = j;
	for (size_t i = 1; i <= a.n; i++) {
		char c = char_lower(a.p[i - 1]);

		now[0] = i;
		for (size_t j = 1; j <= b.n; j++) {
			char d = char_lower(b.p[j - 1]);

			now[j] = least(least(last[j], now[j - 1]) + 1,
				       last[j - 1] + (c != d));
			if (i > 1 && j > 1 &&
			    c == char_lower(b.p[j - 2]) &&
			    d == char_lower(a.p[i - 2]))
				now[j] = least(now[j], before[j - 2] + 1);
		}
		old = before;
		before = last;
		last = now;
		now = old;
	}
	return last[b.n];
}

const char *config_nearest(const char *word, const char *const *words,
			   size_t n)
{
	struct str w = str_z(word);
	size_t best = w.n / 3 + 1;
	const char *found = NULL;

	if (w.n > LIMIT_CONFIG_NEAREST)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		struct str other = str_z(words[i]);
		size_t d;

		if (other.n > LIMIT_CONFIG_NEAREST)
			continue;
		d = distance(w, other);
		if (d < best) {
			best = d;
			found = words[i];
		}
	}
	return found;
}
