/* SPDX-License-Identifier: MIT */
/* A tunnel: octets both ways between a client's connection, which no front end
 * owns any more, and a transfer that has changed its protocol. It outlives the
 * exchange that began it, in a list of its worker's. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/str.h"

struct transfer;
struct worker;

enum {
	TUNNEL_AGAIN = -1, /* the descriptor must be waited for */
	TUNNEL_BROKEN = -2,
};

/* How octets get from the client and to him. */
struct tunnel_way {
	/* Up to n octets; 0: he sends no more. */
	ssize_t (*read)(void *arg, int fd, char *p, size_t n);
	/* How many of n were taken; after TUNNEL_AGAIN the same ones are given
	 * again, with others behind them. */
	ssize_t (*write)(void *arg, int fd, const char *p, size_t n);
	/* Nothing more is written. */
	void (*shut)(void *arg, int fd);
};

/* A socket, plain; arg is not looked at. */
extern const struct tunnel_way tunnel_plain;

struct tunnel_request {
	int fd;                    /* the tunnel's from here on; one of those
				      that server_client_comes has counted */
	const struct tunnel_way *way;
	void *way_arg;
	struct str first;          /* octets of the client's that were read */
	struct transfer *transfer; /* its head was 101; the tunnel's as well */
	const char *service;       /* its name, the configuration's */
	int64_t idle_timeout;      /* ms in which no octet moves */
};

/* It ends by itself. */
void tunnel_begin(struct worker *w, const struct tunnel_request *r);
/* Ends all of a worker's at once. */
void tunnels_end(struct worker *w);
