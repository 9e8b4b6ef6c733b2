/* SPDX-License-Identifier: MIT */
/* Lets clients of the control socket wait for a session's token or for a new
 * one, as requests wait in the views. */
#include "broker/token_wait.h"

#include "broker/broker_int.h"

static void token_wait_end(void *arg, struct entry *e)
{
	const struct session *s = &e->session;
	struct token *t = entry_token(e);
	struct token_wait *w = arg;
	struct fault why;

	if (w->renewal && s->generation == w->before)
		t = NULL;
	if (t) {
		w->done(w->arg, t, s->life.expires, NULL);
		return;
	}
	if (s->failure.status != 0)
		why = s->failure.text;
	else
		fault_set(&why,
			  "[service %s]: it lost its token again at once, or "
			  "was logged out meanwhile; try again",
			  s->service->name);
	w->done(w->arg, NULL, 0, &why);
}

static void token_wait_init(struct token_wait *w, bool renewal,
			    token_wait_done_fn *done, void *arg)
{
	w->renewal = renewal;
	w->done = done;
	w->arg = arg;
}

/* A pause of one that has failed is kept: only session_renew ends it. */
static unsigned token_wait_ask(struct session *s, int64_t now)
{
	if (!session_token(s, now))
		return session_asked(s, 0, now);
	return session_used(s, s->generation, now);
}

static void token_wait_want(void *arg, struct entry *e)
{
	struct token_wait *w = arg;

	broker_act(e, token_wait_ask(&e->session, entry_now(e)));
	entry_wait(e, &w->wait, token_wait_end, w);
}

/* A request that is under way is joined; a login may come to nothing, which
 * says nothing of the session. */
static void token_wait_enter(struct token_wait *w, struct entry *e,
			     void (*run)(void *arg, struct entry *e))
{
	if (e->session.work == SESSION_LOGS_IN)
		entry_wait(e, &w->wait, run, w);
	else
		run(w, e);
}

void token_wait_begin(struct token_wait *w, struct entry *e,
		      token_wait_done_fn *done, void *arg)
{
	const struct grant *g = e->session.service->grant;
	struct fault f;

	token_wait_init(w, false, done, arg);
	if (!grant_has_tokens(g)) {
		fault_set(&f,
			  "[service %s]: it has no token with grant_type = %s",
			  e->session.service->name, g->name);
		done(arg, NULL, 0, &f);
		return;
	}
	token_wait_enter(w, e, token_wait_want);
}

static void token_wait_renew(void *arg, struct entry *e)
{
	struct token_wait *w = arg;
	unsigned what;
	struct fault f;

	w->before = e->session.generation;
	if (session_renew(&e->session, &what, &f) < 0) {
		w->done(w->arg, NULL, 0, &f);
		return;
	}
	broker_act(e, what);
	entry_wait(e, &w->wait, token_wait_end, w);
}

void token_wait_renewal(struct token_wait *w, struct entry *e,
			token_wait_done_fn *done, void *arg)
{
	token_wait_init(w, true, done, arg);
	token_wait_enter(w, e, token_wait_renew);
}

void token_wait_cancel(struct token_wait *w)
{
	entry_wait_cancel(&w->wait);
}
