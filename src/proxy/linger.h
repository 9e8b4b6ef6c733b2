/* SPDX-License-Identifier: MIT */
/* The end of a connection that was answered although the client still sends:
 * were it closed at once, the kernel would answer what is left unread with a
 * reset, and the client might lose the answer. */
#pragma once

struct worker;

/* Takes the socket over: sends the end, reads what comes and drops it until
 * the client ends too, for a few seconds at the most. */
void linger(struct worker *w, int fd);
/* Closes all. */
void linger_end(struct worker *w);
