/* SPDX-License-Identifier: MIT */
/* All workers together: where they listen, and whether they are ready. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/fault.h"
#include "base/str.h"
#include "broker/broker.h"
#include "service/service.h"

struct loop;
struct plain;
struct server;
struct sockaddr;

/* Binds all addresses and makes the workers; the broker gets a view for each.
 * NULL with a fault (an address in use names what to change). services and
 * broker outlive the server. */
ATTR_MUST_CHECK struct server *server_new(const struct services *services,
					  struct broker *broker,
					  struct fault *f);
/* Starts the workers' threads and logs each address. */
ATTR_MUST_CHECK int server_start(struct server *s, struct fault *f);
/* Drains and joins all workers: at most drain_timeout, and a moment. */
void server_stop(struct server *s);
void server_free(struct server **it);

/* For the workers. Any thread. */
const struct services *server_services(const struct server *s);
struct broker *server_broker(const struct server *s);
/* How people's browsers reach it: external_url, or the first address that it
 * listens on; without a slash at its end. NULL: they do not. */
const char *server_external(const struct server *s);
/* unmatched = forward. */
const struct plain *server_plain(const struct server *s);
bool server_is_ready(const struct server *s);
/* A client connects: false where max_connections are there already. Else
 * server_client_left when it has left. */
ATTR_MUST_CHECK bool server_client_comes(struct server *s);
void server_client_left(struct server *s);
/* How many there are now, and the most there were since the last call. */
uint64_t server_clients(struct server *s, uint64_t *most);
/* What Via says of us: by which HTTP a message came (10, 11 or 20), and
 * "bearerd-" with 8 hex digits of this start. */
struct str server_via(const struct server *s, int version);
/* Whether all loops have turned within the last 10 s, or cannot have, since
 * the process stood still: so did asks, the loop of whoever asks. */
bool server_is_live(const struct server *s, const struct loop *asks);
/* Appends the library and the version that runs: "libmicrohttpd/0.9.75". */
void server_library(struct buf *out);
