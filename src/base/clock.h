/* SPDX-License-Identifier: MIT */
/* Time. Everything that is waited for counts on CLOCK_BOOTTIME, which runs on
 * while the machine sleeps and is not set; the wall clock is for people and
 * for what is stored. */
#pragma once

#include <stdint.h>

/* Milliseconds since boot. */
int64_t clock_ms(void);
/* Milliseconds since the epoch. */
int64_t clock_wall_ms(void);
/* For tests: both clocks stand at these values until clock_real. */
void clock_fake(int64_t boot_ms, int64_t wall_ms);
/* The same, but both clocks run, so many ms in front of the real ones. */
void clock_ahead(int64_t ms);
void clock_real(void);
