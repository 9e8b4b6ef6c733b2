/* SPDX-License-Identifier: MIT */
/* Memory from the heap that is never refused: where there is none left, the
 * process ends. Below everything but the words that it then ends with. */
#include "base/alloc.h"

#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/last_words.h"

void mem_exhausted(size_t n)
{
	last_words("bearerd: out of memory (%zu bytes asked for)\n", n);
	abort();
}

void *mem_alloc(size_t n)
{
	void *p = calloc(1, n ? n : 1);

	if (!p)
		mem_exhausted(n);
	return p;
}

void *mem_array(size_t count, size_t size)
{
	size_t n;

	if (__builtin_mul_overflow(count, size, &n))
		mem_exhausted(SIZE_MAX);
	return mem_alloc(n);
}

void *mem_resize(void *p, size_t n)
{
	void *q = realloc(p, n ? n : 1);

	if (!q)
		mem_exhausted(n);
	return q;
}

char *mem_strdup(const char *z)
{
	size_t n = strlen(z) + 1;

	return memcpy(mem_alloc(n), z, n);
}

void mem_free(void *p)
{
	free(p);
}

void mem_trim(void)
{
#ifdef __GLIBC__
	malloc_trim(0);
#endif
}

void mem_wipe(void *p, size_t n)
{
	if (n)
		explicit_bzero(p, n);
}
