/* SPDX-License-Identifier: MIT */
/* Carries what a login page asks to the broker's thread, and the answer back,
 * one mail each. */
#include "broker/login_mail.h"

#include <stdio.h>

#include "base/alloc.h"
#include "base/secret.h"
#include "broker/broker_int.h"
#include "http/address.h"

struct login_mail {
	struct mail mail; /* first */
	struct mailbox *box;
	size_t service;
	bool is_callback;
	struct secret *ticket, *cookies, *parameters;
	char from[ADDRESS_NETWORK_MAX];
	struct login_reply reply;
	login_mail_fn *fn; /* NULL: nobody waits; the worker's alone */
	void *arg;
};

static void login_mail_free(struct login_mail *m)
{
	login_reply_fini(&m->reply);
	secret_unref(&m->ticket);
	secret_unref(&m->cookies);
	secret_unref(&m->parameters);
	mem_free(m);
}

static struct login_mail *login_mail_of(struct mail *mail)
{
	return (struct login_mail *)(void *)mail;
}

/* Back at the worker. */
static void login_mail_arrive(struct mail *mail, void *owner)
{
	struct login_mail *m = login_mail_of(mail);

	(void)owner;
	if (m->fn)
		m->fn(m->arg, &m->reply);
	login_mail_free(m);
}

static void login_mail_reply(void *arg, struct login_reply *reply)
{
	struct login_mail *m = arg;

	m->reply = *reply;
	login_reply_init(reply);
	m->mail.deliver = login_mail_arrive;
	mailbox_post(m->box, &m->mail);
}

/* At the broker. Once its thread has ended, so have the workers'. */
static void login_mail_ask(struct mail *mail, void *owner)
{
	struct login_mail *m = login_mail_of(mail);
	struct broker *b = owner;
	struct entry *e = m->service == LOGIN_ANY_SERVICE
				  ? NULL
				  : broker_entry(b, m->service);

	if (b->context.over)
		login_mail_free(m);
	else if (m->is_callback)
		login_callback(b, e, secret_expose(m->cookies),
			       secret_expose(m->parameters), login_mail_reply,
			       m);
	else
		login_open(e, secret_expose(m->ticket), str_z(m->from),
			   login_mail_reply, m);
}

static struct login_mail *login_mail_new(struct mailbox *box, size_t service,
					 login_mail_fn *fn, void *arg)
{
	struct login_mail *m = mem_new(struct login_mail);

	m->mail.deliver = login_mail_ask;
	m->box = box;
	m->service = service;
	m->fn = fn;
	m->arg = arg;
	login_reply_init(&m->reply);
	return m;
}

struct login_mail *login_mail_open(struct broker *b, struct mailbox *box,
				   size_t service, struct str ticket,
				   struct str from, login_mail_fn *fn,
				   void *arg)
{
	struct login_mail *m = login_mail_new(box, service, fn, arg);

	m->ticket = secret_new(ticket);
	snprintf(m->from, sizeof(m->from), "%.*s", STR_ARGS(from));
	mailbox_post(b->context.box, &m->mail);
	return m;
}

struct login_mail *login_mail_callback(struct broker *b, struct mailbox *box,
				       size_t service, struct str cookies,
				       struct str parameters,
				       login_mail_fn *fn, void *arg)
{
	struct login_mail *m = login_mail_new(box, service, fn, arg);

	m->is_callback = true;
	m->cookies = secret_new(cookies);
	m->parameters = secret_new(parameters);
	mailbox_post(b->context.box, &m->mail);
	return m;
}

void login_mail_leave(struct login_mail **m)
{
	if (*m) {
		(*m)->fn = NULL;
		*m = NULL;
	}
}
