/* SPDX-License-Identifier: MIT */
/* Says in words for a user where a request to an upstream failed. */
#include "upstream/curl_fault.h"

#include <errno.h>

#include "upstream/transport.h"

#define TERMINATED    "connection_terminated"
#define INCOMPLETE    "http_response_incomplete"
#define PROTOCOL      "http_protocol_error"
#define TLS	      "tls_protocol_error"
#define INTERNAL      "proxy_internal_error"
#define CONFIGURATION "proxy_configuration_error"
#define CLOSED	      "it closed the connection"
#define CREDENTIALS   "it wants other credentials"

/* Where error is NULL the code means the connection's end, or the stream's
 * (RFC 9113 §5.4.2): before or within the response. */
struct curl_fault_row {
	CURLcode code;
	int status;
	const char *error;
	const char *text;
	bool detail; /* libcurl's words say more, and hold no request */
};

/* clang-format off */
static const struct curl_fault_row rows[] = {
	{ CURLE_COULDNT_RESOLVE_HOST, 502, "dns_error",
	  "no address was found for this name", false },
	{ CURLE_URL_MALFORMAT, 502, "dns_error",
	  "this name cannot be that of a host", false },
	{ CURLE_OPERATION_TIMEDOUT, 504, "connection_timeout",
	  "the connection was not made in time", false },
	{ CURLE_SSL_CONNECT_ERROR, 502, TLS,
	  "the TLS handshake failed", true },
	{ CURLE_SSL_CIPHER, 502, TLS, "the TLS handshake failed", true },
	{ CURLE_SSL_SHUTDOWN_FAILED, 502, TLS, "TLS failed", true },
	{ CURLE_PEER_FAILED_VERIFICATION, 502, "tls_certificate_error",
	  "the certificate was not accepted", true },
	{ CURLE_GOT_NOTHING, 502, NULL, NULL, false },
	{ CURLE_SEND_ERROR, 502, NULL, NULL, false },
	{ CURLE_SEND_FAIL_REWIND, 502, NULL, NULL, false },
	{ CURLE_RECV_ERROR, 502, NULL, NULL, false },
	{ CURLE_HTTP2_STREAM, 502, NULL, NULL, true },
	{ CURLE_HTTP2, 502, PROTOCOL, "HTTP/2 failed", true },
	{ CURLE_PARTIAL_FILE, 502, NULL, NULL, false },
	{ CURLE_BAD_CONTENT_ENCODING, 502, INCOMPLETE,
	  "the response's transfer coding is broken", false },
	{ CURLE_WEIRD_SERVER_REPLY, 502, PROTOCOL,
	  "the answer is not valid HTTP", false },
	{ CURLE_UNSUPPORTED_PROTOCOL, 502, PROTOCOL,
	  "the answer is not HTTP/1", false },
	{ CURLE_FILESIZE_EXCEEDED, 502, PROTOCOL,
	  "the response's length is not a number that fits", false },
	{ CURLE_ABORTED_BY_CALLBACK, 500, INTERNAL,
	  "the request's body was given up", false },
};

/* Where a proxy is the one that failed. */
static const struct curl_fault_row proxy_rows[] = {
	{ CURLE_COULDNT_RESOLVE_PROXY, 502, "dns_error",
	  "no address was found for this name", false },
	{ CURLE_PROXY, 502, "connection_refused",
	  "it made no connection to the upstream", true },
	{ CURLE_GOT_NOTHING, 502, TERMINATED, CLOSED, false },
	{ CURLE_SEND_ERROR, 502, TERMINATED, CLOSED, false },
	{ CURLE_RECV_ERROR, 502, TERMINATED, CLOSED, false },
};

static const struct {
	CURLproxycode code;
	int status;
	const char *error;
	const char *text;
} socks_rows[] = {
	{ CURLPX_NO_AUTH, 502, CONFIGURATION, CREDENTIALS },
	{ CURLPX_USER_REJECTED, 502, CONFIGURATION, CREDENTIALS },
	{ CURLPX_REPLY_NOT_ALLOWED, 502, "connection_refused",
	  "it does not allow a connection to the upstream" },
	{ CURLPX_REPLY_CONNECTION_REFUSED, 502, "connection_refused",
	  "the upstream refused its connection" },
	{ CURLPX_REPLY_TTL_EXPIRED, 504, "connection_timeout",
	  "its connection to the upstream was not made in time" },
	{ CURLPX_RESOLVE_HOST, 502, "dns_error",
	  "no address was found for the upstream's name" },
};
/* clang-format on */

static const struct curl_fault_row *row_of(const struct curl_fault_row *row,
					   size_t n, CURLcode code)
{
	for (size_t i = 0; i < n; i++)
		if (row[i].code == code)
			return &row[i];
	return NULL;
}

ATTR_PRINTF(4, 5)
static void fill(struct transfer_fault *f, int status, const char *error,
		 const char *fmt, ...)
{
	va_list ap;

	f->status = status;
	f->error = error;
	va_start(ap, fmt);
	fault_setv(&f->text, fmt, ap);
	va_end(ap);
}

static void prefix(struct transfer_fault *f, const struct origin *o)
{
	fault_prefix(&f->text, o->is_ipv6 ? "[%s]:%u" : "%s:%u", o->host,
		     (unsigned)o->port);
}

void curl_fault_set(struct transfer_fault *f, const struct origin *o,
		    int status, const char *error, const char *fmt, ...)
{
	va_list ap;

	f->status = status;
	f->error = error;
	f->sent = false;
	va_start(ap, fmt);
	fault_setv(&f->text, fmt, ap);
	va_end(ap);
	prefix(f, o);
}

