/* SPDX-License-Identifier: MIT */
/* Beside the views: the control socket's clients wait here for a session. */
#include "broker/token_wait.h"

static void wish_end(void *arg, struct post *p)
{
	const struct session *s = &p->session;
	struct token *t = session_token(s, loop_now(p->broker->loop));
	struct wish *w = arg;
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

static void wish_begin(struct wish *w, bool renewal, wish_done_fn *done,
		       void *arg)
{
	w->renewal = renewal;
	w->done = done;
	w->arg = arg;
}

/* A pause of one that has failed is kept: only session_renew ends it. */
static unsigned wish_ask(struct session *s, int64_t now)
{
	if (!session_token(s, now))
		return session_asked(s, 0, now);
	return session_used(s, s->generation, now);
}

static void wish_want(void *arg, struct post *p)
{
	int64_t now = loop_now(p->broker->loop);
	struct wish *w = arg;

	broker_act(p, wish_ask(&p->session, now), now);
	post_errand(p, &w->errand, wish_end, w);
}

/* A request that is under way is joined; a login may come to nothing, which
 * says nothing of the session. */
static void wish_enter(struct wish *w, struct post *p,
		       void (*run)(void *arg, struct post *p))
{
	if (p->session.login)
		post_errand(p, &w->errand, run, w);
	else
		run(w, p);
}

void wish_token(struct wish *w, struct post *p, wish_done_fn *done, void *arg)
{
	const struct grant *g = p->session.service->grant;
	struct fault f;

	wish_begin(w, false, done, arg);
	if (!grant_has_tokens(g)) {
		fault_set(&f,
			  "[service %s]: it has no token with grant_type = %s",
			  p->session.service->name, g->name);
		done(arg, NULL, 0, &f);
		return;
	}
	wish_enter(w, p, wish_want);
}

static void wish_renew(void *arg, struct post *p)
{
	int64_t now = loop_now(p->broker->loop);
	struct wish *w = arg;
	unsigned what;
	struct fault f;

	w->before = p->session.generation;
	if (session_renew(&p->session, &what, &f) < 0) {
		w->done(w->arg, NULL, 0, &f);
		return;
	}
	broker_act(p, what, now);
	post_errand(p, &w->errand, wish_end, w);
}

void wish_renewal(struct wish *w, struct post *p, wish_done_fn *done, void *arg)
{
	wish_begin(w, true, done, arg);
	wish_enter(w, p, wish_renew);
}

void wish_cancel(struct wish *w)
{
	errand_cancel(&w->errand);
}
