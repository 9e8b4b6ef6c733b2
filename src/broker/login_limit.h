/* SPDX-License-Identifier: MIT */
/* How many logins may be under way. Pages can be opened by anybody, so their
 * logins are bounded: they must not take memory without end, end a login that a
 * person has begun, or make bearerd call the authorization server too often. */
#pragma once

#include "base/attr.h"
#include "base/fault.h"
#include "base/str.h"
#include "broker/entry.h"

/* Whether a page opened from an address (or what stands for one) may begin one
 * more, for which one of a burst from there may have to end. -1 with a fault
 * where there are too many in all: those that are begun stay. */
ATTR_MUST_CHECK int login_limit_page(const struct entry *e, struct str from,
				     struct fault *f);
/* Makes room for one that a command begins: its user's oldest goes. */
void login_limit_command(const struct entry *e);
/* Whether the server may be asked now for one that a page began; -1 with a
 * fault where it was asked too often of late. */
ATTR_MUST_CHECK int login_limit_ask(struct entry *e, struct fault *f);
/* Whether as many people as there may be are back, and wait for the server:
 * nobody else's answer is taken until one of them has been told. */
bool login_limit_is_back(const struct entry *e);
