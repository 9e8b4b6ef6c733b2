/* SPDX-License-Identifier: MIT */
/* What a session does when it gets no token: whether it asks again, when, with
 * what, and what whoever waits is told (bearerd(8), Errors). */
#include "base/assert.h"
#include "base/limits.h"
#include "session/session_int.h"

/* What a client is told, by trouble (bearerd(8), Errors). */
static const struct {
	int status;
	const char *error;
} told[] = {
	[REFRESH_UNAVAILABLE] = { 503, "destination_unavailable" },
	[REFRESH_DENIED] = { 502, "proxy_configuration_error" },
};

static void fail(struct session *s, enum refresh_trouble trouble,
		 const struct fault *text, int64_t retry_at)
{
	s->failure.status = told[trouble].status;
	s->failure.error = told[trouble].error;
	s->failure.text = *text;
	s->failure.retry_at = retry_at;
	s->failure.login = s->failure.waits = false;
	s->failures++;
}

static void wait_for_login(struct session *s, const struct fault *text)
{
	s->pause.until = INT64_MAX;
	fail(s, REFRESH_UNAVAILABLE, text, INT64_MAX);
	s->failure.error = told[REFRESH_DENIED].error;
	s->failure.login = s->failure.waits = true;
}

void session_lapse(struct session *s, const char *why)
{
	const char *name = s->service->name;
	struct fault text;

	fault_set(&text,
		  "[service %s]: %s; log in with bearerd login %s, or in a "
		  "browser (login_url)",
		  name, why, name);
	wait_for_login(s, &text);
}

void session_give_up(struct session *s, const struct fault *text)
{
	s->pause.until = INT64_MAX;
	fail(s, REFRESH_DENIED, text, INT64_MAX);
}

/* A pause that began while the token still worked is over with the token, or
 * the first requests after it would hear of an old failure; but what the
 * server asked for is kept. */
static void shorten_pause(struct session *s, int64_t retry_after, int64_t now)
{
	int64_t least = s->life.expires;

	if (!session_is_usable(s, now))
		return;
	if (retry_after > LIMIT_REFRESH_RETRY_AFTER)
		retry_after = LIMIT_REFRESH_RETRY_AFTER;
	if (retry_after >= 0 && least < now + retry_after)
		least = now + retry_after;
	if (s->pause.until > least)
		s->pause.until = least;
}

/* The grant can start without a person, and it was the refresh that was
 * refused: only what is wrong with the client is wrong with the grant too. */
static bool starts_again(const struct session *s,
			 const struct session_trouble *t)
{
	return session_asks_with(s) && s->service->grant->repeatable &&
	       t->refusal != REFUSAL_NONE && t->refusal != REFUSAL_CLIENT;
}

/* A refresh token that is not believed to be dead goes when this has worked. */
static unsigned start_again(struct session *s, bool dead)
{
	s->second = false;
	if (!dead) {
		s->bypass = true;
		return SESSION_START;
	}
	secret_unref(&s->refresh_token);
	s->lost = s->noted = false;
	return SESSION_SAVE | SESSION_START;
}

/* Whether it is the very one that the configuration names, which may be tried
 * again: all that was rotated is gone. */
static bool is_seed(const struct session *s)
{
	const struct grant *g = s->service->grant;
	struct secret *seed = g->seed ? g->seed(s->service->section) : NULL;
	bool is = seed && secret_eq(s->refresh_token, seed);

	secret_unref(&seed);
	return is;
}

/* What invalid_grant means where the grant does not start again: words that
 * say why nothing is sent any more, or NULL where it is tried after a pause. */
static const char *final_refusal(struct session *s, unsigned *what)
{
	unsigned patience = s->service->grant->patience;

	if (session_asks_with(s) && is_seed(s))
		return NULL;
	if (session_asks_with(s)) {
		secret_unref(&s->refresh_token);
		s->lost = s->noted = false;
		*what |= SESSION_SAVE;
		return "it is forgotten, and nothing is sent any more";
	}
	if (patience == 0 || ++s->refused < patience)
		return NULL;
	return "refused so often in a row, it is not sent again until the "
	       "next start, so that no account is locked";
}

