/* SPDX-License-Identifier: MIT */
/* bearerd status -v: below a service's line, what the server says of its
 * token. */
#include "command/status_introspection.h"

#include <inttypes.h>

#include "authserver/introspect.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/limits.h"
#include "command/control_client.h"
#include "command/control_show.h"
#include "control/status.h"
#include "data/date.h"

/* RFC 7662 §2.2's, in its order; all others come behind them. */
static const char *const first[] = {
	"active", "scope", "client_id", "username", "token_type", "exp",
	"iat", "nbf", "sub", "aud", "iss",
};

enum {
	FIRST = sizeof(first) / sizeof(first[0]),
};

static bool is_first(struct str name)
{
	for (size_t i = 0; i < FIRST; i++) {
		if (str_eq_z(name, first[i]))
			return true;
	}
	return false;
}

static bool is_date(struct str name)
{
	return str_eq_z(name, "exp") || str_eq_z(name, "iat") ||
	       str_eq_z(name, "nbf");
}

/* Milliseconds, as some servers have them, are shown as the number that they
 * are. */
static bool show_date(struct buf *out, const struct json *value)
{
	const int64_t last = 253402300799; /* 9999-12-31T23:59:59Z */
	int64_t seconds, in;

	if (!json_int(value, &seconds) || seconds < 0 || seconds > last)
		return false;
	date_rfc3339(out, seconds);
	in = seconds - clock_wall_ms() / 1000;
	buf_add_z(out, in < 0 ? " (" : " (in ");
	control_show_time(out, in < 0 ? -in : in);
	buf_add_z(out, in < 0 ? " ago)" : ")");
	return true;
}

static void show_value(struct buf *out, const struct json *value)
{
	struct buf text = BUF_INIT_SECRET(LIMIT_CONTROL_EVENT);

	if (json_is(value, JSON_STRING)) {
		control_show_text(out, json_text(value));
		return;
	}
	json_print(value, &text);
	control_show_text(out, buf_str(&text));
	buf_fini(&text);
}

/* One that is null is absent. */
static void show_member(struct buf *out, struct str name,
			const struct json *value)
{
	if (json_type(value) == JSON_NULL)
		return;
	buf_add_z(out, "    ");
	control_show_text(out, name);
	buf_add_z(out, ": ");
	if (!is_date(name) || !show_date(out, value))
		show_value(out, value);
	buf_add_char(out, '\n');
}

void status_introspection_show(struct buf *out, const struct json *event)
{
	const struct json *says = json_get(event, "introspection");

	if (!json_is(says, JSON_OBJECT)) {
		show_member(out, STR("introspection"),
			    json_get(event, "introspection_error"));
		return;
	}
	for (size_t i = 0; i < FIRST; i++)
		show_member(out, str_z(first[i]), json_get(says, first[i]));
	for (size_t i = 0; i < json_count(says); i++) {
		if (!is_first(json_name(says, i)))
			show_member(out, json_name(says, i),
				    json_at(says, i));
	}
}

/* --- in the daemon: the servers are asked all at once, and what they say is
 * told in the order of the services --- */

/* About one service. */
struct question {
	struct introspect introspect;
	struct inquiry *inquiry;
	const struct session *of; /* the service's own */
	struct entry *entry;      /* whose session it uses */
	struct json *reply;       /* NULL: see why */
	struct fault why;
};

struct inquiry {
	struct control_peer *peer;
	struct question *questions;
	size_t n;
	size_t open; /* without an answer, and one until all were asked */
};

static void inquiry_free(void *own)
{
	struct inquiry *q = own;

	for (size_t i = 0; i < q->n; i++) {
		introspect_cancel(&q->questions[i].introspect);
		json_free(&q->questions[i].reply);
	}
	mem_free(q->questions);
	mem_free(q);
}

static void introspect_leave(struct control_peer *p)
{
	if (p->own)
		inquiry_free(p->own);
	p->own = NULL;
}

static void tell(struct control_peer *p, const struct question *q)
{
	struct json_out *o = control_event(p, "session");

	status_write(o, q->of, &q->entry->session, clock_ms(), clock_wall_ms());
	json_out_key(o, "introspection");
	json_out_value(o, q->reply);
	json_out_key(o, "introspection_error");
	if (q->reply)
		json_out_null(o);
	else
		json_out_z(o, q->why.text);
	control_event_send(p);
}

/* One question less is open. */
static void answered(struct inquiry *q)
{
	struct control_peer *p = q->peer;

	if (--q->open > 0)
		return;
	for (size_t i = 0; i < q->n; i++)
		tell(p, &q->questions[i]);
	introspect_leave(p);
	control_peer_end(p, NULL);
}

static void on_answer(void *arg, struct json *reply, const struct fault *why)
{
	struct question *q = arg;

	q->reply = reply;
	if (!reply)
		q->why = *why;
	answered(q->inquiry);
}

static int introspect_begin(struct control_peer *p,
			    const struct control_request *r, struct fault *f)
{
	struct inquiry *q = mem_new(struct inquiry);
	struct broker *b = p->broker;

	(void)r;
	(void)f;
	q->peer = p;
	q->questions = mem_array(b->n, sizeof(*q->questions));
	q->open = 1;
	p->own = q;
	p->own_free = inquiry_free;
	for (size_t i = 0; i < b->n; i++) {
		struct question *one = &q->questions[q->n];

		if (p->entry && p->entry != &b->entries[i])
			continue;
		*one = (struct question){
			.inquiry = q,
			.of = &b->entries[i].session,
			.entry = broker_entry(b, i),
		};
		q->n++;
		q->open++;
		introspect_start(&one->introspect, &one->entry->client,
				 &one->entry->session, on_answer, one);
	}
	answered(q);
	return 0;
}

const struct control_command status_introspection_daemon = {
	.name = "introspect",
	.every = true,
	.begin = introspect_begin,
	.leave = introspect_leave,
};
