/* SPDX-License-Identifier: MIT */
/* What a browser asks of a login, on its way from a worker to the broker's
 * thread, and the answer on its way back. */
#pragma once

#include <stddef.h>

#include "base/attr.h"
#include "base/mailbox.h"
#include "base/str.h"
#include "broker/login.h"

struct broker;
struct login_mail;

/* In the thread of the worker that asked; the mail is gone when it returns. */
typedef void login_mail_fn(void *arg, struct login_reply *reply);

/* Of any service: for login_mail_callback. */
#define LOGIN_ANY_SERVICE ((size_t)-1)

/* As login_open, and as login_callback; box is the worker's. */
ATTR_RETURNS_NONNULL
struct login_mail *login_mail_open(struct broker *b, struct mailbox *box,
				   size_t service, struct str ticket,
				   struct str from, login_mail_fn *fn,
				   void *arg);
ATTR_RETURNS_NONNULL
struct login_mail *login_mail_callback(struct broker *b, struct mailbox *box,
				       size_t service, struct str cookies,
				       struct str parameters,
				       login_mail_fn *fn, void *arg);
/* Nobody waits for the answer any more. Nulls; NULL is fine. */
void login_mail_leave(struct login_mail **m);
