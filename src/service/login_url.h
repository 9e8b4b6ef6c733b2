/* SPDX-License-Identifier: MIT */
/* The addresses of a service's login, as people's browsers see them. */
#pragma once

#include <stdbool.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/fault.h"
#include "service/service.h"

/* Below external (a URL without a slash at its end; NULL: there is none).
 * Appends where the authorization server sends browsers back to: redirect_uri,
 * or the service's own callback. -1 with a fault where there is none. */
ATTR_MUST_CHECK int service_redirect_uri(const struct service *s,
					 const char *external, struct buf *out,
					 struct fault *f);
/* A redirect_uri at which a browser comes to a page of ours; borrowed. */
struct own_callback {
	struct str base;   /* all before the page, as "https://host/prefix" */
	struct str prefix; /* the path in it, which whatever is in front of
			      bearerd takes off; empty: none */
	struct str page;   /* "/-/callback", or what is below that */
	bool secure;       /* https */
};

/* False where browsers are sent elsewhere. */
bool service_own_callback(struct str url, const char *external,
			  struct own_callback *out);
/* Whose login gives this service its token: that of its session, or of the one
 * whose token its session exchanges. */
const struct service *service_to_log_in_to(const struct service *s);
/* Appends where a login of this service begins: on the same origin as it ends,
 * or the cookie between them would not come along. -1 where no browser
 * reaches bearerd. */
ATTR_MUST_CHECK int service_login_url(const struct service *s,
				      const char *external, struct buf *out);
/* Another service whose logins come back to the same page of ours, though its
 * authorization server is another one: what comes back there must say whose it
 * is (RFC 9207, RFC 9700 §4.4.2). NULL: there is none. */
const struct service *service_mixed_up_with(const struct services *all,
					    const struct service *s,
					    const char *external);
