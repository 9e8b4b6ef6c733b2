/* SPDX-License-Identifier: MIT */
/* One request to an upstream and its response, whatever carries it. A
 * transfer belongs to one thread's loop. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/fault.h"
#include "base/limits.h"
#include "base/loop.h"
#include "base/str.h"
#include "http/fields.h"
#include "http/message.h"

struct upstream; /* a thread's connections to all upstreams */
struct transfer;
struct transport; /* how it is reached: upstream/transport.h */
struct own_connections; /* one client's: nobody else's requests are on them */

/* Where a request goes, and everything that a pooled connection's identity
 * depends on. Immutable, owned by the configuration, outlives all transfers;
 * two origins share connections only where scheme, host, port and transport
 * are the same. */
struct origin {
	char *scheme;        /* "http", "https" */
	char *host;          /* in lower case, no brackets */
	char *authority;     /* for Host: the port only where not the default,
				brackets for IPv6 */
	char *url;           /* scheme://host:port, for the carrier */
	uint32_t hash;       /* of url (known_hash) */
	uint16_t port;
	bool is_ipv6, is_https;
	bool is_foreign;     /* its host is not in the configuration: a client,
				a token or a hook named it */
	struct transport *transport;
};

/* Fills an origin in from an http or https URL's parts (copied). transport is
 * borrowed; an https origin's must have a trust before a transfer starts. */
ATTR_MUST_CHECK int origin_init(struct origin *o, struct str url,
				struct transport *transport, struct fault *f);
void origin_fini(struct origin *o);
/* Appends the URI of a request-target there (RFC 9110 §7.1): of "*" it is the
 * origin alone. */
void origin_write_uri(const struct origin *o, struct str target,
		      struct buf *out);

/* What a fault of a transfer is: an error type of RFC 9209 and the status
 * that a client is answered with (bearerd(8), Errors). */
struct transfer_fault {
	int status;        /* 502, 503, 504, 500 */
	const char *error; /* "dns_error", … (static) */
	struct fault text; /* no secret, no field value, no query */
	bool sent;         /* octets of the request may have left */
};

/* What source returns instead of a count. */
enum { TRANSFER_PAUSE = -1, TRANSFER_ABORT = -2 };

/* Called on the loop's thread. Within head, body and source nothing of the
 * transfer may be called but transfer_pause's relatives named below; above
 * all not transfer_cancel: use a task; the same within connected. done may free
 * the owner; the transfer is gone when it is called. */
struct transfer_events {
	/* The final response's head; it may come while the request's body is
	 * still asked for, and both go on then. fields live until the transfer
	 * ends, their names and values as long as the request's arena; each
	 * has a NUL behind it. Hop-by-hop fields are still in. */
	void (*head)(void *arg, int status, const struct fields *fields);
	/* Octets of the body, transfer coding taken off. Takes all (true), or
	 * none (false): then reading pauses, and the same octets come again
	 * after transfer_resume_read. */
	bool (*body)(void *arg, const char *p, size_t n);
	/* Wants up to n octets of the request's body: the count put at p, 0
	 * at its end, TRANSFER_PAUSE for none now (until
	 * transfer_resume_write), TRANSFER_ABORT to give up. */
	ssize_t (*source)(void *arg, char *p, size_t n);
	/* The end: whole (fault NULL), or not. Called exactly once unless
	 * cancelled. */
	void (*done)(void *arg, const struct transfer_fault *fault);
	/* Optional: the trailers of a response that is whole, right before
	 * done, where there were any. As they came: which of them may be
	 * passed on is the owner's to know (RFC 9110 §6.5). */
	void (*trailers)(void *arg, const struct fields *trailers);
	/* Optional: an interim response (RFC 9110 §15.2) but 101, before head;
	 * LIMIT_INTERIM_ANSWERS of them at most. fields live until it has
	 * returned. */
	void (*interim)(void *arg, int status, const struct fields *fields);
	/* Optional: a connection is there (name, address, TLS), and no octet of
	 * the request has left on it. False: none does, and none of the
	 * request's time-outs run, until transfer_go_on. Where the connection
	 * ends meanwhile, transfer_go_on leads to a fault that says that
	 * nothing was sent, or to another connection; of that this is asked
	 * anew. libcurl cannot wait behind a connection of its own: there it is
	 * asked once, right before one is looked for. */
	bool (*connected)(void *arg);
	/* Optional: asked for once, right after source has returned 0 for a
	 * FRAMING_CHUNKED body: the trailers that go behind it, used before it
	 * is called for anything else; NULL or empty: none. */
	const struct fields *(*source_trailers)(void *arg);
};

