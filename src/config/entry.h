/* SPDX-License-Identifier: MIT */
/* One "key = value" of a file. For config/ only. */
#pragma once

#include "base/str.h"

/* Takes an entry of the file into the section. As ini_events has it; arg is
 * the struct reading. */
void config_entry_take(void *arg, int line, struct str written,
		       struct str value);
