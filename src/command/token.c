/* SPDX-License-Identifier: MIT */
/* bearerd token: an access token for a script. */

#include <stdio.h>

#include "base/buf.h"
#include "base/limits.h"
#include "command/command.h"
#include "command/control_client.h"
#include "command/control_show.h"

static int token_event(void *arg, const struct json *event)
{
	ATTR_CLEANUP(buf_fini)
	struct buf line = BUF_INIT_SECRET(LIMIT_CONTROL_EVENT);
	const struct json *member = json_get(event, "access_token");
	struct str token = json_text(member);

	(void)arg;
	if (!control_is(event, "token"))
		return 0;
	/* RFC 6749 appendix A.12: it is printed as it is, and must steer no
	 * terminal. */
	if (!json_is(member, JSON_STRING) || token.n == 0 ||
	    !str_is_printable(token)) {
		fprintf(stderr, "bearerd: what the daemon gives is not an "
				"access token\n");
		return -1;
	}
	buf_add_str(&line, token);
	buf_add_char(&line, '\n');
	return control_print(buf_str(&line));
}

static int token_main(const struct command_line *line)
{
	const char *name;

	if (control_name("token", line, &name) < 0)
		return COMMAND_WRONG_USE;
	return control_talk(line, "token", name, token_event, NULL);
}

/* --- in the daemon, on its control socket --- */

/* The event "token" has "access_token". */

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

static const struct control_command token_daemon = {
	.name = "token",
	.begin = token_begin,
};

const struct command command_token = {
	.name = "token",
	.usage = " NAME [-c FILE]",
	.summary = "prints a fresh access token of a service, for a script",
	.run = token_main,
	.daemon = { &token_daemon },
};
