/* SPDX-License-Identifier: MIT */
/* A transport in libcurl's options. Only for the carrier. */
#pragma once

#include <curl/curl.h>
#include <stdbool.h>

#include "upstream/transport.h"

/* Once for each handle: proxy, credentials, certificate. */
void curl_transport_apply(const struct transport *t, CURL *easy);
/* Whether HTTP/2 is asked for. Requests on connections of their own (token
 * calls), or of their client's, are HTTP/1.1: NTLM is not for HTTP/2. */
bool curl_transport_is_http2(const struct transport *t, bool https, bool own);
/* Whenever that, or the origin, changes. */
void curl_transport_version(CURL *easy, bool http2, bool https);
