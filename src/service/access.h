/* SPDX-License-Identifier: MIT */
/* The `allow` and `deny` rules of a service: which methods and paths it lets
 * through, for every request of it, before there is a token. */
#pragma once

#include <stdbool.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/str.h"
#include "config/config.h"

struct access;

enum access_result {
	ACCESS_GRANTED,
	ACCESS_DENIED,      /* a `deny` fits */
	ACCESS_NOT_ALLOWED, /* there are `allow`s, and none fits */
};

/* The rules of a section, each METHOD[,METHOD] /path/glob; what is wrong with
 * them is added to the report. NULL where there are none. */
struct access *access_new(const struct config_section *section,
			  const struct config_list *allow,
			  const struct config_list *deny,
			  struct config_report *report);
void access_free(struct access **a);
/* Whether two have the same rules, in the same order. Both may be NULL. */
bool access_is_same(const struct access *a, const struct access *b);

/* Whether a request is let through. path is what stands behind the service's
 * prefix, as it was sent: empty (for "/", and for the server as a whole), or
 * from its slash on; without the query. Compared are the path as it stands and
 * all that servers are known to make of it (path_read): it is denied if one of
 * them fits a `deny`, and allowed only if each fits an `allow`. Takes time
 * proportional to the path's length times the rules'. a may be NULL. */
ATTR_MUST_CHECK enum access_result
access_check(const struct access *a, struct str method, struct str path);
