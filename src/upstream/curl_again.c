/* SPDX-License-Identifier: MIT */
/* Sends a request over HTTP/2 once more that the upstream has not processed:
 * its stream was refused (RFC 9113 §8.7; also by a GOAWAY below it), or is to
 * come by HTTP/1.1 (HTTP_1_1_REQUIRED, §7). The beginning of its body is kept
 * for that. libcurl sends such a request again by itself, but also one whose
 * kept connection died, which may not be sent twice unless it is idempotent.
 * Only its message tells the two apart, and on a connection that had carried a
 * request before not even that. */
#include <stdio.h>
#include <string.h>

#include "base/assert.h"
#include "base/limits.h"
#include "upstream/pool.h"

/* Right before it begins anew. */
static int on_word(CURL *easy ATTR_UNUSED, curl_infotype type, char *p,
		   size_t n, void *arg)
{
	struct curl_transfer *t = arg;
	struct str word = { p, n };

	if (type == CURLINFO_TEXT &&
	    (str_starts(word, STR("REFUSED_STREAM, retrying")) ||
	     str_starts(word, STR("Downgrades to HTTP/1.1"))))
		t->unprocessed = true;
	return 0;
}

static bool transfer_rewind(struct curl_transfer *t)
{
	if (t->kept_lost)
		return false;
	t->kept_at = 0;
	t->body_left = t->framing.length;
	t->body_read = false;
	return true;
}

static int on_seek(void *arg, curl_off_t offset, int origin)
{
	if (offset == 0 && origin == SEEK_SET && transfer_rewind(arg))
		return CURL_SEEKFUNC_OK;
	return CURL_SEEKFUNC_FAIL;
}

void transfer_again_apply(struct curl_transfer *t)
{
	CURL *e = t->easy;
	CURLcode code;

	buf_init_secret(&t->kept, LIMIT_HTTP2_AGAIN);
	curl_easy_setopt(e, CURLOPT_SEEKFUNCTION, on_seek);
	curl_easy_setopt(e, CURLOPT_SEEKDATA, t);
	if (!t->wants_http2 || t->repeatable)
		return;
	curl_easy_setopt(e, CURLOPT_DEBUGFUNCTION, on_word);
	curl_easy_setopt(e, CURLOPT_DEBUGDATA, t);
	code = curl_easy_setopt(e, CURLOPT_VERBOSE, 1L);
	ASSERT(code == CURLE_OK);
}

void transfer_again_end(struct curl_transfer *t)
{
	buf_fini(&t->kept);
}

ssize_t transfer_source(struct curl_transfer *t, char *p, size_t n)
{
	struct str kept = str_sub(buf_str(&t->kept), t->kept_at, n);
	ssize_t got;

	if (kept.n > 0) {
		memcpy(p, kept.p, kept.n);
		t->kept_at += kept.n;
		return (ssize_t)kept.n;
	}
	if (t->source_over)
		return 0;
	got = t->events.source(t->arg, p, n);
	t->source_over = got == 0;
	if (got <= 0 || t->kept_lost)
		return got;
	t->kept_lost = !t->wants_http2 ||
		       t->kept.n + (size_t)got > LIMIT_HTTP2_AGAIN;
	if (t->kept_lost)
		buf_fini(&t->kept);
	else
		buf_add(&t->kept, p, (size_t)got);
	t->kept_at = t->kept.n;
	return got;
}

bool transfer_may_go_again(struct curl_transfer *t)
{
	bool may = t->repeatable || t->unprocessed;

	t->unprocessed = false;
	return may && (!t->body_read || transfer_rewind(t));
}

/* libcurl does so by itself only where the connection had carried a request
 * before, and not where a GOAWAY ended it. */
bool transfer_goes_again(struct curl_transfer *t, CURLcode code)
{
	bool ended = code == CURLE_HTTP2 || code == CURLE_SEND_ERROR ||
		     code == CURLE_RECV_ERROR || code == CURLE_GOT_NOTHING;

	if (!ended || !t->http2 || !t->sent || !t->repeatable || t->repeated ||
	    t->response.octets > 0 || !transfer_rewind(t))
		return false;
	t->repeated = true;
	return true;
}
