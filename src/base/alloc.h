/* SPDX-License-Identifier: MIT */
/* Memory. The heap never returns NULL: what a request or a reply can ask for is
 * bounded elsewhere, so a refusal means that the machine has no memory left,
 * and the process ends with a message on standard error. */
#pragma once

#include <stddef.h>

#include "base/attr.h"

/* n zeroed octets (n may be 0), freed by mem_free. */
ATTR_MALLOC void *mem_alloc(size_t n);
/* count * size with the product checked, zeroed. */
ATTR_MALLOC void *mem_array(size_t count, size_t size);
/* As realloc; what is new is not zeroed. */
ATTR_RETURNS_NONNULL void *mem_resize(void *p, size_t n);
ATTR_MALLOC char *mem_strdup(const char *z);
void mem_free(void *p);
/* Gives pages that hold nothing back to the system. Other threads may wait
 * for some milliseconds meanwhile: for after a crowd, not for every day. */
void mem_trim(void);
/* There is no room for n octets: ends the process. */
ATTR_NORETURN void mem_exhausted(size_t n);
/* Overwrites n octets in a way that the compiler keeps. */
void mem_wipe(void *p, size_t n);

/* mem_new(struct x) is a zeroed struct x. */
#define mem_new(type) ((type *)mem_alloc(sizeof(type)))
