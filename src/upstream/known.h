/* SPDX-License-Identifier: MIT */
/* What origins have shown of themselves that the next request to them should
 * know: a version of HTTP, a time after which they end idle connections. One
 * thread's; only for the carriers. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"
#include "base/list.h"

enum { KNOWN_SLOTS = 64 };

/* LIMIT_KNOWN_ORIGINS at the most; those that have shown nothing of it are
 * not in it. */
struct known_origins {
	struct list slots[KNOWN_SLOTS]; /* by the hash of their URL */
	struct list all;                /* the one noted last first */
	size_t n;
};

void known_init(struct known_origins *k);
void known_fini(struct known_origins *k);

/* FNV-1a. */
uint32_t known_hash(const char *url);

/* The version of its last answer. */
void known_note_version(struct known_origins *k, const char *url, bool http10);
bool known_is_http10(const struct known_origins *k, const char *url);

/* It has ended a connection that had been idle for ms. Times below
 * LIMIT_YOUNG say nothing: an origin that restarts ends what it has. */
void known_note_idle(struct known_origins *k, const char *url, int64_t ms,
		     int64_t now);
/* The shortest such time, which a longer one replaces once it is
 * LIMIT_KNOWN_IDLE old; 0: not known. */
int64_t known_idle(const struct known_origins *k, const char *url);
