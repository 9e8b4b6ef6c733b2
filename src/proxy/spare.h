/* SPDX-License-Identifier: MIT */
/* The descriptors that clients' connections may take beyond one each: for
 * copies on which an answer is written past libmicrohttpd, and for connections
 * that are read to their end but no longer count among the clients. All workers
 * share the count, so that every client that was let in has its descriptor. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"

/* Before any worker runs: how many there are. Until then: any number. */
void spare_set(uint64_t n);
/* From any thread. False where all are in use; else spare_give follows once the
 * descriptor is closed. */
ATTR_MUST_CHECK bool spare_take(void);
/* The same of what can be done without: false from half of them on. */
ATTR_MUST_CHECK bool spare_take_half(void);
void spare_give(void);