struct transfer_request {
	const struct origin *origin;
	struct str method;
	struct str target;           /* byte for byte onto the wire */
	const struct fields *fields; /* all of them, Host too, in order; none
					of the framing's */
	struct arena *arena; /* of the response's fields, which then live as
				long as it, and longer than the transfer.
				NULL: until that ends */
	struct framing framing;      /* a HEAD's body, which means nothing (RFC
					9110 §9.3.2), is neither asked for nor
					sent */
	struct own_connections **own; /* the client's, kept by the owner for
			as long as it is there and NULL at first: made once a
			request of it has a credential that authenticates the
			connection, and used from then on (RFC 4559 §6). NULL:
			no client's */
	bool fresh;  /* on a connection of its own, closed afterwards, and
			never sent again by the carrier: token calls */
	bool expect; /* Expect: 100-continue goes with the request, where it
			has a body, and source is first asked when the upstream
			has said 100, or nothing for LIMIT_CONTINUE ms; never
			where it has said a final status before that. Fields
			hold no Expect, or it is left out. Of an upstream that
			speaks HTTP/1.0 nothing is expected: source is asked
			at once. */
	bool upgrade; /* fields hold Connection: upgrade and Upgrade, and there
			is no body. It goes over HTTP/1.1, whatever its
			transport says, and head may be told 101: then
			nothing follows it until transfer_upgraded. Without
			this a 101 is a 502 */
	int64_t connect_timeout;  /* ms: name, connection and TLS */
	int64_t response_timeout; /* ms: from the last octet of the request to
				     the head; a 102 starts it anew */
	int64_t idle_timeout;     /* ms: between octets of the response, and of
				     the request, while the upstream is what is
				     waited for; 0: none */
};

/* NULL with a fault; also where libcurl is not what is needed (too old, not
 * on GnuTLS, no threaded resolver). */
ATTR_MUST_CHECK struct upstream *upstream_new(struct loop *loop,
					      struct fault *f);
/* All transfers must have ended or been cancelled. */
void upstream_free(struct upstream **u);
/* Appends the library and the version that runs, and that of HTTP/2:
 * "libcurl/7.88.1 nghttp2/1.52.0". */
void upstream_library(struct buf *out);
/* How many connections of all threads together, of which there are so many,
 * may be idle; for those that are made afterwards. */
void upstream_limit_idle(uint64_t all, size_t threads);
/* Whether the last answer that this thread had from there was HTTP/1.0: what
 * it is sent must not be chunked then (RFC 9112 §6.1). Requests say HTTP/1.1
 * all the same. */
bool upstream_is_http10(const struct upstream *u, const struct origin *o);
/* The loop that it was made for. */
struct loop *upstream_loop(const struct upstream *u);

/* Starts; strings of the request are copied or used before it returns (but
 * origin). Never calls an event before it returns. A request that can be
 * repeated by HTTP's rules (idempotent, nothing of a body read) may be sent
 * again by the carrier on a fresh connection when a reused one turns out to
 * be dead; others never. */
ATTR_RETURNS_NONNULL
struct transfer *transfer_start(struct upstream *u,
				const struct transfer_request *r,
				const struct transfer_events *events,
				void *arg);
/* The client is gone: its connections are closed, once no transfer is on
 * them. Nulls the pointer, which may be NULL. Of the upstream's thread, before
 * the upstream is freed. */
void own_connections_end(struct own_connections **own);
/* After body returned false / source returned TRANSFER_PAUSE. May be called
 * within any event and before it is needed. Events follow from the loop, not
 * from within. */
void transfer_resume_read(struct transfer *t);
void transfer_resume_write(struct transfer *t);
/* After connected has returned false; may be called within it. Events follow
 * from the loop, not from within. */
void transfer_go_on(struct transfer *t);
/* Of one whose head was 101: octets pass both ways from now on, and the events
 * are these, for arg. body gets octets as they come, and n = 0 once where the
 * upstream sends no more; source's 0 shuts down the other direction; done
 * follows once both have ended, or one is broken. head is not called, and no
 * time-out of the request holds. Not within an event. */
void transfer_upgraded(struct transfer *t,
		       const struct transfer_events *events, void *arg);
/* Within head and interim: by which HTTP the response comes: 10, 11 or 20. */
int transfer_version(const struct transfer *t);
/* Ends it without an event; closes the connection unless the response was
 * whole. Nulls the pointer. Not within head, body, source, connected. */
void transfer_cancel(struct transfer **t);
