/* SPDX-License-Identifier: MIT */
/* Makes a service of its section. For service/ only. */
#pragma once

#include "service/compiling.h"

/* One [service NAME]; what is wrong with it is in the report. */
struct service *service_compile(struct compiling *c,
				const struct config_section *section);
void service_free(struct service *s);
