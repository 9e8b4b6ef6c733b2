/* SPDX-License-Identifier: MIT */
/* What a wildcard's key ("assertion.claim.*") leaves in its list: one
 * "NAME=VALUE" a line, whose VALUE may be empty. */
#pragma once

#include <stdbool.h>

#include "base/str.h"
#include "config/table.h"

/* Element i, taken apart; both are slices of it. */
void config_pair(const struct config_list *l, size_t i, struct str *name,
		 struct str *value);
/* Whether there is one of that name. */
bool config_pairs_have(const struct config_list *l, struct str name);
