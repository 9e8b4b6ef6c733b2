/* SPDX-License-Identifier: MIT */
/* Methods, statuses, and the framing of a request, which is checked here before
 * anything is forwarded: what the two sides could read in two ways would let
 * one client's request hide in another's. */
#include "http/message.h"

#include <stddef.h>

static bool is_one_of(struct str method, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (str_eq_z(method, names[i]))
			return true;
	}
	return false;
}

/* The safe ones come first. */
static const char *const IDEMPOTENT[] = { "GET",   "HEAD", "OPTIONS",
					  "TRACE", "PUT",  "DELETE" };
enum { SAFE = 4, ALL_IDEMPOTENT = 6 };

bool method_is_idempotent(struct str method)
{
	return is_one_of(method, IDEMPOTENT, ALL_IDEMPOTENT);
}

bool method_is_safe(struct str method)
{
	return is_one_of(method, IDEMPOTENT, SAFE);
}

/* clang-format off */
static const struct {
	int status;
	const char *phrase;
} PHRASES[] = {
	{ 100, "Continue" },
	{ 101, "Switching Protocols" },
	{ 103, "Early Hints" },
	{ 200, "OK" },
	{ 201, "Created" },
	{ 202, "Accepted" },
	{ 203, "Non-Authoritative Information" },
	{ 204, "No Content" },
	{ 205, "Reset Content" },
	{ 206, "Partial Content" },
	{ 300, "Multiple Choices" },
	{ 301, "Moved Permanently" },
	{ 302, "Found" },
	{ 303, "See Other" },
	{ 304, "Not Modified" },
	{ 307, "Temporary Redirect" },
	{ 308, "Permanent Redirect" },
	{ 400, "Bad Request" },
	{ 401, "Unauthorized" },
	{ 402, "Payment Required" },
	{ 403, "Forbidden" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 406, "Not Acceptable" },
	{ 407, "Proxy Authentication Required" },
	{ 408, "Request Timeout" },
	{ 409, "Conflict" },
	{ 410, "Gone" },
	{ 411, "Length Required" },
	{ 412, "Precondition Failed" },
	{ 413, "Content Too Large" },
	{ 414, "URI Too Long" },
	{ 415, "Unsupported Media Type" },
	{ 416, "Range Not Satisfiable" },
	{ 417, "Expectation Failed" },
	{ 421, "Misdirected Request" },
	{ 422, "Unprocessable Content" },
	{ 425, "Too Early" },
	{ 426, "Upgrade Required" },
	{ 428, "Precondition Required" },
	{ 429, "Too Many Requests" },
	{ 431, "Request Header Fields Too Large" },
	{ 451, "Unavailable For Legal Reasons" },
	{ 500, "Internal Server Error" },
	{ 501, "Not Implemented" },
	{ 502, "Bad Gateway" },
	{ 503, "Service Unavailable" },
	{ 504, "Gateway Timeout" },
	{ 505, "HTTP Version Not Supported" },
	{ 511, "Network Authentication Required" },
};
/* clang-format on */

const char *status_phrase(int status)
{
	for (size_t i = 0; i < sizeof(PHRASES) / sizeof(PHRASES[0]); i++) {
		if (PHRASES[i].status == status)
			return PHRASES[i].phrase;
	}
	return "";
}

bool status_has_body(int status)
{
	return status >= 200 && status != 204 && status != 304;
}

/* The fields that framing hangs on, each at most once. */
struct message_seen {
	const struct field *length, *coding, *host;
};

static int note(const struct field *field, struct message_seen *seen,
		struct fault *f)
{
	const struct field **slot;

	if (str_eq_nocase(field->name, STR("Host")))
		slot = &seen->host;
	else if (str_eq_nocase(field->name, STR("Content-Length")))
		slot = &seen->length;
	else if (str_eq_nocase(field->name, STR("Transfer-Encoding")))
		slot = &seen->coding;
	else
		return 0;
	if (*slot)
		return fault_set(f, "the request has two %.*s fields",
				 STR_ARGS(field->name));
	*slot = field;
	return 0;
}

static int look_through(const struct fields *fs, struct message_seen *seen,
			struct fault *f)
{
	for (size_t i = 0; i < fs->n; i++) {
		if (!str_is_token(fs->v[i].name))
			return fault_set(f, "a field's name is not a token");
		if (!field_value_valid(fs->v[i].value))
			return fault_set(f, "a field's value holds a control "
					    "character");
		if (note(&fs->v[i], seen, f) < 0)
			return -1;
	}
	return 0;
}

static int check_coding(const struct message_seen *seen, bool http10,
			struct fault *f)
{
	if (seen->length)
		return fault_set(f, "the request has both Content-Length and "
				    "Transfer-Encoding");
	if (http10)
		return fault_set(f, "HTTP/1.0 has no Transfer-Encoding");
	if (!str_eq_nocase(str_trim(seen->coding->value), STR("chunked")))
		return fault_set(f, "the only Transfer-Encoding taken is "
				    "chunked, alone");
	return 0;
}

int framing_check(const struct fields *fs, bool http10, struct framing *out,
		  struct fault *f)
{
	struct message_seen seen = { NULL, NULL, NULL };

	*out = (struct framing){ FRAMING_NONE, 0 };
	if (look_through(fs, &seen, f) < 0)
		return -1;
	if (!seen.host && !http10)
		return fault_set(f, "the request has no Host field");
	if (seen.coding) {
		if (check_coding(&seen, http10, f) < 0)
			return -1;
		out->body = FRAMING_CHUNKED;
	} else if (seen.length) {
		if (!str_u64(str_trim(seen.length->value), INT64_MAX,
			     &out->length))
			return fault_set(f, "Content-Length is not a number");
		out->body = FRAMING_SIZED;
	}
	return 0;
}
