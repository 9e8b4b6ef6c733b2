/* SPDX-License-Identifier: MIT */
/* Reads a request's body whole before it is sent on, where it is changed on its
 * way or its length must be known: forms that parameters go into, above all. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/attr.h"
#include "base/str.h"

struct exchange;

/* At the head: whether this request's parameters go into a form (x->gathers),
 * or a hook is to see its body (x->reads), and with that what is kept of it.
 * -1 where it must have a form and has something else, or one that is too long:
 * the exchange has an own answer. */
ATTR_MUST_CHECK int gather_plan(struct exchange *x);
/* More of the form came than is taken: it has an own answer from now on. */
void gather_overflow(struct exchange *x);
/* The client's form once it is whole; empty where there is none. */
struct str gather_form(const struct exchange *x);
/* Up to n octets of the form that goes out; 0 at its end. */
ssize_t gather_source(struct exchange *x, char *p, size_t n);
/* Before it is forwarded: an upstream that was last seen to speak HTTP/1.0 is
 * sent no chunks (RFC 9112 §6.1): a body of unknown length is read whole, and
 * sent with its length. 0: it may be forwarded; 1: the driver is called when
 * more is known; -1: there is an own answer. */
ATTR_MUST_CHECK int gather_length(struct exchange *x);
/* Octets of such a body find no room. */
void gather_length_overflow(struct exchange *x);
