/* SPDX-License-Identifier: MIT */
/* Bounds of clients' requests and of upstreams' answers (base/limits.h). */
#pragma once

/* clang-format off */
#define LIMITS_CLIENTS(X) \
	X(BACKLOG, 1024, "connections", \
	  "connections that wait to be accepted, of a listening socket", \
	  "The kernel takes no further ones; clients try again by " \
	  "themselves. net.core.somaxconn may say less.") \
	X(ACCEPTS, 64, "connections", \
	  "connections that a worker takes at a turn", \
	  "The others are taken at its next turn.") \
	X(ACCEPT_REST, 100, "ms", \
	  "the time without new connections once there are no " \
	  "descriptors left", \
	  "They are taken again; the log says no_descriptors once.") \
	X(FRONT_RUNS, 64, "rounds", \
	  "rounds of reading and answering at a turn, while there is " \
	  "more to do", \
	  "A worker's other descriptors have their turn.") \
	X(LISTEN_ADDRESSES, 16, "addresses", \
	  "addresses of a name in listen", \
	  "The start fails.") \
	X(LISTEN_TRIES, 32, "times", \
	  "how often a port is looked for that is free at all of them " \
	  "(port 0)", \
	  "The start fails.") \
	X(LINGER_SILENCE, 5000, "ms", \
	  "the time in which nothing comes on a connection whose answer was " \
	  "its last", \
	  "It is closed.") \
	X(LINGER_TIME, 30 * 1000, "ms", \
	  "the time for which such a connection is read to its end", \
	  "The same.") \
	X(LINGERING, 1024, "connections", \
	  "such connections of a worker; fewer where the limit of open " \
	  "files leaves less", \
	  "The next one is closed at once.") \
	X(LINGER_READS, 16, "reads", \
	  "reads of such a connection at a turn", \
	  "The others have their turn.") \
	X(IDLE_UNKNOWN, 60 * 1000, "ms", \
	  "idle_timeout where the request is no service's", \
	  "As idle_timeout.") \
	X(REQUESTS_KEPT, 256, "requests", \
	  "requests of a worker that are over, and whose memory is kept " \
	  "for others", \
	  "It is freed.") \
	X(SPOOL_KEPT, 16 * LIMIT_KIB, "octets", \
	  "memory of a request's body, and of its answer's, that is kept for " \
	  "the next one of its connection", \
	  "More is freed between two requests.") \
	X(SWEEP, 500, "ms", \
	  "the time between two looks at the timeouts of clients", \
	  "One is met so much later at the most.") \
	X(AWAKE, 500, "ms", \
	  "the time between two requests of a client after which its " \
	  "connection is watched for the next one's first octet " \
	  "(header_timeout)", \
	  "Before that, the time counts from its first line.") \
	X(DRAIN_SOON, 50, "ms", \
	  "the time at a stop for requests that were on their way", \
	  "What is not under way then is closed.") \
	X(LAST_TURNS, 32, "turns", \
	  "turns of a worker at its end, for answers to " \
	  "requests that are cut off", \
	  "They are closed.") \
	X(LAST_TURN, 10, "ms", \
	  "such a turn", \
	  "The next one begins.") \
	X(HOST, 255, "octets", \
	  "a host's name", \
	  "It is no service's, and in the configuration a mistake.") \
	X(HOPS, 1000000, "hops", \
	  "Max-Forwards", \
	  "A larger number is passed on as it is.") \
	X(OVERRIDES, 8, "methods", \
	  "other methods that a request names, where a service has " \
	  "allow or deny", \
	  "403.") \
	X(OVERRIDE, 256, "octets", \
	  "such a method, and a parameter's value that names one", \
	  "403.") \
	X(TOKEN_NAMES, 8, "parameters", \
	  "parameters of a request's query that the token is in, which " \
	  "are taken out of addresses that its answer leads to", \
	  "From others the token is taken by its value.") \
	X(TOKEN_LEAST, 6, "octets", \
	  "the shortest token that is taken out by its value", \
	  "A shorter one is not: it is in any address.") \
	X(REWRITE, 80 * LIMIT_KIB, "octets", \
	  "a field that is rewritten, as it is to be (by path)", \
	  "A cookie is left out; an address is passed on as it came.") \
	X(REPLY_DETAILS, 256, "octets", \
	  "details of Proxy-Status", \
	  "They are cut.") \
	X(PAGE, LIMIT_MIB, "octets", \
	  "a page of bearerd's own", \
	  "413 where a form was too large for it, else 500.") \
	X(PAGE_FORM, 256 * LIMIT_KIB, "octets", \
	  "a form that a page takes", \
	  "413.")

