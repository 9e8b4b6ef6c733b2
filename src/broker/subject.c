/* SPDX-License-Identifier: MIT */
/* Sessions whose token is exchanged for that of a subject (RFC 8693): another
 * session, or whoever a file's token speaks of. What was exchanged is of use as
 * long as the subject is the same: it ends with the login that it came from. */
#include "broker/subject.h"

#include <string.h>

#include "base/limits.h"
#include "base/log.h"
#include "broker/broker_int.h"
#include "broker/logout.h"

/* The session whose token is exchanged; NULL: there is none. */
static struct entry *subject_of(const struct entry *e)
{
	const struct service *subject = e->session.service->subject;

	return subject ? broker_entry(e->broker, subject->index) : NULL;
}

/* Whether it is a file's. */
static bool subject_is_watched(const struct entry *e)
{
	return !e->leader && !subject_of(e) &&
	       e->session.service->grant->subject;
}

/* Whom a file's token speaks of. */
static bool subject_of_file(const struct entry *e, char out[LOGIN_ID_SIZE])
{
	ATTR_CLEANUP(buf_fini) struct buf text =
		BUF_INIT_SECRET(4 * LIMIT_SECRET_FILE);
	const struct service *s = e->session.service;

	if (!s->grant->subject || !s->grant->subject(s->section, &text))
		return false;
	session_login_id_of(out, buf_str(&text));
	return true;
}

bool subject_login(const struct entry *e, char out[LOGIN_ID_SIZE])
{
	const struct entry *of = subject_of(e);

	if (!of)
		return subject_of_file(e, out);
	memcpy(out, of->session.login_id, LOGIN_ID_SIZE);
	return true;
}

/* --- what was exchanged goes --- */

void subject_disown_strange(struct entry *e)
{
	struct session *s = &e->session;
	char login_id[LOGIN_ID_SIZE];

	if (e->leader || !subject_login(e, login_id))
		return;
	if ((e->token_call || e->check || e->arriving) &&
	    strcmp(s->asked_login_id, login_id) != 0)
		e->disowned = true;
	if (session_is_of(s, login_id))
		return;
	log_info(EV("exchanged_token_forgotten"),
		 KV("service", s->service->name),
		 KV("reason", "the login that it came from has ended"));
	logout_disowned(e, s->refresh_token, entry_token(e));
	broker_act(e, session_disown(s));
	subject_disown_exchanged(e);
}

/* It is checked with the configuration that there is no circle. */
void subject_disown_exchanged(struct entry *of)
{
	struct broker *b = of->broker;

	for (size_t i = 0; i < b->n; i++) {
		struct entry *e = &b->entries[i];

		if (subject_of(e) == of)
			subject_disown_strange(e);
	}
}

bool subject_drops(struct entry *e, struct token *t)
{
	if (!e->disowned)
		return false;
	e->disowned = false;
	if (t)
		logout_disowned(e, t->refresh_token, t);
	broker_act(e, session_ask_anew(&e->session));
	return true;
}

/* --- the subjects in files --- */

static void look_at_subjects(void *arg)
{
	struct broker *b = arg;

	for (size_t i = 0; i < b->n; i++) {
		if (subject_is_watched(&b->entries[i]))
			subject_disown_strange(&b->entries[i]);
	}
	subject_watch(b);
}

void subject_watch(struct broker *b)
{
	bool any = false;

	for (size_t i = 0; i < b->n && !any; i++) {
		const struct session *s = &b->entries[i].session;

		any = subject_is_watched(&b->entries[i]) &&
		      (s->token || s->refresh_token);
	}
	if (!any || b->context.stopping || b->subject_timer.set)
		return;
	loop_timer_init(&b->subject_timer, look_at_subjects, b);
	loop_timer_set(b->context.loop, &b->subject_timer, LIMIT_SUBJECT_LOOK);
}
