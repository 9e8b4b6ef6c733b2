/* SPDX-License-Identifier: MIT */
/* The addresses of the names on a connection's way, told to libcurl before it
 * opens the connection. Only for the carriers. */
#pragma once

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/alloc.h"
#include "upstream/resolver.h"
#include "upstream/transfer.h"

struct upstream;

/* Embedded; what is to be opened, and who is told. */
struct lookup {
	struct upstream *upstream;
	const struct origin *origin;
	CURL *easy;                /* that opens it */
	struct arena *arena;       /* lives as long as easy */
	void (*known)(void *arg);  /* easy was told all of them */
	void (*none)(void *arg, CURLcode code); /* a name has no address */
	void *arg;

	/* Its own. */
	bool needed;                /* libcurl stopped for want of addresses */
	int tries;
	size_t at;                  /* the name that is asked for */
	struct resolver_wait *wait; /* while that is looked up */
	struct curl_slist *told;    /* for CURLOPT_RESOLVE */
};

/* Has easy stop, and needed set, where it would look a name up. */
void lookup_bind(struct lookup *l);
/* Looks the names up; then, at once or later, calls known or none. easy is in
 * no multi. */
void lookup_start(struct lookup *l);
/* Nothing is looked up for it any more. */
void lookup_end(struct lookup *l);
