/* SPDX-License-Identifier: MIT */
/* Every bound of the process: its number, and what happens at it. The code
 * takes the numbers from here, and the manual's section LIMITS is made from
 * here (build-aux/update-manual). A bound that a key sets has its default in
 * the key's row (service/keys.c); service/manual.c joins the two. */
#pragma once

#define LIMIT_KIB 1024
#define LIMIT_MIB (1024 * 1024)

/* Those that a key sets: X(key, what happens at it). What it bounds, and its
 * default, is in the key's row. */
/* clang-format off */
#define LIMITS_KEYS(X) \
	X(max_connections, "The next client gets 503 and is closed.") \
	X(max_header_size, "431, or 414 for the target.") \
	X(header_timeout, "408, and the connection is closed.") \
	X(keepalive_timeout, "The connection is closed.") \
	X(drain_timeout, "What is still under way is cut off.") \
	X(max_upstream_connections, \
	  "Further requests wait for connect_timeout; then 503.") \
	X(max_body, "413.") \
	X(connect_timeout, "504.") \
	X(response_timeout, "504.") \
	X(idle_timeout, "504, 408, or the answer breaks off.") \
	X(tunnel_idle_timeout, "The tunnel is closed on both sides.") \
	X(max_waiting, "503 with Retry-After.") \
	X(token_timeout, "The token request has failed, and is tried again.") \
	X(replay_body, "A larger body is not kept, and not sent again.")
/* clang-format on */

/* X(name, number, unit, what is bounded, what happens at it) */
/* clang-format off */
#define LIMITS_LOG(X) \
	X(LOG_QUEUE, 256 * LIMIT_KIB, "octets", \
	  "log lines that wait for who reads the log", \
	  "Further lines are dropped until half of it is free; " \
	  "log_dropped then says how many.") \
	X(LOG_LINE, 4 * LIMIT_KIB, "octets", \
	  "a log line", \
	  "Fields that do not fit are left out, and truncated=true says so.") \
	X(LOG_VALUE, 512, "octets", \
	  "a value in a log line", \
	  "It is cut.") \
	X(LOG_PERIOD, 1000, "ms", \
	  "the time in which a line of an event, service and reason is " \
	  "written once", \
	  "The others are counted; the next one (suppressed) or, when none " \
	  "comes, a line of their own (log_suppressed) says how many.") \
	X(LOG_REASONS, 5, "lines", \
	  "lines in that time of an event and service, for other reasons", \
	  "The same.") \
	X(LOG_KINDS, 512, "kinds", \
	  "kinds of log lines that are told apart for that", \
	  "The oldest is forgotten once its count is written.") \
	X(LOG_END, 1000, "ms", \
	  "the time in which the log's reader takes nothing, at the end", \
	  "The process ends without it.")
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
#define LIMITS_IDLE(X) \
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
	X(KEEPALIVE_IDLE, 30, "s", \
	  "the time after which a connection to an upstream on which nothing " \
	  "came is probed (TCP keep-alive), and again each third of it", \
	  "") \
	X(KEEPALIVE_PROBES, 3, "probes", \
	  "probes without an answer", \
	  "The connection is ended.") \
	X(HTTP2_AGAIN, 64 * LIMIT_KIB, "octets", \
	  "what is kept of a request's body over HTTP/2, should the upstream " \
	  "refuse its stream", \
	  "A request of which more has left is not sent again; 502.") \
	X(IDLE_LOOK, 1100, "ms", \
	  "the time between two closings of the oldest", \
	  "") \
	X(YOUNG, 1000, "ms", \
	  "the time for which a connection may have been idle that a " \
	  "request takes which may not be sent twice, where nothing is " \
	  "known of when its origin closes one", \
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
	  "The next one does, shorter or not.")
#define LIMITS_LOGIN(X) \
	X(LOGIN_LIFE, 10 * 60 * 1000, "ms", \
	  "the time that a login may take", \
	  "It ends, and has to be begun again.") \
	X(LOGINS_ADDRESS, 20, "logins", \
	  "unfinished logins that pages began, of an IPv4 address, an IPv6 " \
	  "/64, or all Unix sockets", \
	  "The newest five stay; of the others the one that was begun " \
	  "soonest after another ends, so that a flood thins itself out.") \
	X(LOGINS_RECENT, 5, "logins", \
	  "those that stay", \
	  "") \
	X(LOGINS_SERVICE, 200, "logins", \
	  "unfinished logins of a service that pages began", \
	  "The next one is a 503 with Retry-After; what is begun stays.") \
	X(LOGINS_DEVICE, 20, "logins", \
	  "the same of a service with codes for devices", \
	  "The same.") \
	X(LOGINS_ALL, 1000, "logins", \
	  "the same in all", \
	  "The same.") \
	X(LOGINS_COMMAND, 64, "logins", \
	  "unfinished logins of a service that bearerd login began", \
	  "The oldest of them ends.") \
	X(LOGINS_BACK, 64, "logins", \
	  "people of a service who are back and wait for the server", \
	  "The next one is a 503, and may load the page again.") \
	X(LOGIN_CALLS, 10, "calls", \
	  "calls at the server (pushed requests, device codes) at once for " \
	  "logins of a service that pages began", \
	  "The next login is a 503 with Retry-After.") \
	X(LOGIN_CALL_PERIOD, 1000, "ms", \
	  "the time after which there may be one more", \
	  "The same.") \
	X(PAGE_RETRY, 10 * 1000, "ms", \
	  "what Retry-After says on a page that is a 503", \
	  "")
