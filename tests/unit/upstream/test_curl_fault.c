/* SPDX-License-Identifier: MIT */
/* libcurl's codes in RFC 9209's words. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "upstream/curl_fault.h"

static char host[] = "a.test", host6[] = "::1";

static void test_codes(void **state ATTR_UNUSED)
{
	const struct origin o = { .host = host, .port = 443 };
	static const struct {
		CURLcode code;
		int os_errno, status;
		const char *before, *after; /* the head */
	} rows[] = {
		{ CURLE_COULDNT_RESOLVE_HOST, 0, 502, "dns_error", NULL },
		{ CURLE_COULDNT_CONNECT, ECONNREFUSED, 502,
		  "connection_refused", NULL },
		{ CURLE_COULDNT_CONNECT, 0, 502, "connection_refused", NULL },
		{ CURLE_COULDNT_CONNECT, ETIMEDOUT, 504,
		  "connection_timeout", NULL },
		{ CURLE_SSL_CONNECT_ERROR, 0, 502, "tls_protocol_error",
		  NULL },
		{ CURLE_RECV_ERROR, 0, 502, "connection_terminated",
		  "http_response_incomplete" },
		{ CURLE_SEND_ERROR, 0, 502, "connection_terminated",
		  "http_response_incomplete" },
		{ CURLE_PARTIAL_FILE, 0, 502, NULL,
		  "http_response_incomplete" },
		{ CURLE_WEIRD_SERVER_REPLY, 0, 502, "http_protocol_error",
		  NULL },
		{ CURLE_OUT_OF_MEMORY, 0, 500, "proxy_internal_error", NULL },
	};

	for (size_t i = 0; i < 2 * sizeof(rows) / sizeof(rows[0]); i++) {
		const char *error = i & 1 ? rows[i / 2].after
					  : rows[i / 2].before;
		struct curl_progress p = {
			.origin = &o, .detail = "words",
			.os_errno = rows[i / 2].os_errno,
			.sent = i & 1, .head = i & 1,
		};
		struct transfer_fault f;

		if (!error)
			continue;
		memset(&f, 0xff, sizeof(f));
		curl_fault(&f, rows[i / 2].code, &p);
		assert_string_equal(f.error, error);
		assert_int_equal(f.status, rows[i / 2].status);
		assert_int_equal(f.sent, i & 1);
		assert_memory_equal(f.text.text, "a.test:443: ", 12);
		assert_true(strlen(f.text.text) > 20);
	}
}

static void test_words(void **state ATTR_UNUSED)
{
	const struct origin o = { .host = host6, .port = 80, .is_ipv6 = true };
	struct curl_progress p = { .origin = &o, .detail = "an alert came" };
	struct transfer_fault f;

	curl_fault(&f, CURLE_SSL_CONNECT_ERROR, &p);
	assert_string_equal(f.text.text, "[::1]:80: the TLS handshake failed "
					 "(an alert came)");
	p.detail = "";
	curl_fault(&f, CURLE_SSL_CONNECT_ERROR, &p);
	assert_string_equal(f.text.text, "[::1]:80: the TLS handshake failed");
	p.os_errno = EHOSTUNREACH;
	curl_fault(&f, CURLE_COULDNT_CONNECT, &p);
	assert_string_equal(f.text.text, "[::1]:80: cannot connect: "
					 "No route to host");
	/* A stream that was reset is no sign that it does not speak HTTP/2. */
	p.http2 = p.sent = true;
	p.detail = "err 13";
	curl_fault(&f, CURLE_HTTP2_STREAM, &p);
	assert_string_equal(f.text.text, "[::1]:80: the upstream reset the "
					 "stream before an answer: err 13");
	assert_string_equal(f.error, "connection_terminated");
	p.head = true;
	curl_fault(&f, CURLE_HTTP2_STREAM, &p);
	assert_string_equal(f.error, "http_response_incomplete");
	p.head = false;
	curl_fault(&f, CURLE_RECV_ERROR, &p);
	assert_non_null(strstr(f.text.text, "may not speak HTTP/2"));
	curl_fault_set(&f, &o, 504, "dns_timeout", "%d%%", 7);
	assert_string_equal(f.text.text, "[::1]:80: 7%");
	assert_false(f.sent);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_codes),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
