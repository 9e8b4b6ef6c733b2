/* SPDX-License-Identifier: MIT */
/* What a session does when people want something of it: to log in, to have a
 * new token now, to log out. */
#include "base/assert.h"
#include "session/session_int.h"

/* What the leader's token makes of this service's requests is made anew only
 * with the token. */
static void follow_token(struct session *s, const struct snapshot *of)
{
	struct fault text;

	if (s->generation == of->generation && (s->use || !of->token))
		return;
	token_use_unref(&s->use);
	s->generation = of->generation;
	s->failure = (struct session_failure){ 0 };
	if (!of->token)
		return;
	s->use = token_use_new(s->service, of->token, &text);
	if (!s->use)
		s->failure = (struct session_failure){
			.status = 502,
			.error = "proxy_configuration_error",
			.text = text,
			.retry_at = INT64_MAX,
		};
}

struct snapshot *session_follow(struct session *s,
				const struct session *leader)
{
	struct snapshot *of = leader->current, *new;

	follow_token(s, of);
	new = snapshot_follow(of, s->service->index, s->use);
	if (of->token && !s->use) {
		/* Nothing that this service could use. */
		token_unref(&new->token);
		new->failure = s->failure;
		new->failures += new->generation;
		new->state = SESSION_FAILING;
	}
	snapshot_unref(&s->current);
	s->current = new;
	return new;
}

struct token *session_token(const struct session *s, int64_t now)
{
	return session_is_usable(s, now) ? s->token : NULL;
}

unsigned session_login_begins(struct session *s, int64_t now)
{
	ASSERT(!session_is_busy(s));
	s->work = SESSION_LOGS_IN;
	s->keeps_refresh = false;
	session_asks_as(s, "");
	s->before = s->failure;
	if (!session_is_usable(s, now))
		s->failure = (struct session_failure){ 0 };
	return SESSION_PUBLISH;
}

unsigned session_login_failed(struct session *s)
{
	ASSERT(s->work == SESSION_LOGS_IN);
	s->work = SESSION_RESTS;
	s->spent = false;
	key_unref(&s->arrived_key);
	if (s->failure.status == 0 && s->before.status != 0)
		s->failures++;
	s->failure = s->before;
	return SESSION_PUBLISH;
}

void session_poll_begins(struct session *s)
{
	ASSERT(!session_is_busy(s));
	s->work = SESSION_LOGS_IN;
	s->keeps_refresh = false;
	session_asks_as(s, "");
	s->before = s->failure;
}

unsigned session_supplied(struct session *s)
{
	if (session_is_busy(s) || !s->failure.waits ||
	    s->service->grant->person)
		return 0;
	s->failure = (struct session_failure){ 0 };
	refresh_pause_end(&s->pause);
	return SESSION_PUBLISH;
}

static int cannot_renew(const struct session *s, struct fault *f)
{
	const struct service *service = s->service;

	if (service->grant->person)
		return fault_set(f,
				 "[service %s]: nobody is logged in, or "
				 "the server gave no refresh token; log in "
				 "with bearerd login %s",
				 service->name, service->name);
	if (s->seed[0] && !s->refresh_token)
		return fault_set(f,
				 "[service %s]: there is no refresh token "
				 "any more; %s",
				 service->name, service->grant->remedy);
	return fault_set(f,
			 "[service %s]: nothing can be renewed with "
			 "grant_type = %s",
			 service->name, service->grant->name);
}

int session_renew(struct session *s, unsigned *what, struct fault *f)
{
	*what = 0;
	if (!session_is_renewable(s) || (s->seed[0] && !s->refresh_token))
		return cannot_renew(s, f);
	if (session_is_busy(s))
		return 0;
	s->failure = (struct session_failure){ 0 };
	s->hold = (struct refresh_hold){ 0 };
	s->refused = 0;
	refresh_pause_end(&s->pause);
	*what = session_start(s) | SESSION_PUBLISH;
	return 0;
}

/* What whoever asks is told from now on. */
static unsigned forgotten(struct session *s)
{
	struct fault text;

	if (s->service->grant->person) {
		session_lapse(s, "nobody is logged in");
		return SESSION_REMOVE;
	}
	if (s->seed[0] == '\0') {
		s->failure = (struct session_failure){ 0 };
		refresh_pause_end(&s->pause);
		return SESSION_REMOVE;
	}
	fault_set(&text,
		  "[service %s]: its refresh token was revoked by "
		  "logout; give a new refresh_token",
		  s->service->name);
	session_give_up(s, &text);
	return SESSION_SAVE;
}

int session_may_forget(const struct session *s, struct fault *f)
{
	if (!s->service->grant->fixed && grant_has_tokens(s->service->grant))
		return 0;
	return fault_set(f,
			 "[service %s]: nothing can be forgotten with "
			 "grant_type = %s",
			 s->service->name, s->service->grant->name);
}

void session_drop(struct session *s)
{
	token_unref(&s->last);
	token_unref(&s->token);
	token_use_unref(&s->use);
	secret_unref(&s->refresh_token);
	id_token_subject_fini(&s->subject);
	key_unref(&s->key);
	s->login_id[0] = '\0';
	s->life = refresh_life(0, 0, 0);
	s->end = (struct session_end){ 0 };
	s->spent = s->lost = s->noted = s->bypass = false;
	s->hold = (struct refresh_hold){ 0 };
	s->refused = 0;
}

int session_forget(struct session *s, unsigned *what, struct fault *f)
{
	ASSERT(!session_is_busy(s));
	*what = 0;
	if (session_may_forget(s, f) < 0)
		return -1;
	session_drop(s);
	s->known = false;
	*what = forgotten(s) | SESSION_PUBLISH;
	return 0;
}

/* The pause of what failed with the old login says nothing of the next. */
unsigned session_disown(struct session *s)
{
	session_drop(s);
	s->failure = (struct session_failure){ 0 };
	refresh_pause_end(&s->pause);
	return SESSION_PUBLISH;
}

unsigned session_ask_anew(struct session *s)
{
	ASSERT(s->work == SESSION_RENEWS);
	token_unref(&s->arrived);
	token_use_unref(&s->arrived_use);
	s->second = s->lost = false;
	s->second_at = 0;
	return SESSION_START;
}
