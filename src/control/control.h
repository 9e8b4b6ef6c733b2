/* SPDX-License-Identifier: MIT */
/* The control socket: where the commands reach the running daemon. Its
 * clients are the same user or root; all that they want is a session's, so it
 * runs in the broker's thread. control/request.h has the protocol. */
#pragma once

#include "base/attr.h"
#include "base/fault.h"
#include "base/limits.h"
#include "broker/broker.h"
#include "control/peer.h"
#include "service/service.h"

struct control;

/* Makes the socket and its folder and listens, on the broker's loop; before
 * broker_start. find knows the commands. A stale socket is replaced, a live one
 * is not. services and broker outlive it. NULL with a fault. */
ATTR_MUST_CHECK struct control *control_new(const struct services *services,
					    struct broker *broker,
					    control_find_fn *find,
					    struct fault *f);
/* After broker_stop, before broker_free. Removes the socket where it is still
 * ours. NULL is fine. */
void control_free(struct control **c);
