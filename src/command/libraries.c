/* SPDX-License-Identifier: MIT */
/* Warns at the start of known faults in the libraries that run. A row is a
 * fault of a library that our use reaches and that its version shows; what
 * distributions mend in an old version cannot be seen here. docs/libraries.md
 * has them all, with the tests. */
#include "command/libraries.h"

#include "base/log.h"
#include "config/ini.h"
#include "crypto/digest.h"
#include "data/json.h"
#include "http/content_coding.h"
#include "oauth/hook/hook.h"
#include "proxy/server.h"
#include "store/store.h"
#include "upstream/transfer.h"

enum { PARTS = 3 }; /* of a version */

/* --- which run --- */

typedef void library_fn(struct buf *out);

void libraries_write(struct buf *out)
{
	static library_fn *const writers[] = {
		upstream_library, server_library, digest_library, json_library,
		ini_library,	  content_coding_library, store_library,
		hook_library,
	};

	for (size_t i = 0; i < sizeof(writers) / sizeof(writers[0]); i++) {
		if (i > 0)
			buf_add_char(out, ' ');
		writers[i](out);
	}
}

/* "7.88.1", with whatever stands behind the numbers. */
static void parse(struct str version, unsigned *parts)
{
	struct cursor c = cursor_of(version);

	for (size_t i = 0; i < PARTS; i++) {
		struct str digits = cursor_while(&c, char_is_digit);
		uint64_t n = 0;

		parts[i] = 0;
		if (str_u64(digits, UINT32_MAX, &n))
			parts[i] = (unsigned)n;
		(void)cursor_skip(&c, '.');
	}
}

static bool is_before(struct str version, const char *other)
{
	unsigned a[PARTS], b[PARTS];

	parse(version, a);
	parse(str_z(other), b);
	for (size_t i = 0; i < PARTS; i++) {
		if (a[i] != b[i])
			return a[i] < b[i];
	}
	return false;
}

/* The version of the library of that name, or empty. */
static struct str version_of(struct str libraries, const char *name)
{
	struct str word;

	while (str_next_word(&libraries, &word)) {
		size_t slash = str_find(word, '/');

		if (str_eq_z(str_sub(word, 0, slash), name))
			return str_from(word, slash + 1);
	}
	return STR("");
}

/* --- what is wrong with them --- */

static bool always(const struct services *s)
{
	(void)s;
	return true;
}

static bool uses_http2(const struct services *s)
{
	for (size_t i = 0; i < s->n; i++) {
		if (s->v[i]->transport->http != TRANSPORT_HTTP_1_1)
			return true;
	}
	return false;
}

static bool uses_proxy(const struct services *s)
{
	for (size_t i = 0; i < s->n; i++) {
		if (s->v[i]->transport->proxy)
			return true;
	}
	return false;
}

/* From one version, up to another. */
static const struct known_fault {
	const char *library, *from, *before;
	const char *what;
	bool (*used)(const struct services *s);
	const char *safe; /* how it is kept from mattering; NULL: it is not, */
	const char *advice; /* and what is to be done */
} known_faults[] = {
	{
		.library = "libcurl",
		.from = "7.83.0",
		.before = "8.1.1",
		.what = "a handle that is used again lets an upstream write "
			"to freed memory (curl pull request 11103)",
		.used = always,
		.safe = "no handle is used again",
	},
	{
		.library = "libcurl",
		.from = "7.69.0",
		.before = "8.4.0",
		.what = "a long name overflows a buffer on its way to a "
			"SOCKS5 proxy (CVE-2023-38545)",
		.used = uses_proxy,
		.safe = "names are bounded",
	},
	{
		.library = "libcurl",
		.from = "8.17.0",
		.before = "8.23.0",
		.what = "an HTTP/2 upload that the upstream refuses uses "
			"freed memory (CVE-2026-92392)",
		.used = uses_http2,
		.advice = "run with another libcurl, or without "
			  "http_version",
	},
	{
		.library = "libmicrohttpd",
		.from = "0.0.0",
		.before = "1.0.5",
		.what = "fields that must stand once may stand twice, and "
			"connections are passed over beside one that waits",
		.used = always,
		.safe = "such requests are refused, and all connections are "
			"asked until none is left",
	},
};

static void tell(const struct known_fault *fault, struct str version)
{
	if (fault->safe)
		log_info(EV("library_fault"), KV("library", fault->library),
			 KV("version", version), KV("fault", fault->what),
			 KV("safe", fault->safe));
	else
		log_warning(EV("library_fault"), KV("library", fault->library),
			    KV("version", version), KV("fault", fault->what),
			    KV("advice", fault->advice));
}

void libraries_tell_faults(const struct services *s, struct str libraries)
{
	size_t n = sizeof(known_faults) / sizeof(known_faults[0]);

	for (size_t i = 0; i < n; i++) {
		const struct known_fault *fault = &known_faults[i];
		struct str version = version_of(libraries, fault->library);

		if (version.n > 0 && !is_before(version, fault->from) &&
		    is_before(version, fault->before) && fault->used(s))
			tell(fault, version);
	}
}
