/* SPDX-License-Identifier: MIT */
/* Writes what bearerd status shows of a session. */
#include "control/status.h"

#include "base/buf.h"
#include "data/date.h"
#include "oauth/settings.h"

/* What the workers were told last is as old as the token: one that has expired
 * since, and that the next request replaces, is as good as none. */
static enum session_state status_state(const struct session *of,
				       const struct session *s, int64_t now)
{
	enum session_state state = of->current->state;

	if (state == SESSION_READY && s->token && !session_token(s, now))
		return SESSION_IDLE;
	return state;
}

static void write_time(struct json_out *o, const char *at, const char *in,
		       int64_t time, int64_t now, int64_t wall)
{
	ATTR_CLEANUP(buf_fini) struct buf date = BUF_INIT(64);

	if (time != INT64_MAX)
		date_rfc3339(&date, (wall + (time - now)) / 1000);
	json_out_text(o, at, time != INT64_MAX ? buf_z(&date) : NULL);
	json_out_key(o, in);
	if (time != INT64_MAX)
		json_out_int(o, (time - now) / 1000);
	else
		json_out_null(o);
}

void status_write_expiry(struct json_out *o, int64_t expires, int64_t now,
			 int64_t wall)
{
	write_time(o, "expires_at", "expires_in", expires, now, wall);
}

void status_write(struct json_out *o, const struct session *of,
		  const struct session *s, int64_t now, int64_t wall)
{
	const struct token *t = session_token(s, now);
	const struct session_failure *why = &of->current->failure;

	json_out_text(o, "service", of->service->name);
	json_out_text(o, "client", NULL);
	json_out_text(o, "grant_type", s->service->grant->name);
	json_out_text(o, "state", session_state_name(status_state(of, s, now)));
	status_write_expiry(o, t ? s->life.expires : INT64_MAX, now, wall);
	write_time(o, "login_expires_at", "login_expires_in",
		   session_login_ends(s), now, wall);
	json_out_key(o, "login_expires_soon");
	json_out_bool(o, now >= session_warns_at(s));
	/* What was granted; where nothing is known of that, what is asked
	 * for. */
	json_out_text(o, "scope",
		      t && t->scope ? t->scope : s->service->oauth->scope);
	json_out_text(o, "subject", s->subject.sub);
	json_out_text(o, "last_error", why->status != 0 ? why->text.text :
							    NULL);
}