#define LIMITS_BODY(X) \
	X(BODY, 256 * LIMIT_KIB, "octets", \
	  "what is kept of a body, or of a WebSocket's octets, on its way, " \
	  "each direction", \
	  "Its sender is not read from until half of it has gone.") \
	X(REFUSAL_BODY, 64 * LIMIT_KIB, "octets", \
	  "an answer of an upstream that is looked at for refresh_if", \
	  "It passes on without.") \
	X(REFUSAL_PLAIN, 256 * LIMIT_KIB, "octets", \
	  "the same once its content coding is undone", \
	  "The same.") \
	X(REFUSAL_WAIT, 1000, "ms", \
	  "the time for which its end is waited for where it names no " \
	  "length", \
	  "The same.") \
	X(LENGTH_BODY, LIMIT_MIB, "octets", \
	  "a body of unknown length for an upstream that speaks HTTP/1.0, " \
	  "which is read whole", \
	  "411.") \
	X(EARLY_WAIT, 100, "ms", \
	  "the time for which an answer waits for its request's end", \
	  "It goes out, and the connection is closed behind it.") \
	X(EARLY_REFUSAL, 1000, "ms", \
	  "the time in which nothing of a request comes whose token has " \
	  "been refused before its end", \
	  "The refusal passes on.") \
	X(CLIENT_WRITER, 128 * LIMIT_KIB, "octets", \
	  "what waits to be written of an answer that bearerd writes itself", \
	  "Its head is at most ANSWER_HEAD; of the body no more is taken.") \
	X(WRITES, 16, "blocks", \
	  "blocks of 16 KiB that are written of such an answer at a turn", \
	  "The others have their turn.") \
	X(INTERIM, 64 * LIMIT_KIB, "octets", \
	  "the fields of an answer's interim responses (103)", \
	  "Further ones are not passed on.") \
	X(ANSWER_HEAD, 64 * LIMIT_KIB, "octets", \
	  "the heads of an answer", \
	  "502 http_response_header_section_size.") \
	X(INTERIM_ANSWERS, 1000, "answers", \
	  "answers of 1xx before the final one", \
	  "The same.") \
	X(CONTINUE, 1000, "ms", \
	  "the time in which an upstream says nothing to Expect: " \
	  "100-continue", \
	  "The body is sent.") \
	X(HTTP2_AGAIN, 64 * LIMIT_KIB, "octets", \
	  "what is kept of a request's body over HTTP/2, should the upstream " \
	  "refuse its stream", \
	  "A request of which more has left is not sent again; 502.") \
	X(CHUNK_LINE, 4 * LIMIT_KIB, "octets", \
	  "the line with a chunk's size in an answer", \
	  "502, or the answer breaks off.") \
	X(TRAILERS, 60000, "octets", \
	  "trailers of a request (carrier = libcurl)", \
	  "They are left out.") \
	X(REQUEST_HEAD, LIMIT_MIB, "octets", \
	  "a request's head as the upstream is to have it, with what " \
	  "bearerd adds; its trailers", \
	  "431; trailers are left out.") \
	X(FORM, LIMIT_MIB, "octets", \
	  "a form that the token is placed in, or that its rules change", \
	  "413.")