static void add_words(struct fault *text, const char *words)
{
	struct fault before = *text;

	fault_set(text, "%s; %s", before.text, words);
}

/* The server may be mistaken, or on the way to be: it is asked once more when
 * the access token is over, or refused. Until then nobody hears of it. */
static unsigned doubt(struct session *s, const struct fault *why, int64_t now)
{
	struct fault text = *why;

	add_words(&text, "it is asked once more when the access token, which "
			 "still works, does not work any more");
	fail(s, REFRESH_DENIED, &text, now);
	s->pause.until = s->life.expires;
	return SESSION_PUBLISH;
}

/* The refresh of a person's session was refused; a login may help, whatever it
 * was. True: nothing else can. */
static bool needs_login(const struct session *s,
			const struct session_trouble *t)
{
	return s->service->grant->person && session_asks_with(s) &&
	       t->refusal == REFUSAL_PERSON;
}

static bool may_need_login(const struct session *s,
			   const struct session_trouble *t)
{
	return s->service->grant->person && session_asks_with(s) &&
	       t->refusal == REFUSAL_OTHER;
}

static unsigned pause(struct session *s, const struct session_trouble *t,
		      const struct fault *text, int64_t now, uint32_t random)
{
	refresh_pause_begin(&s->pause, t->trouble, t->retry_after, now, random);
	shorten_pause(s, t->retry_after, now);
	fail(s, t->trouble, text, s->pause.until);
	if (may_need_login(s, t)) {
		s->failure.status = told[REFRESH_UNAVAILABLE].status;
		s->failure.login = true;
	}
	return SESSION_PUBLISH;
}

/* Whoever waits is told. */
static unsigned denied(struct session *s, const struct session_trouble *t,
		       int64_t now, uint32_t random)
{
	bool spent = t->refusal == REFUSAL_GRANT;
	struct fault text = t->text;
	unsigned what = SESSION_PUBLISH;
	const char *final = NULL;

	if (t->login) {
		wait_for_login(s, &text);
		return what;
	}
	if (spent && session_asks_with(s) && s->lost)
		add_words(&text, "an earlier answer was lost, in which the "
				 "server may have given a new one");
	if (spent)
		final = final_refusal(s, &what);
	if ((final && s->service->grant->person) || needs_login(s, t)) {
		session_lapse(s, text.text);
		return what;
	}
	if (final) {
		add_words(&text, final);
		session_give_up(s, &text);
		return what;
	}
	return pause(s, t, &text, now, random);
}

unsigned session_failed(struct session *s, const struct session_trouble *t,
			int64_t now, uint32_t random)
{
	bool spent = t->refusal == REFUSAL_GRANT && session_asks_with(s);
	bool early = spent && session_is_usable(s, now);
	unsigned what;

	ASSERT(session_is_busy(s));
	if (session_asks_with(s) && t->refusal != REFUSAL_NONE)
		s->refused_refresh = true;
	if (!s->bypass)
		s->lost = s->refresh_token && (s->lost || t->lost);
	s->second_at = 0;
	if (!s->second && refresh_tries_twice(t->trouble, t->retry_after)) {
		s->second = true;
		s->second_at = now + LIMIT_REFRESH_QUICK;
		return 0;
	}
	if (starts_again(s, t))
		return start_again(s, spent && !early);
	s->work = SESSION_RESTS;
	s->spent = false;
	what = early ? doubt(s, &t->text, now) : denied(s, t, now, random);
	s->bypass = false;
	if (s->noted && (!s->lost || spent)) {
		s->noted = false;
		what |= SESSION_SAVE;
	}
	return what;
}
