/* SPDX-License-Identifier: MIT */
/* none: the request goes on as the client sent it, its own credential too.
 * Having no name, it is never asked to put anything anywhere. */
#include "oauth/placement/placement.h"

static int none_check_name(const char *name, struct fault *f)
{
	return fault_set(f, "\"%s\": there is nothing to be named", name);
}

static int none_encode(struct str value ATTR_UNUSED,
		       struct buf *out ATTR_UNUSED, struct fault *f)
{
	return fault_set(f, "no token is placed");
}

static bool none_present(struct str name ATTR_UNUSED,
			 const struct placement_request *r ATTR_UNUSED)
{
	return false;
}

static void none_remove(struct str name ATTR_UNUSED,
			struct placement_request *r ATTR_UNUSED)
{
}

static void none_apply(struct str name ATTR_UNUSED,
		       struct str value ATTR_UNUSED,
		       struct placement_request *r ATTR_UNUSED)
{
}

const struct placement placement_none = {
	.name = "none",
	.check_name = none_check_name,
	.encode = none_encode,
	.present = none_present,
	.remove = none_remove,
	.apply = none_apply,
};
