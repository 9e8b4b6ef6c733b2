/* SPDX-License-Identifier: MIT */
/* A TCP connection to a name that has several addresses: they are tried one
 * after the other, each without waiting long for the ones before it, and the
 * first that answers is taken (RFC 8305). Only for lookup.c. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

struct dial;
struct sockets;
struct transport;

struct dial_result {
	int fd;          /* connected, the caller's to close; -1: none is */
	size_t at;       /* which of the addresses it is connected to */
	int error;       /* errno of the last that failed, or 0 */
	bool prohibited; /* no address may be reached */
	bool starved;    /* no descriptor was left */
};

/* From the loop, once, unless cancelled; the dial is gone then. */
typedef void dial_done_fn(void *arg, const struct dial_result *result);

/* addresses: as resolver_ask tells them, copied. transport, which says what
 * may be reached, outlives the dial. There is no bound of time: the caller
 * cancels. */
ATTR_RETURNS_NONNULL struct dial *dial_start(struct sockets *s,
					     const struct transport *transport,
					     const char *addresses,
					     uint16_t port, dial_done_fn *done,
					     void *arg);
/* done is told to another from here on. */
void dial_pass(struct dial *d, void *arg);
/* Ends it without a word. Nulls the pointer, which may be NULL. */
void dial_cancel(struct dial **d);
