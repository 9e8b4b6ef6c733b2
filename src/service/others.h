/* SPDX-License-Identifier: MIT */
/* Services that need another's token. For service/ only. */
#pragma once

struct compiling;
struct service;

/* With all of them there: the service of that name, or NULL. */
struct service *service_named(const struct compiling *c, const char *name);
/* With all of them there: whether the services whose tokens others need can
 * give them. */
void check_others(struct compiling *c);
