/* SPDX-License-Identifier: MIT */
/* bearerd logout: revokes at the server where it can, and forgets. */

#include "base/buf.h"
#include "base/limits.h"
#include "command/command.h"
#include "command/control_client.h"
#include "command/control_show.h"

static int logout_event(void *arg, const struct json *event)
{
	ATTR_CLEANUP(buf_fini) struct buf line = BUF_INIT(LIMIT_CONTROL_LINE);

	(void)arg;
	if (!control_is(event, "done"))
		return 0;
	control_show(&line, event, "text");
	buf_add_char(&line, '\n');
	return control_print(buf_str(&line));
}

static int logout_main(const struct command_line *line)
{
	const char *name;

	if (control_name("logout", line, &name) < 0)
		return COMMAND_WRONG_USE;
	return control_talk(line, "logout", name, logout_event, NULL);
}

/* --- in the daemon, on its control socket --- */

/* The event "done" has "text", which says what happened. */

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

static const struct control_command logout_daemon = {
	.name = "logout",
	.begin = begin_logout,
	.leave = leave_logout,
};

const struct command command_logout = {
	.name = "logout",
	.usage = " NAME [-c FILE]",
	.summary = "revokes the tokens of a service where it can, and forgets "
		   "them",
	.run = logout_main,
	.daemon = { &logout_daemon },
};
