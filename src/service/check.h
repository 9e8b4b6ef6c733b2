/* SPDX-License-Identifier: MIT */
/* Whether a configuration makes sense, part by part; what does not is in the
 * report. For service/ only. */
#pragma once

struct compiling;
struct service;

/* The meaning of [proxy]; fills in workers and the own names. */
void check_proxy(struct compiling *c);
/* Before a service is compiled: single values. */
void check_values(struct compiling *c, const struct service *s);
/* After: whether the token would go in the clear, whether keys have a use. */
void check_service(struct compiling *c, const struct service *s);
/* With all of them and the routes there: what could never be reached. */
void check_matches(struct compiling *c);
/* With all of them and the routes there: whether browsers find back from a
 * login. */
void check_logins(struct compiling *c);
