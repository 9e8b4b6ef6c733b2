/* SPDX-License-Identifier: MIT */
/* The hash tables in which a request's route is looked up: one of hosts, one of
 * the prefixes below them, filled once. For service/ only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "service/service.h"

/* A host that some service claims, or all that is below one, or (NULL in its
 * place) the proxy's own address. */
struct index_host {
	uint64_t hash;
	struct str host;  /* as struct route_match has it */
	bool wildcard;
	size_t longest;   /* of its prefixes, octets */
};

/* A prefix of a host and port, and where it leads. */
struct index_route {
	uint64_t hash;
	const struct index_host *host;
	int port;         /* -1: any */
	struct str prefix, base;
	const struct service *service;
	const struct origin *origin;
	const struct route_match *match; /* NULL: by path */
	bool stub;        /* of the token endpoint: its path and no other */
};

struct index_table {
	void **slots;     /* each begins with its hash */
	size_t mask, n;
};

struct route_index {
	struct index_table hosts, routes;
	size_t longest_path; /* of the own address' prefixes */
	bool has_wildcard;
};

/* A request's host, hashed from behind, so that all of what it is below is
 * hashed too. */
struct index_key {
	struct str host;
	uint64_t hash;
	size_t ndots;
	unsigned char dots[128]; /* where they are, the last one first */
	uint64_t hashes[128];    /* of what begins there */
};

/* Hashes a host, which it borrows; suffixes: also what begins at each of its
 * dots, for wildcards. */
void index_key_init(struct index_key *k, struct str host, bool suffixes);
/* The host itself; or what begins at dot i of it, as a wildcard. */
const struct index_host *index_host_exact(const struct route_index *x,
					  const struct index_key *k);
const struct index_host *index_host_below(const struct route_index *x,
					  const struct index_key *k, size_t i);
/* The longest prefix of path below that host (NULL: the own address) with
 * that port, or NULL. */
const struct index_route *index_find(const struct route_index *x,
				     const struct index_host *host, int port,
				     struct str path);

/* Adds a copy; returns what already has its host, port and prefix, and adds
 * nothing then. r's host is looked up (or added) from its match. */
const struct index_route *index_add(struct route_index *x,
				    const struct index_route *r);
void route_index_fini(struct route_index *x);
