/* SPDX-License-Identifier: MIT */
/* The addresses of the names on a connection's way, told to libcurl before it
 * opens the connection; of several the one that answers first, connected
 * already. Only for the carriers. */
#pragma once

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/alloc.h"
#include "base/list.h"
#include "upstream/dial.h"
#include "upstream/resolver.h"
#include "upstream/transfer.h"

struct upstream;
struct curl_progress; /* upstream/curl_fault.h */

/* Embedded; what is to be opened, and who is told. */
struct lookup {
	struct upstream *upstream;
	const struct origin *origin;
	CURL *easy;                /* that opens it */
	struct arena *arena;       /* lives as long as easy */
	void (*known)(void *arg);  /* easy was told all of them */
	void (*none)(void *arg, CURLcode code); /* a name has no address */
	void *arg;
	bool shares; /* the connection may carry others' requests: who looks
			the same up meanwhile waits for this one */

	/* Its own. */
	bool needed;                /* libcurl stopped for want of addresses */
	bool busy;                  /* neither known nor none was called yet */
	bool found;                 /* addresses: the name is known */
	int tries;
	size_t at;                  /* the name that is asked for */
	struct resolver_wait *wait; /* while that is looked up */
	struct curl_slist *told;    /* for CURLOPT_RESOLVE */
	char *addresses;            /* of the host to connect to, several */
	struct dial *dial;          /* while they are tried */
	struct list node;           /* in upstream->dials, or in another's
				       joined */
	struct list joined;         /* lookups that wait for this one's dial */
	struct dial_result dialed;
	int given;                  /* the connected socket that libcurl has
				       taken, or -1 */
};

/* Has easy stop, and needed set, where it would look a name up. */
void lookup_bind(struct lookup *l);
/* Looks the names up; then, at once or later, calls known or none. easy is in
 * no multi. */
void lookup_start(struct lookup *l);
/* Nothing is looked up for it any more. */
void lookup_end(struct lookup *l);
/* For CURLOPT_OPENSOCKETFUNCTION: the socket that is connected to addr, which
 * is libcurl's from here on; CURL_SOCKET_BAD where there is none. */
curl_socket_t lookup_socket(struct lookup *l, const struct curl_sockaddr *addr);
/* Adds how far libcurl, or the dial, came. */
void lookup_progress(const struct lookup *l, struct curl_progress *p);
