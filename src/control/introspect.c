/* SPDX-License-Identifier: MIT */
/* bearerd status -v in the daemon: the servers are asked all at once, and what
 * they say is told in the order of the services. */
#include "base/alloc.h"
#include "base/clock.h"
#include "broker/introspect.h"
#include "control/peer.h"
#include "control/status.h"

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

void inquiry_free(struct inquiry **inquiry)
{
	struct inquiry *q = *inquiry;

	*inquiry = NULL;
	if (!q)
		return;
	for (size_t i = 0; i < q->n; i++) {
		introspect_cancel(&q->questions[i].introspect);
		json_free(&q->questions[i].reply);
	}
	mem_free(q->questions);
	mem_free(q);
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
	inquiry_free(&p->inquiry);
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
	p->inquiry = q;
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
		introspect_start(&one->introspect, one->entry, on_answer, one);
	}
	answered(q);
	return 0;
}

static void introspect_leave(struct control_peer *p)
{
	inquiry_free(&p->inquiry);
}

const struct control_command control_introspect = {
	.name = "introspect",
	.every = true,
	.begin = introspect_begin,
	.leave = introspect_leave,
};
