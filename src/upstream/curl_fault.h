/* SPDX-License-Identifier: MIT */
/* Translates libcurl's error codes into the error types of RFC 9209. Only for
 * the carrier. */
#pragma once

#include <curl/curl.h>
#include <stdbool.h>

#include "base/attr.h"
#include "upstream/transfer.h"

/* How far the transfer had come. */
struct curl_progress {
	const struct origin *origin;
	const char *detail; /* libcurl's own words, or "" */
	long os_errno;      /* of the last connect, or 0 */
	long connect;       /* the proxy's answer to CONNECT, or 0 */
	long socks;         /* CURLPX_…, or 0 */
	bool sent, head;
	bool http2;         /* spoken on the connection */
	bool prohibited;    /* no address might be tried */
	bool starved;       /* no descriptor was left to try one with */
};

/* Fills in all of the fault. */
void curl_fault(struct transfer_fault *f, CURLcode code,
		const struct curl_progress *p);
/* One that the carrier found itself; "HOST:PORT: " stands before the words. */
ATTR_PRINTF(5, 6)
void curl_fault_set(struct transfer_fault *f, const struct origin *o,
		    int status, const char *error, const char *fmt, ...);
