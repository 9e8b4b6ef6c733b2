/* SPDX-License-Identifier: MIT */
/* When a login ends, when that is told, and how it is kept from ending by
 * disuse (bearerd.ini(5): renew_idle, login_warning). Beside session.c, which
 * asks here when its next event is due. */
#include <stdlib.h>

#include "base/limits.h"
#include "session/session_int.h"

/* What is told by a server once stays, as a date; a new refresh token of whose
 * life nothing was ever told has the configuration's. */
void session_take_end(struct session *s, const struct token *t, int64_t sent,
		      bool begins)
{
	bool other = t->refresh_token &&
		     !secret_eq(t->refresh_token, s->refresh_token);

	s->end.renewed = sent;
	if (t->refresh_expires_in == 0 && !begins &&
	    (!other || s->end.life > 0))
		return;
	s->end.life = refresh_life_of(t->refresh_expires_in, 0);
	s->end.given = sent;
	s->end.given_wall = t->sent_wall;
	s->end.told = false;
}

void session_restore_end(struct session *s, const struct record *r, int64_t now,
			 int64_t wall)
{
	int64_t renewed = r->token ? r->token->sent_wall : r->refresh_given;

	s->end = (struct session_end){
		.life = r->refresh_life,
		.given_wall = r->refresh_given,
	};
	/* A clock that was set back since makes nothing younger than now. */
	s->end.given = now - (wall > r->refresh_given && r->refresh_given > 0 ?
				      wall - r->refresh_given : 0);
	s->end.renewed =
		now - (wall > renewed && renewed > 0 ? wall - renewed : 0);
}

/* Of the refresh token; 0: not known. */
static int64_t life_of_refresh(const struct session *s)
{
	return s->end.life > 0 ? s->end.life :
		s->service->tokens->default_refresh_expires_in;
}

/* Whether somebody has to do something where its refresh token has ended. */
static bool has_login(const struct session *s)
{
	const struct grant *g = s->service->grant;

	return g->person || (g->seed && s->refresh_token);
}

int64_t session_login_ends(const struct session *s)
{
	int64_t life = life_of_refresh(s);

	/* One that is over has no end. */
	if (!has_login(s) || s->failure.waits)
		return INT64_MAX;
	if (!s->refresh_token)
		return s->token ? s->life.expires : INT64_MAX;
	/* Nothing is known of when a configured one was given. */
	return life > 0 && s->end.given_wall > 0 ? s->end.given + life :
						   INT64_MAX;
}

int64_t session_warns_at(const struct session *s)
{
	const struct token_settings *set = s->service->tokens;
	int64_t life = life_of_refresh(s);

	if (!s->refresh_token && s->token)
		life = refresh_life_of(s->token->expires_in,
				       set->default_expires_in);
	return refresh_warns_at(session_login_ends(s), life,
				set->login_warning, s->service->warns_as_given);
}

/* The same of a session each time, others of others. */
static uint32_t spread_of(const struct session *s)
{
	char begin[9] = "";

	for (size_t i = 0; i < 8 && s->login_id[i]; i++)
		begin[i] = s->login_id[i];
	return (uint32_t)strtoul(begin, NULL, 16);
}

int64_t session_idle_due(const struct session *s)
{
	int64_t every = s->service->tokens->renew_idle, due;

	if (every == 0 && s->service->grant->person)
		every = LIMIT_RENEW_IDLE_UNSAID;
	if (every <= 0 || !s->refresh_token || !session_is_renewable(s))
		return INT64_MAX;
	due = s->end.renewed +
	      refresh_idle(every, life_of_refresh(s), spread_of(s));
	if (s->end.tried != 0 && due < s->end.tried + LIMIT_RENEW_IDLE_AGAIN)
		due = s->end.tried + LIMIT_RENEW_IDLE_AGAIN;
	return due < s->pause.until ? s->pause.until : due;
}
