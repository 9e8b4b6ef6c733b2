/* SPDX-License-Identifier: MIT */
/* The upstream's answer on its way to the client. */
#pragma once

#include "upstream/transfer.h"

struct exchange;

/* The events of an exchange's transfer. */
extern const struct transfer_events relay_events;

/* Gives the answer that the exchange has, an own one or the upstream's, behind
 * the whole request: to libmicrohttpd, or as relay_write where that has no
 * room for its head. -1 where neither can be: the connection is to be
 * closed. */
ATTR_MUST_CHECK int relay_answer(struct exchange *x);
/* Writes it past libmicrohttpd, at any time; the connection ends with it. */
void relay_write(struct exchange *x);
/* For who writes an answer: up to max octets of its body; or what
 * client_writer_events.body returns instead. */
ssize_t relay_take(struct exchange *x, char *p, size_t max);
