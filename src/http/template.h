/* SPDX-License-Identifier: MIT */
/* Templates of the configuration: text with {names}, {base64:…} around such
 * text, "{{" and "}}" for braces; within {base64:…} a "}}" is one only where
 * it ends a "{{". Parsed once, expanded for each token. */
#pragma once

#include <stdbool.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/fault.h"
#include "base/str.h"

struct template;

/* Whether a name may stand in this template. */
typedef bool template_known_fn(struct str name);
/* Appends the name's value; -1 with a fault where it has none now. */
typedef int template_value_fn(void *arg, struct str name, struct buf *out,
			      struct fault *f);

/* NULL with a fault (an unmatched brace, an empty or unknown name; names says
 * which there are, for the text of the fault). */
ATTR_MUST_CHECK struct template *template_parse(struct str text,
						template_known_fn *known,
						const char *names,
						struct fault *f);
void template_free(struct template **t);
/* Whether it has a name for which is() holds. */
bool template_any(const struct template *t, template_known_fn *is);
ATTR_MUST_CHECK int template_expand(const struct template *t,
				    template_value_fn *value, void *arg,
				    struct buf *out, struct fault *f);
