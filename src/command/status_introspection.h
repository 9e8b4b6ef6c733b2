/* SPDX-License-Identifier: MIT */
/* What bearerd status -v adds to a service's line. */
#pragma once

#include "base/buf.h"
#include "control/peer.h"
#include "data/json.h"

/* Appends indented lines: what the server says of the token, with dates as
 * dates, or why it says nothing. event: as control/request.h has it.
 * Control characters become "?". */
void status_introspection_show(struct buf *out, const struct json *event);

/* "introspect" on the control socket: as status, and the event session has
 * "introspection" too, what the server says of the token, or null, and then
 * "introspection_error" says why. */
extern const struct control_command status_introspection_daemon;
