/* SPDX-License-Identifier: MIT */
/* Where a request to an upstream failed: the words for its user. */
#include "upstream/curl_fault.h"

#include <errno.h>
#include <string.h>

#define TERMINATED "connection_terminated"
#define INCOMPLETE "http_response_incomplete"
#define PROTOCOL "http_protocol_error"
#define TLS "tls_protocol_error"
#define INTERNAL "proxy_internal_error"

/* Where error is NULL the code means the connection's end: before or within
 * the response. */
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
	{ CURLE_PARTIAL_FILE, 502, INCOMPLETE,
	  "the connection ended before the response did", false },
	{ CURLE_BAD_CONTENT_ENCODING, 502, INCOMPLETE,
	  "the response's transfer coding is broken", false },
	{ CURLE_WEIRD_SERVER_REPLY, 502, PROTOCOL,
	  "the answer is no valid HTTP", false },
	{ CURLE_UNSUPPORTED_PROTOCOL, 502, PROTOCOL,
	  "the answer is no HTTP/1", false },
	{ CURLE_FILESIZE_EXCEEDED, 502, PROTOCOL,
	  "the response's length is no number that fits", false },
	{ CURLE_ABORTED_BY_CALLBACK, 500, INTERNAL,
	  "the request's body was given up", false },
};
/* clang-format on */

static const struct curl_fault_row *row_of(CURLcode code)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].code == code)
			return &rows[i];
	return NULL;
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
	fault_prefix(&f->text, o->is_ipv6 ? "[%s]:%u" : "%s:%u", o->host,
		     (unsigned)o->port);
}

static void connect_failed(struct transfer_fault *f,
			   const struct curl_progress *p)
{
	if (p->os_errno == ETIMEDOUT)
		curl_fault_set(f, p->origin, 504, "connection_timeout",
			       "the connection was not made in time");
	else
		curl_fault_set(f, p->origin, 502, "connection_refused",
			       "cannot connect: %s",
			       p->os_errno ? strerror((int)p->os_errno)
					   : "no address answered");
}

static void connection_ended(struct transfer_fault *f,
			     const struct curl_progress *p)
{
	if (p->head)
		curl_fault_set(f, p->origin, 502, INCOMPLETE,
			       "the connection ended before the response did");
	else
		curl_fault_set(f, p->origin, 502, TERMINATED,
			       "the connection was closed before an answer");
}

void curl_fault(struct transfer_fault *f, CURLcode code,
		const struct curl_progress *p)
{
	const struct curl_fault_row *row = row_of(code);

	if (code == CURLE_COULDNT_CONNECT)
		connect_failed(f, p);
	else if (code == CURLE_OUT_OF_MEMORY && p->sent && !p->head)
		/* What libcurl says of a line over its bound of 100 KB. */
		curl_fault_set(f, p->origin, 502,
			       "http_response_header_section_size",
			       "a field of the response is too large");
	else if (!row)
		curl_fault_set(f, p->origin, 500, INTERNAL, "%s",
			       curl_easy_strerror(code));
	else if (!row->error)
		connection_ended(f, p);
	else if (row->detail && p->detail[0])
		curl_fault_set(f, p->origin, row->status, row->error,
			       "%s (%s)", row->text, p->detail);
	else
		curl_fault_set(f, p->origin, row->status, row->error, "%s",
			       row->text);
	f->sent = p->sent;
}
