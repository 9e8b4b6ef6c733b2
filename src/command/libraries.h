/* SPDX-License-Identifier: MIT */
/* The libraries that run, and what is known to be wrong with them
 * (docs/libraries.md): for --version, and for a start that says so. */
#pragma once

#include "base/buf.h"
#include "base/str.h"
#include "service/service.h"

/* Appends all, a space between two: "libcurl/7.88.1 GnuTLS/3.7.9 …". */
void libraries_write(struct buf *out);
/* Logs each fault of these (as libraries_write has them) that a service's keys
 * reach: a warning, or a word about what is done instead. */
void libraries_tell_faults(const struct services *s, struct str libraries);
