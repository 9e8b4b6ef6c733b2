/* SPDX-License-Identifier: MIT */
/* A secret within a URL, or a field that holds some: found however its octets
 * are percent-encoded (RFC 3986 §2.1), also more than once, as they are in a
 * URL that is a parameter of another. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/str.h"

/* Whether text holds secret, which is not empty. */
bool url_secret_is_in(struct str text, struct str secret);

/* Appends text without the parameters of these names, wherever a query or a
 * fragment is, and without secret, wherever else it is. out needs room for the
 * whole text. */
void url_secret_remove(struct buf *out, struct str text, struct str secret,
		       const struct str *names, size_t n);
