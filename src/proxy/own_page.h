/* SPDX-License-Identifier: MIT */
/* Requests for bearerd's own pages: between an exchange and the pages of
 * page/. */
#pragma once

#include <stdbool.h>

#include "base/attr.h"

struct exchange;

/* Before the body: whether it is to be read whole. -1: the answer is there
 * already. */
ATTR_MUST_CHECK int own_page_plan(struct exchange *x);
/* Answers, or false: the broker will, and the driver is called then. */
bool own_page_serve(struct exchange *x);
/* Nobody waits for the broker's answer any more. */
void own_page_leave(struct exchange *x);
/* Adds to the problem that the exchange answers with where a login begins. */
void own_page_name_login(struct exchange *x);
