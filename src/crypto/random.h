/* SPDX-License-Identifier: MIT */
/* Random octets for keys, states and nonces. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Fills n octets from GnuTLS' generator (GNUTLS_RND_KEY); ends the process
 * where there is none. Safe on every thread. */
void random_fill(void *p, size_t n);
/* Any number. */
uint32_t random_u32(void);
