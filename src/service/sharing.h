/* SPDX-License-Identifier: MIT */
/* Services that use another's session (`session`). For service/ only. */
#pragma once

struct compiling;
struct service;

/* With all of them there: whether the services whose session others use can
 * share it; fills in session_of. */
void check_shared(struct compiling *c);
/* Keys that have no use beside `session`. */
void check_shared_keys(struct compiling *c, const struct service *s);
