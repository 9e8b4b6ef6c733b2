/* SPDX-License-Identifier: MIT */
/* What the reader alone does with a report. */
#pragma once

#include <stdbool.h>

#include "config/config.h"

/* Says that path is read now: its mistakes come before those of files that
 * are read later. */
void config_report_file(struct config_report *r, const char *path);
/* Whether more mistakes would not be kept. */
bool config_report_full(const struct config_report *r);
