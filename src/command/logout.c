/* SPDX-License-Identifier: MIT */
/* bearerd logout: revokes at the server where it can, and forgets. */

#include "base/buf.h"
#include "command/command.h"
#include "command/control_client.h"

enum { LOGOUT_LINE_MAX = 4096 };

static int logout_event(void *arg, const struct json *event)
{
	ATTR_CLEANUP(buf_fini) struct buf line = BUF_INIT(LOGOUT_LINE_MAX);

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

	if (control_name("logout", line, &name) != 0)
		return COMMAND_WRONG_USE;
	return control_talk(line, "logout", name, logout_event, NULL);
}

const struct command command_logout = {
	.name = "logout",
	.usage = " NAME [-c FILE]",
	.summary = "revokes the tokens of a service where it can, and forgets "
		   "them",
	.run = logout_main,
};
