/* SPDX-License-Identifier: MIT */
/* bearerd refresh: a new token now. */

#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "command/command.h"
#include "command/control_client.h"
#include "command/control_show.h"
#include "control/status.h"

static int refresh_event(void *arg, const struct json *event)
{
	ATTR_CLEANUP(buf_fini) struct buf line = BUF_INIT(LIMIT_CONTROL_LINE);
	const char *name = arg;
	int64_t seconds;

	if (!control_is(event, "renewed"))
		return 0;
	buf_addf(&line, "[service %s] has a new token", name);
	if (json_int(json_get(event, "expires_in"), &seconds)) {
		buf_add_z(&line, ", good until ");
		control_show(&line, event, "expires_at");
		buf_add_z(&line, " (");
		control_show_time(&line, seconds);
		buf_add_z(&line, ")\n");
	} else {
		buf_add_z(&line, "; the server named no end of it\n");
	}
	return control_print(buf_str(&line));
}

static int refresh_main(const struct command_line *line)
{
	const char *name;

	if (control_name("refresh", line, &name) < 0)
		return COMMAND_WRONG_USE;
	return control_talk(line, "refresh", name, refresh_event,
			    (void *)(uintptr_t)name);
}

/* --- in the daemon, on its control socket --- */

/* The event "renewed" has "expires_at" and "expires_in", null where they are
 * not known. */

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

static const struct control_command refresh_daemon = {
	.name = "refresh",
	.begin = refresh_begin,
};

const struct command command_refresh = {
	.name = "refresh",
	.usage = " NAME [-c FILE]",
	.summary = "renews the token of a service now",
	.run = refresh_main,
	.daemon = { &refresh_daemon },
};
