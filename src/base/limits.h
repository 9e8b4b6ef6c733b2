/* SPDX-License-Identifier: MIT */
/* Every bound of the process: its number, and what happens at it. The code
 * takes the numbers from here, and the manual's section LIMITS is made from
 * here (build-aux/update-manual). A bound that a key sets has its default in
 * the key's row (service/keys.c); service/manual.c joins the two.
 *
 * A bound is what holds back what comes from outside (the network, files,
 * people), or what the process spends: octets, a count, a time, how often
 * something is looked at. Not here is: the size of a buffer whose content is
 * bounded by what it is made of, of a block that is read or written at once, of
 * a hash table or a random value, the kernel's own bounds, and what a standard
 * fixes (a digest's size). A number of src/ that is none of these is refused
 * (build-aux/style.awk). */
#pragma once

#include "base/limits_http.h"
#include "base/limits_oauth.h"
#include "base/limits_process.h"

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
	X(token_timeout, \
	  "The token request has failed, and is tried again; a program is " \
	  "killed, and a notice given up.") \
	X(replay_body, "A larger body is not kept, and not sent again.")

/* The others, as the manual has them: X(title, its rows). A row is
 * X(name, number, unit, what is bounded, what happens at it). */
#define LIMITS_GROUPS(X) \
	X("Clients and requests", LIMITS_CLIENTS) \
	X("Bodies and answers", LIMITS_BODY) \
	X("Connections to upstreams", LIMITS_UPSTREAM) \
	X("Look-ups of names", LIMITS_RESOLVER) \
	X("What authorization servers say", LIMITS_SERVER) \
	X("Tokens and token requests", LIMITS_TOKEN) \
	X("Keys and signatures", LIMITS_CRYPTO) \
	X("Logins", LIMITS_LOGIN) \
	X("Hooks", LIMITS_HOOK) \
	X("Notices", LIMITS_NOTIFY) \
	X("The process", LIMITS_PROCESS) \
	X("Configuration", LIMITS_CONFIG) \
	X("Store", LIMITS_STORE) \
	X("Commands", LIMITS_CONTROL) \
	X("Log", LIMITS_LOG)
/* clang-format on */

#define LIMIT_NUMBER(name, number, unit, what, at) LIMIT_##name = (number),
#define LIMIT_GROUP(title, rows) rows(LIMIT_NUMBER)
enum limit_number { LIMITS_GROUPS(LIMIT_GROUP) };
#undef LIMIT_NUMBER
#undef LIMIT_GROUP

/* Beside a text that tells a bound in words ("8 MiB"): it is compiled only
 * while the number in the words is the bound's. */
#define LIMIT_SAID(name, number) \
	_Static_assert(LIMIT_##name == (number), \
		       "a text tells another number than LIMIT_" #name)
