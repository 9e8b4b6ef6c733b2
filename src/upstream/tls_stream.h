/* SPDX-License-Identifier: MIT */
/* TLS over a connected socket that does not block, as the client: the
 * handshake, the octets, the end. Which certificates are good is tls.h's. Only
 * for the carrier. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/attr.h"
#include "base/fault.h"

#include "base/list.h"

struct origin;
struct tls_stream;

/* Sessions of origins that may be resumed, the one used last first. They were
 * verified, and are again when they are resumed. */
struct tls_sessions {
	struct list all;
	size_t n;
};

void tls_sessions_init(struct tls_sessions *s);
void tls_sessions_fini(struct tls_sessions *s);

/* What a read, a write or a step of the handshake gives in place of octets. */
enum {
	TLS_STREAM_AGAIN = -1, /* the socket must be waited for */
	TLS_STREAM_FAILED = -2,
};

/* What became of the handshake. */
enum tls_stream_state {
	TLS_STREAM_OPEN,
	TLS_STREAM_WAITS_READ,
	TLS_STREAM_WAITS_WRITE,
	TLS_STREAM_REFUSED,    /* we do not take its certificate */
	TLS_STREAM_BROKEN,     /* the handshake failed */
};

/* origin is borrowed until the handshake is done, with its transport's
 * certificate; fd is not closed. sessions outlives it. NULL with a fault where
 * the certificate cannot be loaded. */
ATTR_MUST_CHECK struct tls_stream *
tls_stream_new(const struct origin *origin, int fd,
	       struct tls_sessions *sessions, struct fault *f);
/* The session may be resumed from now on, where the server allows it: once
 * octets of an answer have come, since a ticket of TLS 1.3 comes with it. */
void tls_stream_remember(struct tls_stream *s);
/* Sends a close_notify where the handshake is done and the socket takes it;
 * nulls the pointer, which may be NULL. */
void tls_stream_free(struct tls_stream **s);

/* Goes on with the handshake; at its end the peer's certificate is verified,
 * before an octet is sent. The last two fill f in. */
ATTR_MUST_CHECK enum tls_stream_state
tls_stream_handshake(struct tls_stream *s, struct fault *f);
/* Up to n octets; 0: the peer has ended it (close_notify). */
ssize_t tls_stream_read(struct tls_stream *s, char *p, size_t n);
/* How many of n octets were taken. After TLS_STREAM_AGAIN the same octets must
 * be given again. */
ssize_t tls_stream_write(struct tls_stream *s, const char *p, size_t n);
/* Sends a close_notify, behind which nothing is written: 0, or as above. */
ATTR_MUST_CHECK int tls_stream_shut(struct tls_stream *s);
/* Octets lie here that no event of the socket will tell of. */
bool tls_stream_pending(const struct tls_stream *s);
