/* SPDX-License-Identifier: MIT */
/* Ends a session: forgets its tokens, then revokes them at the server. It
 * forgets first, so that nothing is sent any more with what is being revoked,
 * and nothing has to wait for the server. */
#include "broker/logout.h"

#include <string.h>

#include "authserver/call.h"
#include "authserver/discovery.h"
#include "base/alloc.h"
#include "base/assert.h"
#include "base/log.h"
#include "broker/broker_int.h"
#include "broker/subject.h"
#include "oauth/compliance/compliance.h"
#include "oauth/token/revocation.h"
#include "service/endpoints.h"

/* In the order in which they are revoked: with the refresh token a server may
 * end all that came from it (RFC 7009 §2.1). */
enum { REFRESH_TOKEN, ACCESS_TOKEN, KINDS };

static const struct {
	const char *hint, *words;
	int alone; /* logout_tokens where only it is sent */
} kinds[KINDS] = {
	[REFRESH_TOKEN] = { "refresh_token", "refresh token",
			    LOGOUT_REFRESH_TOKEN },
	[ACCESS_TOKEN] = { "access_token", "access token",
			   LOGOUT_ACCESS_TOKEN },
};

enum outcome {
	OUTCOME_NONE,      /* there was no such token, or it was not tried */
	OUTCOME_REVOKED,
	OUTCOME_NOT_KNOWN, /* the server revokes none of this kind */
	OUTCOME_FAILED,
};

struct logout {
	struct list node;
	struct entry *entry;
	struct entry_wait wait;
	struct discovery_wait found;
	char *authority; /* the server that was asked; NULL: none was */
	struct token *token;          /* the session's last, for templates;
					 NULL: none */
	struct secret *tokens[KINDS]; /* NULL: none */
	enum outcome outcomes[KINDS];
	bool disowned;                /* see logout_disowned */
	struct loop_task begin;       /* of one that was disowned */
	int at;                       /* which one is being revoked */
	struct call *call;
	struct fault trouble;         /* of the first that failed */
	logout_done_fn *done;         /* NULL: nobody is there any more */
	void *arg;
};

static void logout_next(struct logout *l);

static void logout_free(struct logout *l)
{
	for (int i = 0; i < KINDS; i++)
		secret_unref(&l->tokens[i]);
	mem_free(l->authority);
	discovery_unwant(&l->found);
	token_unref(&l->token);
	entry_wait_cancel(&l->wait);
	loop_task_cancel(&l->begin);
	list_remove(&l->node);
	mem_free(l);
}

/* --- its words --- */

static bool logout_had_tokens(const struct logout *l)
{
	return l->tokens[REFRESH_TOKEN] || l->tokens[ACCESS_TOKEN];
}

static bool logout_sends(const struct logout *l, int kind)
{
	int what = l->entry->session.service->tokens->logout_tokens;

	return l->tokens[kind] &&
	       (what == LOGOUT_BOTH || what == kinds[kind].alone);
}

static bool logout_failed(const struct logout *l)
{
	return l->outcomes[REFRESH_TOKEN] == OUTCOME_FAILED ||
	       l->outcomes[ACCESS_TOKEN] == OUTCOME_FAILED;
}

static void logout_say_revoked(const struct logout *l, struct fault *text)
{
	bool refresh = l->outcomes[REFRESH_TOKEN] == OUTCOME_REVOKED;
	bool access = l->outcomes[ACCESS_TOKEN] == OUTCOME_REVOKED;

	fault_set(text, "its %s%s%s %s revoked at %s, and forgotten",
		  refresh ? kinds[REFRESH_TOKEN].words : "",
		  refresh && access ? " and its " : "",
		  access ? kinds[ACCESS_TOKEN].words : "",
		  refresh && access ? "were" : "was",
		  l->authority);
	if (l->outcomes[ACCESS_TOKEN] == OUTCOME_NOT_KNOWN)
		fault_set(text,
			  "its refresh token was revoked at %s, and all is "
			  "forgotten; the server revokes no access tokens: "
			  "this one works there until it expires",
			  l->authority);
}

