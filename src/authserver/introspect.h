/* SPDX-License-Identifier: MIT */
/* What the server knows of a session's token (RFC 7662), asked because a
 * person wants to see it: nothing here changes by it. */
#pragma once

#include <stdbool.h>

#include "authserver/discovery.h"
#include "base/fault.h"
#include "data/json.h"

struct call;

/* reply: the server's, an object with a boolean "active", no text of which
 * repeats a secret; for json_free. NULL: why there is none, in words. */
typedef void introspect_done_fn(void *arg, struct json *reply,
				const struct fault *why);

/* Embedded, zeroed is at rest. */
struct introspect {
	struct as_client *client;
	const struct session *session;
	struct discovery_wait found;
	struct secret *token; /* that is asked about */
	struct call *call;
	introspect_done_fn *done;
	void *arg;
};

/* Asks about the token that the session has now, once, within
 * token_timeout and what discovery takes. done is called once, perhaps from
 * within. */
void introspect_start(struct introspect *i, struct as_client *client,
		      const struct session *session, introspect_done_fn *done,
		      void *arg);
/* done is not called any more. Fine on one that is at rest. */
void introspect_cancel(struct introspect *i);
