/* SPDX-License-Identifier: MIT */
/* Whether tokens that stand in the configuration can be sent. For service/
 * only. */
#pragma once

struct compiling;

/* With all of them compiled well: whether tokens that stand in the
 * configuration fit into the requests. */
void check_fixed_tokens(struct compiling *c);
