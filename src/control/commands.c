/* SPDX-License-Identifier: MIT */
/* The rows of the commands that ask or change a session; that of login has a
 * file of its own. */
#include "base/clock.h"
#include "base/log.h"
#include "control/peer.h"
#include "control/status.h"

/* --- status --- */

static int status_begin(struct control_peer *p, const struct control_request *r,
			struct fault *f)
{
	int64_t now = clock_ms(), wall = clock_wall_ms();
	struct broker *b = p->broker;

	(void)r;
	(void)f;
	for (size_t i = 0; i < b->n; i++) {
		if (p->entry && p->entry != &b->entries[i])
			continue;
		status_write(control_event(p, "session"),
			     &b->entries[i].session,
			     &broker_entry(b, i)->session, now, wall);
		control_event_send(p);
	}
	control_peer_end(p, NULL);
	return 0;
}

const struct control_command control_status = {
	.name = "status",
	.every = true,
	.begin = status_begin,
};

/* --- token, refresh --- */

static void token_wait_leave(struct control_peer *p)
{
	token_wait_cancel(&p->token_wait);
}

static void on_token(void *arg, struct token *t, int64_t expires,
		     const struct fault *why)
{
	struct control_peer *p = arg;
	struct json_out *o;

	(void)expires;
	if (t) {
		o = control_event(p, "token");
		json_out_key(o, "access_token");
		json_out_str(o, secret_expose(t->access_token));
		control_event_send(p);
	}
	control_peer_end(p, why);
}

static int token_begin(struct control_peer *p, const struct control_request *r,
		       struct fault *f)
{
	(void)r;
	(void)f;
	token_wait_begin(&p->token_wait, p->entry, on_token, p);
	return 0;
}

const struct control_command control_token = {
	.name = "token",
	.begin = token_begin,
	.leave = token_wait_leave,
};

static void on_renewal(void *arg, struct token *t, int64_t expires,
		       const struct fault *why)
{
	struct control_peer *p = arg;

	if (t) {
		status_write_expiry(control_event(p, "renewed"), expires,
				    clock_ms(), clock_wall_ms());
		control_event_send(p);
	}
	control_peer_end(p, why);
}

static int refresh_begin(struct control_peer *p,
			 const struct control_request *r, struct fault *f)
{
	(void)r;
	(void)f;
	token_wait_renewal(&p->token_wait, p->entry, on_renewal, p);
	return 0;
}

const struct control_command control_refresh = {
	.name = "refresh",
	.begin = refresh_begin,
	.leave = token_wait_leave,
};

/* --- logout --- */

static void on_logout(void *arg, bool good, const struct fault *text)
{
	struct control_peer *p = arg;
	struct json_out *o;

	p->logout = NULL;
	if (good) {
		o = control_event(p, "done");
		json_out_key(o, "text");
		json_out_z(o, text->text);
		control_event_send(p);
	}
	control_peer_end(p, good ? NULL : text);
}

static int begin_logout(struct control_peer *p, const struct control_request *r,
			struct fault *f)
{
	(void)r;
	p->logout = logout_begin(p->entry, on_logout, p, f);
	return p->logout ? 0 : -1;
}

/* It goes on: a person who has stopped waiting has not stopped wanting. */
static void leave_logout(struct control_peer *p)
{
	if (p->logout)
		logout_leave(p->logout);
	p->logout = NULL;
}

const struct control_command control_logout = {
	.name = "logout",
	.begin = begin_logout,
	.leave = leave_logout,
};