static void connect_failed(struct transfer_fault *f,
			   const struct curl_progress *p)
{
	if (p->os_errno == ETIMEDOUT) {
		fill(f, 504, "connection_timeout",
		     "the connection was not made in time");
		return;
	}
	fill(f, 502, "connection_refused",
	     "cannot connect: no address answered");
	if (p->os_errno)
		fault_errno(&f->text, (int)p->os_errno, "cannot connect");
}

/* ---- a proxy on the way ---- */

static void row_set(struct transfer_fault *f, const struct curl_fault_row *row,
		    const struct curl_progress *p)
{
	if (row->detail && p->detail[0])
		fill(f, row->status, row->error, "%s (%s)", row->text,
		     p->detail);
	else
		fill(f, row->status, row->error, "%s", row->text);
}

/* RFC 9110 §9.3.6: anything but 2xx made no tunnel. */
static void tunnel_failed(struct transfer_fault *f,
			  const struct curl_progress *p)
{
	if (p->connect == 407)
		fill(f, 502, CONFIGURATION, CREDENTIALS);
	else if (p->connect == 504)
		fill(f, 504, "connection_timeout",
		     "its connection to the upstream was not made "
		     "in time");
	else
		fill(f, 502, "connection_refused",
		     "it answered %ld and made no tunnel", p->connect);
}

static bool socks_failed(struct transfer_fault *f,
			 const struct curl_progress *p)
{
	for (size_t i = 0; i < sizeof(socks_rows) / sizeof(socks_rows[0]);
	     i++) {
		if (p->socks != (long)socks_rows[i].code)
			continue;
		fill(f, socks_rows[i].status, socks_rows[i].error, "%s",
		     socks_rows[i].text);
		return true;
	}
	return false;
}

/* Before the request left; where there is a tunnel, before it was there. */
static bool is_at_proxy(const struct curl_progress *p)
{
	const struct transport *t = p->origin->transport;

	return t && t->proxy && !p->sent && p->connect / 100 != 2;
}

static bool proxy_failed(struct transfer_fault *f, CURLcode code,
			 const struct curl_progress *p)
{
	const struct curl_fault_row *row =
		row_of(proxy_rows, sizeof(proxy_rows) / sizeof(*row), code);

	if (!is_at_proxy(p))
		return false;
	if (p->connect >= 300)
		tunnel_failed(f, p);
	else if (code == CURLE_COULDNT_CONNECT)
		connect_failed(f, p);
	else if (!row)
		return false;
	else if (code != CURLE_PROXY || !socks_failed(f, p))
		row_set(f, row, p);
	fault_prefix(&f->text, "the proxy %s", p->origin->transport->proxy);
	return true;
}

/* ---- the upstream itself ---- */

/* The upstream speaks HTTP/2: it has said which stream it ends, and why. */
static void stream_ended(struct transfer_fault *f,
			 const struct curl_progress *p)
{
	fill(f, 502, p->head ? INCOMPLETE : TERMINATED,
	     p->head ? "the upstream reset the stream within the response%s%s"
		     : "the upstream reset the stream before an answer%s%s",
	     p->detail[0] ? ": " : "", p->detail);
}

static void connection_ended(struct transfer_fault *f, CURLcode code,
			     const struct curl_progress *p)
{
	if (code == CURLE_HTTP2_STREAM)
		stream_ended(f, p);
	else if (p->head)
		fill(f, 502, INCOMPLETE,
		     "the connection ended before the response did");
	else if (p->http2 && !p->origin->is_https)
		fill(f, 502, PROTOCOL,
		     "the connection was closed before an answer: it may not "
		     "speak HTTP/2 without TLS");
	else
		fill(f, 502, TERMINATED,
		     "the connection was closed before an answer");
}

static void upstream_failed(struct transfer_fault *f, CURLcode code,
			    const struct curl_progress *p)
{
	const struct curl_fault_row *row =
		row_of(rows, sizeof(rows) / sizeof(rows[0]), code);

	if (code == CURLE_COULDNT_CONNECT)
		connect_failed(f, p);
	else if (code == CURLE_OUT_OF_MEMORY && p->sent && !p->head)
		/* What libcurl says of a line over its bound of 100 KB. */
		fill(f, 502, "http_response_header_section_size",
		     "a field of the response is too large");
	else if (code == CURLE_BAD_FUNCTION_ARGUMENT && p->sent)
		/* Of a line that it cannot store: one that begins with a
		 * space before any other, a trailer without a colon. */
		fill(f, 502, PROTOCOL, "a field of the response is not valid");
	else if (!row)
		fill(f, 500, INTERNAL, "%s", curl_easy_strerror(code));
	else if (!row->error)
		connection_ended(f, code, p);
	else
		row_set(f, row, p);
}

void curl_fault(struct transfer_fault *f, CURLcode code,
		const struct curl_progress *p)
{
	if (code == CURLE_COULDNT_CONNECT && p->prohibited)
		fill(f, 502, "destination_ip_prohibited",
		     "its address may not be reached");
	else if (code == CURLE_COULDNT_CONNECT && p->starved)
		fill(f, 503, "connection_limit_reached",
		     "bearerd has no descriptor left for a connection: raise "
		     "the limit of open files, or lower max_connections");
	else if (!proxy_failed(f, code, p))
		upstream_failed(f, code, p);
	prefix(f, p->origin);
	f->sent = p->sent;
}
