/* SPDX-License-Identifier: MIT */
/* Writes the answers that bearerd gives itself, when a request does not reach
 * an upstream or its answer does not come back. */

#include "proxy/reply.h"

#include "base/limits.h"
#include "data/json.h"
#include "http/message.h"

void reply_init(struct reply *r, struct arena *arena)
{
	r->status = 0;
	r->close = false;
	fields_init(&r->fields, arena);
	buf_init(&r->body, LIMIT_PAGE);
}

void reply_fini(struct reply *r)
{
	buf_fini(&r->body);
}

void reply_field(struct reply *r, const char *name, struct str value)
{
	fields_add_copy(&r->fields, str_z(name), value);
}

void reply_retry_after(struct reply *r, int64_t ms)
{
	int64_t seconds = (ms + 999) / 1000;
	ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT(32);

	buf_addf(&b, "%lld", (long long)(seconds > 0 ? seconds : 1));
	reply_field(r, "Retry-After", buf_str(&b));
}

/* RFC 9209: bearerd is the one that answers; details is an RFC 8941 string,
 * which holds visible ASCII only. */
static void reply_proxy_status(struct reply *r, const char *error,
			       struct str detail)
{
	ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT(1024);

	buf_add_z(&b, "bearerd");
	if (error)
		buf_addf(&b, "; error=%s", error);
	buf_add_z(&b, "; details=\"");
	for (size_t i = 0; i < detail.n && i < LIMIT_REPLY_DETAILS; i++) {
		char c = detail.p[i];

		if (c == '"' || c == '\\')
			buf_add_char(&b, '\\');
		buf_add_char(&b, char_is_printable(c) ? c : '?');
	}
	buf_add_char(&b, '"');
	reply_field(r, "Proxy-Status", buf_str(&b));
}

void reply_problem(struct reply *r, int status, const char *error,
		   struct str detail, const char *action)
{
	struct json_out o;

	r->status = status;
	r->fields.n = 0;
	buf_reset(&r->body);
	json_out_init(&o, &r->body);
	json_out_object(&o);
	json_out_key(&o, "type");
	json_out_z(&o, "about:blank");
	json_out_key(&o, "title");
	json_out_z(&o, status_phrase(status));
	json_out_key(&o, "status");
	json_out_int(&o, status);
	json_out_key(&o, "detail");
	json_out_str(&o, detail);
	if (action) {
		json_out_key(&o, "action");
		json_out_z(&o, action);
	}
	json_out_object_end(&o);
	buf_add_char(&r->body, '\n');
	reply_field(r, "Content-Type", STR("application/problem+json"));
	reply_field(r, "Cache-Control", STR("no-store"));
	reply_proxy_status(r, error, detail);
}

void reply_problem_member(struct reply *r, const char *name, struct str text)
{
	struct json_out o;

	/* Behind the last member, in place of the object's end. */
	buf_cut(&r->body, buf_str(&r->body).n - 2);
	json_out_init(&o, &r->body);
	o.comma = true;
	json_out_key(&o, name);
	json_out_str(&o, text);
	json_out_object_end(&o);
	buf_add_char(&r->body, '\n');
}

void reply_write(const struct reply *r, struct buf *out)
{
	struct str body = buf_str(&r->body);

	buf_addf(out, "HTTP/1.1 %d %s\r\n", r->status,
		 status_phrase(r->status));
	for (size_t i = 0; i < r->fields.n; i++)
		buf_addf(out, "%.*s: %.*s\r\n", STR_ARGS(r->fields.v[i].name),
			 STR_ARGS(r->fields.v[i].value));
	buf_addf(out, "Content-Length: %zu\r\nConnection: close\r\n\r\n",
		 body.n);
	buf_add_str(out, body);
}
