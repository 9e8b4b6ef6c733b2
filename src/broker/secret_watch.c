/* SPDX-License-Identifier: MIT */
/* Looks whether files of secrets (KEY_file) have changed, and tells their
 * sessions: a token that stands in one is used from then on, and a pause that
 * the old secret's refusal began is over. Requests to the server read these
 * files themselves (config/live_secret.h). */
#include "broker/secret_watch.h"

#include "base/limits.h"
#include "base/log.h"
#include "broker/broker_int.h"
#include "broker/subject.h"
#include "config/live_secret.h"

void secret_watch_init(struct broker *b)
{
	for (size_t i = 0; i < b->n; i++) {
		struct entry *e = &b->entries[i];

		if (!e->leader)
			e->secrets_mark =
				config_live_mark(e->session.service->section);
	}
}

static void look_at(struct entry *e)
{
	const struct service *s = e->session.service;
	uint64_t mark;

	/* What it is busy with was asked with the old one. */
	if (e->secrets_mark == 0 || session_is_busy(&e->session))
		return;
	mark = config_live_mark(s->section);
	if (mark == e->secrets_mark)
		return;
	e->secrets_mark = mark;
	config_live_freshen(s->section);
	log_info(EV("secret_changed"), KV("service", s->name));
	broker_act(e, session_secrets_changed(&e->session));
	subject_disown_exchanged(e);
}

static void look_at_all(void *arg)
{
	struct broker *b = arg;

	for (size_t i = 0; i < b->n; i++)
		look_at(&b->entries[i]);
	secret_watch_start(b);
}

void secret_watch_start(struct broker *b)
{
	bool any = false;

	for (size_t i = 0; i < b->n; i++)
		any = any || b->entries[i].secrets_mark != 0;
	if (!any || b->context.stopping)
		return;
	loop_timer_init(&b->secret_timer, look_at_all, b);
	loop_timer_set(b->context.loop, &b->secret_timer, LIMIT_SECRET_LOOK);
}
