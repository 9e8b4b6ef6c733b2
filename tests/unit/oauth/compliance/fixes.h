/* SPDX-License-Identifier: MIT */
/* Compliance fixes of a few lines of configuration. */
#pragma once

#include "oauth/compliance/compliance.h"
#include "oauth/section.h"

struct fixes {
	struct section x;
	struct compliance *c;
};

static inline void fixes_no_mistake(void *arg, const char *key, size_t i,
				    const struct fault *f)
{
	(void)arg;
	fail_msg("%s %zu: %s", key, i, f->text);
}

static inline struct fixes fixes_new(const char *lines)
{
	struct fixes fixes = { .x = section_new(lines) };

	assert_int_equal(compliance_new(&fixes.c, fixes.x.s,
					&grant_authorization_code,
					fixes_no_mistake, NULL), 0);
	return fixes;
}

static inline void fixes_free(struct fixes *fixes)
{
	compliance_free(&fixes->c);
	section_free(&fixes->x);
}
