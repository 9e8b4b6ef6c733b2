/* SPDX-License-Identifier: MIT */
/* Counts the descriptors that clients' connections take beyond one each. */
#include "proxy/spare.h"

#include <stdatomic.h>

static _Atomic uint64_t spare_all = UINT64_MAX;
static _Atomic uint64_t spare_taken;

static bool spare_take_below(uint64_t bound)
{
	if (atomic_fetch_add(&spare_taken, 1) < bound)
		return true;
	spare_give();
	return false;
}

void spare_set(uint64_t n)
{
	atomic_store(&spare_all, n);
}

bool spare_take(void)
{
	return spare_take_below(atomic_load(&spare_all));
}

bool spare_take_half(void)
{
	return spare_take_below(atomic_load(&spare_all) / 2);
}

void spare_give(void)
{
	atomic_fetch_sub(&spare_taken, 1);
}
