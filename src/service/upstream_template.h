/* SPDX-License-Identifier: MIT */
/* An upstream that the token chooses: `upstream` with {token.FIELD} in it, and
 * the hosts that it may become (upstream_hosts). */
#pragma once

#include <stdbool.h>

#include "base/attr.h"
#include "base/fault.h"
#include "base/str.h"
#include "config/table.h"
#include "oauth/token/token.h"
#include "upstream/transfer.h"

struct service;
struct upstream_template;

/* Whether the text of `upstream` is one. */
bool upstream_is_template(struct str text);
/* Compiles the service's `upstream` and `upstream_hosts`; *key is the one that
 * a fault is about. */
ATTR_MUST_CHECK struct upstream_template *
upstream_template_new(const struct service *s, const char **key,
		      struct fault *f);
void upstream_template_free(struct upstream_template **it);
/* Whether these are hosts as upstream_hosts may name them, and some are
 * there. */
ATTR_MUST_CHECK int upstream_hosts_check(const struct config_list *hosts,
					 struct fault *f);
/* Whether one of them fits. */
bool upstream_hosts_fit(const struct config_list *hosts, struct str host);
/* What a token makes of it: *origin and *base_path ("" or "/…" without a final
 * slash; mem_free) are filled in. -1 with a fault, which holds no value,
 * where that is no https URL (or http on loopback) without a user, query and
 * fragment, or its host is none of upstream_hosts. */
ATTR_MUST_CHECK int upstream_template_write(const struct upstream_template *u,
					    const struct service *s,
					    struct token *t,
					    struct origin *origin,
					    char **base_path,
					    struct fault *f);
