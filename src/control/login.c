/* SPDX-License-Identifier: MIT */
/* bearerd login in the daemon: what the person at the terminal is to be shown,
 * what was typed in, and how it ended. */
#include "base/clock.h"
#include "control/peer.h"

static const struct {
	const char *name;
	enum login_way way;
} ways[] = {
	{ "browser", LOGIN_BROWSER },
	{ "paste", LOGIN_PASTE },
	{ "device", LOGIN_DEVICE },
};

/* The one that is named; where none is, the one that the grant has. */
static int find_way(struct str name, const struct grant *grant,
		    enum login_way *out, struct fault *f)
{
	*out = grant->response_type ? LOGIN_BROWSER : LOGIN_DEVICE;
	if (name.n == 0)
		return 0;
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (str_eq_z(name, ways[i].name)) {
			*out = ways[i].way;
			return 0;
		}
	}
	return fault_set(f, "the way of a login is browser, paste or device");
}

/* Where the person is to go. */
static void tell_address(struct control_peer *p, const struct login_news *news)
{
	struct json_out *o = control_event(p, "address");

	json_out_text(o, "address", news->address);
	json_out_text(o, "user_code", news->user_code);
	json_out_text(o, "address_complete", news->address_complete);
	json_out_key(o, "expires_in");
	json_out_int(o, (news->expires - clock_ms()) / 1000);
	control_event_send(p);
}

static void on_news(void *arg, const struct login_news *news)
{
	struct control_peer *p = arg;

	if (!news->ended) {
		tell_address(p, news);
		return;
	}
	p->login = NULL;
	if (news->good) {
		json_out_text(control_event(p, "done"), "text",
			      news->text.text);
		control_event_send(p);
	}
	control_peer_end(p, news->good ? NULL : &news->text);
}

static void login_command_line(struct control_peer *p, struct str line)
{
	struct fault f;

	if (!p->login || login_paste(p->login, line, &f) == 0)
		return;
	json_out_text(control_event(p, "again"), "error", f.text);
	control_event_send(p);
}

static int login_command_begin(struct control_peer *p,
			       const struct control_request *r,
			       struct fault *f)
{
	const struct grant *grant = p->entry->session.service->grant;
	enum login_way way;

	if (find_way(r->way, grant, &way, f) < 0)
		return -1;
	p->login = login_begin(p->entry, way, on_news, p, f);
	if (way == LOGIN_PASTE)
		p->on_line = login_command_line;
	return p->login ? 0 : -1;
}

static void login_command_leave(struct control_peer *p)
{
	if (p->login)
		login_leave(p->login);
	p->login = NULL;
}

const struct control_command control_login = {
	.name = "login",
	.begin = login_command_begin,
	.leave = login_command_leave,
};
