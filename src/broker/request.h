/* SPDX-License-Identifier: MIT */
/* A token request of a session's own: what it needs first, an address or the
 * token of another session, and then the request. */
#pragma once

struct entry;

/* Begins the one that the session wants (SESSION_START). Its end comes later,
 * from within, or never, while the broker stops. */
void request_begin(struct entry *e);
/* Tells those that exchange of's token, and those that exchange theirs, that
 * there is one. */
void request_supply(struct entry *of);