#define LIMITS_BODY(X) \
	X(BODY, 256 * LIMIT_KIB, "octets", \
	  "what is kept of a body, or of a WebSocket's octets, on its way, " \
	  "each direction", \
	  "Its sender is not read from until half of it has gone.") \
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
	X(INTERIM, 64 * LIMIT_KIB, "octets", \
	  "the fields of an answer's interim responses (103)", \
	  "Further ones are not passed on.") \
	X(LINGER_SILENCE, 5000, "ms", \
	  "the time in which nothing comes on a connection whose answer was " \
	  "its last", \
	  "It is closed.") \
	X(LINGER_TIME, 30 * 1000, "ms", \
	  "the time for which such a connection is read to its end", \
	  "The same.") \
	X(LINGERING, 1024, "connections", \
	  "such connections of a worker", \
	  "The next one is closed at once.") \
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
	X(PAGE_FORM, 256 * LIMIT_KIB, "octets", \
	  "a form that a page takes", \
	  "413.")
#define LIMITS_SERVER(X) \
	X(JSON_DEPTH, 16, "levels", \
	  "JSON from an authorization server", \
	  "The whole of it is refused.") \
	X(JSON_VALUES, 4096, "values", \
	  "values in it", \
	  "The same.") \
	X(TOKEN_RESPONSE, 256 * LIMIT_KIB, "octets", \
	  "a token response", \
	  "The token request has failed.") \
	X(INTROSPECTION, 64 * LIMIT_KIB, "octets", \
	  "an introspection response", \
	  "It is not shown.") \
	X(METADATA, 256 * LIMIT_KIB, "octets", \
	  "a metadata document", \
	  "It is not taken.") \
	X(JWKS, 256 * LIMIT_KIB, "octets", \
	  "a set of keys", \
	  "It is not taken.") \
	X(JWKS_KEYS, 128, "keys", \
	  "keys of it", \
	  "It is not taken.") \
	X(DPOP_NONCES, 256, "nonces", \
	  "nonces of a session and thread, one an origin", \
	  "The oldest is forgotten.") \
	X(SECRET_FILE, 64 * LIMIT_KIB, "octets", \
	  "a file that holds a secret", \
	  "It is a mistake, or fails the request.")
#define LIMITS_OTHER(X) \
	X(CONTROL_PEERS, 48, "commands", \
	  "commands that ask the daemon at a time", \
	  "The next one is told so, and fails.") \
	X(PREVIEW, 16 * LIMIT_MIB, "octets", \
	  "what check -v shows of a service", \
	  "It is not shown, and said to be too long.") \
	X(HOOK_FILE, 256 * LIMIT_KIB, "octets", \
	  "a file of hooks", \
	  "It is a mistake.") \
	X(HOOK_STEPS, 2000000, "steps", \
	  "what a call of a hook executes", \
	  "The call fails.") \
	X(HOOK_CPU, 150, "ms", \
	  "the processor's time of a call", \
	  "The call fails.") \
	X(HOOK_MEMORY, 8 * LIMIT_MIB, "octets", \
	  "the memory of a thread's hooks", \
	  "The call fails.") \
	X(HOOK_BODY, LIMIT_MIB, "octets", \
	  "a body that a hook is shown", \
	  "It is not shown.")
/* clang-format on */

#define LIMITS(X) \
	LIMITS_BODY(X) LIMITS_SERVER(X) LIMITS_OTHER(X) \
	LIMITS_LOG(X) LIMITS_RESOLVER(X) LIMITS_IDLE(X) LIMITS_LOGIN(X)

#define LIMIT_NUMBER(name, number, unit, what, at) LIMIT_##name = (number),
enum limit_number { LIMITS(LIMIT_NUMBER) };
#undef LIMIT_NUMBER
