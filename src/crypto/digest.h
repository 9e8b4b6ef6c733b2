/* SPDX-License-Identifier: MIT */
/* Digests (FIPS 180-4). */
#pragma once

#include "base/str.h"

enum { DIGEST_SHA256_SIZE = 32 };

void digest_sha256(struct str octets, unsigned char out[DIGEST_SHA256_SIZE]);
