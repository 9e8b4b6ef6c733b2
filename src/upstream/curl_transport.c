/* SPDX-License-Identifier: MIT */
/* Sets libcurl's options for how an upstream is reached, before a handle's
 * request. */
#include <string.h>

#include "base/assert.h"
#include "upstream/curl_transport.h"

static void set_long(CURL *easy, CURLoption option, long value)
{
	CURLcode code = curl_easy_setopt(easy, option, value);

	ASSERT(code == CURLE_OK);
}

static void set_text(CURL *easy, CURLoption option, const char *text)
{
	CURLcode code = curl_easy_setopt(easy, option, text);

	ASSERT(code == CURLE_OK);
}

/* The proxy hears its own credentials and no field of a request within the
 * tunnel; what it answers to CONNECT is no response. GSS-API, which libcurl
 * offers SOCKS servers, would block. */
static void apply_proxy(const struct transport *t, CURL *easy)
{
	if (!t->proxy) {
		set_text(easy, CURLOPT_PROXY, "");
		return;
	}
	set_text(easy, CURLOPT_PROXY, t->proxy);
	set_long(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1);
	set_long(easy, CURLOPT_HEADEROPT, CURLHEADER_SEPARATE);
	set_long(easy, CURLOPT_PROXYAUTH, (long)CURLAUTH_BASIC);
	set_long(easy, CURLOPT_SOCKS5_AUTH, (long)CURLAUTH_BASIC);
	if (!t->proxy_user)
		return;
	set_text(easy, CURLOPT_PROXYUSERNAME,
		 secret_expose(t->proxy_user).p);
	set_text(easy, CURLOPT_PROXYPASSWORD,
		 secret_expose(t->proxy_password).p);
}

static void apply_certificate(const struct transport *t, CURL *easy)
{
	if (!t->certificate)
		return;
	set_text(easy, CURLOPT_SSLCERT, t->certificate);
	set_text(easy, CURLOPT_SSLCERTTYPE, "PEM");
	set_text(easy, CURLOPT_SSLKEY, t->private_key);
	set_text(easy, CURLOPT_SSLKEYTYPE, "PEM");
}

void curl_transport_apply(const struct transport *t, CURL *easy)
{
	apply_proxy(t, easy);
	apply_certificate(t, easy);
	/* Where a connection may carry many, one that is being made is waited
	 * for. */
	set_long(easy, CURLOPT_PIPEWAIT, t->http != TRANSPORT_HTTP_1_1);
}

bool curl_transport_is_http2(const struct transport *t, bool https, bool own)
{
	if (own)
		return false;
	return t->http == TRANSPORT_HTTP_2 ||
	       (t->http == TRANSPORT_HTTP_AUTO && https);
}

void curl_transport_version(CURL *easy, bool http2, bool https)
{
	if (!http2)
		set_long(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
	else
		set_long(easy, CURLOPT_HTTP_VERSION,
			 https ? CURL_HTTP_VERSION_2TLS
			       : CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE);
}
