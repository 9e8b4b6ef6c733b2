/* SPDX-License-Identifier: MIT */
/* The upstream's answer on its way to the client. */
#pragma once

#include "upstream/transfer.h"

struct exchange;

/* The events of an exchange's transfer. */
extern const struct transfer_events relay_events;

/* Queues the answer that the exchange has: an own one, or the upstream's. -1
 * where libmicrohttpd does not take it: the connection is to be closed. */
int relay_answer(struct exchange *x);
