/* SPDX-License-Identifier: MIT */
/* What a command says on the control socket.
 *
 * Both ways go JSON objects (RFC 8259), each on a line of its own. A client
 * sends one request:
 *
 *   {"command": NAME, "service": NAME}
 *
 * (login may have a "way", "browser", "device", "paste" or "import"; status
 * need not have a "service") and, while a login by "paste" or "import" waits,
 * what the person types in, or hands in:
 *
 *   {"line": TEXT}
 *
 * The answers are objects with an "event". Those of a command stand above its
 * daemon half in src/command/; every command has these:
 *
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