static void logout_say(const struct logout *l, struct fault *text)
{
	if (logout_failed(l))
		*text = l->trouble;
	else if (!logout_had_tokens(l))
		fault_set(text, "it had no token that could be revoked");
	else if (!logout_sends(l, REFRESH_TOKEN) &&
		 !logout_sends(l, ACCESS_TOKEN))
		fault_set(text,
			  "its tokens are forgotten, but not revoked, for "
			  "there was none of those that logout_tokens names");
	else if (!l->authority)
		fault_set(text,
			  "its tokens are forgotten, but not revoked, for "
			  "there is no revocation_endpoint: at the server they "
			  "are good until they expire");
	else
		logout_say_revoked(l, text);
}

/* --- the end --- */

static void logout_log(const struct logout *l, bool good,
		       const struct fault *said)
{
	const struct service *s = l->entry->session.service;

	if (l->disowned)
		log_info(EV("exchanged_token_revoked"), KV("service", s->name),
			 KV("good", good), KV("what", said));
	else
		log_info(EV("logged_out"), KV("service", s->name),
			 KV("good", good), KV("what", said));
}

/* The store has written that there is nothing, or could not. */
static void logout_end(void *arg, struct entry *e)
{
	struct logout *l = arg;
	bool good = !logout_failed(l) && !e->unsaved;
	struct fault said, text;

	logout_say(l, &said);
	fault_set(&text, "[service %s]: %s%s", e->session.service->name,
		  said.text,
		  e->unsaved ? "; the store could not be written, which is "
			       "tried again" :
			       "");
	logout_log(l, good, &said);
	if (l->done)
		l->done(l->arg, good, &text);
	logout_free(l);
}

/* --- revoking --- */

static void logout_trouble(struct logout *l, const char *why)
{
	l->outcomes[l->at] = OUTCOME_FAILED;
	if (l->trouble.text[0] == '\0')
		fault_set(&l->trouble,
			  "its tokens are forgotten, but its %s could not be "
			  "revoked and may still be good at the server: %s",
			  kinds[l->at].words, why);
}

static void logout_read(struct logout *l, const struct call *c,
			const struct fetch_response *r)
{
	struct oauth_error e;
	struct fault why;
	bool with;

	if (revocation_reply_read(r->status, call_media_type(r), r->body, &e) ==
	    REVOCATION_DONE) {
		l->outcomes[l->at] = OUTCOME_REVOKED;
		return;
	}
	/* It is not one, or not any more: with the refresh token a server may
	 * have ended it (RFC 7009 §2.2 has 200 for that, Google 400). */
	with = l->at == ACCESS_TOKEN &&
	       l->outcomes[REFRESH_TOKEN] == OUTCOME_REVOKED;
	if (strcmp(e.code, "invalid_token") == 0 ||
	    (with && strcmp(e.code, "invalid_grant") == 0)) {
		l->outcomes[l->at] = OUTCOME_REVOKED;
		return;
	}
	if (with && strcmp(e.code, "unsupported_token_type") == 0) {
		l->outcomes[l->at] = OUTCOME_NOT_KNOWN;
		return;
	}
	call_clean(c, &e);
	fault_set(&why, "%s answered with status %d: %s", call_authority(c),
		  e.status, reply_error_text(&e).text);
	logout_trouble(l, why.text);
}

static void logout_on_response(void *arg, struct call *c,
			       const struct fetch_response *response,
			       const struct transfer_fault *fault)
{
	struct logout *l = arg;
	struct broker *b = l->entry->broker;

	l->call = NULL;
	if (response)
		logout_read(l, c, response);
	else
		logout_trouble(l, fault->text.text);
	l->at = response ? l->at + 1 : KINDS;
	logout_next(l);
	as_context_runs(&b->context, -1);
}

static int logout_build(const struct token_asking *a, struct token_request *r,
			struct fault *f)
{
	const struct logout *l = a->arg;

	return revocation_request(l->tokens[l->at], kinds[l->at].hint, r, f);
}

static void logout_revoke(struct logout *l)
{
	const struct secret *secrets[KINDS + 1] = { NULL };
	struct entry *e = l->entry;
	struct fault f;
	size_t n = 0;

	for (int i = 0; i < KINDS; i++) {
		if (l->tokens[i])
			secrets[n++] = l->tokens[i];
	}
	l->call = call_start(&e->client,
			     &(struct call_request){
				     .to = ENDPOINT_REVOCATION,
				     .asking.arg = l,
				     .build = logout_build,
				     .token = l->token,
				     .secrets = secrets,
			     },
			     logout_on_response, l, &f);
	if (l->call) {
		if (!l->authority)
			l->authority = mem_strdup(call_authority(l->call));
		as_context_runs(&e->broker->context, 1);
		return;
	}
	logout_trouble(l, f.text);
	l->at++;
	logout_next(l);
}

