/* SPDX-License-Identifier: MIT */
/* One libcurl multi on the loop: told of its sockets, its timer kept. Only for
 * the carrier. */
#pragma once

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/loop.h"
#include "upstream/sockets.h"

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
};

void multi_init(struct multi *m, struct sockets *s, multi_ended_fn *ended,
		multi_unread_fn *unread);
/* Lets a connection carry many, where it can. Once, before its use. */
void multi_multiplex(struct multi *m);
/* epoll's events of a socket that libcurl looks at. */
void multi_socket_ready(struct multi *m, curl_socket_t fd, uint32_t events);
/* All handles must have been removed; closes its connections. */
void multi_fini(struct multi *m);