#define LIMITS_UPSTREAM(X) \
	X(IDLE_ALL, 1024, "connections", \
	  "idle connections to upstreams, of all workers; fewer where the " \
	  "limit of open files leaves less", \
	  "The oldest are closed; until then no further one is kept.") \
	X(IDLE_LEAST, 8, "connections", \
	  "those that the limit of open files must leave room for", \
	  "The start fails.") \
	X(IDLE_ORIGIN, 256, "connections", \
	  "those of one origin and worker", \
	  "No further one is kept.") \
	X(IDLE_AGE, 118, "s", \
	  "the time for which a connection may be idle", \
	  "It is closed, at most a minute later.") \
	X(IDLE_LOOK, 1100, "ms", \
	  "the time between two closings of the oldest", \
	  "") \
	X(YOUNG, 1000, "ms", \
	  "the time for which a connection may have been idle that a " \
	  "request takes which may not be sent twice, where nothing is " \
	  "known of when its origin closes one", \
	  "A new one is opened.") \
	X(CLOSING, 1000, "ms", \
	  "how long before its origin is to close it (Keep-Alive: " \
	  "timeout, or what it did last) an idle connection is used no " \
	  "more", \
	  "A new one is opened.") \
	X(BODY_AGAIN, 64 * LIMIT_KIB, "octets", \
	  "the body of a request that is idempotent and goes over a " \
	  "connection that was idle", \
	  "It counts as one that may not be sent twice.") \
	X(KNOWN_ORIGINS, 1024, "origins", \
	  "those of which a worker remembers when they close idle " \
	  "connections, and that they speak HTTP/1.0", \
	  "The one it was told of longest ago is forgotten.") \
	X(KNOWN_IDLE, 10 * 60 * 1000, "ms", \
	  "the time for which the shortest of these times counts", \
	  "The next one does, shorter or not.") \
	X(KEEPALIVE_IDLE, 30, "s", \
	  "the time after which a connection to an upstream on which nothing " \
	  "came is probed (TCP keep-alive), and again each third of it", \
	  "") \
	X(KEEPALIVE_PROBES, 3, "probes", \
	  "probes without an answer", \
	  "The connection is ended.") \
	X(POOL_AGE, 150 * 1000, "ms", \
	  "the time for which what services with the same CA, " \
	  "certificate and proxy share is kept without a request", \
	  "It is freed; the next request makes it anew.") \
	X(POOL_TIDY, 60 * 1000, "ms", \
	  "the time between two looks for what was idle, or kept, too long", \
	  "It is closed, or freed, so much later at the most.") \
	X(TRANSFERS_KEPT, 256, "requests", \
	  "requests to upstreams that are over, and whose memory is " \
	  "kept for others, of each of these", \
	  "It is freed.") \
	X(POOL_LOOK, 8, "requests", \
	  "how many of those are looked at for one that went to the same " \
	  "origin (carrier = libcurl)", \
	  "The oldest is taken.") \
	X(TLS_SESSIONS, 64, "sessions", \
	  "TLS sessions that are kept to be resumed, one an origin, of " \
	  "each of these", \
	  "The oldest is forgotten.") \
	X(READS, 8, "blocks", \
	  "blocks of 64 KiB that are read from a connection at a turn", \
	  "The others have their turn.") \
	X(UNASKED_READS, 16, "blocks", \
	  "blocks of 4 KiB that are read of what an upstream says " \
	  "unasked", \
	  "The rest goes with the connection, which is closed.") \
	X(STALE_TRIES, 100, "times", \
	  "how many idle connections that have ended are tried for a " \
	  "request (carrier = libcurl)", \
	  "A new one is opened.") \
	X(CURL_CONNECTIONS, 20000, "connections", \
	  "connections, idle ones among them, of each of the above " \
	  "(carrier = libcurl)", \
	  "Idle ones are closed when a request is over.") \
	X(CHAIN, 16, "certificates", \
	  "an upstream's chain of certificates", \
	  "502 tls_certificate_error.") \
	X(CERTIFICATE_NAMES, 4096, "names", \
	  "alternative names of a certificate that are looked at", \
	  "The others do not count.") \
	X(PROXY_CREDENTIAL, 255, "octets", \
	  "the user, and the password, of upstream_proxy (RFC 1929)", \
	  "It is a mistake.") \
	X(UPSTREAM_URL, 8 * LIMIT_KIB, "octets", \
	  "an upstream's address that a token says", \
	  "502; the log says why.")

#define LIMITS_RESOLVER(X) \
	X(RESOLVER_THREADS, 16, "threads", \
	  "look-ups of names at a time", \
	  "Further names wait in order, within connect_timeout; then 504 " \
	  "dns_timeout.") \
	X(RESOLVER_FOREIGN, 8, "threads", \
	  "those of them for names that the configuration does not hold", \
	  "The same; names of the configuration go past them.") \
	X(RESOLVER_STACK, LIMIT_MIB, "octets", \
	  "the stack of each of these threads", \
	  "A module of the system's name service that wanted more would " \
	  "end the process.") \
	X(RESOLVER_REST, 30 * 1000, "ms", \
	  "the time for which such a thread waits for another name", \
	  "It ends.") \
	X(RESOLVER_KEPT, 60 * 1000, "ms", \
	  "the time for which a name's addresses are used", \
	  "The next new connection looks the name up again.") \
	X(RESOLVER_KEPT_FAILED, 5 * 1000, "ms", \
	  "the time for which a name counts as one without addresses", \
	  "The same.") \
	X(RESOLVER_NAMES, 1024, "names", \
	  "names that are kept", \
	  "The one asked for longest ago is forgotten.") \
	X(RESOLVER_TOLD, 2, "s", \
	  "the time for which libcurl remembers what it was told of a name", \
	  "It asks again.") \
	X(RESOLVER_TRIES, 8, "times", \
	  "how often it may ask in one request", \
	  "502 dns_error.") \
	X(RESOLVER_ADDRESSES, 32, "addresses", \
	  "addresses of a name", \
	  "The others are not tried.") \
	X(DIAL_DELAY, 250, "ms", \
	  "the time in which an address of several must answer before the " \
	  "next one is tried too", \
	  "The first that answers is taken.")
/* clang-format on */
