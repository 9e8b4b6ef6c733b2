/* SPDX-License-Identifier: MIT */
/* The program's two clocks, and how a test sets them. */
#include "base/clock.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <time.h>

static atomic_bool fake;
static _Atomic int64_t fake_boot, fake_wall, ahead;

static int64_t read_ms(clockid_t id)
{
	struct timespec t = { 0, 0 };

	(void)clock_gettime(id, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t clock_ms(void)
{
	if (atomic_load_explicit(&fake, memory_order_acquire))
		return atomic_load_explicit(&fake_boot, memory_order_relaxed);
	return read_ms(CLOCK_BOOTTIME) +
	       atomic_load_explicit(&ahead, memory_order_relaxed);
}

int64_t clock_wall_ms(void)
{
	if (atomic_load_explicit(&fake, memory_order_acquire))
		return atomic_load_explicit(&fake_wall, memory_order_relaxed);
	return read_ms(CLOCK_REALTIME) +
	       atomic_load_explicit(&ahead, memory_order_relaxed);
}

void clock_fake(int64_t boot_ms, int64_t wall_ms)
{
	atomic_store_explicit(&fake_boot, boot_ms, memory_order_relaxed);
	atomic_store_explicit(&fake_wall, wall_ms, memory_order_relaxed);
	atomic_store_explicit(&fake, true, memory_order_release);
}

void clock_ahead(int64_t ms)
{
	atomic_store_explicit(&ahead, ms, memory_order_relaxed);
	atomic_store_explicit(&fake, false, memory_order_release);
}

void clock_real(void)
{
	atomic_store_explicit(&ahead, 0, memory_order_relaxed);
	atomic_store_explicit(&fake, false, memory_order_release);
}
