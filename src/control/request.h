/* SPDX-License-Identifier: MIT */
/* What a command says on the control socket.
 *
 * Both ways go JSON objects (RFC 8259), each on a line of its own. A client
 * sends one request:
 *
 *   {"command": "status"}                   (with "service": of that one)
 *   {"command": "introspect"}               (the same, of status -v)
 *   {"command": "token", "service": NAME}   (and refresh, logout)
 *   {"command": "login", "service": NAME}   (with "way": "browser", "device"
 *                                           or "paste"; else the grant's)
 *
 * and, while a login by "paste" waits, what the person types in:
 *
 *   {"line": TEXT}
 *
 * The answers are objects with an "event":
 *
 *   session   of status: the members of the command's --json, and
 *             "expires_in" (seconds, or null); of introspect too, and
 *             "introspection", what the server says of the token, or null,
 *             and then "introspection_error" says why
 *   token     "access_token"
 *   renewed   "expires_at" and "expires_in", null where they are not known
 *   done      of logout and login: "text" says what happened
 *   address   of login: "address" is to be opened; by "device" there
 *             "user_code" is to be typed in, or "address_complete" has it
 *             (null where there is none); "expires_in"
 *   again     the line was no good, "error" says why; another may be sent
 *   waits     nothing yet, but the daemon is there; every few seconds
 *   end       "error" says why it failed, or is null; then the connection is
 *             closed
 *
 * Daemon and commands are of one version: this is no interface for others. */
#pragma once

#include <stdbool.h>

#include "base/attr.h"
#include "base/fault.h"
#include "base/str.h"
#include "data/json.h"

/* Octets of a request, its line's end not counted. */
enum { CONTROL_LINE_MAX = 64 * 1024 };

/* What is absent is empty. The slices are the tree's. */
struct control_request {
	struct json *json;
	struct str command, service, way;
	struct str line;
	bool has_line; /* then it is that and nothing else */
};

/* Reads a line, without its end. Fills *out, to be freed by
 * control_request_fini also where it returns -1. Faults hold no value of
 * it. */
ATTR_MUST_CHECK int control_request_parse(struct str text,
					  struct control_request *out,
					  struct fault *f);
void control_request_fini(struct control_request *r);
