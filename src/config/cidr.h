/* SPDX-License-Identifier: MIT */
/* One range of addresses, read. */
#pragma once

#include "base/attr.h"
#include "base/fault.h"
#include "base/str.h"
#include "config/table.h"

/* ADDRESS or ADDRESS/BITS. */
ATTR_MUST_CHECK int config_cidr_parse(struct str text, struct config_cidr *out,
				      struct fault *f);