/* Goes to the next token that is to be revoked. */
static bool logout_has_more(struct logout *l)
{
	const struct compliance *c = l->entry->session.service->compliance;

	while (l->at < KINDS && !logout_sends(l, l->at))
		l->at++;
	/* The next request would be the same again. */
	if (l->at == ACCESS_TOKEN && compliance_revokes_at_once(c) &&
	    l->outcomes[REFRESH_TOKEN] == OUTCOME_REVOKED)
		return false;
	return l->at < KINDS;
}

/* A server that could not be asked about one ends it: the next would wait as
 * long. */
static void logout_next(struct logout *l)
{
	if (logout_has_more(l))
		logout_revoke(l);
	else
		entry_wait_stored(l->entry, &l->wait, logout_end, l);
}

/* t: there is no revocation endpoint, or nobody knows where it is. */
static void logout_on_found(void *arg, const struct session_trouble *t)
{
	struct logout *l = arg;
	struct as_client *client = &l->entry->client;

	if (t && client->discovery && !client->endpoints->metadata)
		logout_trouble(l, t->text.text);
	if (t)
		l->at = KINDS;
	logout_next(l);
}

static void logout_find(struct logout *l)
{
	if (logout_has_more(l))
		discovery_want(&l->entry->client, ENDPOINT_REVOCATION,
			       &l->found, logout_on_found, l);
	else
		logout_next(l);
}

/* --- how it begins --- */

/* Where it is over already there is nothing to revoke. */
static void logout_take(struct logout *l)
{
	struct session *s = &l->entry->session;
	struct token *token = entry_token(l->entry);

	l->tokens[REFRESH_TOKEN] = secret_ref(s->refresh_token);
	l->token = token_ref(token ? token : s->last);
	if (token)
		l->tokens[ACCESS_TOKEN] = secret_ref(token->access_token);
}

static void logout_run(void *arg, struct entry *e)
{
	struct logout *l = arg;
	unsigned what;
	int rc;

	logout_take(l);
	rc = session_forget(&e->session, &what, NULL);
	ASSERT(rc == 0); /* logout_begin has asked */
	subject_disown_exchanged(e);
	broker_act(e, what);
	logout_find(l);
}

static struct logout *logout_new(struct entry *e)
{
	struct logout *l = mem_new(struct logout);

	l->entry = e;
	list_push(&e->broker->logouts, &l->node);
	return l;
}

struct logout *logout_begin(struct entry *e, logout_done_fn *done, void *arg,
			    struct fault *f)
{
	struct logout *l;

	if (session_may_forget(&e->session, f) < 0)
		return NULL;
	l = logout_new(e);
	l->done = done;
	l->arg = arg;
	entry_wait(e, &l->wait, logout_run, l);
	return l;
}

/* The session may have got another token meanwhile, which is stored. */
static void logout_begin_disowned(void *arg)
{
	struct logout *l = arg;
	struct entry *e = l->entry;

	if (!e->session.token && !e->arriving)
		broker_act(e, SESSION_REMOVE);
	logout_find(l);
}

void logout_disowned(struct entry *e, struct secret *refresh_token,
		     struct token *token)
{
	struct logout *l = logout_new(e);

	l->disowned = true;
	l->tokens[REFRESH_TOKEN] = secret_ref(refresh_token);
	l->token = token_ref(token);
	if (token)
		l->tokens[ACCESS_TOKEN] = secret_ref(token->access_token);
	loop_task_init(&l->begin, logout_begin_disowned, l);
	loop_task_add(e->broker->context.loop, &l->begin);
}

void logout_leave(struct logout *l)
{
	l->done = NULL;
}

void logouts_end(struct list *logouts)
{
	list_each_safe(it, logouts) {
		struct logout *l = list_entry(it, struct logout, node);

		call_cancel(&l->call);
		logout_free(l);
	}
}
