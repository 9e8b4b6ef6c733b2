/* SPDX-License-Identifier: MIT */
/* One libcurl multi on the loop: its sockets watched, its timer kept. Only
 * for the carrier. */
#pragma once

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/loop.h"

struct socket;

/* The sockets of all multis of one thread, by descriptor: an idle connection
 * stays registered with epoll while libcurl does not look at it. */
struct sockets {
	struct loop *loop;
	struct socket **v;
	size_t n;
};

void sockets_init(struct sockets *s, struct loop *loop);
/* Once all multis are gone. */
void sockets_fini(struct sockets *s);
/* For CURLOPT_OPENSOCKETFUNCTION: a socket, or CURL_SOCKET_BAD. */
curl_socket_t sockets_open(struct sockets *s, const struct curl_sockaddr *addr);
/* For CURLOPT_CLOSESOCKETFUNCTION (and its signature), clientp the sockets. */
int sockets_close(void *clientp, curl_socket_t fd);

/* A transfer ended; called outside of libcurl's callbacks. */
typedef void multi_ended_fn(CURL *easy, CURLcode code);
/* libcurl does not wait for anything to read for it; within a callback. */
typedef void multi_unread_fn(CURL *easy, curl_socket_t fd);

struct multi {
	CURLM *curl;
	struct loop *loop;
	struct sockets *sockets;
	struct loop_timer timer;
	struct loop_task soon;  /* a timeout of 0 */
	multi_ended_fn *ended;
	multi_unread_fn *unread;
	size_t added;    /* handles, kept by the carrier */
	bool multiplexes;
};

void multi_init(struct multi *m, struct sockets *s, multi_ended_fn *ended,
		multi_unread_fn *unread);
/* Lets a connection carry many, where it can. Once, before its use. */
void multi_multiplex(struct multi *m);
/* All handles must have been removed; closes its connections. */
void multi_fini(struct multi *m);
