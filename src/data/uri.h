/* SPDX-License-Identifier: MIT */
/* URIs with an authority (RFC 3986), as http and https have them. The parts
 * are slices of the text that was parsed. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/fault.h"
#include "base/str.h"

struct uri {
	struct str scheme;   /* as written */
	struct str userinfo;
	struct str host;     /* without the brackets of an IPv6 literal */
	struct str path;     /* "" or with its slash */
	struct str query;    /* without "?" */
	struct str fragment; /* without "#" */
	int port;            /* as written, or -1 */
	bool has_userinfo, has_query, has_fragment;
	bool is_ipv6;        /* the host stood in brackets */
};

/* scheme://authority path ?query #fragment. Refuses control characters,
 * spaces, octets over 0x7e, an empty host, a port that is not a number from
 * 1 to 65535, brackets that hold no IPv6 address. */
ATTR_MUST_CHECK int uri_parse(struct str text, struct uri *out,
			      struct fault *f);
/* The port written, else 443 for https, 80 for http, -1 for other schemes. */
int uri_port(const struct uri *u);
bool uri_is_https(const struct uri *u);
bool uri_is_http(const struct uri *u);
/* localhost (and names below it), 127.0.0.0/8, ::1. */
bool uri_host_is_loopback(struct str host);

/* HOST or HOST:PORT or [IPV6]:PORT, as the Host field has it (RFC 9110 §7.2).
 * port is -1 where absent or empty. */
ATTR_MUST_CHECK int authority_parse(struct str text, struct str *host,
				    int *port, bool *is_ipv6, struct fault *f);
